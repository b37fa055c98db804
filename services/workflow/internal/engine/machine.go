package engine

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

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
	// calls: the top frame's call has to be done.
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
}

// machine advances one run in memory.
type machine struct {
	program *dsl.Program
	run     *Run
	input   any
	person  any
	st      *state
	now     time.Time
	mail    []Mail

	records  []record
	bytes    int
	consumed []int64
	asked    *Task
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
		m.st = &state{frames: []*task.Frame{{Task: 0, In: m.input}}, generation: int64(r.Generation)}
		return m, nil
	}
	if m.st, err = decodeState(ctx, r.Snapshot, fetch); err != nil {
		return nil, err
	}
	for _, f := range m.st.frames {
		if f.Task < 0 || f.Task >= len(p.Tasks) {
			return nil, errState
		}
	}
	if m.st.generation != int64(r.Generation) {
		m.again(ctx)
	}
	return m, nil
}

// again prepares a run that failed for another generation: times begin anew.
func (m *machine) again(ctx context.Context) {
	m.st.generation = int64(m.run.Generation)
	m.changed = true
	for i, f := range m.st.frames {
		if t := m.program.Tasks[f.Task]; t.Timeout != nil {
			if d, err := t.Timeout.Duration(ctx, m.vars(i)); err == nil {
				f.Deadline = m.now.Add(d)
			}
		}
	}
	top := m.top()
	if top.Wait != task.WaitChild && top.Wait != task.WaitSignal {
		// What it waited for is over: begin the task anew.
		top.Wait, top.Step, top.Attempt, top.Until = task.NoWait, 0, 0, time.Time{}
	}
}

func (m *machine) top() *task.Frame { return m.st.frames[len(m.st.frames)-1] }

// vars are the variables for the task of frame i.
func (m *machine) vars(i int) map[string]any {
	vars := map[string]any{
		"input": m.input, "context": m.st.context, "user": m.person, "output": m.st.frames[i].In,
		"runtime": map[string]any{"name": "aqtra", "version": "1"},
		"workflow": map[string]any{
			"id": m.run.ID, "component": m.run.Component, "name": m.run.Workflow, "release": m.run.Release,
			"business_key": m.run.BusinessKey, "entry": m.run.Entry, "start_time": m.run.CreateTime.UTC(), "input": m.input,
		},
	}
	for j, f := range m.st.frames[:i+1] {
		if f.OwnInput {
			vars["input"] = f.Input
		}
		if j > 0 {
			for name, v := range m.st.frames[j].Locals {
				vars[name] = v
			}
		}
	}
	return vars
}

func (m *machine) exec(i int) *task.Exec {
	return &task.Exec{Frame: m.st.frames[i], Vars: m.vars(i), Now: m.now}
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
	iters := make([]string, 0, len(m.st.frames))
	for _, f := range m.st.frames[:len(m.st.frames)-1] {
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
			m.raise(ctx, e, len(m.st.frames)-1)
			continue
		}
		if out != 0 {
			return out, nil
		}
	}
}

// move does the next thing with the top frame.
func (m *machine) move(ctx context.Context) (outcome, error) {
	f := m.top()
	i := len(m.st.frames) - 1
	if f.Wait == task.WaitAnswer || f.Wait == task.WaitSignal {
		if got, v, err := m.receive(f); err != nil {
			return 0, err
		} else if got {
			x := m.exec(i)
			x.Output = v
			return m.step(ctx, x)
		}
	}
	if at := m.expired(); at >= 0 {
		m.changed, m.close = true, true
		m.st.frames, m.st.pending = m.st.frames[:at+1], nil
		m.raise(ctx, task.NewError("timeout", "the task took longer than its timeout"), at)
		return 0, nil
	}
	switch f.Wait {
	case task.WaitAnswer, task.WaitSignal:
		return parks, nil
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
	case task.WaitChild:
		if m.st.pending == nil {
			return 0, errState
		}
		x := m.exec(i)
		x.Returned, x.Then, x.Output = true, m.st.pending.then, m.st.pending.output
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
	m.st.pending = nil
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
		m.st.frames = append(m.st.frames, &task.Frame{Task: next.Task, In: next.In, Locals: next.Locals})
		return 0, nil
	case task.Sleep:
		m.changed = true
		f.Wait, f.Until = task.WaitTime, next.Until
		m.record("timer.set", f, record{output: moment(next.Until)})
		return 0, nil
	case task.Ask:
		return 0, m.ask(f, next.Question)
	case task.Listen:
		f.Wait, f.Topic = task.WaitSignal, next.Topic
		m.record("task.waiting", f, record{})
		return 0, nil
	case task.Call:
		f.Wait, f.Data, f.Attempt, f.Since = task.WaitCall, next.Args, 1, m.now
		m.record("task.started", f, record{input: next.Args, Event: Event{Key: m.key()}})
		return 0, nil
	default:
		return 0, fmt.Errorf("task %s asks for nothing", m.program.Tasks[f.Task].Path)
	}
}

func (m *machine) ask(f *task.Frame, q *task.Question) error {
	choices, err := Encode(q.Choices)
	if err != nil {
		return err
	}
	data, err := Encode(q.Data)
	if err != nil {
		return err
	}
	id := uuid.Must(uuid.NewV7()).String()
	m.asked = &Task{
		ID: id, Title: q.Title, Description: q.Description, Choices: choices, Users: q.Users, Roles: q.Roles, Data: data, Page: q.Page,
		CreateTime: m.now,
	}
	if !q.Due.IsZero() {
		m.asked.DueTime = &q.Due
	}
	m.changed = true
	f.Wait, f.Topic = task.WaitAnswer, id
	m.record("task.waiting", f, record{input: map[string]any{"title": q.Title, "task": id}})
	return nil
}

// receive takes the mail that a frame waits for.
func (m *machine) receive(f *task.Frame) (bool, any, error) {
	kind, event := MailAnswer, "task.answered"
	if f.Wait == task.WaitSignal {
		kind, event = MailSignal, "signal.received"
	}
	for i, mail := range m.mail {
		if mail.Kind != kind || mail.Topic != f.Topic {
			continue
		}
		v, err := Decode(mail.Data)
		if err != nil {
			return false, nil, err
		}
		m.changed = true
		m.mail = append(m.mail[:i:i], m.mail[i+1:]...)
		m.consumed = append(m.consumed, mail.ID)
		m.record(event, f, record{output: v})
		f.Wait = task.NoWait
		return true, v, nil
	}
	return false, nil, nil
}

// expired is the outermost frame whose time is over, or -1.
func (m *machine) expired() int {
	for i, f := range m.st.frames {
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
		vars := m.vars(len(m.st.frames) - 1)
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
	m.leave(out, then)
	return nil
}

// leave takes the top frame away and gives its output to the one below.
func (m *machine) leave(out any, then string) {
	m.st.frames = m.st.frames[:len(m.st.frames)-1]
	if len(m.st.frames) == 0 {
		m.result, m.output = Succeeded, out
		m.st.frames = nil
		m.record("run.succeeded", nil, record{output: out})
		return
	}
	if then == "end" {
		m.st.frames = m.st.frames[:1]
		then = "exit"
	}
	m.st.pending = &delivery{then: then, output: out}
}
