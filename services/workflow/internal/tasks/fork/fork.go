// Package fork is the task "fork": it runs several tasks at once.
package fork

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
		Type: "fork", Group: "Flow", Title: "At once",
		Summary: "Runs tasks at once. The output is a list with the output of each; when they compete, that of the first to end, and the others are ended. " +
			"A branch that fails ends the others and fails the task.",
		Params: []*catalogv1.Param{{
			Name: "fork", Title: "Branches", Kind: catalogv1.ParamKind_PARAM_KIND_JSON, Required: true,
			Help: "{\"branches\": [{\"one\": {\"do\": [..]}}, {\"other\": {..}}], \"compete\": false}",
		}},
	}
}

type body struct {
	branches []int
	compete  bool
}

// Compile implements task.Kind.
func (Kind) Compile(c *task.Compiler, settings map[string]any) task.Body {
	m := c.Object("fork", settings["fork"])
	in := c.Into("fork")
	if m == nil || !in.Keys(m, "fork", []string{"branches"}, "compete") {
		return nil
	}
	b := &body{branches: c.Branches(in, "branches", m["branches"])}
	if v, set := m["compete"]; set {
		compete, ok := v.(bool)
		if !ok {
			in.Problem("compete", "invalid-param", "\"compete\" is true or false")
		}
		b.compete = compete
	}
	return b
}

// Step implements task.Body. Frame.Data are the outputs so far by branch, each a list of one.
func (b *body) Step(_ context.Context, x *task.Exec) (task.Next, error) {
	if !x.Returned {
		x.Frame.Data = make([]any, len(b.branches))
		return task.Next{Kind: task.Fork, Branches: b.branches, In: x.Frame.In}, nil
	}
	if b.compete {
		return task.Next{Kind: task.Done, Output: x.Output}, nil
	}
	before, _ := x.Frame.Data.([]any)
	came, outputs := make([]any, len(b.branches)), make([]any, len(b.branches))
	copy(came, before) // a step that fails leaves the frame as it was
	came[x.Branch] = []any{x.Output}
	x.Frame.Data = came
	for i, one := range came {
		output, ok := one.([]any)
		if !ok {
			return task.Next{Kind: task.Join}, nil
		}
		outputs[i] = output[0]
	}
	return task.Next{Kind: task.Done, Output: outputs}, nil
}
