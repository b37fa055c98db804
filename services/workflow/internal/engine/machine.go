package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// MaxEvents is how long the history of a run may become; a run that never ends comes to its end here.
	MaxEvents = 50_000
	// checkpointEvents and checkpointBytes bound what is kept in memory between two commits.
	checkpointEvents = 500
	checkpointBytes  = 1 << 20
	// maxKey is how long an idempotency key may be; longer ones are hashed.
	maxKey = 90
)

// outcome is what a machine has come to.
type outcome int

const (
	// calls: calls have to be done, see machine.due.
	calls outcome = iota + 1
	// parks: nothing to do before wake or mail.
	parks
	// checkpoints: much has been done; store it, then go on.
	checkpoints
	// ends: the run is finished.
	ends
)

// record is an event that is not encoded yet.
type record struct {
	Event
	input, output any
	// topic is the event that is waited for.
	topic string
}

// machine advances one run in memory.
type machine struct {
	program *dsl.Program
	run     *Run
	input   any
	person  any
	st      *state
	// cur is the strand that moves.
	cur  *strand
	now  time.Time
	mail []Mail

	records  []record
	bytes    int
	consumed []int64
	asked    []*Task
	closed   []string
	reminded []Reminder
	close    bool
	// changed is set when something has happened that computing again would not give again.
	changed bool
	packer  packer

	// result of a finished run.
	result State
	output any
	err    *task.Error
}

// newMachine restores a run.
func newMachine(ctx context.Context, p *dsl.Program, r *Run, now time.Time, fetch fetcher) (*machine, error) {
	m := &machine{program: p, run: r, now: now, mail: r.Inbox, packer: packer{known: map[string]bool{}}, changed: p.Volatile}
	var err error
	if m.input, err = Decode(r.Input); err != nil {
		return nil, err
	}
	if m.person, err = Decode(r.Person); err != nil {
		return nil, err
	}
	if len(r.Snapshot) == 0 {
		m.cur = &strand{frames: []*task.Frame{{Task: 0, In: m.input}}}
		m.st = &state{strands: []*strand{m.cur}, generation: int64(r.Generation)}
		return m, nil
	}
	if m.st, err = decodeState(ctx, r.Snapshot, fetch); err != nil {
		return nil, err
	}
	for _, s := range m.st.strands {
		for _, f := range s.frames {
			if f.Task < 0 || f.Task >= len(p.Tasks) {
				return nil, errState
			}
		}
	}
	m.cur = m.st.strands[0]
	if m.st.generation != int64(r.Generation) {
		m.again(ctx)
	}
	return m, nil
}

// again prepares a run that failed for another generation: times begin anew.
func (m *machine) again(ctx context.Context) {
	m.st.generation = int64(m.run.Generation)
	m.changed = true
	for _, m.cur = range m.st.strands {
		base := m.cur.base()
		for i, f := range m.cur.frames {
			if t := m.program.Tasks[f.Task]; t.Timeout != nil {
				if d, err := t.Timeout.Duration(ctx, m.vars(base+i)); err == nil {
					f.Deadline = m.now.Add(d)
				}
			}
		}
		if top := m.top(); top.Wait != task.WaitChild && top.Wait != task.WaitSignal && top.Wait != task.WaitBranches {
			// What it waited for is over: begin the task anew.
			top.Wait, top.Step, top.Attempt, top.Until = task.NoWait, 0, 0, time.Time{}
		}
	}
	m.cur = m.st.strands[0]
}

// top is the frame that moves.
func (m *machine) top() *task.Frame { return m.cur.top() }

// vars are the variables for the task of frame i of the present chain.
func (m *machine) vars(i int) map[string]any {
	frames := m.cur.chain()
	vars := map[string]any{
		"input": m.input, "context": m.st.context, "user": m.person, "output": frames[i].In,
		"runtime": map[string]any{"name": "aqtra", "version": "1"},
		"workflow": map[string]any{
			"id": m.run.ID, "component": m.run.Component, "name": m.run.Workflow, "release": m.run.Release,
			"business_key": m.run.BusinessKey, "entry": m.run.Entry, "start_time": m.run.CreateTime.UTC(), "input": m.input,
		},
	}
	for j, f := range frames[:i+1] {
		if f.OwnInput {
			vars["input"] = f.Input
		}
		if j > 0 {
			for name, v := range f.Locals {
				vars[name] = v
			}
		}
	}
	return vars
}

func (m *machine) exec(i int) *task.Exec {
	return &task.Exec{Frame: m.cur.chain()[i], Vars: m.vars(i), Now: m.now}
}

// record adds an event; lists of tasks leave none.
func (m *machine) record(kind string, f *task.Frame, r record) {
	r.Type, r.Time = kind, m.now
	if f != nil {
		t := m.program.Tasks[f.Task]
		if t.Block {
			return
		}
		r.Task = t.Path
	}
	if r.Attempt == 0 {
		r.Attempt = 1
	}
	m.run.Events++
	r.Seq = m.run.Events
	m.records = append(m.records, r)
	m.bytes += task.Measure(r.input) + task.Measure(r.output)
}

