// Package getentitybyid is the step get-entity-by-id: it loads the entry that an expression names.
package getentitybyid

import (
	"context"

	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "get-entity-by-id", Group: "Transformation", Title: "Get entity by id",
		Summary: "Loads an entry by its id and adds it to the item with all its fields; null when there is none.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
			{Name: "entryId", Title: "Entry", Help: "Id of the entry, such as item.customer.", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, Required: true},
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD, Required: true},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	component, ok := c.Component("component")
	id := c.Expr("entryId", c.Vars())
	result := c.ResultField("resultField", "")
	if !ok || id == nil {
		return nil
	}
	if t := id.Type(); t.Kind != value.Text && !value.RefOf(component.GetId()).Accepts(t) {
		c.Problem("entryId", "wrong-type", "the expression must give the id of an entry of %s, it is %s", component.GetId(), t)
	}
	c.Output(c.Extended(value.Field{Name: result, Type: objectmodel.Entry(component)}))
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		ids := make([]string, len(in[0]))
		for i, item := range in[0] {
			v, err := id.Eval(ctx, env, env.Vars(map[string]any{"item": item.Fields}))
			if err != nil {
				return nil, err
			}
			if ids[i], err = step.IDText(v); err != nil {
				return nil, err
			}
		}
		found, err := step.LoadAll(ctx, env.Entries, component.GetId(), ids)
		if err != nil {
			return nil, err
		}
		out := make([]step.Item, len(in[0]))
		for i, item := range in[0] {
			var fields any
			if entry := found[ids[i]]; entry != nil {
				fields = entry.Fields
			}
			out[i] = item.With(map[string]any{result: fields})
		}
		return out, nil
	})
}
