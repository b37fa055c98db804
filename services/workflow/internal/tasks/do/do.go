// Package do is the task "do": a list of tasks as one.
package do

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Kind is the kind of task.
type Kind struct{}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "do", Group: "Flow", Title: "Group", Summary: "Runs a list of tasks one after the other, as one task.",
		Params: []*catalogv1.Param{{Name: "do", Title: "Tasks", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true}},
	}
}

type body struct{ block int }

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	return body{block: c.Block(c, "do", settings["do"])}
}

// Step implements task.Body.
func (b body) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	if x.Returned {
		return task.Next{Kind: task.Done, Output: x.Output}, nil
	}
	return task.Next{Kind: task.Push, Task: b.block, In: x.Frame.In}, nil
}
