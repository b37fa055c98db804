// Package python is the function "python": it calls main of a script as the run's user.
package python

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Kind is the function. Client is needed to run, not to check.
type Kind struct {
	Client pythonv1.RunnerClient
}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "python", Group: "Functions", Title: "Run a script",
		Summary: "Calls the function main of a script with the input. After a crash the script may run again.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
			{Name: "script", Title: "Script", Kind: catalogv1.ParamKind_PARAM_KIND_SCRIPT, Required: true, OfComponent: "component"},
			{Name: "input", Title: "Input", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
		},
	}
}

type body struct {
	client pythonv1.RunnerClient
	source string
	input  *task.Template
}

// Compile implements task.Kind.
func (k Kind) Compile(c *task.Compiler, with map[string]any) task.Body {
	id, script := c.Text("component", with["component"]), c.Text("script", with["script"])
	b := &body{client: k.Client, input: c.Template("input", with["input"])}
	component := c.Component("component", id)
	for _, s := range component.GetScripts() {
		if s.GetId() == script {
			c.Refer("script", "script", id, script, script)
			b.source = s.GetSource()
			return b
		}
	}
	if component != nil && script != "" {
		c.Missing("script", "script", script, task.IDs(component.GetScripts(), (*libraryv1.Script).GetId))
	}
	return b
}

// Step implements task.Body.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	input, err := b.input.Eval(ctx, x.Vars)
	return task.Next{Kind: task.Call, Args: input}, err
}

// Target implements task.Caller: it is the code.
func (b *body) Target() string { return b.source }

// Call implements task.Caller.
func (b *body) Call(ctx context.Context, args any, _ string) (any, error) {
	item, err := value.ToProto(args)
	if err != nil {
		return nil, err
	}
	resp, err := b.client.Execute(ctx, &pythonv1.ExecuteRequest{Source: b.source, Items: []*typev1.Value{item}})
	if err != nil {
		return nil, err
	}
	if len(resp.GetOutcomes()) != 1 {
		return nil, fmt.Errorf("the runner gave %d outcomes for one item", len(resp.GetOutcomes()))
	}
	outcome := resp.GetOutcomes()[0]
	if e := outcome.GetError(); e != nil {
		return nil, task.NewError("runtime", "line %d: %s", e.GetLine(), e.GetMessage())
	}
	out, _, err := value.FromProto(outcome.GetValue())
	return out, err
}
