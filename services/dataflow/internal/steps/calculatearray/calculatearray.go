// Package calculatearray is the step calculate-array: one value is made of a list within the item.
package calculatearray

import (
	"context"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
	"github.com/aqtra/aqtra/services/dataflow/internal/collection"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "calculate-array", Group: "Transformation", Title: "Calculate over a list",
		Summary: "Adds the count, sum, minimum, maximum or average of a list to the item. Nulls are passed over: of nothing, the count is 0 " +
			"and the others are null.",
		Params: []*catalogv1.Param{
			{Name: "path", Title: "Path of the list", Kind: catalogv1.ParamKind_PARAM_KIND_FIELD, Required: true,
				Help: "A field, or several joined by points; it may lead through lists: orders.lines."},
			{Name: "op", Title: "Operation", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Required: true, Options: aggregate.Ops()},
			{Name: "of", Title: "Of", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION,
				Help: "What to take of each element, over element and item: element.price * element.count. Without it, the element itself."},
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD, Required: true},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	path, element, ok := collection.Compile(c, "path", true)
	if !ok {
		return nil
	}
	k := calculation{path: path, op: aggregate.Op(c.Text("op")), result: c.ResultField("resultField", "")}
	operand := element
	if c.Text("of") != "" {
		vars := c.VarsWith(value.Field{Name: "item", Type: c.Item()}, value.Field{Name: "element", Type: element})
		if k.of = c.Expr("of", vars); k.of == nil {
			return nil
		}
		operand = k.of.Type()
	}
	t, err := k.op.Type(operand)
	if err != nil {
		param := "path"
		if k.of != nil {
			param = "of"
		}
		c.Problem(param, "wrong-type", "%v", err)
		return nil
	}
	c.Output(c.Extended(value.Field{Name: k.result, Type: t}))
	return k
}

type calculation struct {
	path   collection.Path
	op     aggregate.Op
	of     *step.Expr
	result string
}

func (k calculation) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	out := make([]step.Item, len(in[0]))
	vars := env.Vars(nil)
	for i, item := range in[0] {
		elements, err := k.path.Elements(item)
		if err != nil {
			return nil, err
		}
		vars["item"] = item.Fields
		state := aggregate.State{Op: k.op}
		for _, v := range elements {
			if k.of != nil {
				vars["element"] = v
				if v, err = k.of.Eval(ctx, env, vars); err != nil {
					return nil, step.InItem(item, err)
				}
			}
			if err := state.Add(v); err != nil {
				return nil, step.InItem(item, err)
			}
		}
		result, err := state.Result()
		if err != nil {
			return nil, step.InItem(item, err)
		}
		out[i] = item.With(map[string]any{k.result: result})
	}
	return out, nil
}
