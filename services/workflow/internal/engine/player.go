package engine

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// player plays one run with answers that were recorded.
type player struct {
	m     *machine
	clk   *clock.Instant
	tasks map[string]*dsl.Task // by path
	rec   []*answer
	used  map[*answer]bool
	trail []mark
	state State
	// stuck says why the run could not be played to its end.
	stuck string
}

// mark is one thing that a run did.
type mark struct {
	kind, task string
	// effect is what others notice of it, encoded; empty when nobody does. name is what it is, in words and without values.
	effect, name string
}

// play runs a program from the beginning.
func play(ctx context.Context, clk *clock.Instant, p *dsl.Program, run Run, rec []*answer) (*player, error) {
	run.Snapshot, run.Inbox, run.Events, run.Generation = nil, nil, 0, 0
	clk.At = run.CreateTime
	m, err := newMachine(ctx, p, &run, run.CreateTime, nil)
	if err != nil {
		return nil, err
	}
	pl := &player{m: m, clk: clk, tasks: map[string]*dsl.Task{}, rec: rec, used: map[*answer]bool{}}
	for _, t := range p.Tasks {
		if !t.Block {
			pl.tasks[t.Path] = t
		}
	}
	for pl.stuck == "" {
		out, err := m.advance(ctx)
		if err != nil {
			return nil, err
		}
		if err := pl.take(); err != nil {
			return nil, err
		}
		switch out {
		case ends:
			pl.state = m.result
			return pl, nil
		case calls:
			err = pl.call(ctx)
		case parks:
			err = pl.unpark()
		}
		if err != nil {
			return nil, err
		}
		clk.At = m.now
	}
	return pl, nil
}

// take notes what the machine has done.
func (p *player) take() error {
	m := p.m
	for _, r := range m.records {
		t := p.tasks[r.Task]
		k := mark{kind: r.Type, task: taskName(r.Task)}
		var effect any
		switch {
		case r.Type == "task.started":
			target := t.Function
			if t.Function != "python" { // what code gives is compared, not how it is written
				target = t.Body.(task.Caller).Target()
			}
			effect, k.name = []any{target, r.input}, fmt.Sprintf("calls %s in %q", t.Function, k.task)
		case r.Type == "task.waiting":
			effect, k.name = p.waiting(r, k.task)
		case r.Type == "task.escalated":
			effect, k.name = r.output, fmt.Sprintf("asks others as well in %q", k.task)
		case r.Type == "timer.set" && t.Kind == "wait": // the pauses between attempts are partly chance
			until, _ := r.output.(time.Time)
			effect, k.name = until.Sub(r.Time).Round(time.Millisecond).String(), fmt.Sprintf("waits in %q", k.task)
		case r.Type == "run.succeeded":
			effect, k.name = r.output, "ends well"
		case r.Type == "run.failed":
			effect, k.name = []any{r.Error.Type, int64(r.Error.Status), r.Error.Title, r.Error.Detail}, "ends with a "+r.Error.Title
		}
		if k.name != "" {
			b, err := Encode([]any{r.Type, effect})
			if err != nil {
				return err
			}
			k.effect = string(b)
		}
		p.trail = append(p.trail, k)
	}
	m.records, m.bytes, m.asked, m.closed, m.reminded = nil, 0, nil, nil, nil
	if len(p.trail) > 4*maxReplayEvents {
		p.stuck = fmt.Sprintf("it does not end within %d events", 4*maxReplayEvents)
	}
	return nil
}

// waiting is what others notice of a task that began to wait.
func (p *player) waiting(r record, name string) (effect any, text string) {
	asked, _ := r.input.(map[string]any)
	for _, q := range p.m.asked {
		if q.ID == asked["task"] {
			return []any{q.Title, q.Description, q.Choices, texts(q.Users), texts(q.Roles), q.Data, q.Page, fmt.Sprint(q.DueTime)}, fmt.Sprintf("asks people in %q", name)
		}
	}
	return r.topic, fmt.Sprintf("waits for an event in %q", name)
}

// call answers one of the calls that are due: the one that was answered first.
func (p *player) call(ctx context.Context) error {
	m := p.m
	var first *strand
	var came *answer
	for _, s := range m.due() {
		a, err := p.answerTo(s)
		if err != nil {
			return err
		}
		if a == nil {
			p.stuck = fmt.Sprintf("what the call in %q gives is not known", taskName(m.program.Tasks[s.top().Task].Path))
			return nil
		}
		if first == nil || a.before(came) {
			first, came = s, a
		}
	}
	m.cur = first
	came.target = target(m.program.Tasks[m.top().Task])
	if !p.come(came, "call") {
		return nil
	}
	if came.err == nil {
		m.finishCall(ctx, came.value, nil)
		return nil
	}
	failed := *came.err
	m.finishCall(ctx, nil, &failed)
	return nil
}

// answerTo is the answer to the call of a strand.
func (p *player) answerTo(s *strand) (*answer, error) {
	t := p.m.program.Tasks[s.top().Task]
	args, err := Encode(s.top().Data)
	if err != nil {
		return nil, err
	}
	target, id := target(t), taskID(t.Path)
	return p.find(func(a *answer) bool {
		return a.kind == task.Call && a.args == string(args) && (a.task == id || a.target == target) && a.reached(target)
	}, func(a *answer) bool { return a.kind == task.Call && a.task == id && a.reached(target) }), nil
}

