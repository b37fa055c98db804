package expr

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"github.com/aqtra/aqtra/pkg/value"
)

// Names that the plan of a program uses in the place of what CEL would evaluate its own way. Nobody can write them.
const (
	equalFunction    = "@equal"
	notEqualFunction = "@not_equal"
	fieldFunction    = "@field"
	hasFunction      = "@has"
	indexFunction    = "@index"
	nowVariable      = "@now"
	literalVariable  = "@decimal"
	unknownVariable  = "@unknown"

	// Forms of ?: that the checker needs apart, because overloads of one function must not overlap.
	ifNullLeft  = "@if_null_left"
	ifNullRight = "@if_null_right"
	ifNumber    = "@if_number"
	// liftFunction makes the int of a ?: that mixes numbers a decimal, as its type says.
	liftFunction = "@lift"
)

// errTooMany says that an evaluation would take more than it may, beside the cost that CEL counts.
var errTooMany = errors.New("the expression takes too much work or memory")

// binaryOperators are the operators on two values, and what plan puts in the place of others.
func binaryOperators() map[string]func(l, r ref.Val) ref.Val {
	order := func(holds func(c int) bool) func(l, r ref.Val) ref.Val {
		return func(l, r ref.Val) ref.Val {
			c, err := compare(l, r)
			if err != nil {
				return types.WrapErr(err)
			}
			return types.Bool(holds(c))
		}
	}
	return map[string]func(l, r ref.Val) ref.Val{
		operators.Add:      add,
		operators.Subtract: subtract,
		operators.Multiply: func(l, r ref.Val) ref.Val {
			return arithmetic("*", l, r, types.Int.Multiply, value.Decimal.Mul)
		},
		operators.Divide: func(l, r ref.Val) ref.Val {
			return arithmetic("/", l, r, types.Int.Divide, value.Decimal.Quo)
		},
		operators.Modulo:        func(l, r ref.Val) ref.Val { return arithmetic("%", l, r, types.Int.Modulo, nil) },
		operators.Less:          order(func(c int) bool { return c < 0 }),
		operators.LessEquals:    order(func(c int) bool { return c <= 0 }),
		operators.Greater:       order(func(c int) bool { return c > 0 }),
		operators.GreaterEquals: order(func(c int) bool { return c >= 0 }),
		operators.In:            in,
		equalFunction:           func(l, r ref.Val) ref.Val { return types.Bool(equal(l, r)) },
		notEqualFunction:        func(l, r ref.Val) ref.Val { return types.Bool(!equal(l, r)) },
		fieldFunction:           fieldOf,
		hasFunction:             hasField,
		indexFunction:           itemOf,
	}
}

// operatorOptions declares the operators anew, because CEL's own know neither decimals nor dates.
func operatorOptions(binary map[string]func(l, r ref.Val) ref.Val) []cel.EnvOption {
	elem := cel.TypeParamType("A")
	list := cel.ListType(elem)
	dyn := cel.DynType
	numbers := func(name string) []cel.FunctionOpt {
		return []cel.FunctionOpt{
			cel.Overload(name+"_int64", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType),
			cel.Overload(name+"_decimal", []*cel.Type{decimalType, decimalType}, decimalType),
			cel.Overload(name+"_decimal_int64", []*cel.Type{decimalType, cel.IntType}, decimalType),
			cel.Overload(name+"_int64_decimal", []*cel.Type{cel.IntType, decimalType}, decimalType),
		}
	}
	function := func(operator string, overloads ...cel.FunctionOpt) cel.EnvOption {
		return cel.Function(operator, append(overloads, cel.SingletonBinaryBinding(binary[operator]))...)
	}
	return []cel.EnvOption{
		function(operators.Add, append(numbers("add"),
			cel.Overload("add_string", []*cel.Type{cel.StringType, cel.StringType}, cel.StringType),
			cel.Overload("add_bytes", []*cel.Type{cel.BytesType, cel.BytesType}, cel.BytesType),
			cel.Overload("add_list", []*cel.Type{list, list}, list),
			cel.Overload("add_timestamp_duration", []*cel.Type{cel.TimestampType, cel.DurationType}, cel.TimestampType),
			cel.Overload("add_duration_timestamp", []*cel.Type{cel.DurationType, cel.TimestampType}, cel.TimestampType),
			cel.Overload("add_duration_duration", []*cel.Type{cel.DurationType, cel.DurationType}, cel.DurationType))...),
		function(operators.Subtract, append(numbers("subtract"),
			cel.Overload("subtract_date_date", []*cel.Type{dateType, dateType}, cel.IntType),
			cel.Overload("subtract_timestamp_timestamp", []*cel.Type{cel.TimestampType, cel.TimestampType}, cel.DurationType),
			cel.Overload("subtract_timestamp_duration", []*cel.Type{cel.TimestampType, cel.DurationType}, cel.TimestampType),
			cel.Overload("subtract_duration_duration", []*cel.Type{cel.DurationType, cel.DurationType}, cel.DurationType))...),
		function(operators.Multiply, numbers("multiply")...),
		function(operators.Divide, numbers("divide")...),
		function(operators.Modulo, cel.Overload("modulo_int64", []*cel.Type{cel.IntType, cel.IntType}, cel.IntType)),
		cel.Function(operators.Negate,
			cel.Overload("negate_int64", []*cel.Type{cel.IntType}, cel.IntType),
			cel.Overload("negate_decimal", []*cel.Type{decimalType}, decimalType),
			cel.SingletonUnaryBinding(negate)),
		cel.Function(operators.Conditional,
			conditional(overloads.Conditional, elem, elem, elem)),
		cel.Function(ifNullLeft, conditional(ifNullLeft, cel.NullType, elem, elem)),
		cel.Function(ifNullRight, conditional(ifNullRight, elem, cel.NullType, elem)),
		cel.Function(ifNumber,
			conditional(ifNumber+"_int64_decimal", cel.IntType, decimalType, decimalType),
			conditional(ifNumber+"_decimal_int64", decimalType, cel.IntType, decimalType),
			// One around another that mixes is wrong in the same round, though it mixes nothing itself.
			conditional(ifNumber+"_decimal_decimal", decimalType, decimalType, decimalType)),
		cel.Function(liftFunction, cel.Overload("lift", []*cel.Type{dyn}, dyn, cel.UnaryBinding(liftNumber))),
		// plan puts operators of ours in the place of these two.
		cel.Function(operators.Equals, cel.Overload("equals", []*cel.Type{dyn, dyn}, cel.BoolType)),
		cel.Function(operators.NotEquals, cel.Overload("not_equals", []*cel.Type{dyn, dyn}, cel.BoolType)),
		function(operators.In,
			cel.Overload("in_list", []*cel.Type{dyn, cel.ListType(dyn)}, cel.BoolType),
			cel.Overload("in_map", []*cel.Type{dyn, cel.MapType(dyn, dyn)}, cel.BoolType)),
		function(operators.Less, orderOverloads("less")...),
		function(operators.LessEquals, orderOverloads("less_equals")...),
		function(operators.Greater, orderOverloads("greater")...),
		function(operators.GreaterEquals, orderOverloads("greater_equals")...),
	}
}

