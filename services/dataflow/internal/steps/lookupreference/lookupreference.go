// Package lookupreference is the step lookup-reference: it finds the id of an entry by the values of its key.
package lookupreference

import (
	"context"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "lookup-reference", Group: "Transformation", Title: "Look up a reference",
		Summary: "Finds an entry by the values of its key and adds a reference to it; null when there is none.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
			{Name: "key", Title: "Key", Help: "Fields of the component and the values that they must have.",
				Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING, Required: true, OfComponent: "component"},
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD, Required: true},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	component, ok := c.Component("component")
	mapped := c.Mapping("key", c.Vars())
	result := c.ResultField("resultField", "")
	if !ok {
		return nil
	}
	var fields []*libraryv1.Field
	for _, m := range mapped {
		if f, ok := c.FieldKey("key/"+m.Name, component, m.Name); ok {
			fields = append(fields, f)
		}
	}
	c.Output(c.Extended(value.Field{Name: result, Type: value.RefOf(component.GetId())}))
	if len(mapped) == 0 {
		c.Problem("key", "missing-param", "a look-up needs at least one field")
		return nil
	}
	key := step.NewKey(component, fields)
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		rows := make([]map[string]any, len(in[0]))
		for i, item := range in[0] {
			var err error
			if rows[i], err = step.EvalMapping(ctx, env, mapped, env.Vars(map[string]any{"item": item.Fields})); err != nil {
				return nil, err
			}
		}
		found, err := key.Find(ctx, env.Entries, rows)
		if err != nil {
			return nil, err
		}
		out := make([]step.Item, len(in[0]))
		for i, item := range in[0] {
			var reference any
			if found[i] != nil {
				reference = value.Ref(found[i].ID)
			}
			out[i] = item.With(map[string]any{result: reference})
		}
		return out, nil
	})
}
