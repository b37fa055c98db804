package engine_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/all"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
)

// grouper is entries in memory that group as they are told.
type grouper struct {
	*steptest.Entries

	query  step.Query
	asked  step.Grouping
	calls  int
	groups []step.Item
	read   int64
	err    error
}

func (g *grouper) Group(_ context.Context, q step.Query, asked step.Grouping) ([]step.Item, int64, error) {
	g.query, g.asked, g.calls = q, asked, g.calls+1
	return g.groups, g.read, g.err
}

func cars() *libraryv1.Component {
	return &libraryv1.Component{Id: "car", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
		{Id: "f1", Name: "city", Type: libraryv1.FieldType_FIELD_TYPE_STRING},
		{Id: "f2", Name: "price", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER},
		{Id: "f3", Name: "sold", Type: libraryv1.FieldType_FIELD_TYPE_BOOLEAN},
		{Id: "f4", Name: "secret", Type: libraryv1.FieldType_FIELD_TYPE_STRING, Sensitive: true},
		{Id: "f5", Name: "screen", Type: libraryv1.FieldType_FIELD_TYPE_STRING, IsVirtual: true},
		{Id: "f6", Name: "parts", Type: libraryv1.FieldType_FIELD_TYPE_ARRAY, Rules: &libraryv1.Field_Array{Array: &libraryv1.ArrayRules{Component: "car"}}},
		{Id: "f7", Name: "parent", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG, Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "car"}}},
	}}}
}

type settings = map[string]any

// compiled is a dataflow that reads cars and groups them.
func compiled(t *testing.T, query, group settings, more ...*libraryv1.Step) *engine.Graph {
	t.Helper()
	kinds, err := all.Registry()
	require.NoError(t, err)
	scope := steptest.Scope()
	scope.Components = append(scope.Components, cars())
	made := func(id, kind, source string, params settings) *libraryv1.Step {
		p, err := value.MapToProto(params)
		require.NoError(t, err)
		s := &libraryv1.Step{Id: id, Type: kind, Params: p}
		if source != "" {
			s.Sources = []string{source}
		}
		return s
	}
	query["component"] = "car"
	scope.Dataflow.Steps = append([]*libraryv1.Step{
		made("read", "get-raw-model", "", settings{}), made("query", "query-entity-by-filter", "read", query),
		made("group", "group-by", "query", group), made("out", "write-response", "group", settings{}),
	}, more...)
	checked := engine.Compile(kinds, scope)
	require.NotNil(t, checked.Graph, "%v", checked.Problems)
	return checked.Graph
}

func stored(t *testing.T) *grouper {
	t.Helper()
	g := &grouper{Entries: steptest.NewEntries([]*libraryv1.Component{cars()})}
	for i, city := range []string{"Bern", "Ulm", "Bern"} {
		require.NoError(t, g.Put("car", settings{"id": string(rune('a' + i)), "city": city, "price": int64(i + 1)}))
	}
	return g
}

func run(t *testing.T, g *engine.Graph, entries step.Entries, input any) (any, []*step.Report, error) {
	t.Helper()
	env := *steptest.Env()
	env.Entries, env.Input = entries, input
	result, reports, err := g.Run(t.Context(), env, steptest.Now)
	if err != nil {
		return nil, reports, err
	}
	return result.Output, reports, nil
}

func totals() settings {
	return settings{"n": settings{"op": "count"}, "sum": settings{"op": "sum", "of": "item.price"}}
}

func TestStorageGroupsWhatItReads(t *testing.T) {
	t.Parallel()
	g := compiled(t, settings{"filter": "price > input.least", "orderBy": "price desc", "limit": int64(20_000)},
		settings{"fields": []any{"city"}, "keys": settings{"of": "item.parent"}, "aggregates": totals()})
	entries := stored(t)
	_, _, err := run(t, g, entries, settings{"least": int64(0)})
	require.NoError(t, err)
	require.Zero(t, entries.calls, "a reference is followed by expressions, which storage is not asked to do here")

	g = compiled(t, settings{"filter": "price > input.least", "orderBy": "price desc", "limit": int64(20_000)},
		settings{"fields": []any{"city", "parent"}, "keys": settings{"is": "item.sold"}, "aggregates": totals()})
	entries.groups = []step.Item{{Fields: settings{"city": "Genf"}, Line: 7}}
	entries.read = 50_000
	out, reports, err := run(t, g, entries, settings{"least": int64(0)})
	require.NoError(t, err)
	require.Equal(t, settings{"city": "Genf"}, out)
	require.Equal(t, step.Query{Component: "car", Filter: "price > 0", OrderBy: "price desc", Limit: 20_000, Snapshot: true}, entries.query)
	require.Equal(t, step.Grouping{
		Keys: []step.GroupKey{{Name: "city", Field: "city"}, {Name: "parent", Field: "parent"}, {Name: "is", Field: "sold"}},
		Totals: []step.GroupTotal{{Name: "n", Op: "count", Type: value.Type{Kind: value.Int}},
			{Name: "sum", Op: "sum", Field: "price", Type: value.Type{Kind: value.DecimalKind}}},
	}, entries.asked)
	rows := []int64{}
	for _, r := range reports {
		rows = append(rows, r.RowsIn, r.RowsOut)
	}
	require.Equal(t, []int64{0, 1, 1, 50_000, 50_000, 1, 1, 1}, rows, "reports tell what each step took and gave")
}

