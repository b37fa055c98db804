package storage_test

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/columnar"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// planReader reads the chunks of a plan.
type planReader struct {
	stream storagev1.Bulk_QueryPlanClient
	rest   []byte
	chunks int
}

func (r *planReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		m, err := r.stream.Recv()
		if err != nil {
			return 0, err
		}
		r.rest = m.GetChunk()
		r.chunks++
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// planned are the rows of a plan, by the names of the columns.
func (w *world) planned(ctx context.Context, r *storagev1.QueryPlanRequest) ([]values, error) {
	stream, err := w.bulk.QueryPlan(ctx, r)
	if err != nil {
		return nil, err
	}
	rows, err := columnar.NewReader(&planReader{stream: stream})
	if err != nil {
		return nil, err
	}
	var out []values
	err = rows.Each(func(row []any) error {
		m := values{}
		for i, c := range rows.Columns() {
			m[c.Name] = row[i]
		}
		out = append(out, m)
		return nil
	})
	return out, err
}

// lines are the rows of a plan as texts, with the values in the order of names.
func (w *world) lines(ctx context.Context, r *storagev1.QueryPlanRequest, names ...string) []string {
	w.t.Helper()
	rows, err := w.planned(ctx, r)
	require.NoError(w.t, err)
	lines := make([]string, len(rows))
	for i, row := range rows {
		parts := make([]string, len(names))
		for j, name := range names {
			require.Contains(w.t, row, name)
			parts[j] = fmt.Sprint(row[name])
		}
		lines[i] = strings.Join(parts, " ")
	}
	return lines
}

// TestPlansReadWhatListsRead compares both ways of reading, for every filter and values of all kinds.
func TestPlansReadWhatListsRead(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	w.create(ctx, "order", values{"number": "A-6", "secret": "s\u202e🙂"})
	some := 0
	for i, filter := range append([]string{""}, filters()...) {
		order := []string{"", "number desc", "customer, total desc", "sent", "due desc, number"}[i%5]
		page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Filter: filter, OrderBy: order})
		require.NoError(t, err)
		got, err := w.planned(ctx, &storagev1.QueryPlanRequest{Component: "order", Filter: filter, OrderBy: order})
		require.NoError(t, err)
		require.Len(t, got, len(page.GetEntries()), filter)
		for n, e := range page.GetEntries() {
			at := func(s *timestamppb.Timestamp) any { return s.AsTime() }
			want := fieldsOf(t, e)
			want["id"], want["name"], want["creator_subject"], want["update_subject"] = e.GetId(), e.GetName(), e.GetCreatorSubject(), e.GetUpdateSubject()
			want["create_time"], want["update_time"] = at(e.GetCreateTime()), at(e.GetUpdateTime())
			require.True(t, value.Equal(want, got[n]), "%s: %v, %v", filter, want, got[n])
			for name, v := range want {
				require.IsType(t, v, got[n][name])
			}
			some++
		}
	}
	require.Greater(t, some, 100)

	require.Equal(t, []string{"A-6 <nil> <nil>", "A-5 Bo <nil>"}, w.lines(ctx, &storagev1.QueryPlanRequest{Component: "order", OrderBy: "number desc", Limit: 2,
		Fields: []string{"number", "customer.title", "customer.parent.title"}}, "number", "customer.title", "customer.parent.title"))
	rows, err := w.planned(ctx, &storagev1.QueryPlanRequest{Component: "order", Filter: `number == "none"`})
	require.NoError(t, err)
	require.Empty(t, rows)
}

func TestPlansOfGroups(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	measures := []*storagev1.Measure{measure(count, ""), measure(sum, "amount"), measure(avg, "total"),
		measure(most, "sent"), measure(least, "number")}
	names := []string{"count", "sum_amount", "avg_total", "min_number", "$entries", "$first"}
	groups := func(r *storagev1.QueryPlanRequest, names ...string) []string {
		r.Component = "order"
		return w.lines(ctx, r, names...)
	}
	require.Equal(t, []string{"Ada 2 -4 0 A-1 2 1", "Bo 2 2 10 A-2 2 2", "<nil> 1 <nil> <nil> A-3 1 3"},
		groups(&storagev1.QueryPlanRequest{GroupBy: by("customer.title"), Measures: measures, OrderBy: "number"}, append([]string{"customer.title"}, names...)...), "in the order of the first entries")
	require.Equal(t, []string{"Bo 1 <nil> <nil> A-5 1 1", "Ada 1 -5 -1.5 A-4 1 2", "<nil> 1 <nil> <nil> A-3 1 3"},
		groups(&storagev1.QueryPlanRequest{GroupBy: by("customer.title"), Measures: measures, OrderBy: "number desc", Limit: 3}, append([]string{"customer.title"}, names...)...), "of the first three entries")
	require.Equal(t, []string{"0 <nil> <nil> <nil> 0 <nil>"}, groups(&storagev1.QueryPlanRequest{Measures: measures, Filter: "amount > 1000"}, names...), "one group of none")
	require.Empty(t, groups(&storagev1.QueryPlanRequest{GroupBy: by("state"), Filter: "amount > 1000"}, names...))
	require.Equal(t, []string{"true 2", "false 1", "<nil> 2"}, groups(&storagev1.QueryPlanRequest{GroupBy: by("paid"), OrderBy: "number"}, "paid", "count"))
}

