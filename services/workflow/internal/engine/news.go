package engine

// News hears, after it is durable, that something changed, so that open pages can read it again. Its methods must not block.
type News interface {
	// RunChanged says that a run began, moved or ended.
	RunChanged(tenant, component, run string)
	// TaskChanged says that a question was asked, answered or withdrawn; of the task it may use only tenant, component, id,
	// users and roles.
	TaskChanged(t Task)
}

// noNews is for engines that nobody listens to.
type noNews struct{}

func (noNews) RunChanged(string, string, string) {}
func (noNews) TaskChanged(Task)                  {}

// announce tells what a stored commit changed.
func (e *Engine) announce(c *Commit) {
	e.News.RunChanged(c.Tenant, c.Component, c.Run)
	for _, t := range c.Withdrawn {
		e.News.TaskChanged(t)
	}
	for _, asked := range c.Asked {
		t := *asked
		t.Component = c.Component
		e.News.TaskChanged(t)
	}
}
