package dsl

import (
	"context"
	"slices"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Compensation is a task that was done and can be undone: its number, its place among all such tasks of the run, what it gave, and the
// variables that it had.
type Compensation struct {
	Task   int
	Mark   int64
	Output any
	Locals map[string]any
}

// undoing runs compensations, the last one first. Frame.Data is a list of those that are left, and the one that runs; what follows is the
// engine's.
type undoing struct{ program *Program }

// Undoing is the data of a frame that runs compensations.
func Undoing(list []Compensation, then any) any {
	left := make([]any, len(list))
	for i, c := range list {
		left[i] = []any{int64(c.Task), c.Mark, c.Output, c.Locals}
	}
	return []any{left, []any{}, then}
}

// Undone tells which compensations of such a frame have not come to their end, and what was put off.
func Undone(data any) (left []Compensation, then any) {
	parts, _ := data.([]any)
	if len(parts) != 3 {
		return nil, nil
	}
	for _, list := range parts[:2] {
		items, _ := list.([]any)
		for _, item := range items {
			left = append(left, read(item))
		}
	}
	return left, parts[2]
}

func read(item any) (c Compensation) {
	p, _ := item.([]any)
	if len(p) == 4 {
		number, _ := p[0].(int64)
		c.Task, c.Output = int(number), p[2]
		c.Mark, _ = p[1].(int64)
		c.Locals, _ = p[3].(map[string]any)
	}
	return c
}

// Step implements task.Body.
func (u undoing) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	data, _ := x.Frame.Data.([]any)
	left, _ := data[0].([]any)
	if len(left) == 0 {
		x.Frame.Data = []any{left, []any{}, data[2]}
		return task.Next{Kind: task.Resume}, nil
	}
	last := len(left) - 1
	c := read(left[last])
	x.Frame.Iter++ // each one is another execution, with other keys
	x.Frame.Data = []any{slices.Clone(left[:last]), left[last:], data[2]}
	return task.Next{Kind: task.Push, Task: u.program.Tasks[c.Task].Undo, In: c.Output, Locals: c.Locals}, nil
}
