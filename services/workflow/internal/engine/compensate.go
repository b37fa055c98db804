package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// remember keeps a task that is done, if it can be undone.
func (m *machine) remember(number int, output any) {
	if m.program.Tasks[number].Undo == 0 {
		return
	}
	var locals map[string]any
	for _, f := range m.cur.chain()[1:] {
		if locals == nil && f.Locals != nil {
			locals = map[string]any{}
		}
		maps.Copy(locals, f.Locals)
	}
	m.st.done++
	m.st.undo = append(m.st.undo, dsl.Compensation{Task: number, Mark: m.st.done, Output: output, Locals: locals})
}

// undoneBy takes the tasks that were done within a frame.
func (m *machine) undoneBy(f *task.Frame) []dsl.Compensation {
	prefix := m.program.Tasks[f.Task].Path
	var out []dsl.Compensation
	var left []dsl.Compensation
	for _, u := range m.st.undo {
		if u.Mark <= f.Mark || (prefix != "" && !strings.HasPrefix(m.program.Tasks[u.Task].Path, prefix+"/")) {
			left = append(left, u)
		} else {
			out = append(out, u)
		}
	}
	m.st.undo = left
	return out
}

// compensate undoes tasks within the top frame, and does then what next says or, with an error, fails the run.
func (m *machine) compensate(list []dsl.Compensation, next task.Next, e *task.Error) {
	var locals, failed any
	if next.Locals != nil {
		locals = next.Locals
	}
	if e != nil {
		failed = e.Value()
	}
	then := []any{int64(next.Kind), int64(next.Task), next.In, locals, next.Output, moment(next.Until), failed}
	m.changed = true
	f := m.top()
	f.Wait = task.WaitChild
	if e != nil {
		f.Deadline = time.Time{} // what a run that took too long has done is undone, too
	}
	m.cur.frames = append(m.cur.frames, &task.Frame{Task: m.program.Undoing, Data: dsl.Undoing(list, then), Mark: m.st.done})
}

// putBack keeps the compensations of frames that end before their time: they are for whoever takes the error.
func (m *machine) putBack(frames []*task.Frame) {
	for _, f := range frames {
		if m.program.Undoing == 0 || f.Task != m.program.Undoing {
			continue
		}
		left, _ := dsl.Undone(f.Data)
		m.st.undo = append(m.st.undo, left...)
		slices.SortStableFunc(m.st.undo, func(a, b dsl.Compensation) int { return cmp.Compare(a.Mark, b.Mark) })
	}
}

// resume goes on after compensations.
func (m *machine) resume(ctx context.Context) (outcome, error) {
	_, rest := dsl.Undone(m.top().Data)
	then, ok := rest.([]any)
	if !ok || len(then) != 7 {
		return 0, errState
	}
	m.cur.frames = m.cur.frames[:len(m.cur.frames)-1]
	f := m.top()
	if failed, ok := then[6].(map[string]any); ok {
		// All is undone: who tries the run again begins anew.
		*f = task.Frame{In: m.input}
		m.fail(errorOf(failed))
		return 0, nil
	}
	next := task.Next{In: then[2], Output: then[4]}
	kind, _ := then[0].(int64)
	number, _ := then[1].(int64)
	next.Kind, next.Task = task.NextKind(kind), int(number)
	next.Locals, _ = then[3].(map[string]any)
	next.Until, _ = then[5].(time.Time)
	if next.Kind == task.Sleep {
		f.Iter++ // what was undone is done again: another execution, with other keys
	}
	return m.do(ctx, f, next)
}

// errorOf reads what Error.Value gave.
func errorOf(v map[string]any) *task.Error {
	e := &task.Error{}
	e.Type, _ = v["type"].(string)
	e.Title, _ = v["title"].(string)
	e.Detail, _ = v["detail"].(string)
	e.Instance, _ = v["instance"].(string)
	status, _ := v["status"].(int64)
	e.Status = int(status)
	return e
}
