package query

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/aqtra/aqtra/pkg/value"
)

// What lies outside the years 1 to 9999 is a failure in expressions; the database would go on.
const (
	dateWithin  = "(CASE WHEN %s BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN %[1]s END)"
	stampWithin = "(CASE WHEN %s BETWEEN TIMESTAMPTZ '0001-01-01 00:00:00+00' AND TIMESTAMPTZ '9999-12-31 23:59:59.999999+00' THEN %[1]s END)"
)

// duration binds a duration. An interval of microseconds alone has neither days nor months, so it is exact in every zone.
func (t *translator) duration(d time.Duration) term {
	return term{sql: t.bind(fmt.Sprintf("%d microseconds", d.Microseconds()), "interval"), kind: durationKind, null: never, constant: d, literal: true}
}

func (t *translator) literalDate(n ast.Expr, args []term) (term, error) {
	var parts [3]int64
	for i, a := range args {
		v, literal := a.constant.(int64)
		if !literal || v < 0 || v > 9999 {
			return term{}, t.refuse(n, "the date must be written out")
		}
		parts[i] = v
	}
	d, err := value.NewDate(int(parts[0]), time.Month(parts[1]), int(parts[2]))
	if err != nil {
		return term{}, t.refuse(n, err.Error())
	}
	return t.literal(n, d)
}

// date translates functions of dates, times and datetimes; parts of datetimes are in UTC.
func (t *translator) date(n ast.Expr, name string, args []term) (term, error) {
	if len(args) == 2 {
		return t.dateWith(n, name, args[0], args[1])
	}
	if len(args) != 1 {
		return term{}, t.unsupported(n, name)
	}
	a := args[0]
	local := a.sql
	if a.kind == value.DatetimeKind {
		local = "(" + a.sql + " AT TIME ZONE 'UTC')"
	}
	if field := datePart(name, a.kind); field != "" {
		return failing(value.Int, "floor(extract(%s FROM %s))::bigint", field, local), nil
	}
	switch {
	case name == "date" && a.kind == value.DatetimeKind:
		return failing(value.DateKind, "%s::date", local), nil
	case name == "time" && a.kind == value.DatetimeKind:
		return failing(value.TimeKind, "%s::time", local), nil
	case name == "datetime" && a.kind == value.DateKind:
		return failing(value.DatetimeKind, "(%s::timestamp AT TIME ZONE 'UTC')", a.sql), nil
	case name == "string" && a.kind == value.DateKind:
		return failing(value.Text, `(to_char(%s, 'YYYY-MM-DD') COLLATE "C")`, a.sql), nil
	case name == "string" && a.kind == value.Bool:
		return failing(value.Text, `(%s::text COLLATE "C")`, a.sql), nil
	}
	return term{}, t.unsupported(n, name)
}

// datePart is the field of extract, empty when a kind does not have the part.
func datePart(name string, kind value.Kind) string {
	switch name {
	case "year", "month", "day":
		if kind == value.DateKind || kind == value.DatetimeKind {
			return name
		}
	case "weekday":
		if kind == value.DateKind || kind == value.DatetimeKind {
			return "isodow"
		}
	case "hour", "minute", "second":
		if kind == value.TimeKind || kind == value.DatetimeKind {
			return name
		}
	}
	return ""
}

func (t *translator) dateWith(n ast.Expr, name string, a, b term) (term, error) {
	if name == "datetime" && a.kind == value.DateKind && b.kind == value.TimeKind {
		return failing(value.DatetimeKind, "((%s + %s) AT TIME ZONE 'UTC')", a.sql, b.sql), nil
	}
	count, literal := b.constant.(int64)
	const most = 10_000 * 366
	if (name == "addDays" || name == "addMonths") && a.kind == value.DateKind {
		if !literal || count > most || count < -most || name == "addMonths" && (count > 12*9999 || count < -12*9999) {
			return term{}, t.refuse(n, "the number must be written out")
		}
		if name == "addDays" {
			return failing(value.DateKind, dateWithin, fmt.Sprintf("(%s + %d)", a.sql, count)), nil
		}
		return failing(value.DateKind, dateWithin, fmt.Sprintf("(%s + make_interval(months => %d))::date", a.sql, count)), nil
	}
	return term{}, t.unsupported(n, name)
}

// dateArithmetic translates + and - of dates, datetimes and durations.
func (t *translator) dateArithmetic(n ast.Expr, name string, a, b term) (term, error) {
	switch {
	case name == operators.Subtract && a.kind == value.DateKind && b.kind == value.DateKind:
		return failing(value.Int, "(%s - %s)::bigint", a.sql, b.sql), nil
	case name == operators.Subtract && a.kind == value.DatetimeKind && b.kind == value.DatetimeKind:
		// A duration holds about 292 years; a longer difference is a failure.
		return failing(durationKind, "(CASE WHEN abs(extract(epoch FROM %s - %s)) < 9223372036 THEN %[1]s - %[2]s END)", a.sql, b.sql), nil
	case a.kind == value.DatetimeKind && b.kind == durationKind && b.literal && (name == operators.Add || name == operators.Subtract):
		return failing(value.DatetimeKind, stampWithin, fmt.Sprintf("(%s %s %s)", a.sql, sign(name), b.sql)), nil
	case a.kind == durationKind && a.literal && b.kind == value.DatetimeKind && name == operators.Add:
		return failing(value.DatetimeKind, stampWithin, fmt.Sprintf("(%s + %s)", b.sql, a.sql)), nil
	}
	return term{}, t.unsupported(n, name)
}