// liftNumber leaves all but ints alone, null among them.
func liftNumber(v ref.Val) ref.Val {
	if n, ok := v.(types.Int); ok {
		return decimalVal(value.NewDecimal(int64(n)))
	}
	return v
}

func conditional(name string, left, right, result *cel.Type) cel.FunctionOpt {
	return cel.Overload(name, []*cel.Type{cel.BoolType, left, right}, result)
}

func orderOverloads(name string) []cel.FunctionOpt {
	var opts []cel.FunctionOpt
	for _, t := range []*cel.Type{cel.BoolType, cel.IntType, decimalType, cel.StringType, cel.BytesType, dateType, timeType,
		cel.TimestampType, cel.DurationType} {
		opts = append(opts, cel.Overload(name+"_"+t.TypeName(), []*cel.Type{t, t}, cel.BoolType))
	}
	return append(opts,
		cel.Overload(name+"_decimal_int64", []*cel.Type{decimalType, cel.IntType}, cel.BoolType),
		cel.Overload(name+"_int64_decimal", []*cel.Type{cel.IntType, decimalType}, cel.BoolType))
}

// decimalOf gives a number as a decimal.
func decimalOf(v ref.Val) (value.Decimal, bool) {
	switch v := v.(type) {
	case types.Int:
		return value.NewDecimal(int64(v)), true
	case scalar:
		d, ok := v.v.(value.Decimal)
		return d, ok
	}
	return value.Decimal{}, false
}

// arithmetic does an operation on two numbers: on ints as CEL does, on decimals when one takes part.
func arithmetic(operator string, l, r ref.Val, ints func(types.Int, ref.Val) ref.Val,
	decimals func(value.Decimal, value.Decimal) (value.Decimal, error)) ref.Val {
	li, lInt := l.(types.Int)
	if ri, rInt := r.(types.Int); lInt && rInt {
		return ints(li, ri)
	}
	ld, lok := decimalOf(l)
	rd, rok := decimalOf(r)
	if !lok || !rok || decimals == nil {
		return noOperator(operator, l, r)
	}
	d, err := decimals(ld, rd)
	if err != nil {
		return types.WrapErr(err)
	}
	return decimalVal(d)
}

// noOperator is the error of an operator on values it cannot take.
func noOperator(operator string, l, r ref.Val) ref.Val {
	return types.NewErr("%s cannot be applied to %s and %s", operator, word(l), word(r))
}

func add(l, r ref.Val) ref.Val {
	switch l := l.(type) {
	case types.String:
		if r, ok := r.(types.String); ok {
			if len(l)+len(r) > maxText {
				return types.WrapErr(errTooMany)
			}
			return l + r
		}
	case types.Bytes:
		if r, ok := r.(types.Bytes); ok {
			if len(l)+len(r) > maxText {
				return types.WrapErr(errTooMany)
			}
			return l.Add(r)
		}
	case types.Timestamp:
		if _, ok := r.(types.Duration); ok {
			return l.Add(r)
		}
	case types.Duration:
		switch r.(type) {
		case types.Duration, types.Timestamp:
			return l.Add(r)
		}
	case traits.MutableLister: // the result of a loop
		if _, ok := r.(traits.Lister); ok {
			return l.Add(r)
		}
	case traits.Lister:
		if r, ok := r.(traits.Lister); ok {
			return concat(l, r)
		}
	}
	return arithmetic("+", l, r, types.Int.Add, value.Decimal.Add)
}

