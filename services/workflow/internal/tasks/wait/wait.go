// Package wait is the task "wait": it lets time pass.
package wait

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
		Type: "wait", Group: "Flow", Title: "Wait", Summary: "Lets time pass, from milliseconds to years, whatever restarts in between.",
		Params: []*catalogv1.Param{{
			Name: "wait", Title: "Duration", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
			Help: "ISO 8601 such as \"PT15M\", or {\"hours\": 2}.",
		}},
	}
}

type body struct{ duration *task.Template }

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	return body{duration: c.Duration("wait", settings["wait"])}
}

// Step implements task.Body.
func (b body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	if x.Frame.Step > 0 {
		return task.Next{Kind: task.Done, Output: x.Frame.In}, nil
	}
	d, err := b.duration.Duration(ctx, x.Vars)
	return task.Next{Kind: task.Sleep, Until: x.Now.Add(d)}, err
}