// key is the idempotency key of the top frame's call: run, path, iteration and generation, the same over all attempts.
func (m *machine) key() string {
	frames := m.cur.chain()
	iters := make([]string, 0, len(frames))
	for _, f := range frames[:len(frames)-1] {
		iters = append(iters, strconv.FormatInt(f.Iter, 10))
	}
	tail := m.program.Tasks[m.top().Task].Path + "/" + strings.Join(iters, ".")
	if m.st.generation > 0 {
		tail += "/g" + strconv.FormatInt(m.st.generation, 10)
	}
	if len(m.run.ID)+1+len(tail) > maxKey || strings.ContainsFunc(tail, func(r rune) bool { return r <= ' ' || r > '~' }) {
		sum := sha256.Sum256([]byte(tail))
		tail = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20])
	}
	return m.run.ID + "/" + tail
}

// advance goes on until something outside has to happen.
func (m *machine) advance(stopping context.Context) (outcome, error) {
	// A process that stops does so between two steps: within one, its end would look like an error of the run.
	ctx := context.WithoutCancel(stopping)
	idle, due := 0, false // strands that did not move since one did, and whether one of them wants a call
	for {
		if err := stopping.Err(); err != nil {
			return 0, err
		}
		if m.result != 0 {
			return ends, nil
		}
		if m.run.Events >= MaxEvents {
			m.fail(task.NewError("runtime", "the run has more than %d events", MaxEvents))
			return ends, nil
		}
		if len(m.records) >= checkpointEvents || m.bytes >= checkpointBytes {
			return checkpoints, nil
		}
		out, err := m.move(ctx)
		if err != nil {
			var e *task.Error
			if !errors.As(err, &e) {
				e = task.ErrorOf(err)
			}
			m.raise(ctx, e, m.cur.depth()-1)
		}
		if err != nil || out == 0 {
			idle, due = 0, false
			continue
		}
		due = due || out == calls
		if idle++; idle < len(m.st.strands) {
			m.next()
			continue
		}
		if due {
			return calls, nil
		}
		return parks, nil
	}
}

// move does the next thing with the top frame.
func (m *machine) move(ctx context.Context) (outcome, error) {
	f := m.top()
	i := m.cur.depth() - 1
	if f.Wait == task.WaitAnswer || f.Wait == task.WaitSignal {
		if got, topic, v, err := m.receive(f); err != nil {
			return 0, err
		} else if got {
			x := m.exec(i)
			x.Output, x.Event = v, topic
			return m.step(ctx, x)
		}
	}
	if at := m.expired(); at >= 0 {
		m.changed = true
		m.cut(at)
		m.raise(ctx, task.NewError("timeout", "the task took longer than its timeout"), at)
		return 0, nil
	}
	switch f.Wait {
	case task.WaitAnswer, task.WaitSignal:
		if f.Until.IsZero() || m.now.Before(f.Until) {
			return parks, nil
		}
		x := m.exec(i)
		x.Woken = true
		return m.step(ctx, x)
	case task.WaitTime:
		if m.now.Before(f.Until) {
			return parks, nil
		}
		m.changed = true
		f.Wait, f.Until = task.NoWait, time.Time{}
		m.record("timer.fired", f, record{})
		return m.step(ctx, m.exec(i))
	case task.WaitCall:
		if m.now.Before(f.Until) {
			return parks, nil
		}
		return calls, nil
	case task.WaitChild, task.WaitBranches:
		came := m.cur.pending
		if came == nil && f.Wait == task.WaitBranches {
			return parks, nil
		}
		if came == nil {
			return 0, errState
		}
		x := m.exec(i)
		x.Returned, x.Then, x.Output, x.Branch = true, came.then, came.output, came.branch
		return m.step(ctx, x)
	default:
		if !f.Entered {
			skip, err := m.enter(ctx, f, i)
			if err != nil {
				return 0, err
			}
			if skip {
				m.leave(f.In, "")
				return 0, nil
			}
		}
		return m.step(ctx, m.exec(i))
	}
}

// enter looks at what every task may have; true skips the task.
func (m *machine) enter(ctx context.Context, f *task.Frame, i int) (skip bool, err error) {
	t := m.program.Tasks[f.Task]
	if t.If == nil && t.InputFrom == nil && t.Timeout == nil {
		f.Entered = true
		return false, nil
	}
	vars := m.vars(i)
	if t.If != nil {
		if ok, err := t.If.Bool(ctx, vars); err != nil || !ok {
			return err == nil, err
		}
	}
	if t.InputFrom != nil {
		v, err := t.InputFrom.Eval(ctx, vars)
		if err != nil {
			return false, err
		}
		f.Input, f.OwnInput = v, true
		vars["input"] = v
	}
	if t.Timeout != nil {
		d, err := t.Timeout.Duration(ctx, vars)
		if err != nil {
			return false, err
		}
		f.Deadline = m.now.Add(d)
	}
	f.Entered = true
	return false, nil
}

