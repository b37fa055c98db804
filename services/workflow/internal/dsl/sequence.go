package dsl

import (
	"context"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// sequence runs the tasks of a list, one after the other. Frame.Data is the place in the list.
type sequence struct {
	tasks []int
	names map[string]int
}

// Step implements task.Body. The output of a task is the input of the next one.
func (s *sequence) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	if !x.Returned {
		x.Frame.Data = int64(0)
		return task.Next{Kind: task.Push, Task: s.tasks[0], In: x.Frame.In}, nil
	}
	at, _ := x.Frame.Data.(int64)
	next := int(at) + 1
	switch x.Then {
	case "", "continue":
	case "exit":
		next = len(s.tasks)
	default:
		next = s.names[x.Then]
		if int64(next) <= at {
			x.Frame.Iter++ // going back: what runs again is another execution, with other keys
		}
	}
	if next >= len(s.tasks) {
		return task.Next{Kind: task.Done, Output: x.Output}, nil
	}
	x.Frame.Data = int64(next)
	return task.Next{Kind: task.Push, Task: s.tasks[next], In: x.Output}, nil
}
