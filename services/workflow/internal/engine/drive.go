package engine

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// drive advances a run until it waits or ends, and stores where it stands.
func (e *Engine) drive(ctx context.Context, r *Run) error {
	m, err := e.load(ctx, r)
	if err != nil {
		return e.unloadable(ctx, r, err)
	}
	flying := newFlights(e, m)
	defer flying.stop()
	for {
		out, err := m.advance(ctx)
		if err != nil {
			return err
		}
		switch out {
		case calls:
			if m.changed || len(m.consumed) > 0 {
				if err := e.store(m, false); err != nil {
					return err
				}
				if m.result != 0 {
					return nil
				}
			}
			if err := flying.next(ctx); err != nil {
				return err
			}
		case checkpoints:
			if err := e.store(m, false); err != nil || m.result != 0 {
				return err
			}
		default:
			return e.store(m, true)
		}
	}
}

func (e *Engine) load(ctx context.Context, r *Run) (*machine, error) {
	p, err := e.programs.get(ctx, r.Tenant, r.Release, r.Component, r.Workflow)
	if err != nil {
		return nil, err
	}
	return newMachine(ctx, p, r, e.Clock.Now(), func(ctx context.Context, digests [][]byte) (map[string][]byte, error) {
		return e.Store.Payloads(ctx, r.Tenant, r.ID, digests)
	})
}

// unloadable deals with a run that cannot go on because its definition or state cannot be read: later, when that may pass, or
// never.
func (e *Engine) unloadable(ctx context.Context, r *Run, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c := &Commit{
		Tenant: r.Tenant, Component: r.Component, Run: r.ID, Epoch: r.Epoch, Seq: r.Seq, State: Running, Position: r.Position,
		Snapshot: r.Snapshot, Mail: r.Mail, Events: r.Events, Release: true, Wake: e.Clock.Now().Add(5 * time.Second),
	}
	if f, ok := fault.As(err); (ok && !passing(err) && f.Kind != fault.KindUnauthenticated) || errors.Is(err, errState) {
		problem := task.NewError("configuration", "the run's workflow cannot be loaded")
		if ok {
			problem.Detail = f.Message
		}
		c.Events++
		c.State, c.Error, c.FinishTime, c.CloseTasks = Failed, problem, e.Clock.Now(), true
		c.History = []Event{{Seq: c.Events, Time: e.Clock.Now(), Type: "run.failed", Attempt: 1, Error: problem}}
	}
	e.Log.WarnContext(ctx, "run cannot be loaded", "run_id", r.ID, "error", err)
	e.setDue(c.Wake, false)
	return e.commit(c)
}

// store makes what has happened durable. What cannot be stored, because of its size or of what it holds, fails the run.
func (e *Engine) store(m *machine, release bool) error {
	c, err := m.commit(release)
	if err == nil {
		err = e.durable(c)
		if err != nil && !errors.Is(err, ErrUnstorable) {
			return err
		}
	}
	if err != nil {
		problem := task.ErrorOf(err)
		if errors.Is(err, ErrUnstorable) { // every value was checked, so this is a mistake of ours
			e.Log.ErrorContext(context.Background(), "run cannot be stored", "run_id", m.run.ID, "error", err)
			problem = task.NewError("runtime", "%s", ErrUnstorable.Error())
		}
		if c, err = m.last(problem); err != nil {
			return fmt.Errorf("store run: %w", err)
		}
		if err := e.durable(c); err != nil {
			return err
		}
	}
	m.run.Snapshot = c.Snapshot
	m.committed()
	if c.Release && !c.Wake.IsZero() {
		e.setDue(c.Wake, false)
	}
	return nil
}

// last ends the run at its last state that could be stored.
func (m *machine) last(problem *task.Error) (*Commit, error) {
	m.run.Events -= int64(len(m.records))
	m.records, m.bytes, m.packer.payloads, m.asked, m.closed, m.reminded, m.result = nil, 0, nil, nil, nil, nil, 0
	m.fail(problem)
	strands := m.st.strands
	m.st.strands = nil
	c, err := m.commit(true)
	if err != nil {
		return nil, err
	}
	m.st.strands = strands
	c.Snapshot = m.run.Snapshot
	return c, nil
}

// durable stores a commit, with the places before and after it where a crash matters.
func (e *Engine) durable(c *Commit) error {
	if err := e.point("commit.before"); err != nil {
		return err
	}
	if err := e.commit(c); err != nil {
		return err
	}
	return e.point("commit.after")
}

// roles are those that the run's person had when it was started, perhaps by a key that is limited to some of them.
func (m *machine) roles() []string {
	person, _ := m.person.(map[string]any)
	list, _ := person["roles"].([]any)
	roles := make([]string, 0, len(list))
	for _, item := range list {
		if role, ok := item.(string); ok {
			roles = append(roles, role)
		}
	}
	return roles
}

func isTaskError(err error) bool {
	var e *task.Error
	return errors.As(err, &e)
}
