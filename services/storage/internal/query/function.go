package query

import (
	"fmt"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/aqtra/aqtra/pkg/value"
)

// function translates a call whose operands are translated. All of these fail on null.
func (t *translator) function(n ast.Expr, name string, args []term) (term, error) {
	kinds := make([]value.Kind, len(args))
	for i, a := range args {
		kinds[i] = a.kind
		if a.kind == value.Null {
			return term{}, t.refuse(n, "null has no place here")
		}
	}
	switch name {
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return t.order(n, name, args)
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo, operators.Negate:
		return t.arithmetic(n, name, args)
	case "size":
		if args[0].link != nil {
			return failing(value.Int, "(CASE WHEN %s IS NOT NULL THEN (SELECT count(*) FROM %s AS l WHERE l.entry = %[1]s) END)",
				args[0].owner, t.builder.link(args[0].link)), nil
		}
		if args[0].bound != nil {
			return t.literal(n, int64(len(args[0].bound)))
		}
	}
	switch {
	case all(kinds, value.Text):
		return t.text(n, name, args)
	case len(args) > 0 && isNumber(args[0].kind):
		return t.number(n, name, args)
	}
	return t.date(n, name, args)
}

// failing is a term whose null is a failure.
func failing(kind value.Kind, format string, parts ...any) term {
	return term{sql: fmt.Sprintf(format, parts...), kind: kind, null: isError}
}

func all(kinds []value.Kind, want value.Kind) bool {
	for _, k := range kinds {
		if k != want {
			return false
		}
	}
	return len(kinds) > 0
}

func isNumber(k value.Kind) bool { return k == value.Int || k == value.DecimalKind }

func (t *translator) unsupported(n ast.Expr, name string) error {
	return t.refuse(n, fmt.Sprintf("%s cannot be evaluated by the database here", strings.Trim(name, "_")))
}

func (t *translator) order(n ast.Expr, name string, args []term) (term, error) {
	a, b := args[0], args[1]
	if !comparables(a.kind, b.kind) || a.kind == value.RefKind || b.kind == value.RefKind || a.kind == value.List || a.kind == value.Map || a.kind == value.FileKind {
		return term{}, t.refuse(n, fmt.Sprintf("%s and %s have no order", kindName(a.kind), kindName(b.kind)))
	}
	op := strings.Trim(name, "_")
	return failing(value.Bool, "(%s %s %s)", a.sql, op, b.sql), nil
}

// arithmetic translates operators on numbers, texts and dates; package value says what they give.
func (t *translator) arithmetic(n ast.Expr, name string, args []term) (term, error) {
	a := args[0]
	if name == operators.Negate {
		switch {
		case a.literal && isNumber(a.kind):
			return t.negated(n, a)
		case a.kind == value.Int:
			return failing(value.Int, "storage.int64(-(%s)::numeric)", a.sql), nil
		case a.kind == value.DecimalKind:
			return failing(value.DecimalKind, "(-%s)", a.sql), nil
		}
		return term{}, t.unsupported(n, name)
	}
	b := args[1]
	switch {
	case a.kind == value.Int && b.kind == value.Int:
		switch name {
		case operators.Divide:
			return failing(value.Int, "storage.int64(div(%s::numeric, nullif(%s, 0)::numeric))", a.sql, b.sql), nil
		case operators.Modulo:
			return failing(value.Int, "storage.int64(mod(%s::numeric, nullif(%s, 0)::numeric))", a.sql, b.sql), nil
		}
		return failing(value.Int, "storage.int64(%s::numeric %s %s::numeric)", a.sql, sign(name), b.sql), nil
	case isNumber(a.kind) && isNumber(b.kind) && name != operators.Modulo:
		if name == operators.Divide {
			return failing(value.DecimalKind, "storage.quotient(%s::numeric, %s::numeric)", a.sql, b.sql), nil
		}
		return failing(value.DecimalKind, "storage.decimal(%s::numeric %s %s::numeric)", a.sql, sign(name), b.sql), nil
	case a.kind == value.Text && b.kind == value.Text && name == operators.Add:
		return failing(value.Text, "(%s || %s)", a.sql, b.sql), nil
	}
	return t.dateArithmetic(n, name, a, b)
}

// sign is the operator of SQL.
func sign(name string) string {
	return strings.Trim(map[string]string{
		operators.Add: "+", operators.Subtract: "-", operators.Multiply: "*",
	}[name], " ")
}