// TestPlansHoldToRules is the matrix of roles and plans over the same rows.
func TestPlansHoldToRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(ruled()...)
	admin, clerk := w.admin(), w.holder("c1", "clerk")
	koeln := w.create(admin, "customer", values{"title": "Ada", "city": "Köln"})
	rome := w.create(admin, "customer", values{"title": "Bo", "city": "Rome"})
	w.create(clerk, "order", values{"number": "A-1", "amount": int64(5), "customer": koeln.GetId()})
	w.create(admin, "order", values{"number": "A-2", "amount": int64(500), "customer": rome.GetId()})
	hidden := w.create(clerk, "order", values{"number": "A-3", "amount": int64(7), "customer": koeln.GetId()})
	_, err := w.update(admin, "order", hidden.GetId(), values{"customer": rome.GetId()})
	require.NoError(t, err)
	gone := w.create(clerk, "order", values{"number": "A-4", "amount": int64(9)})
	_, err = w.entries.DeleteEntry(clerk, &storagev1.DeleteEntryRequest{Component: "order", Entry: gone.GetId()})
	require.NoError(t, err)

	noCustomers := w.as(principal.Principal{Subject: "x1", Roles: []string{"auditor"}, Grants: []principal.Grant{{Permission: "entries.read", Component: "order"}}})
	for name, c := range map[string]struct {
		ctx                  context.Context
		rows, groups, inRome []string
	}{
		"admin": {admin, []string{"A-1 Ada", "A-2 Bo", "A-3 Bo"}, []string{"Ada 5", "Bo 507"}, []string{"A-2", "A-3"}},
		// One of his orders has a customer that he may not see; another is not his.
		"clerk":                     {clerk, []string{"A-1 Ada", "A-3 <nil>"}, []string{"Ada 5", "<nil> 7"}, nil},
		"owner":                     {w.holder("o1", "owner"), []string{"A-1 <nil>"}, []string{"<nil> 5"}, nil},
		"auditor without customers": {noCustomers, []string{"A-1 <nil>", "A-2 <nil>", "A-3 <nil>"}, []string{"<nil> 512"}, nil},
		"another clerk":             {w.holder("c2", "clerk"), nil, nil, nil},
		"nobody":                    {w.holder("n1", "visitor"), nil, nil, nil},
	} {
		rows := w.lines(c.ctx, &storagev1.QueryPlanRequest{Component: "order", OrderBy: "number", Fields: []string{"number", "customer.title"}}, "number", "customer.title")
		require.ElementsMatch(t, c.rows, rows, name)
		groups := w.lines(c.ctx, &storagev1.QueryPlanRequest{Component: "order", OrderBy: "number", GroupBy: by("customer.title"), Measures: []*storagev1.Measure{measure(sum, "amount")}},
			"customer.title", "sum_amount")
		require.ElementsMatch(t, c.groups, groups, name)
		inRome := w.lines(c.ctx, &storagev1.QueryPlanRequest{Component: "order", Filter: `customer.city == "Rome"`, OrderBy: "number"}, "number")
		require.ElementsMatch(t, c.inRome, inRome, name)
	}

	order := &storagev1.QueryPlanRequest{Component: "order"}
	_, err = w.planned(w.as(principal.Principal{Subject: "s1", Roles: []string{"auditor"}}), order)
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	_, err = w.planned(w.as(principal.Principal{Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "entries.read", Component: "customer"}}}), order)
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	for _, peer := range []string{"gateway", "workflow", "python-runner"} {
		stream, err := w.bulkAs(peer).QueryPlan(admin, order)
		if err == nil {
			_, err = stream.Recv()
		}
		refused(t, err, faultv1.Reason_REASON_PEER_NOT_ALLOWED)
	}
	_, err = w.planned(t.Context(), order)
	require.Error(t, err, "for nobody")

	// Another tenant reads its own entries.
	other := newTenant()
	w.provision(other)
	require.NoError(t, w.expand(other, ruled()...))
	w.flip(other, ruled()...)
	theirs := w.as(principal.Principal{Tenant: other, Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}})
	require.Empty(t, w.lines(theirs, order, "number"))
	w.create(theirs, "order", values{"number": "Z-1"})
	require.Equal(t, []string{"Z-1"}, w.lines(theirs, order, "number"))
}

