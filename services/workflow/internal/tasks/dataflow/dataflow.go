// Package dataflow is the function "dataflow": it runs a dataflow as the run's user.
package dataflow

import (
	"context"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Kind is the function. Client is needed to run, not to check.
type Kind struct {
	Client dataflowv1.DataflowsClient
}

// Spec describes it.
func (Kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "dataflow", Group: "Functions", Title: "Run a dataflow", Summary: "Runs a dataflow; its output is the task's output. Its writes happen once.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
			{Name: "dataflow", Title: "Dataflow", Kind: catalogv1.ParamKind_PARAM_KIND_DATAFLOW, Required: true, OfComponent: "component"},
			{Name: "input", Title: "Input", Kind: catalogv1.ParamKind_PARAM_KIND_JSON},
			{Name: "entry", Title: "Entry", Help: "Entry that the dataflow is about.", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT},
		},
	}
}

type body struct {
	client              dataflowv1.DataflowsClient
	component, dataflow string
	input, entry        *task.Template
}

// Compile implements task.Kind.
func (k Kind) Compile(c *task.Compiler, with map[string]any) task.Body {
	b := &body{client: k.Client, component: c.Text("component", with["component"]), dataflow: c.Text("dataflow", with["dataflow"])}
	b.input = c.Template("input", with["input"])
	b.entry = c.Template("entry", with["entry"])
	component := c.Component("component", b.component)
	for _, d := range component.GetDataflows() {
		if d.GetId() == b.dataflow {
			c.Refer("dataflow", "dataflow", b.component, b.dataflow, b.dataflow)
			return b
		}
	}
	if component != nil && b.dataflow != "" {
		c.Missing("dataflow", "dataflow", b.dataflow, task.IDs(component.GetDataflows(), (*libraryv1.Dataflow).GetId))
	}
	return b
}

// Step implements task.Body.
func (b *body) Step(ctx context.Context, x *task.Exec) (task.Next, error) {
	input, err := b.input.Eval(ctx, x.Vars)
	if err != nil {
		return task.Next{}, err
	}
	entry, err := b.entry.Text(ctx, x.Vars, "entry", 100)
	return task.Next{Kind: task.Call, Args: map[string]any{"input": input, "entry": entry}}, err
}

// Target implements task.Caller.
func (b *body) Target() string { return b.component + "/" + b.dataflow }

// Call implements task.Caller.
func (b *body) Call(ctx context.Context, args any, key string) (any, error) {
	m, _ := args.(map[string]any)
	input, err := value.ToProto(m["input"])
	if err != nil {
		return nil, err
	}
	entry, _ := m["entry"].(string)
	resp, err := b.client.RunDataflow(ctx, &dataflowv1.RunDataflowRequest{
		Component: b.component, Dataflow: b.dataflow, Input: input, Entry: entry, RequestId: key,
	})
	if err != nil {
		return nil, err
	}
	out, _, err := value.FromProto(resp.GetOutput())
	return out, err
}
