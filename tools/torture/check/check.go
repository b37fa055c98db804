// Package check judges what a load has seen of the workflow engine while its processes were killed: whether anything that was
// acknowledged is lost, whether every run ended as its definition says, and whether an effect came more often than kills explain.
package check

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// History is what the load has seen, and what the platform tells of its runs afterwards.
type History struct {
	Plans  map[string]Plan // by workflow
	Starts []Start
	Runs   []Run
	// Effects are what arrived at the receiver.
	Effects []Effect
	// Kept is how many entries there are of each run.
	Kept map[string]int
	// Refused are answers to requests of the load that were no success and do not pass.
	Refused []string
	// Kills are disturbances after which an effect may be delivered once again.
	Kills []Kill
}

// Plan is what a run of a workflow does.
type Plan struct {
	// State that it ends in.
	State string
	Steps []Step
	// Timers, Answers, Signals and Entries are how many of them a run sees, or makes.
	Timers, Answers, Signals, Entries int
}

// Step is an effect of a run.
type Step struct {
	Name string
	// Rounds is how often it happens, each with a key of its own; 0 stands for 1.
	Rounds int
	// Refused is how many deliveries the receiver refuses before it takes one, and Hopeless that it takes none.
	Refused  int
	Hopeless bool
	// After are the steps whose effects must have arrived before.
	After []string
	// Said is set when the effect carries what the run was told.
	Said bool
}

// Start is a request to start a run.
type Start struct {
	// Request is the request id, and the business key of the run.
	Request, Workflow string
	// Runs are the ids of the runs that it was acknowledged with; repeated requests are answered, too.
	Runs []string
	// Said is what the run was told, by an answer or event that was acknowledged; empty when there was none.
	Said string
}

// Run is what the platform tells of a run.
type Run struct {
	ID, Request, Workflow, State, Detail string
	Events                               []Event
}

// Event is one of a run's history.
type Event struct {
	Seq             int64
	Type, Task, Key string
	Time            time.Time
	// Value is the answer, or the data of the event, or when a timer is due.
	Value string
}

// Effect is a request that arrived.
type Effect struct {
	Run, Step string
	Round     int
	Key       string
	Value     string
	Time      time.Time
	// Refused is set when the receiver did not take it.
	Refused bool
}

// Kill is a disturbance and how long it lasted.
type Kill struct {
	What     string
	From, To time.Time
}

// Rule names what was broken.
type Rule string

// The promises.
const (
	// Lost: a start that was acknowledged has no run.
	Lost Rule = "lost acknowledgement"
	// Twice: one request started two runs.
	Twice Rule = "started twice"
	// Stuck: a run did not end.
	Stuck Rule = "run does not end"
	// Wrong: a run ended otherwise than its definition says.
	Wrong Rule = "wrong end"
	// Missing: a run ended without an effect of its.
	Missing Rule = "effect missing"
	// Repeated: an effect was delivered again with no kill to explain it.
	Repeated Rule = "effect repeated"
	// Rekeyed: an effect was delivered with two keys.
	Rekeyed Rule = "effect with another key"
	// Order: an effect came before one that it follows.
	Order Rule = "wrong order"
	// Record: the history of a run contradicts itself.
	Record Rule = "wrong history"
	// Timer: a timer fired twice, early or never.
	Timer Rule = "wrong timer"
	// Refused: a request was refused that is right.
	Refused Rule = "request refused"
	// Told: what a run was told is not what it heard.
	Told Rule = "wrong answer or event"
)

// Violation is a promise that was broken.
type Violation struct {
	Rule Rule
	Run  string
	Text string
}

func (v Violation) String() string { return fmt.Sprintf("%s: run %s: %s", v.Rule, v.Run, v.Text) }

// slack is by how much the clocks of a kill and of the receiver may disagree about which came first: a request may still be on its
// way when its sender is dead.
const slack = time.Second

type checker struct {
	*History
	found []Violation
}

