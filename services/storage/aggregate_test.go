package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

const (
	count         = storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT
	sum           = storagev1.MeasureFunction_MEASURE_FUNCTION_SUM
	avg           = storagev1.MeasureFunction_MEASURE_FUNCTION_AVG
	least         = storagev1.MeasureFunction_MEASURE_FUNCTION_MIN
	most          = storagev1.MeasureFunction_MEASURE_FUNCTION_MAX
	countDistinct = storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT_DISTINCT
	byMonth       = storagev1.DateUnit_DATE_UNIT_MONTH
)

func by(fields ...string) (g []*storagev1.Grouping) {
	for _, f := range fields {
		g = append(g, &storagev1.Grouping{Field: f})
	}
	return g
}

func measure(f storagev1.MeasureFunction, field string) *storagev1.Measure {
	return &storagev1.Measure{Function: f, Field: field}
}

// aggregate gives each group as one line of JSON.
func (w *world) aggregate(ctx context.Context, r *storagev1.AggregateEntriesRequest) []string {
	w.t.Helper()
	got, err := w.entries.AggregateEntries(ctx, r)
	require.NoError(w.t, err)
	lines := []string{}
	for _, g := range got.GetGroups() {
		m, err := value.MapFromProto(g.GetValues())
		require.NoError(w.t, err)
		text, err := value.ToJSON(m)
		require.NoError(w.t, err)
		lines = append(lines, string(text))
	}
	return lines
}

func TestAggregates(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	for name, c := range map[string]struct {
		r    *storagev1.AggregateEntriesRequest
		want []string
	}{
		"count of all": {&storagev1.AggregateEntriesRequest{}, []string{`{"count":5}`}},
		"of nothing": {&storagev1.AggregateEntriesRequest{Filter: "amount > 1000", Measures: []*storagev1.Measure{measure(count, ""), measure(sum, "total"), measure(count, "total"), measure(avg, "total")}},
			[]string{`{"avg_total":null,"count":0,"count_total":0,"sum_total":null}`}},
		"no groups of nothing": {&storagev1.AggregateEntriesRequest{Filter: "amount > 1000", GroupBy: by("state")}, []string{}},
		"nulls are left out, decimals exact": {&storagev1.AggregateEntriesRequest{Measures: []*storagev1.Measure{
			measure(sum, "exact"), measure(avg, "total"), measure(count, "amount"), measure(sum, "amount"), measure(avg, "amount"), measure(countDistinct, "state"), measure(least, "due"), measure(most, "number"), measure(least, "at")}},
			[]string{`{"avg_amount":"-0.666666666666666667","avg_total":"3.333333333333333333","count_amount":3,"count_distinct_state":2,` +
				`"max_number":"A-5","min_at":"07:30:00","min_due":"2025-12-31","sum_amount":"-2","sum_exact":"12345678901234567902.000000000000000001"}`}},
		"null is a group, last": {&storagev1.AggregateEntriesRequest{GroupBy: by("state")},
			[]string{`{"count":1,"state":0}`, `{"count":2,"state":1}`, `{"count":2,"state":null}`}},
		"by a measure": {&storagev1.AggregateEntriesRequest{GroupBy: by("state"), Measures: []*storagev1.Measure{{Function: sum, Field: "total", Name: "money"}}, OrderBy: "money desc, state"},
			[]string{`{"money":"10","state":0}`, `{"money":"1.5","state":1}`, `{"money":"-1.5","state":null}`}[0:]},
		"through references": {&storagev1.AggregateEntriesRequest{GroupBy: by("customer.title", "customer.parent.title"), OrderBy: "count desc, customer.title"},
			[]string{`{"count":2,"customer.parent.title":"Bo","customer.title":"Ada"}`, `{"count":2,"customer.parent.title":null,"customer.title":"Bo"}`, `{"count":1,"customer.parent.title":null,"customer.title":null}`}},
		"by parts of dates": {&storagev1.AggregateEntriesRequest{GroupBy: []*storagev1.Grouping{{Field: "sent", Unit: byMonth}, {Field: "due", Unit: storagev1.DateUnit_DATE_UNIT_YEAR, Name: "y"}}, Filter: "due != null"},
			[]string{`{"count":1,"sent.month":"2025-01-01","y":"2025-01-01"}`, `{"count":1,"sent.month":"2026-03-01","y":"2026-01-01"}`, `{"count":1,"sent.month":"9999-12-01","y":"9999-01-01"}`}},
		"filter and groups through one reference": {&storagev1.AggregateEntriesRequest{GroupBy: by("customer.city"), Filter: `customer.title == "Ada"`}, []string{`{"count":2,"customer.city":"Köln"}`}},
	} {
		c.r.Component = "order"
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, w.aggregate(ctx, c.r)) })
	}
	got, err := w.entries.AggregateEntries(ctx, &storagev1.AggregateEntriesRequest{Component: "order", GroupBy: by("number"), Limit: 4})
	require.NoError(t, err)
	require.Len(t, got.GetGroups(), 4)
	require.True(t, got.GetTruncated())
	got, err = w.entries.AggregateEntries(ctx, &storagev1.AggregateEntriesRequest{Component: "order", GroupBy: by("number"), Limit: 5})
	require.NoError(t, err)
	require.False(t, got.GetTruncated())
}

