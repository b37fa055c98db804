// Package executeworkflow is the step execute-workflow: it starts a workflow for every item and does not wait for its end.
package executeworkflow

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxStarts is how many runs one step starts.
const maxStarts = 1000

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "execute-workflow", Group: "Output", Title: "Execute workflow",
		Summary: "Starts a workflow for every item and goes on at once.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Help: "Component that holds the workflow; this one when empty.", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT},
			{Name: "workflow", Title: "Workflow", Kind: catalogv1.ParamKind_PARAM_KIND_WORKFLOW, Required: true, OfComponent: "component"},
			{Name: "entryId", Title: "Entry", Help: "Id of the entry that the workflow is about.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION},
			{Name: "input", Title: "Input", Help: "What the workflow is given; the item when empty.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION},
			{Name: "resultField", Title: "Result field", Help: "Gets the id of the run.", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD},
		},
		MinSources: 1, MaxSources: 1,
	}
}

type runner struct {
	component, workflow, result string
	entry, input                *step.Expr
}

func (kind) Compile(c *step.Compiler) step.Runner {
	component := c.Scope.Component
	if c.Text("component") != "" {
		found, ok := c.Component("component")
		if !ok {
			return nil
		}
		component = found
	}
	r := &runner{
		component: component.GetId(), workflow: c.Text("workflow"), result: c.ResultField("resultField", ""),
		entry: c.Expr("entryId", c.Vars()), input: c.Expr("input", c.Vars()),
	}
	var ids []string
	known := false
	for _, w := range component.GetWorkflows() {
		ids = append(ids, w.GetId())
		known = known || w.GetId() == r.workflow
	}
	if known {
		c.Refer("workflow", "workflow", r.component, r.workflow, r.workflow)
	} else {
		c.Unknown("workflow", "unknown-workflow", "workflow of "+r.component, r.workflow, ids)
	}
	c.Output(c.Item())
	if r.result != "" {
		c.Output(c.Extended(value.Field{Name: r.result, Type: value.Type{Kind: value.Text}}))
	}
	return r
}

func (r *runner) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	if len(in[0]) > maxStarts {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
			fmt.Sprintf("a step may start %d runs, there are %d items", maxStarts, len(in[0])))
	}
	out := make([]step.Item, len(in[0]))
	for i, item := range in[0] {
		run, err := r.start(ctx, env, item, strconv.Itoa(i))
		if err != nil {
			return nil, err
		}
		out[i] = item
		if r.result != "" {
			out[i] = item.With(map[string]any{r.result: run})
		}
	}
	return out, nil
}

func (r *runner) start(ctx context.Context, env *step.Env, item step.Item, part string) (string, error) {
	vars := env.Vars(map[string]any{"item": item.Fields})
	entry := ""
	if r.entry != nil {
		v, err := r.entry.Eval(ctx, env, vars)
		if err != nil {
			return "", step.InField("entryId", err)
		}
		if entry, err = step.IDText(v); err != nil {
			return "", step.InField("entryId", err)
		}
	}
	var input any = item.Fields
	if r.input != nil {
		var err error
		if input, err = r.input.Eval(ctx, env, vars); err != nil {
			return "", step.InField("input", err)
		}
	}
	return env.Workflows.Start(ctx, r.component, r.workflow, entry, input, env.RequestID(part))
}