// step calls the body of the top frame and does what it asks for. A step that fails leaves the frame as it was.
func (m *machine) step(ctx context.Context, x *task.Exec) (outcome, error) {
	f := x.Frame
	before := *f
	next, err := m.program.Tasks[f.Task].Body.Step(ctx, x)
	if err != nil {
		*f = before
		return 0, err
	}
	f.Step++
	m.cur.pending = nil
	return m.do(ctx, f, next)
}

// do does what the body of the top frame asks for.
func (m *machine) do(ctx context.Context, f *task.Frame, next task.Next) (outcome, error) {
	f.Wait = task.NoWait
	switch next.Kind {
	case task.Done:
		return 0, m.done(ctx, f, next.Output, next.Then, 0)
	case task.Push:
		f.Wait = task.WaitChild
		m.cur.frames = append(m.cur.frames, &task.Frame{Task: next.Task, In: next.In, Locals: next.Locals, Mark: m.st.done})
		return 0, nil
	case task.Fork:
		f.Wait = task.WaitBranches
		for i, number := range next.Branches {
			m.st.strands = append(m.st.strands, &strand{parent: m.cur, branch: i, frames: []*task.Frame{{Task: number, In: next.In, Locals: next.Locals, Mark: m.st.done}}})
		}
		return 0, nil
	case task.Join:
		f.Wait = task.WaitBranches
		return 0, nil
	case task.Resume:
		return m.resume(ctx)
	case task.Sleep:
		m.changed = true
		f.Wait, f.Until = task.WaitTime, next.Until
		m.record("timer.set", f, record{output: moment(next.Until)})
		return 0, nil
	case task.Ask:
		f.Until = next.Until
		return 0, m.ask(f, next.Question)
	case task.Remind:
		f.Wait, f.Until = task.WaitAnswer, next.Until
		m.remind(f, next.Question)
		return 0, nil
	case task.Listen:
		f.Wait, f.Topic = task.WaitSignal, next.Topic
		m.record("task.waiting", f, record{topic: next.Topic})
		return 0, nil
	case task.Call:
		f.Wait, f.Data, f.Attempt, f.Since = task.WaitCall, next.Args, 1, m.now
		m.record("task.started", f, record{input: next.Args, Event: Event{Key: m.key()}})
		return 0, nil
	default:
		return 0, fmt.Errorf("task %s asks for nothing", m.program.Tasks[f.Task].Path)
	}
}

// expired is the outermost frame of the present chain whose time is over, or -1.
func (m *machine) expired() int {
	for i, f := range m.cur.chain() {
		if !f.Deadline.IsZero() && !m.now.Before(f.Deadline) {
			return i
		}
	}
	return -1
}

// done ends the top frame with an output.
func (m *machine) done(ctx context.Context, f *task.Frame, out any, then string, attempt int32) error {
	t := m.program.Tasks[f.Task]
	var came any // of a call, what a replay answers it with
	if t.OutputAs != nil || t.ExportAs != nil {
		vars := m.vars(m.cur.depth() - 1)
		vars["output"] = out
		if t.OutputAs != nil {
			if attempt > 0 {
				came = out
			}
			v, err := t.OutputAs.Eval(ctx, vars)
			if err != nil {
				return err
			}
			out = v
			vars["output"] = v
		}
		if t.ExportAs != nil {
			v, err := t.ExportAs.Eval(ctx, vars)
			if err != nil {
				return err
			}
			m.st.context = v
		}
	}
	if then == "" {
		then = t.Then
	}
	m.record("task.completed", f, record{input: came, output: out, Event: Event{Attempt: attempt}})
	m.remember(f.Task, out)
	m.leave(out, then)
	return nil
}

// leave takes the top frame away and gives its output to the one below, or to the fork that the strand is a branch of.
func (m *machine) leave(out any, then string) {
	m.end(m.cur)
	s := m.cur
	s.frames = s.frames[:len(s.frames)-1]
	if len(s.frames) == 0 && s.parent == nil {
		m.result, m.output = Succeeded, out
		m.st.strands = nil
		m.record("run.succeeded", nil, record{output: out})
		return
	}
	switch {
	case then == "end":
		m.cur = m.st.strands[0]
		m.end(m.cur)
		m.withdraw(m.cur.frames[1:])
		m.cur.frames, m.cur.pending = m.cur.frames[:1], &delivery{then: "exit", output: out}
		m.cur.top().Wait = task.WaitChild
	case len(s.frames) == 0:
		m.st.strands = slices.DeleteFunc(m.st.strands, func(other *strand) bool { return other == s })
		m.cur = s.parent
		m.cur.pending = &delivery{then: then, output: out, branch: s.branch}
	default:
		s.pending = &delivery{then: then, output: out}
	}
}
