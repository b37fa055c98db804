// Package simplemath is the step simple-math: a third field is computed of two.
package simplemath

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/number"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "simple-math", Group: "Transformation", Title: "Simple math",
		Summary: "Adds a field that is computed of two others: numbers by + - * /, true and false by and, or, xor. " +
			"When one of the two is null, so is the result.",
		Params: []*catalogv1.Param{
			{Name: "left", Title: "Left field", Kind: catalogv1.ParamKind_PARAM_KIND_FIELD, Required: true},
			{Name: "op", Title: "Operation", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Required: true,
				Options: []string{"+", "-", "*", "/", "and", "or", "xor"},
				Help:    "Whole numbers are divided into whole numbers: 7 / 2 is 3."},
			{Name: "right", Title: "Right field", Kind: catalogv1.ParamKind_PARAM_KIND_FIELD, Required: true},
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD, Required: true},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	m := math{left: c.Text("left"), right: c.Text("right"), result: c.ResultField("resultField", "")}
	left, leftThere := c.ItemField("left", m.left)
	right, rightThere := c.ItemField("right", m.right)
	if !leftThere || !rightThere {
		return nil
	}
	op := c.Text("op")
	var typ value.Type
	var fits bool
	m.apply, typ, fits = operation(op, left, right)
	if !fits {
		c.Problem("op", "wrong-type", "%s does not take %s and %s", op, left, right)
		return nil
	}
	c.Output(c.Extended(value.Field{Name: m.result, Type: typ}))
	return m
}

// operation gives what computes, and the type of the result; false when the types do not fit.
func operation(op string, left, right value.Type) (func(a, b any) (any, error), value.Type, bool) {
	numbers, areNumbers := number.Type(left, right)
	areBools := isBool(left) && isBool(right)
	boolType := value.Type{Kind: value.Bool}
	switch op {
	case "+":
		return number.Add, numbers, areNumbers
	case "-":
		return number.Sub, numbers, areNumbers
	case "*":
		return number.Mul, numbers, areNumbers
	case "/":
		return number.Quo, numbers, areNumbers
	case "and":
		return logic(func(a, b bool) bool { return a && b }), boolType, areBools
	case "or":
		return logic(func(a, b bool) bool { return a || b }), boolType, areBools
	default:
		return logic(func(a, b bool) bool { return a != b }), boolType, areBools
	}
}

func isBool(t value.Type) bool {
	return t.Kind == value.Bool || t.Kind == value.Any || t.Kind == value.Null
}

func logic(f func(a, b bool) bool) func(a, b any) (any, error) {
	return func(a, b any) (any, error) {
		x, xBool := a.(bool)
		y, yBool := b.(bool)
		if !xBool || !yBool {
			ka, _ := value.Of(a)
			kb, _ := value.Of(b)
			return nil, fmt.Errorf("%s and %s are not both true or false", ka, kb)
		}
		return f(x, y), nil
	}
}

type math struct {
	left, right, result string
	apply               func(a, b any) (any, error)
}

func (m math) Run(_ context.Context, _ *step.Env, in [][]step.Item) ([]step.Item, error) {
	out := make([]step.Item, len(in[0]))
	for i, item := range in[0] {
		a, b := item.Fields[m.left], item.Fields[m.right]
		var result any
		if a != nil && b != nil {
			var err error
			if result, err = m.apply(a, b); err != nil {
				return nil, step.InItem(item, fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, err.Error()))
			}
		}
		out[i] = item.With(map[string]any{m.result: result})
	}
	return out, nil
}
