package dsl

import (
	"context"
	"slices"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Compensation is what undoes a task that was done: the number of a list of tasks, what the task gave, and the variables that it had.
type Compensation struct {
	Undo   int
	In     any
	Locals map[string]any
}

// undoing runs compensations, the last one first, each once. Frame.Data begins with a list of those that are left; what follows is the
// engine's.
type undoing struct{}

// Compensations is the data of a frame that runs them.
func Compensations(list []Compensation, then any) any {
	left := make([]any, len(list))
	for i, c := range list {
		left[i] = []any{int64(c.Undo), c.In, c.Locals}
	}
	return []any{left, then}
}

// Step implements task.Body.
func (undoing) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	data, _ := x.Frame.Data.([]any)
	left, _ := data[0].([]any)
	if len(left) == 0 {
		return task.Next{Kind: task.Resume}, nil
	}
	one, _ := left[len(left)-1].([]any)
	number, _ := one[0].(int64)
	locals, _ := one[2].(map[string]any)
	x.Frame.Iter++ // each one is another execution, with other keys
	x.Frame.Data = []any{slices.Clone(left[:len(left)-1]), data[1]}
	return task.Next{Kind: task.Push, Task: int(number), In: one[1], Locals: locals}, nil
}
