// Package executedataflow is the step execute-dataflow: it runs another dataflow for every item.
package executedataflow

import (
	"context"
	"fmt"
	"strconv"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// parallel is how many runs of one step go on at once; nested steps multiply it, so it stays small.
const parallel = 4

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "execute-dataflow", Group: "Transformation", Title: "Execute dataflow",
		Summary: "Runs another dataflow for every item and adds its response. Several run at once; the first error ends them all.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Help: "Component that holds the dataflow; this one when empty.", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT},
			{Name: "dataflow", Title: "Dataflow", Kind: catalogv1.ParamKind_PARAM_KIND_DATAFLOW, Required: true, OfComponent: "component"},
			{Name: "input", Title: "Input", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION,
				Help: "What the dataflow is given; the item when empty. A list runs it once for every element, and gives the list of responses."},
			{Name: "resultField", Title: "Result field", Help: "Gets the response; the item stays as it is when empty.", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD},
		},
		MinSources: 1, MaxSources: 1,
	}
}

type runner struct {
	component, dataflow, result string
	input                       *step.Expr
}

func (kind) Compile(c *step.Compiler) step.Runner {
	r := &runner{component: c.Scope.Component.GetId(), dataflow: c.Text("dataflow"), result: c.ResultField("resultField", ""), input: c.Expr("input", c.Vars())}
	component := c.Scope.Component
	if c.Text("component") != "" {
		found, ok := c.Component("component")
		if !ok {
			return nil
		}
		component, r.component = found, found.GetId()
	}
	var ids []string
	known := false
	for _, d := range component.GetDataflows() {
		ids = append(ids, d.GetId())
		known = known || d.GetId() == r.dataflow
	}
	if known {
		c.Refer("dataflow", "dataflow", r.component, r.dataflow, r.dataflow)
	} else {
		c.Unknown("dataflow", "unknown-dataflow", "dataflow of "+r.component, r.dataflow, ids)
	}
	c.Output(c.Item())
	if r.result != "" {
		c.Output(c.Extended(value.Field{Name: r.result}))
	}
	return r
}

// call is one run of the other dataflow.
type call struct {
	input any
	put   func(any)
	part  string
}

func (r *runner) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	results := make([]any, len(in[0]))
	var calls []call
	for i, item := range in[0] {
		var input any = item.Fields
		if r.input != nil {
			var err error
			if input, err = r.input.Eval(ctx, env, env.Vars(map[string]any{"item": item.Fields})); err != nil {
				return nil, err
			}
		}
		list, ok := input.([]any)
		if !ok {
			calls = append(calls, call{input, func(v any) { results[i] = v }, strconv.Itoa(i)})
			continue
		}
		responses := make([]any, len(list))
		results[i] = responses
		for j, element := range list {
			calls = append(calls, call{element, func(v any) { responses[j] = v }, fmt.Sprintf("%d.%d", i, j)})
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(parallel)
	for _, one := range calls {
		group.Go(func() error {
			if err := groupCtx.Err(); err != nil {
				return err
			}
			v, err := env.Dataflows.Run(groupCtx, r.component, r.dataflow, one.input, env.RequestID(one.part), env.Depth+1)
			one.put(v)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if r.result == "" {
		return in[0], nil
	}
	out := make([]step.Item, len(in[0]))
	for i, item := range in[0] {
		out[i] = item.With(map[string]any{r.result: results[i]})
	}
	return out, nil
}
