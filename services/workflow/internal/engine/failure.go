package engine

import (
	"context"
	"errors"
	"time"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// callPatience is how long a call without a timeout of its own is tried while the receiver is away.
	callPatience = 15 * time.Minute
	// callBackoff and maxBackoff space attempts of a call.
	callBackoff = 200 * time.Millisecond
	maxBackoff  = 30 * time.Second
)

// raise gives an error of frame from to the nearest task around it that takes it, or ends the run.
func (m *machine) raise(ctx context.Context, e *task.Error, from int) {
	frames := m.cur.chain()
	f := frames[from]
	if e.Instance == "" {
		e.Instance = "/" + m.program.Tasks[f.Task].Path
	}
	m.record("task.failed", f, record{Event: Event{Error: e, Attempt: int32(f.Attempt)}})
	for i := from - 1; i >= 0; i-- {
		catcher, ok := m.program.Tasks[frames[i].Task].Body.(task.Catcher)
		if !ok || m.run.Events >= MaxEvents {
			continue
		}
		before := *frames[i]
		next, takes, err := catcher.Catch(ctx, m.exec(i), e)
		if err != nil {
			*frames[i] = before
			e = task.ErrorOf(err)
			e.Instance = "/" + m.program.Tasks[frames[i].Task].Path
			continue
		}
		if !takes {
			continue
		}
		m.changed = true
		m.cut(i)
		if next.Kind == task.Sleep {
			m.record("task.retried", frames[i], record{Event: Event{Attempt: int32(frames[i].Attempt), Error: e}})
		}
		if undo := m.undoneBy(frames[i]); len(undo) > 0 {
			m.compensate(undo, next, nil)
			return
		}
		if _, err := m.do(ctx, frames[i], next); err != nil {
			m.raise(ctx, task.ErrorOf(err), i)
		}
		return
	}
	if undo := m.undoneBy(frames[0]); len(undo) > 0 && m.run.Events < MaxEvents {
		m.cut(0)
		m.compensate(undo, task.Next{}, e)
		return
	}
	m.fail(e)
}

// fail ends the run. Its frames stay, so that it can be tried again.
func (m *machine) fail(e *task.Error) {
	m.result, m.err, m.close, m.asked, m.reminded = Failed, e, true, nil, nil
	m.record("run.failed", nil, record{Event: Event{Error: e}})
}

// finishCall goes on after the call of the top frame. What may pass by itself is tried again later, with the same key.
func (m *machine) finishCall(ctx context.Context, out any, err error) {
	f := m.top()
	m.changed = true
	switch passes := passing(err); {
	case err == nil && task.Measure(out) > task.MaxValue:
		m.raise(ctx, task.NewError("runtime", "the result is larger than %d bytes", task.MaxValue), m.cur.depth()-1)
	case err == nil:
		attempt := int32(f.Attempt)
		f.Wait = task.NoWait
		if err := m.done(ctx, f, out, "", attempt); err != nil {
			f.Wait = task.WaitCall
			m.raise(ctx, task.ErrorOf(err), m.cur.depth()-1)
		}
	case passes && (!f.Deadline.IsZero() || m.now.Sub(f.Since) < callPatience):
		m.record("task.retried", f, record{Event: Event{Error: task.ErrorOf(err), Attempt: int32(f.Attempt), Key: m.key()}})
		delay := callBackoff << min(f.Attempt-1, 10)
		f.Attempt++
		f.Until = m.now.Add(min(delay, maxBackoff))
	default:
		m.raise(ctx, task.ErrorOf(err), m.cur.depth()-1)
	}
}

// passing reports whether an error says nothing about the call itself: the receiver is away, or busy.
func passing(err error) bool {
	f, ok := fault.As(err)
	if !ok {
		return errors.Is(err, context.DeadlineExceeded)
	}
	switch f.Kind {
	case fault.KindUnavailable, fault.KindDeadlineExceeded, fault.KindExhausted, fault.KindCanceled,
		fault.KindUnauthenticated: // the run's token has become too old; the next attempt brings another one
		return true
	default:
		return false
	}
}