// concat copies two lists into a new one. CEL's own sum of lists is a tree, which nested sums could make endless.
func concat(l, r traits.Lister) ref.Val {
	var items []ref.Val
	for _, list := range []traits.Lister{l, r} {
		for it := list.Iterator(); it.HasNext() == types.True; {
			if len(items) == maxValues {
				return types.WrapErr(errTooMany)
			}
			items = append(items, it.Next())
		}
	}
	return types.NewRefValList(types.DefaultTypeAdapter, items)
}

func subtract(l, r ref.Val) ref.Val {
	switch x := l.(type) {
	case types.Timestamp:
		switch r.(type) {
		case types.Duration, types.Timestamp:
			return x.Subtract(r)
		}
	case types.Duration:
		if _, ok := r.(types.Duration); ok {
			return x.Subtract(r)
		}
	case scalar:
		a, aok := x.v.(value.Date)
		b, bok := r.Value().(value.Date)
		if aok && bok {
			return types.Int(a.DaysSince(b))
		}
	}
	return arithmetic("-", l, r, types.Int.Subtract, value.Decimal.Sub)
}

func negate(v ref.Val) ref.Val {
	if n, ok := v.(types.Int); ok {
		return n.Negate()
	}
	if d, ok := decimalOf(v); ok {
		return decimalVal(d.Neg())
	}
	return types.NewErr("- cannot be applied to %s", word(v))
}

// compare orders two values of one kind, numbers by value.
func compare(l, r ref.Val) (int, error) {
	switch x := l.(type) {
	case types.Int, scalar:
		if a, ok := l.(types.Int); ok {
			if b, ok := r.(types.Int); ok {
				return cmp.Compare(a, b), nil
			}
		}
		ld, lok := decimalOf(l)
		rd, rok := decimalOf(r)
		if lok && rok {
			return ld.Cmp(rd), nil
		}
		if y, ok := r.(scalar); ok {
			if c, err := value.Compare(x.Value(), y.v); err == nil {
				return c, nil
			}
		}
	case types.String:
		if y, ok := r.(types.String); ok {
			return strings.Compare(string(x), string(y)), nil
		}
	case types.Bytes:
		if y, ok := r.(types.Bytes); ok {
			return bytes.Compare(x, y), nil
		}
	case types.Bool, types.Timestamp, types.Duration:
		if x.Type() == r.Type() {
			if c, ok := x.(traits.Comparer).Compare(r).(types.Int); ok {
				return int(c), nil
			}
		}
	}
	return 0, fmt.Errorf("%s and %s cannot be ordered", word(l), word(r))
}

// equal compares by value: numbers in every mix, references by id (also with text), lists and maps by their items.
func equal(l, r ref.Val) bool {
	if a, ok := l.(types.Int); ok {
		if b, ok := r.(types.Int); ok {
			return a == b
		}
	}
	if ld, ok := decimalOf(l); ok {
		rd, ok := decimalOf(r)
		return ok && ld.Cmp(rd) == 0
	}
	if a, ok := entryID(l); ok {
		if b, ok := entryID(r); ok {
			return a == b
		}
		s, ok := r.(types.String)
		return ok && a == string(s)
	}
	if b, ok := entryID(r); ok {
		s, ok := l.(types.String)
		return ok && b == string(s)
	}
	switch l.(type) {
	case types.Null, types.Bool, types.String, types.Bytes, types.Timestamp, types.Duration:
		return l.Equal(r) == types.True
	}
	budget := maxValues
	a, err := fromCEL(l, 0, &budget)
	if err != nil {
		return false
	}
	b, err := fromCEL(r, 0, &budget)
	return err == nil && value.Equal(a, b)
}

// entryID is the id of an entry that has one.
func entryID(v ref.Val) (string, bool) {
	o, ok := v.(*object)
	if !ok || o.id == "" {
		return "", false
	}
	return string(o.id), true
}

func in(item, container ref.Val) ref.Val {
	switch c := container.(type) {
	case traits.Lister:
		for it := c.Iterator(); it.HasNext() == types.True; {
			if equal(item, it.Next()) {
				return types.True
			}
		}
		return types.False
	case traits.Mapper:
		_, found := c.Find(item)
		return types.Bool(found)
	}
	return noOperator("in", item, container)
}

// word is the word for the type of a value in messages about an evaluation.
func word(v ref.Val) string {
	switch v := v.(type) {
	case types.Null:
		return "null"
	case types.String:
		return "text"
	case types.Timestamp:
		return "datetime"
	case scalar:
		if k, ok := value.Of(v.v); ok {
			return k.String()
		}
	case *object:
		return v.shape.typ.String()
	case traits.Lister:
		return "list"
	case traits.Mapper:
		return "map"
	}
	return v.Type().TypeName()
}