func TestRefusedAggregates(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	const unknown, invalid = faultv1.Reason_REASON_UNKNOWN_FIELD, faultv1.Reason_REASON_INVALID_FIELDS
	for name, c := range map[string]struct {
		r      *storagev1.AggregateEntriesRequest
		reason faultv1.Reason
		field  string
		says   string
	}{
		"misspelt":        {&storagev1.AggregateEntriesRequest{GroupBy: by("custmer.city")}, unknown, "group_by[0].field", "did you mean customer?"},
		"misspelt behind": {&storagev1.AggregateEntriesRequest{GroupBy: by("state", "customer.ciy")}, unknown, "group_by[1].field", "did you mean city? Allowed: city, create_time"},
		"injection":       {&storagev1.AggregateEntriesRequest{GroupBy: by(`state"; DROP TABLE x; --`)}, unknown, "group_by[0].field", "there is no such field"},
		"empty":           {&storagev1.AggregateEntriesRequest{GroupBy: by("")}, unknown, "group_by[0].field", "there is no such field"},
		"encrypted":       {&storagev1.AggregateEntriesRequest{Measures: []*storagev1.Measure{measure(count, "secret")}}, unknown, "measures[0].field", "Allowed: amount, at"},
		"list":            {&storagev1.AggregateEntriesRequest{GroupBy: by("watchers")}, unknown, "group_by[0].field", ""},
		"too deep":        {&storagev1.AggregateEntriesRequest{GroupBy: by("customer.parent.parent.parent.parent.title")}, unknown, "group_by[0].field", "at most 4"},
		"sum of text":     {&storagev1.AggregateEntriesRequest{Measures: []*storagev1.Measure{measure(sum, "number")}}, invalid, "measures[0].field", "no meaning for"},
		"no function":     {&storagev1.AggregateEntriesRequest{Measures: []*storagev1.Measure{{Field: "amount"}}}, invalid, "measures[0].function", "SUM"},
		"unit of text":    {&storagev1.AggregateEntriesRequest{GroupBy: []*storagev1.Grouping{{Field: "number", Unit: byMonth}}}, invalid, "group_by[0].unit", "only dates"},
		"no such unit":    {&storagev1.AggregateEntriesRequest{GroupBy: []*storagev1.Grouping{{Field: "due", Unit: 99}}}, invalid, "group_by[0].unit", "DAY"},
		"bad name":        {&storagev1.AggregateEntriesRequest{GroupBy: []*storagev1.Grouping{{Field: "due", Name: `a" FROM x`}}}, invalid, "group_by[0].name", "letter"},
		"same name":       {&storagev1.AggregateEntriesRequest{GroupBy: by("state", "state")}, invalid, "group_by[1].name", "another"},
		"unknown order":   {&storagev1.AggregateEntriesRequest{GroupBy: by("state"), OrderBy: "cout desc"}, unknown, "order_by", "did you mean count? Allowed: count, state"},
		"order injection": {&storagev1.AggregateEntriesRequest{OrderBy: "count; DROP TABLE x"}, invalid, "order_by", "expected names"},
		"bad filter":      {&storagev1.AggregateEntriesRequest{Filter: "amuont > 1"}, faultv1.Reason_REASON_EXPRESSION_INVALID, "filter", "amount"},
	} {
		c.r.Component = "order"
		t.Run(name, func(t *testing.T) {
			_, err := w.entries.AggregateEntries(ctx, c.r)
			f := refused(t, err, c.reason, c.field)
			require.Contains(t, f.Violations[0].Description, c.says)
		})
	}
	many := make([]string, 9)
	for i := range many {
		many[i] = "state"
	}
	_, err := w.entries.AggregateEntries(ctx, &storagev1.AggregateEntriesRequest{Component: "order", GroupBy: by(many...)})
	refused(t, err, faultv1.Reason_REASON_REQUEST_TOO_LARGE)
	_, err = w.entries.AggregateEntries(ctx, &storagev1.AggregateEntriesRequest{Component: "order", Limit: -1})
	refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS, "limit")

	// What no decimal can hold is said, not rounded.
	for i := range 2 {
		w.create(ctx, "order", values{"number": fmt.Sprintf("B-%d", i), "exact": strings.Repeat("9", 38)})
	}
	_, err = w.entries.AggregateEntries(ctx, &storagev1.AggregateEntriesRequest{Component: "order", Measures: []*storagev1.Measure{measure(sum, "exact")}})
	refused(t, err, faultv1.Reason_REASON_EXPRESSION_FAILED)
}