// target is what a call reaches.
func target(t *dsl.Task) string { return t.Function + " " + t.Body.(task.Caller).Target() }

// reached reports whether the answer is, as far as is known, that of a call to a target.
func (a *answer) reached(target string) bool { return a.target == "" || a.target == target }

// before reports whether an answer came sooner than another one; one that never came is the last.
func (a *answer) before(other *answer) bool {
	return !a.never && (other.never || a.at.Before(other.at))
}

// come moves the time to that of an answer for the present strand. It is false when none came, or only after the time of its tasks
// was over, or another strand wants to go on before.
func (p *player) come(a *answer, what string) bool {
	m := p.m
	var own time.Time
	for _, f := range m.cur.chain() {
		if !f.Deadline.IsZero() && (own.IsZero() || f.Deadline.Before(own)) {
			own = f.Deadline
		}
	}
	end := own
	if others := m.wakeOthers(); !others.IsZero() && (end.IsZero() || others.Before(end)) {
		end = others
	}
	late := a == nil || a.never || (!end.IsZero() && !a.at.Before(end))
	switch {
	case !late:
		if a.at.After(m.now) {
			m.now = a.at
		}
	case end.IsZero():
		p.stuck = fmt.Sprintf("what the %s in %q gives is not known", what, taskName(m.program.Tasks[m.top().Task].Path))
	case end.After(m.now):
		m.now = end
	}
	if a != nil && (!late || end.Equal(own)) {
		p.used[a] = true
	}
	return !late
}

// unpark lets come the first of what the strands wait for.
func (p *player) unpark() error {
	m := p.m
	var first *strand
	var came *answer
	for _, s := range m.st.strands {
		f := s.top()
		if f.Wait != task.WaitAnswer && f.Wait != task.WaitSignal {
			continue
		}
		kind, id := task.Ask, taskID(m.program.Tasks[f.Task].Path)
		if f.Wait == task.WaitSignal {
			kind = task.Listen
		}
		a := p.find(func(a *answer) bool { return a.task == id && (a.kind == kind || a.never) }, func(a *answer) bool { return a.kind == kind })
		if first == nil || a != nil && (came == nil || a.before(came)) {
			first, came = s, a
		}
	}
	if first == nil {
		m.now = m.wake()
		return nil
	}
	m.cur = first
	if !p.come(came, "question") {
		return nil
	}
	f := m.top()
	mail := Mail{Kind: MailAnswer, Topic: f.Topic}
	if f.Wait == task.WaitSignal {
		mail.Kind = MailSignal
		if came.event != "" {
			mail.Topic = came.event
		}
	}
	var err error
	if mail.Data, err = Encode(came.value); err != nil {
		return err
	}
	m.mail = append(m.mail, mail)
	return nil
}

// find gives the first answer that was not used and fits, the better ones before the others.
func (p *player) find(fits ...func(*answer) bool) *answer {
	for _, fit := range fits {
		i := slices.IndexFunc(p.rec, func(a *answer) bool { return !p.used[a] && fit(a) })
		if i >= 0 {
			return p.rec[i]
		}
	}
	return nil
}

// compare says how another play of the same run differs.
func (p *player) compare(next *player) (outcome libraryv1.ReplayOutcome, step, text string) {
	was, is := noticed(p.trail), noticed(next.trail)
	i := 0
	for i < min(len(was), len(is)) && p.trail[was[i]].effect == next.trail[is[i]].effect {
		i++
	}
	switch {
	case i == len(was) && i == len(is):
		return libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME, "", ""
	case i == len(is) || i == len(was): // a play that came to its end says so at last: this one could not
		return libraryv1.ReplayOutcome_REPLAY_OUTCOME_UNKNOWN, "", next.stuck
	}
	old, now := p.trail[was[i]], next.trail[is[i]]
	text = now.name + " instead of: " + old.name
	if now.name == old.name {
		text = now.name + ", with other values"
	}
	return libraryv1.ReplayOutcome_REPLAY_OUTCOME_DIFFERENT, now.task, after(p.trail[:was[i]], next.trail[:is[i]]) + text
}

// noticed are the places of the marks that others notice.
func noticed(trail []mark) []int {
	var out []int
	for i, k := range trail {
		if k.effect != "" {
			out = append(out, i)
		}
	}
	return out
}

// after names the last task that two plays have in common.
func after(was, is []mark) string {
	last := ""
	for i := 0; i < min(len(was), len(is)) && was[i].task == is[i].task && was[i].kind == is[i].kind; i++ {
		if was[i].kind == "task.completed" {
			last = was[i].task
		}
	}
	if last == "" {
		return ""
	}
	return fmt.Sprintf("after %q: ", last)
}

// inList is how a path leads to a task of a list: by its place and its name.
var inList = regexp.MustCompile(`(?:^|/)[0-9]+/([^/]+)`)

// taskID is the path of a task without the places in lists, which change when another task is added.
func taskID(path string) string { return inList.ReplaceAllString(path, "/$1") }

// taskName is the name of a task after those of the tasks around it.
func taskName(path string) string {
	var names []string
	for _, found := range inList.FindAllStringSubmatch(path, -1) {
		names = append(names, found[1])
	}
	return strings.Join(names, "/")
}
