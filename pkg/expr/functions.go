package expr

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/env"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"
	"github.com/aqtra/aqtra/pkg/value"
)

// standardLibrary is CEL's own library without what this package declares anew and without what the language has not.
func standardLibrary() cel.EnvOption {
	subset := env.NewLibrarySubset()
	for _, name := range []string{
		operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate,
		operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals,
		operators.Equals, operators.NotEquals, operators.In, operators.OldIn, overloads.DeprecatedIn, operators.Conditional,
		overloads.Matches, overloads.TypeConvertDuration,
		overloads.TypeConvertDouble, overloads.TypeConvertUint, overloads.TypeConvertType, overloads.TypeConvertDyn,
		overloads.TypeConvertTimestamp,
	} {
		subset.AddExcludedFunctions(&env.Function{Name: name})
	}
	return cel.StdLib(cel.StdLibSubset(subset))
}

// functionOptions declares what the language has beyond CEL's own library.
func functionOptions(binary map[string]func(l, r ref.Val) ref.Val) []cel.EnvOption {
	opts := []cel.EnvOption{standardLibrary(), ext.Strings(ext.StringsVersion(0))}
	opts = append(opts, operatorOptions(binary)...)
	opts = append(opts, numberOptions()...)
	opts = append(opts, textOptions()...)
	opts = append(opts, dateOptions()...)
	return append(opts, listOptions()...)
}

func numberOptions() []cel.EnvOption {
	unary := func(name string, f func(value.Decimal) (value.Decimal, error)) cel.EnvOption {
		binding := cel.UnaryBinding(func(v ref.Val) ref.Val {
			d, _ := decimalOf(v) // the overload takes numbers only
			return decimalOrError(f(d))
		})
		return cel.Function(name,
			cel.Overload(name+"_decimal", []*cel.Type{decimalType}, decimalType, binding),
			cel.Overload(name+"_int", []*cel.Type{cel.IntType}, cel.IntType, cel.UnaryBinding(func(v ref.Val) ref.Val { return v })))
	}
	return []cel.EnvOption{
		cel.Function("decimal",
			cel.Overload("text_to_decimal", []*cel.Type{cel.StringType}, decimalType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return decimalOrError(value.ParseDecimal(string(v.(types.String))))
			})),
			cel.Overload("int_to_decimal", []*cel.Type{cel.IntType}, decimalType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				return decimalVal(value.NewDecimal(int64(v.(types.Int))))
			})),
			cel.Overload("decimal_to_decimal", []*cel.Type{decimalType}, decimalType, cel.UnaryBinding(func(v ref.Val) ref.Val { return v }))),
		cel.Function(overloads.TypeConvertInt,
			cel.Overload("decimal_to_int", []*cel.Type{decimalType}, cel.IntType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				d, _ := decimalOf(v)
				n, ok := d.Trunc().Int64()
				if !ok {
					return types.WrapErr(errors.New("integer overflow"))
				}
				return types.Int(n)
			}))),
		unary("floor", value.Decimal.Floor),
		unary("ceil", value.Decimal.Ceil),
		unary("trunc", func(d value.Decimal) (value.Decimal, error) { return d.Trunc(), nil }),
		cel.Function("round",
			cel.Overload("round_decimal", []*cel.Type{decimalType}, decimalType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				d, _ := decimalOf(v)
				return decimalOrError(d.Round(0))
			})),
			cel.Overload("round_int", []*cel.Type{cel.IntType}, cel.IntType, cel.UnaryBinding(func(v ref.Val) ref.Val { return v })),
			cel.Overload("round_decimal_int", []*cel.Type{decimalType, cel.IntType}, decimalType, cel.BinaryBinding(round)),
			cel.Overload("round_int_int", []*cel.Type{cel.IntType, cel.IntType}, decimalType, cel.BinaryBinding(round))),
		cel.Function("abs",
			cel.Overload("abs_decimal", []*cel.Type{decimalType}, decimalType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				d, _ := decimalOf(v)
				return decimalVal(d.Abs())
			})),
			cel.Overload("abs_int", []*cel.Type{cel.IntType}, cel.IntType, cel.UnaryBinding(func(v ref.Val) ref.Val {
				if n := v.(types.Int); n < 0 {
					return n.Negate()
				}
				return v
			}))),
	}
}

func round(v, places ref.Val) ref.Val {
	d, _ := decimalOf(v)
	n := int64(places.(types.Int))
	return decimalOrError(d.Round(int(min(max(n, -value.Precision-1), value.Scale))))
}

func decimalOrError(d value.Decimal, err error) ref.Val {
	if err != nil {
		return types.WrapErr(err)
	}
	return decimalVal(d)
}

func textOptions() []cel.EnvOption {
	text := cel.StringType
	toText := func(name string, t *cel.Type) cel.FunctionOpt {
		return cel.Overload(name, []*cel.Type{t}, text, cel.UnaryBinding(func(v ref.Val) ref.Val {
			return types.String(fmt.Sprint(v.(scalar).v))
		}))
	}
	return []cel.EnvOption{
		cel.Function(overloads.TypeConvertString,
			toText("decimal_to_text", decimalType), toText("date_to_text", dateType), toText("time_to_text", timeType)),
		// The same as in CEL's strings library, but bounded: these two make large texts out of small ones.
		cel.Function("replace",
			cel.MemberOverload("string_replace_string_string", []*cel.Type{text, text, text}, text, cel.FunctionBinding(replace)),
			cel.MemberOverload("string_replace_string_string_int", []*cel.Type{text, text, text, cel.IntType}, text, cel.FunctionBinding(replace))),
		cel.Function("join",
			cel.MemberOverload("list_join", []*cel.Type{cel.ListType(text)}, text, cel.UnaryBinding(func(l ref.Val) ref.Val {
				return join(l, types.String(""))
			})),
			cel.MemberOverload("list_join_string", []*cel.Type{cel.ListType(text), text}, text, cel.BinaryBinding(join))),
		cel.Function(overloads.Matches,
			cel.Overload(overloads.Matches, []*cel.Type{text, text}, cel.BoolType),
			cel.MemberOverload(overloads.MatchesString, []*cel.Type{text, text}, cel.BoolType),
			cel.SingletonBinaryBinding(matches)),
	}
}

