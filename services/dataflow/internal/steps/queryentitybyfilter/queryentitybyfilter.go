// Package queryentitybyfilter is the step query-entity-by-filter: it finds entries by a condition over their fields, in which
// values of the item may stand.
package queryentitybyfilter

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

const (
	defaultLimit = 1000
	maxLimit     = step.MaxItems
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "query-entity-by-filter", Group: "Transformation", Title: "Query entity by filter",
		Summary: "Finds the entries of a component that a filter lets through, and adds them to the item as a list. Without a result field " +
			"the entries themselves become the items.",
		Params: []*catalogv1.Param{
			{Name: "component", Title: "Component", Kind: catalogv1.ParamKind_PARAM_KIND_COMPONENT, Required: true},
			{Name: "filter", Title: "Filter", Kind: catalogv1.ParamKind_PARAM_KIND_EXPRESSION, ResultType: "bool", OfComponent: "component",
				Help: "Condition over the fields of the component, with item, input and user: total > 100 && customer == item.customer. All entries when empty."},
			{Name: "orderBy", Title: "Order", Help: "Fields separated by commas, each perhaps followed by desc.", Kind: catalogv1.ParamKind_PARAM_KIND_TEXT},
			{Name: "limit", Title: "Limit", Help: "Most entries for one item, 1 to 100,000; 1,000 unless given.", Kind: catalogv1.ParamKind_PARAM_KIND_INT},
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD},
		},
		MinSources: 1, MaxSources: 1,
	}
}

type runner struct {
	component, orderBy, result string
	limit                      int
	filter                     *filter
	groups                     map[string]value.Type // what storage can group by
}

var _ step.Reading = (*runner)(nil)

func (kind) Compile(c *step.Compiler) step.Runner {
	component, ok := c.Component("component")
	if !ok {
		return nil
	}
	r := &runner{
		component: component.GetId(), orderBy: c.Text("orderBy"), result: c.ResultField("resultField", ""),
		limit: int(c.Int("limit", defaultLimit, 1, maxLimit)),
	}
	r.groups = groups(component)
	checkOrder(c, component, r.orderBy)
	entry := objectmodel.Entry(component)
	r.filter = newFilter(c, "filter", entry.Fields)
	c.Output(entry)
	if r.result != "" {
		c.Output(c.Extended(value.Field{Name: r.result, Type: value.ListOf(entry)}))
	}
	return r
}

// checkOrder reports fields that are not there; storage reads the rest.
func checkOrder(c *step.Compiler, component *libraryv1.Component, orderBy string) {
	if strings.TrimSpace(orderBy) == "" {
		return
	}
	system := objectmodel.SystemFields()
	start := 0 // of the part
	for _, part := range strings.Split(orderBy, ",") {
		words := strings.Fields(part)
		if len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "desc" && words[1] != "asc" {
			c.Problem("orderBy", "invalid-param", "write the order as fields separated by commas, each perhaps followed by desc")
			return
		}
		if !hasField(system, words[0]) {
			c.FieldAt("orderBy", component, words[0], start+utf8.RuneCountInString(part[:strings.Index(part, words[0])]))
		}
		start += utf8.RuneCountInString(part) + 1
	}
}

func hasField(fields []value.Field, name string) bool {
	for _, f := range fields {
		if f.Name == name {
			return true
		}
	}
	return false
}

// groups are the fields of the entries that storage can group by: no lists, and none that are encrypted or not stored.
func groups(component *libraryv1.Component) map[string]value.Type {
	out := map[string]value.Type{}
	for _, f := range objectmodel.SystemFields() {
		out[f.Name] = f.Type
	}
	for _, f := range component.GetModel().GetFields() {
		if t, known := objectmodel.FieldType(f); known && t.Kind != value.List && !f.GetSensitive() && !f.GetIsVirtual() {
			out[f.GetName()] = t
		}
	}
	return out
}

// Groups implements step.Reading.
func (r *runner) Groups(field string) (value.Type, bool) {
	t, ok := r.groups[field]
	return t, ok
}

// Query implements step.Reading.
func (r *runner) Query(ctx context.Context, env *step.Env, in [][]step.Item) (step.Query, bool, error) {
	if len(in[0]) != 1 || r.result != "" {
		return step.Query{}, false, nil
	}
	q, err := r.query(ctx, env, in[0][0])
	return q, err == nil, err
}

func (r *runner) query(ctx context.Context, env *step.Env, item step.Item) (step.Query, error) {
	text, err := r.filter.text(ctx, env, item)
	return step.Query{Component: r.component, Filter: text, OrderBy: r.orderBy, Limit: r.limit, Snapshot: true}, err
}

func (r *runner) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	var out []step.Item
	count, size := 0, int64(0)
	for _, item := range in[0] {
		q, err := r.query(ctx, env, item)
		if err != nil {
			return nil, err
		}
		found, err := env.Entries.List(ctx, q)
		if err != nil {
			return nil, err
		}
		if count += len(found); count > step.MaxItems && r.result == "" {
			return nil, step.TooMany()
		}
		list := make([]any, len(found))
		for i, e := range found {
			list[i] = e.Fields
			if r.result == "" {
				out = append(out, step.Item{Fields: e.Fields, Line: int64(len(out)) + 1})
			}
		}
		if size += sizeOf(in[0], list); size > step.MaxBytes {
			return nil, step.TooLarge()
		}
		if r.result != "" {
			out = append(out, item.With(map[string]any{r.result: list}))
		}
	}
	return out, nil
}

// sizeOf is what was found for one of several items; what is found for a single one is bounded where it is read.
func sizeOf(items []step.Item, found []any) int64 {
	if len(items) == 1 {
		return 0
	}
	return step.Size(found)
}