func TestRefusedPlans(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	const unknown, invalid, large = faultv1.Reason_REASON_UNKNOWN_FIELD, faultv1.Reason_REASON_INVALID_FIELDS, faultv1.Reason_REASON_REQUEST_TOO_LARGE
	for name, c := range map[string]struct {
		r      *storagev1.QueryPlanRequest
		reason faultv1.Reason
		fields []string
	}{
		"filter":               {&storagev1.QueryPlanRequest{Filter: "amont > 1"}, faultv1.Reason_REASON_EXPRESSION_INVALID, []string{"filter"}},
		"order":                {&storagev1.QueryPlanRequest{OrderBy: "amont"}, invalid, []string{"order_by"}},
		"limit":                {&storagev1.QueryPlanRequest{Limit: -1}, invalid, []string{"limit"}},
		"misspelt":             {&storagev1.QueryPlanRequest{Fields: []string{"number", "amont"}}, unknown, []string{"fields[1]"}},
		"twice":                {&storagev1.QueryPlanRequest{Fields: []string{"number", "number"}}, invalid, []string{"fields[1]"}},
		"virtual":              {&storagev1.QueryPlanRequest{Fields: []string{"screen"}}, unknown, []string{"fields[0]"}},
		"through a list":       {&storagev1.QueryPlanRequest{Fields: []string{"watchers.title"}}, unknown, []string{"fields[0]"}},
		"too deep":             {&storagev1.QueryPlanRequest{Fields: []string{"customer.parent.parent.parent.parent.title"}}, unknown, []string{"fields[0]"}},
		"too many":             {&storagev1.QueryPlanRequest{Fields: make([]string, 1001)}, large, []string{"fields"}},
		"fields of groups":     {&storagev1.QueryPlanRequest{Fields: []string{"number"}, GroupBy: by("state")}, invalid, []string{"fields"}},
		"group of a secret":    {&storagev1.QueryPlanRequest{GroupBy: by("state", "secret")}, unknown, []string{"group_by[1].field"}},
		"measure of a text":    {&storagev1.QueryPlanRequest{Measures: []*storagev1.Measure{measure(sum, "number")}}, invalid, []string{"measures[0].field"}},
		"name of our own":      {&storagev1.QueryPlanRequest{GroupBy: []*storagev1.Grouping{{Field: "state", Name: "$first"}}}, invalid, []string{"group_by[0].name"}},
		"too many groupings":   {&storagev1.QueryPlanRequest{GroupBy: by("a", "b", "c", "d", "e", "f", "g", "h", "i")}, large, nil},
		"an unknown component": {&storagev1.QueryPlanRequest{Component: "nothing"}, faultv1.Reason_REASON_COMPONENT_NOT_FOUND, nil},
	} {
		if c.r.Component == "" {
			c.r.Component = "order"
		}
		_, err := w.planned(ctx, c.r)
		require.Error(t, err, name)
		t.Log(name)
		refused(t, err, c.reason, c.fields...)
	}
	// A sum beyond the range of numbers is told, not rounded.
	for _, number := range []string{"B-1", "B-2"} {
		w.create(ctx, "order", values{"number": number, "exact": "99999999999999999999999999999999999999"})
	}
	_, err := w.planned(ctx, &storagev1.QueryPlanRequest{Component: "order", Measures: []*storagev1.Measure{measure(sum, "exact")}})
	refused(t, err, faultv1.Reason_REASON_EXPRESSION_FAILED)
}