func (c *checker) broken(rule Rule, run, format string, args ...any) {
	c.found = append(c.found, Violation{Rule: rule, Run: run, Text: fmt.Sprintf(format, args...)})
}

// Check returns what is wrong with a history.
func Check(h *History) []Violation {
	c := &checker{History: h}
	byID, byRequest := map[string]*Run{}, map[string][]string{}
	for i := range h.Runs {
		r := &h.Runs[i]
		byID[r.ID] = r
		byRequest[r.Request] = append(byRequest[r.Request], r.ID)
	}
	for _, text := range h.Refused {
		c.broken(Refused, "", "%s", text)
	}
	said := map[string]string{}
	for _, s := range h.Starts {
		ids := slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(s.Runs), byRequest[s.Request]...))))
		if len(ids) > 1 {
			c.broken(Twice, ids[0], "request %s has the runs %v", s.Request, ids)
		}
		for _, id := range s.Runs {
			if byID[id] == nil {
				c.broken(Lost, id, "request %s was acknowledged, and there is no such run", s.Request)
			}
			said[id] = s.Said
		}
	}
	effects := map[string][]Effect{}
	for _, e := range h.Effects {
		effects[e.Run] = append(effects[e.Run], e)
		if byID[e.Run] == nil {
			c.broken(Lost, e.Run, "it had the effect %s, and there is no such run", e.Step)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		c.run(byID[id], effects[id], said[id])
	}
	return c.found
}

func (c *checker) run(r *Run, effects []Effect, said string) {
	plan, ok := c.Plans[r.Workflow]
	if !ok {
		c.broken(Wrong, r.ID, "nobody planned the workflow %q", r.Workflow)
		return
	}
	slices.SortStableFunc(effects, func(a, b Effect) int { return a.Time.Compare(b.Time) })
	switch {
	case r.State == "RUNNING" || r.State == "WAITING":
		c.broken(Stuck, r.ID, "workflow %s is %s after %s", r.Workflow, r.State, last(r.Events))
	case r.State != plan.State:
		c.broken(Wrong, r.ID, "workflow %s ended %s instead of %s: %s", r.Workflow, r.State, plan.State, r.Detail)
	}
	ended := r.State == plan.State
	c.history(r, plan, ended, said)
	first := map[string]time.Time{} // when each step was taken for the first time in its last round
	for _, s := range plan.Steps {
		for round := range max(s.Rounds, 1) {
			var of []Effect
			for _, e := range effects {
				if e.Step == s.Name && e.Round == round {
					of = append(of, e)
				}
			}
			if taken := c.step(r, s, round, of, ended); !taken.IsZero() {
				first[s.Name] = taken
			}
			for _, before := range s.After {
				if len(of) > 0 && (first[before].IsZero() || of[0].Time.Before(first[before])) {
					c.broken(Order, r.ID, "%s came before %s", s.Name, before)
				}
			}
			for _, e := range of {
				if s.Said && said != "" && e.Value != said {
					c.broken(Told, r.ID, "%s came with %q, and the run was told %q", s.Name, e.Value, said)
				}
			}
		}
	}
	for _, e := range effects {
		if i := slices.IndexFunc(plan.Steps, func(s Step) bool { return s.Name == e.Step }); i < 0 || e.Round >= max(plan.Steps[i].Rounds, 1) {
			c.broken(Wrong, r.ID, "nobody planned the effect %s, round %d", e.Step, e.Round)
		}
	}
	if kept := c.Kept[r.ID]; ended && kept != plan.Entries {
		c.broken(cmp.Or(map[bool]Rule{true: Missing}[kept < plan.Entries], Repeated), r.ID, "it made %d entries instead of %d", kept, plan.Entries)
	}
}

