package query

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

const (
	maxGroupings = 8
	maxMeasures  = 16
)

// Aggregate asks for measures over groups of entries. Fields and Orders of List are not used; Limit is that of groups.
type Aggregate struct {
	List
	GroupBy  []*storagev1.Grouping
	Measures []*storagev1.Measure
	OrderBy  string
}

// Result is one column of an aggregation.
type Result struct {
	Name string
	Kind value.Kind
}

var resultName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.]{0,99}$`)

var units = map[storagev1.DateUnit]string{
	storagev1.DateUnit_DATE_UNIT_DAY: "day", storagev1.DateUnit_DATE_UNIT_MONTH: "month", storagev1.DateUnit_DATE_UNIT_YEAR: "year",
}

// Aggregate makes the statement of an aggregation, whose columns are the results. Names of results are never part of it.
func (s Scope) Aggregate(a Aggregate) (Statement, []Result, error) {
	b := newBuilder(s)
	where, err := b.matching(a.List)
	if err != nil {
		return Statement{}, nil, err
	}
	columns, results, groups, err := b.outcome(a, func(o operand) operand { return o })
	if err != nil {
		return Statement{}, nil, err
	}
	order, err := resultOrder(a.OrderBy, results, groups)
	if err != nil {
		return Statement{}, nil, err
	}
	sql := "SELECT " + strings.Join(columns, ", ") + b.from(a.Component) + where
	if len(groups) > 0 {
		sql += " GROUP BY " + strings.Join(groups, ", ")
	}
	if order != "" {
		sql += " ORDER BY " + order
	}
	stmt, err := b.statement(fmt.Sprintf("%s LIMIT %d", sql, a.Limit))
	return stmt, results, err
}

// outcome gives the SQL of all groupings and then of all measures, what they are, and the places of the groupings. See places
// where an operand is, which is not where its path leads when the groups are made of a query of their own.
func (b *builder) outcome(a Aggregate, see func(operand) operand) (columns []string, results []Result, groups []string, err error) {
	if len(a.GroupBy) > maxGroupings || len(a.Measures) > maxMeasures {
		return nil, nil, nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, fmt.Sprintf("at most %d groupings and %d measures", maxGroupings, maxMeasures))
	}
	measures := a.Measures
	if len(measures) == 0 {
		measures = []*storagev1.Measure{{Function: storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT}}
	}
	add := func(place, given, implied, sql string, kind value.Kind) error {
		name := given
		if name == "" {
			name = implied
		} else if !resultName.MatchString(name) {
			return badName(place, "expected a letter, then letters, digits, underscores and dots, at most 100 characters")
		}
		if slices.ContainsFunc(results, func(r Result) bool { return r.Name == name }) {
			return badName(place, "another grouping or measure has this name")
		}
		columns, results = append(columns, sql), append(results, Result{Name: name, Kind: kind})
		return nil
	}
	for i, g := range a.GroupBy {
		place := fmt.Sprintf("group_by[%d].", i)
		sql, kind, err := b.grouping(a, g, place, see)
		if err != nil {
			return nil, nil, nil, err
		}
		implied := g.GetField()
		if unit := units[g.GetUnit()]; unit != "" {
			implied += "." + unit
		}
		if err := add(place+"name", g.GetName(), implied, sql, kind); err != nil {
			return nil, nil, nil, err
		}
		groups = append(groups, fmt.Sprint(i+1))
	}
	for i, m := range measures {
		place := fmt.Sprintf("measures[%d].", i)
		sql, kind, err := b.measure(a, m, place, see)
		if err != nil {
			return nil, nil, nil, err
		}
		implied := strings.ToLower(strings.TrimPrefix(m.GetFunction().String(), "MEASURE_FUNCTION_"))
		if m.GetField() != "" {
			implied += "_" + m.GetField()
		}
		if err := add(place+"name", m.GetName(), implied, sql, kind); err != nil {
			return nil, nil, nil, err
		}
	}
	return columns, results, groups, nil
}

func badName(place, why string) error {
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the question is wrong", fault.Field(place, why))
}

// grouping gives the SQL of what a group has in common.
func (b *builder) grouping(a Aggregate, g *storagev1.Grouping, place string, see func(operand) operand) (string, value.Kind, error) {
	o, err := b.path(a.Component, g.GetField(), place+"field")
	if err == nil {
		o = see(o)
	}
	if err != nil || g.GetUnit() == storagev1.DateUnit_DATE_UNIT_UNSPECIFIED {
		return o.sql, o.kind, err
	}
	unit, known := units[g.GetUnit()]
	switch {
	case !known:
		return "", 0, badName(place+"unit", "expected DAY, MONTH or YEAR")
	case o.kind == value.DateKind:
		return fmt.Sprintf("date_trunc('%s', %s::timestamp)::date", unit, o.sql), value.DateKind, nil
	case o.kind == value.DatetimeKind:
		return fmt.Sprintf("date_trunc('%s', %s AT TIME ZONE 'UTC')::date", unit, o.sql), value.DateKind, nil
	}
	return "", 0, badName(place+"unit", "only dates and datetimes have units, not "+kindName(o.kind))
}

// measure gives the SQL of a measure. Numbers beyond the range of decimals fail when they are read.
func (b *builder) measure(a Aggregate, m *storagev1.Measure, place string, see func(operand) operand) (string, value.Kind, error) {
	f := m.GetFunction()
	if m.GetField() == "" && f == storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT {
		return "count(*)", value.Int, nil
	}
	if _, known := storagev1.MeasureFunction_name[int32(f)]; !known || f == storagev1.MeasureFunction_MEASURE_FUNCTION_UNSPECIFIED {
		return "", 0, badName(place+"function", "expected COUNT, SUM, AVG, MIN, MAX or COUNT_DISTINCT")
	}
	o, err := b.path(a.Component, m.GetField(), place+"field")
	if err != nil {
		return "", 0, err
	}
	o = see(o)
	number := isNumber(o.kind)
	ordered := number || o.kind == value.Text || o.kind == value.DateKind || o.kind == value.TimeKind || o.kind == value.DatetimeKind
	switch {
	case f == storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT:
		return "count(" + o.sql + ")", value.Int, nil
	case f == storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT_DISTINCT:
		return "count(DISTINCT " + o.sql + ")", value.Int, nil
	case f == storagev1.MeasureFunction_MEASURE_FUNCTION_SUM && number:
		return "sum(" + o.sql + ")", value.DecimalKind, nil
	case f == storagev1.MeasureFunction_MEASURE_FUNCTION_AVG && number:
		return "storage.quotient(sum(" + o.sql + ")::numeric, count(" + o.sql + ")::numeric)", value.DecimalKind, nil
	case f == storagev1.MeasureFunction_MEASURE_FUNCTION_MIN && ordered:
		return "min(" + o.sql + ")", o.kind, nil
	case f == storagev1.MeasureFunction_MEASURE_FUNCTION_MAX && ordered:
		return "max(" + o.sql + ")", o.kind, nil
	}
	return "", 0, badName(place+"field", "the function has no meaning for "+kindName(o.kind))
}

// resultOrder reads "sum_total desc, state" over the names of results. All groups end it, so that it is total.
func resultOrder(text string, results []Result, groups []string) (string, error) {
	names := make([]string, len(results))
	for i, r := range results {
		names[i] = r.Name
	}
	var parts []string
	seen := map[int]bool{}
	for part := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(text) == "" {
			break
		}
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && !strings.EqualFold(words[1], "desc") && !strings.EqualFold(words[1], "asc") {
			return "", badOrder(`expected names separated by commas, each perhaps followed by "desc"`)
		}
		at := slices.Index(names, words[0])
		switch {
		case at < 0:
			return "", notAmong("order_by", "there is no grouping or measure "+quoteName(words[0]), words[0], names)
		case seen[at] || len(parts) == maxOrder:
			return "", badOrder(fmt.Sprintf("at most %d names, each once", maxOrder))
		}
		seen[at] = true
		direction := ""
		if len(words) == 2 && strings.EqualFold(words[1], "desc") {
			direction = " DESC"
		}
		parts = append(parts, fmt.Sprint(at+1)+direction)
	}
	for i, g := range groups {
		if !seen[i] {
			parts = append(parts, g)
		}
	}
	return strings.Join(parts, ", "), nil
}
