package confirm

import (
	"context"
	"time"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// minRemind is how often people are reminded at most.
const minRemind = time.Minute

// patience says when people are reminded, and when others are asked as well.
type patience struct {
	remind, escalate, users, roles *task.Template
}

// waits compiles what a question says of it; nil when it says nothing.
func waits(c *task.Compiler, with map[string]any) *patience {
	p := &patience{}
	if with["remind"] != nil {
		p.remind = c.Duration("remind", with["remind"])
		if v, literal := p.remind.Literal(); literal {
			if d, err := task.ParseDuration(v); err == nil && d < minRemind {
				c.Problem("remind", "invalid-param", "people are reminded at most once a minute")
			}
		}
	}
	others := with["escalateUsers"] != nil || with["escalateRoles"] != nil
	switch {
	case with["escalateAfter"] != nil && !others:
		c.Problem("escalateAfter", "missing-param", "say who is asked then: name escalateUsers or escalateRoles")
	case others && with["escalateAfter"] == nil:
		c.Problem("", "missing-param", "say when others are asked: set escalateAfter")
	case others:
		p.escalate = c.Duration("escalateAfter", with["escalateAfter"])
		p.users, p.roles = c.Template("escalateUsers", with["escalateUsers"]), c.Template("escalateRoles", with["escalateRoles"])
		c.ReferRoles("escalateRoles", with["escalateRoles"])
	}
	if p.remind == nil && p.escalate == nil {
		return nil
	}
	return p
}

// Frame.Data of a question with patience: how often people are reminded, when next, and when others are asked; null for never.
const (
	atEvery = iota
	atRemind
	atEscalate
)

// begin keeps the times in the frame, and returns the first one.
func (p *patience) begin(ctx context.Context, x *task.Exec) (time.Time, error) {
	if p == nil {
		return time.Time{}, nil
	}
	data := make([]any, 3)
	if p.remind != nil {
		every, err := p.remind.Duration(ctx, x.Vars)
		if err != nil {
			return time.Time{}, err
		}
		every = max(every, minRemind)
		data[atEvery], data[atRemind] = every.Milliseconds(), x.Now.Add(every)
	}
	if p.escalate != nil {
		after, err := p.escalate.Duration(ctx, x.Vars)
		if err != nil {
			return time.Time{}, err
		}
		data[atEscalate] = x.Now.Add(after)
	}
	x.Frame.Data = data
	return next(data), nil
}

// next is the first of the times; zero for none.
func next(data []any) time.Time {
	var first time.Time
	for _, v := range data {
		if t, ok := v.(time.Time); ok && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

// over does what is due.
func (p *patience) over(ctx context.Context, x *task.Exec) (task.Next, error) {
	before, _ := x.Frame.Data.([]any)
	data := append([]any{}, before...) // a step that fails leaves the frame as it was
	out := task.Next{Kind: task.Remind}
	if at, ok := data[atEscalate].(time.Time); ok && !x.Now.Before(at) {
		data[atEscalate] = nil
		out.Question = &task.Question{}
		var err error
		if out.Question.Users, err = task.People(ctx, x.Vars, p.users, "escalateUsers"); err != nil {
			return task.Next{}, err
		}
		if out.Question.Roles, err = task.People(ctx, x.Vars, p.roles, "escalateRoles"); err != nil {
			return task.Next{}, err
		}
	}
	if at, ok := data[atRemind].(time.Time); ok && !x.Now.Before(at) {
		every, _ := data[atEvery].(int64)
		// From now on: after a long outage people are reminded once.
		data[atRemind] = x.Now.Add(time.Duration(every) * time.Millisecond)
	}
	x.Frame.Data, out.Until = data, next(data)
	return out, nil
}
