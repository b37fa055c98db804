// Package filtersource is the step filter-source: items that meet a condition go on.
package filtersource

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

// The operators of the simple form.
const (
	equal          = "equal"
	notEqual       = "not-equal"
	greater        = "greater"
	greaterOrEqual = "greater-or-equal"
	less           = "less"
	lessOrEqual    = "less-or-equal"
)

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "filter-source", Group: "Transformation", Title: "Filter",
		Summary: "Lets the items go on that meet a condition: an expression, or a field compared with a value.",
		Params: []*catalogv1.Param{
			{Name: "condition", Title: "Condition", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, ResultType: "bool"},
			{Name: "field", Title: "Field", Kind: catalogv1.ParamKind_PARAM_KIND_FIELD, Help: "In the place of a condition."},
			{Name: "operator", Title: "Operator", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM,
				Options: []string{equal, notEqual, greater, greaterOrEqual, less, lessOrEqual}},
			{Name: "value", Title: "Value", Kind: catalogv1.ParamKind_PARAM_KIND_JSON,
				Help: "What the field is compared with; without it, with null. A null field is neither greater nor less than anything."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

// keeps tells whether an item goes on.
type keeps func(ctx context.Context, env *step.Env, vars map[string]any, item step.Item) (bool, error)

func (kind) Compile(c *step.Compiler) step.Runner {
	var test keeps
	switch field := c.Text("field"); {
	case c.Text("condition") != "" && field != "":
		c.Problem("field", "conflicting-params", "give a condition or a field, not both")
	case c.Text("condition") != "":
		test = condition(c)
	case field != "":
		test = comparison(c, field)
	default:
		c.Problem("condition", "missing-param", "filter-source needs a condition, or a field to compare")
	}
	c.Output(c.Item())
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		var out []step.Item
		vars := env.Vars(nil)
		for _, item := range in[0] {
			vars["item"] = item.Fields
			kept, err := test(ctx, env, vars, item)
			if err != nil {
				return nil, step.InItem(item, err)
			}
			if kept {
				out = append(out, item)
			}
		}
		return out, nil
	})
}

func condition(c *step.Compiler) keeps {
	expression := c.Condition("condition", c.Vars())
	return func(ctx context.Context, env *step.Env, vars map[string]any, _ step.Item) (bool, error) {
		v, err := expression.Eval(ctx, env, vars)
		if err != nil {
			return false, err
		}
		kept, isBool := v.(bool)
		if !isBool && v != nil {
			k, _ := value.Of(v)
			return false, failed(fmt.Sprintf("the condition gave %s, not true or false", k))
		}
		return kept, nil
	}
}

func comparison(c *step.Compiler, field string) keeps {
	operator := c.Text("operator")
	if operator == "" {
		c.Problem("operator", "missing-param", "comparing a field needs an operator")
		return nil
	}
	typ, ok := c.ItemField("field", field)
	want, given := c.Raw("value")
	if !ok {
		return nil
	}
	ordered := operator != equal && operator != notEqual
	if ordered && !given {
		c.Problem("value", "missing-param", "%s needs a value; only equal and not-equal compare with null", operator)
		return nil
	}
	if ordered && (typ.Kind == value.List || typ.Kind == value.Map) {
		c.Problem("operator", "wrong-type", "%q is %s, which has no order", field, typ)
		return nil
	}
	want, err := value.Convert(want, typ)
	if err != nil {
		c.Problem("value", "wrong-type", "%q is %s: %v", field, typ, err)
		return nil
	}
	return func(_ context.Context, _ *step.Env, _ map[string]any, item step.Item) (bool, error) {
		v := item.Fields[field]
		switch {
		case !ordered:
			return value.Equal(v, want) == (operator == equal), nil
		case v == nil:
			return false, nil
		}
		order, err := value.Compare(v, want)
		if err != nil {
			return false, failed(fmt.Sprintf("field %q: %v", field, err))
		}
		switch operator {
		case greater:
			return order > 0, nil
		case greaterOrEqual:
			return order >= 0, nil
		case less:
			return order < 0, nil
		}
		return order <= 0, nil
	}
}

func failed(message string) error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, message)
}