// What storage cannot do as the steps would, the steps do.
func TestStepsGroupWhatStorageCannot(t *testing.T) {
	t.Parallel()
	grouping := func() settings { return settings{"fields": []any{"city"}, "aggregates": totals()} }
	with := func(name string, v any) settings { s := grouping(); s[name] = v; return s }
	another := func(source string) *libraryv1.Step {
		return &libraryv1.Step{Id: "other", Type: "distinct", Sources: []string{source}}
	}
	for name, c := range map[string]struct {
		graph *engine.Graph
		input any
		err   error
		calls int
	}{
		"control":                 {graph: compiled(t, settings{}, grouping()), calls: 1},
		"without keys":            {graph: compiled(t, settings{}, settings{"aggregates": totals()}), calls: 1},
		"another reads groups":    {graph: compiled(t, settings{}, grouping(), another("group")), calls: 1},
		"another reads the query": {graph: compiled(t, settings{}, grouping(), another("query"))},
		"items are kept":          {graph: compiled(t, settings{}, with("resultField", "items"))},
		"a computed key":          {graph: compiled(t, settings{}, with("keys", settings{"k": `item.city + "!"`}))},
		"a computed total":        {graph: compiled(t, settings{}, with("aggregates", settings{"s": settings{"op": "sum", "of": "item.price * 2"}}))},
		"the least bool":          {graph: compiled(t, settings{}, with("aggregates", settings{"s": settings{"op": "min", "of": "item.sold"}}))},
		"an encrypted key":        {graph: compiled(t, settings{}, with("fields", []any{"secret"}))},
		"a virtual key":           {graph: compiled(t, settings{}, with("fields", []any{"screen"}))},
		"a list":                  {graph: compiled(t, settings{}, with("fields", []any{"parts"}))},
		"a system field":          {graph: compiled(t, settings{}, with("fields", []any{"creator_subject"})), calls: 1},
		"many queries":            {graph: compiled(t, settings{}, grouping()), input: []any{settings{}, settings{}}},
		"no query":                {graph: compiled(t, settings{}, grouping()), input: []any{}},
		"no room":                 {graph: compiled(t, settings{}, grouping()), err: fault.Exhausted(faultv1.Reason_REASON_OVERLOADED, "full"), calls: 1},
		"out of range":            {graph: compiled(t, settings{}, grouping()), err: fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, "sum"), calls: 1},
	} {
		entries := stored(t)
		entries.err = c.err
		out, _, err := run(t, c.graph, entries, c.input)
		require.NoError(t, err, name)
		require.Equal(t, c.calls, entries.calls, name)
		want, _, err := run(t, c.graph, entries.Entries, c.input) // which never groups
		require.NoError(t, err, name)
		if c.calls == 0 || c.err != nil {
			require.True(t, value.Equal(want, out), "%s: %v, %v", name, want, out)
		}
	}
}

func TestRefusalsOfGroupsNameTheStep(t *testing.T) {
	t.Parallel()
	entries := stored(t)
	entries.err = fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "not you")
	_, reports, err := run(t, compiled(t, settings{}, settings{"fields": []any{"city"}}), entries, nil)
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, "query", f.Meta["step"])
	require.Len(t, reports, 2)
	require.True(t, strings.Contains(f.Message, "not you"))
}

// A traced run shows every step, so each is done on its own.
func TestTracesSeeAllItems(t *testing.T) {
	t.Parallel()
	entries := stored(t)
	env := *steptest.Env()
	env.Entries = entries
	seen := map[string]int{}
	_, err := compiled(t, settings{}, settings{"fields": []any{"city"}}).Trace(t.Context(), env, steptest.Now, func(r *step.Report, items []step.Item, _ error) {
		seen[r.Step] = len(items)
	})
	require.NoError(t, err)
	require.Zero(t, entries.calls)
	require.Equal(t, map[string]int{"read": 1, "query": 3, "group": 2, "out": 2}, seen)
}