// negated is the literal with its sign turned, so that a negative number is a constant too.
func (t *translator) negated(n ast.Expr, a term) (term, error) {
	switch v := a.constant.(type) {
	case int64:
		return t.literal(n, -v)
	case value.Decimal:
		return t.literal(n, v.Neg())
	}
	return term{}, t.unsupported(n, operators.Negate)
}

// text translates functions of texts.
func (t *translator) text(n ast.Expr, name string, args []term) (term, error) {
	a := args[0]
	if len(args) == 2 {
		b := args[1]
		switch name {
		case "startsWith":
			return failing(value.Bool, "starts_with(%s, %s)", a.sql, b.sql), nil
		case "endsWith":
			return failing(value.Bool, "(right(%s, length(%s)) = %[2]s)", a.sql, b.sql), nil
		case "contains":
			return failing(value.Bool, "(strpos(%s, %s) > 0)", a.sql, b.sql), nil
		}
		return term{}, t.unsupported(n, name)
	}
	switch name {
	case "size":
		return failing(value.Int, "length(%s)::bigint", a.sql), nil
	case "lowerAscii":
		return failing(value.Text, `lower(%s COLLATE "C")`, a.sql), nil
	case "upperAscii":
		return failing(value.Text, `upper(%s COLLATE "C")`, a.sql), nil
	case "string":
		return a, nil
	}
	text, literal := a.constant.(string)
	if !literal {
		return term{}, t.unsupported(n, name)
	}
	var v any
	var err error
	switch name {
	case "date":
		v, err = value.ParseDate(text)
	case "time":
		v, err = value.ParseTime(text)
	case "datetime":
		v, err = value.ParseDatetime(text)
	case "decimal":
		v, err = value.ParseDecimal(text)
	case "duration":
		d, derr := time.ParseDuration(text)
		if derr != nil || d%time.Microsecond != 0 {
			return term{}, t.refuse(n, `expected a duration like "1h30m"`)
		}
		return t.duration(d), nil
	default:
		return term{}, t.unsupported(n, name)
	}
	if err != nil {
		return term{}, t.refuse(n, err.Error())
	}
	return t.literal(n, v)
}

// number translates functions of numbers.
func (t *translator) number(n ast.Expr, name string, args []term) (term, error) {
	a := args[0]
	isInt := a.kind == value.Int
	if len(args) == 2 && name == "round" {
		places, literal := args[1].constant.(int64)
		if !literal {
			return term{}, t.refuse(n, "the number of digits must be written out")
		}
		places = min(max(places, -value.Precision-1), value.Scale)
		return failing(value.DecimalKind, "storage.decimal(round(%s::numeric, %d))", a.sql, places), nil
	}
	if name == "date" && len(args) == 3 {
		return t.literalDate(n, args)
	}
	if len(args) != 1 {
		return term{}, t.unsupported(n, name)
	}
	switch name {
	case "days", "hours", "minutes", "seconds":
		count, literal := a.constant.(int64)
		unit := map[string]time.Duration{"days": 24 * time.Hour, "hours": time.Hour, "minutes": time.Minute, "seconds": time.Second}[name]
		if limit := int64(1<<63-1) / int64(unit); !literal || count > limit || count < -limit {
			return term{}, t.refuse(n, "the duration must be written out")
		}
		return t.duration(time.Duration(count) * unit), nil
	case "int":
		if isInt {
			return a, nil
		}
		return failing(value.Int, "storage.int64(trunc(%s))", a.sql), nil
	case "decimal":
		if !isInt {
			return a, nil
		}
		return term{sql: a.sql + "::numeric", kind: value.DecimalKind, null: isError}, nil
	case "string":
		if isInt {
			return failing(value.Text, `(%s::text COLLATE "C")`, a.sql), nil
		}
		return failing(value.Text, `(trim_scale(%s)::text COLLATE "C")`, a.sql), nil
	case "abs":
		if isInt {
			return failing(value.Int, "storage.int64(abs(%s::numeric))", a.sql), nil
		}
		return failing(value.DecimalKind, "abs(%s)", a.sql), nil
	case "round", "floor", "ceil", "trunc":
		if isInt {
			return a, nil
		}
		return failing(value.DecimalKind, "storage.decimal(%s(%s))", name, a.sql), nil
	}
	return term{}, t.unsupported(n, name)
}
