package engine

// News hears, after it is durable, that something changed, so that open pages can read it again. Its methods must not block.
type News interface {
	// ComponentChanged says that a component has a new revision, or is no more.
	ComponentChanged(tenant, component string)
	// PublicationMoved says that a publication began, got on or ended.
	PublicationMoved(tenant, publication string)
	// ReleaseLive says that another release is live.
	ReleaseLive(tenant string)
}

// noNews is for engines that nobody listens to.
type noNews struct{}

func (noNews) ComponentChanged(string, string) {}
func (noNews) PublicationMoved(string, string) {}
func (noNews) ReleaseLive(string)              {}

// moved wakes those who watch a publication here, and tells the others.
func (e *Engine) moved(tenant, publication string) {
	e.watchers.notify(publication)
	e.News.PublicationMoved(tenant, publication)
}