// Whatever stands in a plan is refused, or reads what is there; it never becomes SQL.
func TestPlansAreNeverSQL(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	bad := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		`"; DROP TABLE x; --`, `number" FROM x --`, `$1`, `'`, `\`, `e.id`, `number, (SELECT 1)`, "number\x00", `customer.title"`, `1) OR (true`, `*`, `pg_sleep(9)`, "ﬁ🙂",
	}))
	rapid.Check(t, func(rt *rapid.T) {
		r := &storagev1.QueryPlanRequest{Component: "order"}
		text := strings.ToValidUTF8(bad.Draw(rt, "text"), "?")
		switch rapid.IntRange(0, 8).Draw(rt, "where") {
		case 0:
			r.Filter = text
		case 1:
			r.Filter = fmt.Sprintf("number == %q", text)
		case 2:
			r.OrderBy = text
		case 3:
			r.Fields = []string{text}
		case 4:
			r.GroupBy = by(text)
		case 5:
			r.GroupBy = []*storagev1.Grouping{{Field: "state", Name: text}}
		case 6:
			r.Measures = []*storagev1.Measure{{Function: sum, Field: text}}
		case 7:
			r.Measures = []*storagev1.Measure{{Function: sum, Field: "amount", Name: text}}
		case 8:
			r.Component = text
		}
		rows, err := w.planned(ctx, r)
		if f, ok := fault.As(err); err != nil {
			require.True(rt, ok, "%v", err)
			require.Contains(rt, []fault.Kind{fault.KindInvalid, fault.KindNotFound}, f.Kind, "%v", err)
			return
		}
		require.LessOrEqual(rt, len(rows), 5)
	})
	require.Len(t, w.lines(ctx, &storagev1.QueryPlanRequest{Component: "order"}, "number"), 5, "all is there still")
}

// manyOrders stores orders with long texts.
func (w *world) manyOrders(ctx context.Context, chunks, rows, size int) {
	w.t.Helper()
	link := "https://example.com/" + strings.Repeat("x", size)
	for n := range chunks {
		batch := make([][]any, rows)
		for i := range batch {
			batch[i] = []any{fmt.Sprintf("Z-%d", n*rows+i), int64(i), link}
		}
		w.stored(ctx, "order", chunk(w.t, "order", "many", int64(n), "number amount link", batch...))
	}
}

// A plan is one snapshot, ends when its reader goes, and no more than three run at once.
func TestPlansAreSnapshotsAndFew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	w.manyOrders(ctx, 3, 10_000, 500)
	request := &storagev1.QueryPlanRequest{Component: "order", Fields: []string{"number", "amount", "link"}}
	var readers []*planReader
	var stops []context.CancelFunc
	for range 3 {
		one, cancel := context.WithCancel(ctx)
		defer cancel()
		stream, err := w.bulk.QueryPlan(one, request)
		require.NoError(t, err)
		r := &planReader{stream: stream}
		_, err = r.Read(make([]byte, 1))
		require.NoError(t, err)
		readers, stops = append(readers, &planReader{stream: stream, rest: r.rest}), append(stops, cancel)
	}
	_, err := w.planned(ctx, request)
	require.NotZero(t, refused(t, err, faultv1.Reason_REASON_OVERLOADED).RetryAfter)

	// What is changed meanwhile is not seen by the one that is half read.
	w.stored(ctx, "order", chunk(t, "order", "later", 0, "number", []any{"Y-1"}))
	e, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: "id desc", Filter: `number != "Y-1"`, PageSize: 1})
	require.NoError(t, err)
	_, err = w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "order", Entry: e.GetEntries()[0].GetId()})
	require.NoError(t, err)
	stops[1]()
	stops[2]()
	rest, err := io.ReadAll(readers[0])
	require.NoError(t, err)
	require.Greater(t, len(rest), 30_000*500)
	require.Equal(t, 30_000, strings.Count(string(rest), "https://example.com/"), "all rows, and no other")
	require.Eventually(t, func() bool {
		rows, err := w.planned(ctx, &storagev1.QueryPlanRequest{Component: "order", Fields: []string{"number"}})
		return err == nil && len(rows) == 30_000 && slices.ContainsFunc(rows, func(row values) bool { return row["number"] == "Y-1" })
	}, 20*time.Second, 50*time.Millisecond, "there is room when readers have gone")
}

// However many entries a plan reads, it holds a batch of them. Not parallel: nothing else may use memory.
func TestPlansNeedLittleMemory(t *testing.T) {
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	w.manyOrders(ctx, 6, 10_000, 1000)
	stream, err := w.bulk.QueryPlan(ctx, &storagev1.QueryPlanRequest{Component: "order"})
	require.NoError(t, err)
	from := &planReader{stream: stream}
	rows, err := columnar.NewReader(from)
	require.NoError(t, err)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, peak, n := heap(), uint64(0), 0
	require.NoError(t, rows.Each(func([]any) error {
		if n++; n%4000 == 0 {
			peak = max(peak, heap())
		}
		return nil
	}))
	require.Equal(t, 60_000, n)
	require.Less(t, int64(peak)-int64(before), int64(16<<20), "60 MB went by")
}
