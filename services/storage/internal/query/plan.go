package query

import (
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// MaxPaths is how many fields a plan reads at most.
const MaxPaths = 1000

// Plan asks for all entries of a list up to its limit, or for groups of them. Fields of List are not used.
type Plan struct {
	List
	// Paths are what to read of each entry; empty is all that is stored and the system fields.
	Paths []string
	// With any of these there are groups, in the order of their first entries.
	GroupBy  []*storagev1.Grouping
	Measures []*storagev1.Measure
}

func (p Plan) grouped() bool { return len(p.GroupBy)+len(p.Measures) > 0 }

// PlanColumn is one column of a plan.
type PlanColumn struct {
	Name string
	Type value.Type
	// Sealed is the field whose values are encrypted; nil for a column whose values are not.
	Sealed *model.Field
}

// Names of the columns that end a group: how many entries it has, and the number of the first. No result can have them.
const (
	GroupSize  = "$entries"
	GroupFirst = "$first"
)

// Plan makes the statement of a plan. Of entries its first column is the id, which is not among the columns returned.
func (s Scope) Plan(p Plan) (Statement, []PlanColumn, error) {
	b := newBuilder(s)
	where, err := b.matching(p.List)
	if err != nil {
		return Statement{}, nil, err
	}
	order, limit := orderSQL(p.Orders, "e"), ""
	if p.Limit > 0 {
		limit = fmt.Sprintf(" LIMIT %d", p.Limit)
	}
	if p.grouped() {
		return b.groupedPlan(p, where, order, limit)
	}
	list, columns, err := b.planned(p)
	if err != nil {
		return Statement{}, nil, err
	}
	stmt, err := b.statement("SELECT e.id, " + strings.Join(list, ", ") + b.from(p.Component) + where + order + limit)
	return stmt, columns, err
}

// groupedPlan groups the numbered entries.
func (b *builder) groupedPlan(p Plan, where, order, limit string) (Statement, []PlanColumn, error) {
	if len(p.Paths) > 0 {
		return Statement{}, nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the plan is wrong", fault.Field("fields", "groups have no fields"))
	}
	inner := []string{"row_number() OVER (" + strings.TrimSpace(order) + ") AS n"}
	list, results, groups, err := b.outcome(Aggregate{List: p.List, GroupBy: p.GroupBy, Measures: p.Measures}, func(o operand) operand {
		name := fmt.Sprintf("c%d", len(inner))
		inner = append(inner, o.sql+" AS "+name)
		return operand{sql: "r." + name, kind: o.kind}
	})
	if err != nil {
		return Statement{}, nil, err
	}
	columns := make([]PlanColumn, 0, len(results)+2)
	for _, r := range results {
		columns = append(columns, PlanColumn{Name: r.Name, Type: value.Type{Kind: r.Kind}})
	}
	number := value.Type{Kind: value.Int}
	columns = append(columns, PlanColumn{Name: GroupSize, Type: number}, PlanColumn{Name: GroupFirst, Type: number})
	list = append(list, "count(*)", "min(r.n)")
	sql := "SELECT " + strings.Join(list, ", ") + " FROM (SELECT " + strings.Join(inner, ", ") + b.from(p.Component) + where + order + limit + ") AS r"
	if len(groups) > 0 {
		sql += " GROUP BY " + strings.Join(groups, ", ")
	}
	stmt, err := b.statement(sql + " ORDER BY min(r.n)")
	return stmt, columns, err
}

// planned gives the SQL of the fields of a plan, and what they are.
func (b *builder) planned(p Plan) ([]string, []PlanColumn, error) {
	if len(p.Paths) > MaxPaths {
		return nil, nil, fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "too many fields", fault.Field("fields", fmt.Sprintf("at most %d", MaxPaths)))
	}
	paths := p.Paths
	if len(paths) == 0 {
		paths = everything(p.Component)
	}
	var list []string
	var columns []PlanColumn
	seen := map[string]bool{}
	for i, path := range paths {
		place := fmt.Sprintf("fields[%d]", i)
		if seen[path] {
			return nil, nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the plan is wrong", fault.Field(place, "the field is named twice"))
		}
		seen[path] = true
		column := PlanColumn{Name: path}
		f, own := p.Component.Field(path)
		switch {
		case own && f.IsArray() && f.Stored():
			list, column.Type = append(list, b.items(f, "e")), f.Value
		case own && f.GetSensitive() && f.Column != "":
			list, column.Type, column.Sealed = append(list, "e."+quote(f.Column)), f.Value, f
		case own && f.Column != "":
			list, column.Type = append(list, "e."+quote(f.Column)), f.Value
		default:
			o, err := b.path(p.Component, path, place)
			if err != nil {
				return nil, nil, err
			}
			list, column.Type = append(list, o.sql), value.Type{Kind: o.kind}
		}
		columns = append(columns, column)
	}
	return list, columns, nil
}

// everything is what an entry has: its fields, and the system fields that no field hides.
func everything(c *model.Component) []string {
	var names []string
	for _, f := range StoredFields(c) {
		names = append(names, f.GetName())
	}
	for _, f := range objectmodel.SystemFields() {
		if _, hidden := c.Field(f.Name); !hidden {
			names = append(names, f.Name)
		}
	}
	return names
}
