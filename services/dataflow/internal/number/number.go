// Package number is arithmetic over ints and decimals, by the table in aqtra/type/v1/value.proto.
package number

import (
	"errors"
	"fmt"
	"math"

	"github.com/aqtra/aqtra/pkg/value"
)

// ErrOverflow says that a whole number does not fit 64 bits.
var ErrOverflow = errors.New("the whole number does not fit 64 bits")

// Type is the type of the result of + - * / over two types, and false when one is not a number. Any gives any.
func Type(a, b value.Type) (value.Type, bool) {
	for _, t := range []value.Type{a, b} {
		switch t.Kind {
		case value.Any, value.Null, value.Int, value.DecimalKind:
		default:
			return value.Type{}, false
		}
	}
	switch {
	case a.Kind == value.DecimalKind || b.Kind == value.DecimalKind:
		return value.Type{Kind: value.DecimalKind}, true
	case a.Kind == value.Int && b.Kind == value.Int:
		return value.Type{Kind: value.Int}, true
	}
	return value.Type{}, true
}

// Add gives a + b. Errors of this package are for the person whose values they are.
func Add(a, b any) (any, error) { return apply(a, b, addInt, value.Decimal.Add) }

// Sub gives a - b.
func Sub(a, b any) (any, error) { return apply(a, b, subInt, value.Decimal.Sub) }

// Mul gives a * b.
func Mul(a, b any) (any, error) { return apply(a, b, mulInt, value.Decimal.Mul) }

// Quo gives a / b: ints are truncated toward zero.
func Quo(a, b any) (any, error) { return apply(a, b, quoInt, value.Decimal.Quo) }

func apply(a, b any, ints func(a, b int64) (int64, error), decimals func(a, b value.Decimal) (value.Decimal, error)) (any, error) {
	x, xInt := a.(int64)
	y, yInt := b.(int64)
	if xInt && yInt {
		return ints(x, y)
	}
	dx, err := Decimal(a)
	if err != nil {
		return nil, err
	}
	dy, err := Decimal(b)
	if err != nil {
		return nil, err
	}
	return decimals(dx, dy)
}

// Decimal gives an int or decimal as a decimal, and an error for anything else.
func Decimal(v any) (value.Decimal, error) {
	switch v := v.(type) {
	case int64:
		return value.NewDecimal(v), nil
	case value.Decimal:
		return v, nil
	}
	k, _ := value.Of(v)
	return value.Decimal{}, fmt.Errorf("%s is not a number", k)
}

func addInt(a, b int64) (int64, error) {
	if sum := a + b; (sum > a) == (b > 0) {
		return sum, nil
	}
	return 0, ErrOverflow
}

func subInt(a, b int64) (int64, error) {
	if difference := a - b; (difference < a) == (b > 0) {
		return difference, nil
	}
	return 0, ErrOverflow
}

func mulInt(a, b int64) (int64, error) {
	if a == 0 || b == 0 {
		return 0, nil
	}
	product := a * b
	if product/b != a || a == math.MinInt64 && b == -1 || b == math.MinInt64 && a == -1 {
		return 0, ErrOverflow
	}
	return product, nil
}

func quoInt(a, b int64) (int64, error) {
	switch {
	case b == 0:
		return 0, value.ErrDivisionByZero
	case a == math.MinInt64 && b == -1:
		return 0, ErrOverflow
	}
	return a / b, nil
}