// TestReadsHoldToRules is the matrix of roles and new reads over the same rows.
func TestReadsHoldToRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cs := ruled()
	cs[1].Model.Fields[0].Searchable = true
	w.publish(cs...)
	admin, clerk := w.admin(), w.holder("c1", "clerk")
	koeln := w.create(admin, "customer", values{"title": "Ada", "city": "Köln"})
	rome := w.create(admin, "customer", values{"title": "Bo", "city": "Rome"})
	mine := w.create(clerk, "order", values{"number": "A-1", "amount": int64(5), "customer": koeln.GetId(), "watchers": []any{koeln.GetId()}})
	_, err := w.update(admin, "order", mine.GetId(), values{"watchers": []any{rome.GetId(), koeln.GetId()}})
	require.NoError(t, err)
	w.create(admin, "order", values{"number": "A-2", "amount": int64(500), "customer": rome.GetId()})
	gone := w.create(clerk, "order", values{"number": "A-3", "amount": int64(7), "customer": koeln.GetId()})
	_, err = w.update(admin, "order", gone.GetId(), values{"customer": rome.GetId()})
	require.NoError(t, err)

	noCustomers := w.as(principal.Principal{Subject: "x1", Roles: []string{"auditor"}, Grants: []principal.Grant{{Permission: "entries.read", Component: "order"}}})
	for name, c := range map[string]struct {
		ctx context.Context
		// groups are by the customer's title, expanded the titles that each order shows, found the orders that a search finds.
		groups, expanded, found []string
	}{
		"admin": {admin, []string{`{"customer.title":"Ada","sum_amount":"5"}`, `{"customer.title":"Bo","sum_amount":"507"}`}, []string{"A-1: Ada Bo,Ada", "A-2: Bo ", "A-3: Bo "}, []string{"A-1", "A-2", "A-3"}},
		// One of his orders has a customer that he may not see; another is not his.
		"clerk": {clerk, []string{`{"customer.title":"Ada","sum_amount":"5"}`, `{"customer.title":null,"sum_amount":"7"}`}, []string{"A-1: Ada Ada", "A-3:  "}, []string{"A-1", "A-3"}},
		// All orders, and by his grants no customer.
		"auditor without customers": {noCustomers, []string{`{"customer.title":null,"sum_amount":"512"}`}, []string{"A-1:  ", "A-2:  ", "A-3:  "}, []string{"A-1", "A-2", "A-3"}},
		"nobody":                    {w.holder("n1", "visitor"), []string{}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.groups, w.aggregate(c.ctx, &storagev1.AggregateEntriesRequest{Component: "order", GroupBy: by("customer.title"), Measures: []*storagev1.Measure{measure(sum, "amount")}}))
			page, err := w.entries.ListEntries(c.ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: "number", Expand: []string{"customer", "watchers"}})
			require.NoError(t, err)
			var expanded []string
			for _, e := range page.GetEntries() {
				expanded = append(expanded, fmt.Sprintf("%s: %s %s", fieldsOf(t, e)["number"], titles(t, e, "customer"), titles(t, e, "watchers")))
				one, err := w.entries.GetEntry(c.ctx, &storagev1.GetEntryRequest{Component: "order", Entry: e.GetId(), Expand: []string{"customer", "watchers"}})
				require.NoError(t, err)
				require.Equal(t, titles(t, e, "watchers"), titles(t, one, "watchers"))
			}
			require.Equal(t, c.expanded, expanded)
			page, err = w.entries.ListEntries(c.ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: "number", Search: "a", Count: true})
			require.NoError(t, err)
			var found []string
			for _, e := range page.GetEntries() {
				found = append(found, fieldsOf(t, e)["number"].(string))
			}
			require.Equal(t, c.found, found)
			require.EqualValues(t, len(c.found), page.GetTotalSize())
		})
	}
	stranger := w.as(principal.Principal{Subject: "s1", Roles: []string{"auditor"}})
	_, err = w.entries.AggregateEntries(stranger, &storagev1.AggregateEntriesRequest{Component: "order"})
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, faultv1.Reason_REASON_PERMISSION_DENIED, f.Reason)
}

// titles are those of expanded customers.
func titles(t *testing.T, e *storagev1.Entry, field string) string {
	var out []string
	for _, c := range e.GetExpanded()[field].GetEntries() {
		title, _ := fieldsOf(t, c)["title"].(string)
		out = append(out, title)
	}
	return strings.Join(out, ",")
}