func replace(args ...ref.Val) ref.Val {
	s, old, with := string(args[0].(types.String)), string(args[1].(types.String)), string(args[2].(types.String))
	n := strings.Count(s, old)
	if len(args) == 4 {
		if limit := int64(args[3].(types.Int)); limit >= 0 && limit < int64(n) {
			n = int(limit)
		}
	}
	if len(s)+n*(len(with)-len(old)) > maxText {
		return types.WrapErr(errTooMany)
	}
	return types.String(strings.Replace(s, old, with, n))
}

func join(list, separator ref.Val) ref.Val {
	var b strings.Builder
	sep := string(separator.(types.String))
	for it, first := list.(traits.Lister).Iterator(), true; it.HasNext() == types.True; first = false {
		item, ok := it.Next().(types.String)
		if !ok {
			return types.NewErr("join takes a list of texts")
		}
		if b.Len()+len(sep)+len(item) > maxText {
			return types.WrapErr(errTooMany)
		}
		if !first {
			b.WriteString(sep)
		}
		b.WriteString(string(item))
	}
	return types.String(b.String())
}

// pattern compiles a regular expression of RE2's syntax, and gives the size of its program.
func pattern(text string) (*regexp.Regexp, int, error) {
	if len(text) > maxPattern {
		return nil, 0, fmt.Errorf("a regular expression may have %d bytes at most", maxPattern)
	}
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, 0, fmt.Errorf("invalid regular expression: %w", err)
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, 0, fmt.Errorf("invalid regular expression: %w", err)
	}
	if len(program.Inst) > maxPatternSize {
		return nil, 0, errors.New("the regular expression is too large")
	}
	re, err := regexp.Compile(text)
	return re, len(program.Inst), err
}

// matches finds a regular expression anywhere in a text; the work, text by program, is bounded.
func matches(text, expression ref.Val) ref.Val {
	s, ok := text.(types.String)
	p, pok := expression.(types.String)
	if !ok || !pok {
		return noOperator("matches()", text, expression)
	}
	re, size, err := pattern(string(p))
	if err != nil {
		return types.WrapErr(err)
	}
	if len(s)*size > maxMatchWork {
		return types.WrapErr(errTooMany)
	}
	return types.Bool(re.MatchString(string(s)))
}

func listOptions() []cel.EnvOption {
	elem := cel.TypeParamType("A")
	return []cel.EnvOption{
		cel.Function("sum",
			cel.MemberOverload("sum_int", []*cel.Type{cel.ListType(cel.IntType)}, cel.IntType),
			cel.MemberOverload("sum_decimal", []*cel.Type{cel.ListType(decimalType)}, decimalType),
			cel.SingletonUnaryBinding(func(l ref.Val) ref.Val { return fold(l, types.Int(0), add) })),
		cel.Function("avg",
			cel.MemberOverload("avg_int", []*cel.Type{cel.ListType(cel.IntType)}, decimalType),
			cel.MemberOverload("avg_decimal", []*cel.Type{cel.ListType(decimalType)}, decimalType),
			cel.SingletonUnaryBinding(average)),
		cel.Function("min",
			cel.MemberOverload("list_min", []*cel.Type{cel.ListType(elem)}, elem),
			cel.SingletonUnaryBinding(func(l ref.Val) ref.Val { return fold(l, types.NullValue, best(-1)) })),
		cel.Function("max",
			cel.MemberOverload("list_max", []*cel.Type{cel.ListType(elem)}, elem),
			cel.SingletonUnaryBinding(func(l ref.Val) ref.Val { return fold(l, types.NullValue, best(1)) })),
	}
}

// fold combines the items of a list that are not null, as aggregates in SQL do.
func fold(l, start ref.Val, f func(l, r ref.Val) ref.Val) ref.Val {
	list, ok := l.(traits.Lister)
	if !ok {
		return types.NewErr("%s is not a list", word(l))
	}
	result := start
	for it := list.Iterator(); it.HasNext() == types.True; {
		if item := it.Next(); item != types.NullValue {
			if result = f(result, item); types.IsError(result) {
				return result
			}
		}
	}
	return result
}

// best keeps the smaller (-1) or the larger (1) of two values; null is no value yet.
func best(sign int) func(l, r ref.Val) ref.Val {
	return func(l, r ref.Val) ref.Val {
		if l == types.NullValue {
			return r
		}
		c, err := compare(r, l)
		if err != nil {
			return types.WrapErr(err)
		}
		if c == sign {
			return r
		}
		return l
	}
}

func average(l ref.Val) ref.Val {
	n := 0
	sum := fold(l, types.Int(0), func(l, r ref.Val) ref.Val {
		n++
		return add(l, r)
	})
	if types.IsError(sum) {
		return sum
	}
	if n == 0 {
		return types.NullValue
	}
	d, _ := decimalOf(sum)
	return decimalOrError(d.Quo(value.NewDecimal(int64(n))))
}

// wholeMicros refuses a duration that Postgres could not keep.
func wholeMicros(d time.Duration) ref.Val {
	if d%time.Microsecond != 0 {
		return types.NewErr("a duration has whole microseconds")
	}
	return types.Duration{Duration: d}
}