// step looks at the deliveries of one effect and returns when it was taken first.
func (c *checker) step(r *Run, s Step, round int, of []Effect, ended bool) (taken time.Time) {
	used := map[int]bool{} // kills that explain a repetition already
	for i, e := range of {
		if !e.Refused && taken.IsZero() || s.Hopeless && i == 0 {
			taken = e.Time
		}
		if i == 0 {
			continue
		}
		if e.Key != of[0].Key {
			c.broken(Rekeyed, r.ID, "%s, round %d, came with the keys %q and %q", s.Name, round, of[0].Key, e.Key)
		}
		if of[i-1].Refused && !s.Hopeless {
			continue // it had to come again
		}
		if !c.explained(of[i-1].Time, e.Time, used) {
			c.broken(Repeated, r.ID, "%s, round %d, came again after %s", s.Name, round, e.Time.Sub(of[i-1].Time).Round(time.Millisecond))
		}
	}
	if ended && taken.IsZero() {
		c.broken(Missing, r.ID, "%s, round %d, never came", s.Name, round)
	}
	return taken
}

// explained looks for a kill between two deliveries that explains no other one.
func (c *checker) explained(from, to time.Time, used map[int]bool) bool {
	for i, k := range c.Kills {
		if !used[i] && k.From.Before(to) && k.To.Add(slack).After(from) {
			used[i] = true
			return true
		}
	}
	return false
}

func last(events []Event) string {
	if len(events) == 0 {
		return "nothing"
	}
	e := events[len(events)-1]
	return fmt.Sprintf("%s of %s at %s", e.Type, e.Task, e.Time.Format(time.TimeOnly))
}

// history looks at the events of a run.
func (c *checker) history(r *Run, plan Plan, ended bool, said string) {
	count := map[string]int{}
	due := map[string]time.Time{}
	for i, e := range r.Events {
		if e.Seq != int64(i+1) {
			c.broken(Record, r.ID, "event %d has the number %d", i+1, e.Seq)
			return
		}
		count[e.Type]++
		switch e.Type {
		case "timer.set":
			t, err := time.Parse(time.RFC3339Nano, e.Value)
			if err != nil {
				c.broken(Timer, r.ID, "timer %s is set to %q", e.Task, e.Value)
			}
			due[e.Task] = t
		case "timer.fired":
			if at, set := due[e.Task]; !set {
				c.broken(Timer, r.ID, "timer %s fired without being set", e.Task)
			} else if e.Time.Before(at) {
				c.broken(Timer, r.ID, "timer %s fired %s early", e.Task, at.Sub(e.Time))
			}
			delete(due, e.Task)
		case "task.answered", "signal.received":
			if said != "" && e.Value != said {
				c.broken(Told, r.ID, "it heard %q and was told %q", e.Value, said)
			}
		}
	}
	for _, s := range plan.Steps {
		started, completed := 0, 0
		for _, e := range r.Events {
			switch {
			case stepOf(e.Task) != s.Name:
			case e.Type == "task.started":
				started++
			case e.Type == "task.completed":
				completed++
			}
		}
		if ended && !s.Hopeless && completed != max(s.Rounds, 1) {
			c.broken(Record, r.ID, "%s was completed %d times instead of %d", s.Name, completed, max(s.Rounds, 1))
		}
		// Of two deliveries that are refused the second may be due to a kill: then it was started once.
		if most := max(s.Rounds, 1) * (1 + s.Refused); ended && (started > most || started < max(s.Rounds, 1)) {
			c.broken(Record, r.ID, "%s was started %d times instead of %d", s.Name, started, most)
		}
	}
	if !ended {
		return
	}
	for kind, want := range map[string]int{"timer.fired": plan.Timers, "task.answered": plan.Answers, "signal.received": plan.Signals, "run.started": 1} {
		if count[kind] != want {
			rule := Record
			switch kind {
			case "timer.fired":
				rule = Timer
			case "task.answered", "signal.received":
				rule = Told
			}
			c.broken(rule, r.ID, "%s came %d times instead of %d", kind, count[kind], want)
		}
	}
}

// stepOf is the name of the task at a path such as "do/0/ship".
func stepOf(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[i+1:]
		}
	}
	return path
}
