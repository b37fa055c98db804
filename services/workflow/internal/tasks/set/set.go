// Package set is the task "set": it computes a value.
package set

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
		Type: "set", Group: "Flow", Title: "Set values", Summary: "Computes values; they are the task's output.",
		Params: []*catalogv1.Param{{Name: "set", Title: "Values", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true}},
	}
}

type body struct{ value *task.Template }

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	return body{value: c.Template("set", settings["set"])}
}

// Step implements task.Body.
func (b body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	v, err := b.value.Eval(ctx, x.Vars)
	return task.Next{Kind: task.Done, Output: v}, err
}
