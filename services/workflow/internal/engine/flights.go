package engine

import (
	"context"
	"errors"
	"time"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// flights are the calls of one run that are under way. Those of different branches are done at once.
type flights struct {
	e *Engine
	m *machine
	// by are the ends of the calls, by the frame that called.
	by     map[*task.Frame]context.CancelFunc
	landed chan landing
}

// landing is the result of a call.
type landing struct {
	frame *task.Frame
	out   any
	err   error
}

func newFlights(e *Engine, m *machine) *flights { return &flights{e: e, m: m} }

// stop ends the calls that nobody waits for any more.
func (c *flights) stop() {
	for _, cancel := range c.by {
		cancel()
	}
}

// next begins the calls that are due and goes on with the first one that ends. It returns, too, when a branch that makes no call
// wants to go on.
func (c *flights) next(ctx context.Context) error {
	if len(c.m.st.strands) == 1 && len(c.by) == 0 { // nothing goes on beside it
		call, err := c.prepare(ctx, c.m.cur)
		if err != nil {
			return err
		}
		l := call()
		c.m.now = c.e.Clock.Now()
		return c.land(ctx, c.m.cur, l)
	}
	due := map[*task.Frame]*strand{}
	for _, s := range c.m.due() {
		due[s.top()] = s
	}
	for f, cancel := range c.by {
		if due[f] == nil { // its branch was ended
			cancel()
			delete(c.by, f)
		}
	}
	for _, s := range c.m.due() {
		if c.by[s.top()] != nil {
			continue
		}
		if err := c.begin(ctx, s); err != nil {
			return err
		}
	}
	l, ok, err := c.wait(ctx)
	if err != nil {
		return err
	}
	c.m.now = c.e.Clock.Now()
	s := due[l.frame]
	if !ok || s == nil {
		return nil
	}
	delete(c.by, l.frame)
	return c.land(ctx, s, l)
}

// wait waits for the first call to end, or until another branch wants to go on.
func (c *flights) wait(ctx context.Context) (l landing, landed bool, err error) {
	var wake <-chan time.Time
	if at := c.m.wakeOthers(); !at.IsZero() {
		t := c.e.Clock.NewTimer(at.Sub(c.m.now))
		defer t.Stop()
		wake = t.C()
	}
	select {
	case l = <-c.landed:
		return l, true, nil
	case <-wake:
		return l, false, nil
	case <-ctx.Done():
	}
	select { // what was done is not thrown away
	case l = <-c.landed:
		return l, true, nil
	default:
		return l, false, ctx.Err()
	}
}

// wakeOthers is when a strand that does not call now wants to go on; zero for never.
func (m *machine) wakeOthers() time.Time {
	var wake time.Time
	sooner := func(t time.Time) {
		if t.After(m.now) && (wake.IsZero() || t.Before(wake)) {
			wake = t
		}
	}
	for _, s := range m.st.strands {
		f := s.top()
		sooner(f.Until)
		if f.Wait == task.WaitCall || f.Wait == task.WaitBranches {
			continue // a call ends by itself when the time of its tasks is over
		}
		for _, f := range s.frames {
			sooner(f.Deadline)
		}
	}
	return wake
}

// begin makes a call beside others.
func (c *flights) begin(ctx context.Context, s *strand) error {
	if c.by == nil {
		c.by, c.landed = map[*task.Frame]context.CancelFunc{}, make(chan landing, len(c.m.program.Tasks))
	}
	ctx, cancel := context.WithCancel(ctx)
	call, err := c.prepare(ctx, s)
	if err != nil {
		cancel()
		return err
	}
	c.by[s.top()] = cancel
	go func() { c.landed <- call() }()
	return nil
}

// prepare takes from a strand what its call needs. The call is made without a transaction, for the run's user.
func (c *flights) prepare(ctx context.Context, s *strand) (call func() landing, err error) {
	e, m, f := c.e, c.m, s.top()
	body, ok := m.program.Tasks[f.Task].Body.(task.Caller)
	if !ok {
		return nil, errState
	}
	if err := e.point("call.before"); err != nil {
		return nil, err
	}
	timeout := e.cfg.CallTimeout
	for _, frame := range s.chain() {
		if !frame.Deadline.IsZero() {
			timeout = min(timeout, frame.Deadline.Sub(m.now))
		}
	}
	m.cur = s
	key, args, run, roles := m.key(), f.Data, *m.run, m.roles()
	return func() landing {
		limited, cancel := context.WithTimeout(ctx, max(timeout, time.Millisecond))
		defer cancel()
		l := landing{frame: f}
		acting, err := e.Identity.Act(limited, run, roles)
		if err == nil {
			l.out, err = body.Call(task.WithRun(acting, task.Run{
				Tenant: run.Tenant, ID: run.ID, Subject: run.Subject, Release: run.Release, Component: run.Component, Workflow: run.Workflow, Entry: run.Entry,
			}), args, key)
		} else if f, ok := fault.As(err); ok && !passing(err) {
			err = task.NewError("authorization", "the run can no longer act for its user: %s", f.Message)
		}
		l.err = err
		return l
	}, nil
}

// land goes on with the result of a call.
func (c *flights) land(ctx context.Context, s *strand, l landing) error {
	e, m := c.e, c.m
	if ctx.Err() != nil && l.err != nil {
		return ctx.Err() // not the call's fault: another worker repeats it, with the same key
	}
	if err := e.point("call.after"); err != nil {
		return err
	}
	if _, isFault := fault.As(l.err); l.err != nil && !isFault && !isTaskError(l.err) {
		e.Log.ErrorContext(ctx, "call failed", "run_id", m.run.ID, "error", l.err)
	}
	m.cur = s
	m.finishCall(context.WithoutCancel(ctx), l.out, l.err)
	if ctx.Err() != nil {
		// The process stops; what was done is kept, and whoever takes the run goes on from there.
		return errors.Join(ctx.Err(), e.store(m, false))
	}
	return nil
}
