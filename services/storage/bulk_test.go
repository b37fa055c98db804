package storage_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// chunk is a chunk for component of rows, whose values stand in the order of fields.
func chunk(t require.TestingT, component, job string, n int64, fields string, rows ...[]any) *storagev1.WriteChunkRequest {
	r := &storagev1.WriteChunkRequest{Component: component, Job: job, Chunk: n, Fields: strings.Fields(fields)}
	for _, row := range rows {
		list := &typev1.ListValue{}
		for _, v := range row {
			p, err := value.ToProto(v)
			require.NoError(t, err)
			list.Items = append(list.Items, p)
		}
		r.Rows = append(r.Rows, list)
	}
	return r
}

func (w *world) stored(ctx context.Context, component string, r *storagev1.WriteChunkRequest) []int64 {
	w.t.Helper()
	r.Component = component
	got, err := w.bulk.WriteChunk(ctx, r)
	require.NoError(w.t, err)
	return []int64{got.GetCreated(), got.GetUpdated(), got.GetUnchanged()}
}

func TestChunks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	ada := w.create(ctx, "customer", values{"title": "Ada"}).GetId()
	first := chunk(t, "order", "j", 0, "number amount customer", []any{"A-1", int64(1), ada}, []any{"A-2", int64(2), nil}, []any{"A-3", nil, ada})
	require.Equal(t, []int64{3, 0, 0}, w.stored(ctx, "order", first))
	second := chunk(t, "order", "j", 1, "amount number", []any{int64(1), "A-1"}, []any{int64(5), "A-2"}, []any{int64(6), "A-4"})
	require.Equal(t, []int64{1, 1, 1}, w.stored(ctx, "order", second))
	require.Equal(t, []int64{3, 0, 0}, w.stored(ctx, "order", first), "answered as it was, not done again")
	require.Len(t, w.ids(ctx, &storagev1.ListEntriesRequest{Component: "order", Filter: `amount == 5 || amount == 6 || amount == 1 && customer.title == "Ada"`}), 3)
	got, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Filter: `number == "A-2"`})
	require.NoError(t, err)
	e := got.GetEntries()[0]
	require.Equal(t, []string{"A-2", "u1", "u1"}, []string{e.GetName(), e.GetCreatorSubject(), e.GetUpdateSubject()})

	for name, c := range map[string]struct {
		r      *storagev1.WriteChunkRequest
		reason faultv1.Reason
		fields []string
	}{
		"another chunk by the same number": {chunk(t, "order", "j", 0, "number", []any{"A-1"}), faultv1.Reason_REASON_REQUEST_ID_REUSED, []string{"chunk"}},
		"no job":                           {chunk(t, "order", "", 0, "number", []any{"A-1"}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"job"}},
		"no rows":                          {chunk(t, "order", "k", 0, "number"), faultv1.Reason_REASON_INVALID_FIELDS, []string{"rows"}},
		"without the key":                  {chunk(t, "order", "k", 0, "amount", []any{int64(1)}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"fields"}},
		"an unknown field":                 {chunk(t, "order", "k", 0, "number nothing", []any{"A-1", "x"}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"fields[1]"}},
		"a field of the system":            {chunk(t, "order", "k", 0, "number id", []any{"A-1", "x"}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"fields[1]"}},
		"SQL for a field":                  {chunk(t, "order", "k", 0, `number "amount";`, []any{"A-1", "x"}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"fields[1]"}},
		"an encrypted field":               {chunk(t, "order", "k", 0, "number secret", []any{"A-1", "x"}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"fields[1]"}},
		"a list":                           {chunk(t, "order", "k", 0, "number watchers", []any{"A-1", []any{}}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"fields[1]"}},
		"too few values":                   {chunk(t, "order", "k", 0, "number amount", []any{"A-1"}), faultv1.Reason_REASON_INVALID_FIELDS, []string{"rows[0]"}},
		"another type":                     {chunk(t, "order", "k", 0, "number amount", []any{"A-9", int64(1)}, []any{"A-1", "x"}), faultv1.Reason_REASON_VALUE_INVALID, []string{"rows[1].amount"}},
		"beyond a bound":                   {chunk(t, "order", "k", 0, "number amount", []any{"A-1", int64(-1001)}), faultv1.Reason_REASON_VALUE_INVALID, []string{"rows[0].amount"}},
		"the same key twice":               {chunk(t, "order", "k", 0, "number", []any{"A-9"}, []any{"A-9"}), faultv1.Reason_REASON_ENTRY_EXISTS, []string{"rows[1].number"}},
		"a target that is not there":       {chunk(t, "order", "k", 0, "number customer", []any{"A-9", "missing"}), faultv1.Reason_REASON_REFERENCE_NOT_FOUND, []string{"rows[0].customer"}},
		"an unknown component":             {chunk(t, "nothing", "k", 0, "number", []any{"A-9"}), faultv1.Reason_REASON_COMPONENT_NOT_FOUND, nil},
	} {
		_, err := w.bulk.WriteChunk(ctx, c.r)
		require.Error(t, err, name)
		t.Log(name)
		refused(t, err, c.reason, c.fields...)
	}
	require.Len(t, w.ids(ctx, &storagev1.ListEntriesRequest{Component: "order"}), 4, "nothing of what was refused is there")

	many := make([][]any, 50_001)
	for i := range many {
		many[i] = []any{fmt.Sprintf("Z-%d", i)}
	}
	_, err = w.bulk.WriteChunk(ctx, chunk(t, "order", "m", 0, "number", many...))
	refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS, "rows")
	require.Equal(t, []int64{50_000, 0, 0}, w.stored(ctx, "order", chunk(t, "order", "m", 0, "number", many[1:]...)))
}

func TestChunksKeepTheRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(ruled()...)
	admin, clerk := w.admin(), w.holder("c1", "clerk")
	koeln := w.create(admin, "customer", values{"title": "Ada", "city": "Köln"}).GetId()
	rome := w.create(admin, "customer", values{"title": "Bo", "city": "Rome"}).GetId()
	require.Equal(t, []int64{2, 0, 0}, w.stored(clerk, "order", chunk(t, "", "1", 0, "number amount", []any{"A-1", int64(5)}, []any{"A-2", int64(99)})))
	require.Equal(t, []int64{0, 2, 0}, w.stored(clerk, "order", chunk(t, "", "1", 1, "number amount customer", []any{"A-1", int64(500), koeln}, []any{"A-2", int64(1), nil})))
	require.Equal(t, []int64{1, 0, 0}, w.stored(admin, "order", chunk(t, "", "2", 0, "number amount", []any{"B-1", int64(5)})))

	refuse := func(who context.Context, reason faultv1.Reason, fields string, rows ...[]any) {
		t.Helper()
		_, err := w.bulk.WriteChunk(who, chunk(t, "order", "3", 0, fields, rows...))
		refused(t, err, reason)
	}
	refuse(clerk, faultv1.Reason_REASON_ENTRY_EXISTS, "number amount", []any{"A-1", int64(7)}, []any{"B-1", int64(7)})  // somebody else's
	refuse(clerk, faultv1.Reason_REASON_PERMISSION_DENIED, "number amount", []any{"A-3", int64(100)})                   // may not be created
	refuse(w.holder("a1", "auditor"), faultv1.Reason_REASON_PERMISSION_DENIED, "number amount", []any{"A-1", int64(7)}) // may be read only
	refuse(w.holder("o1", "owner"), faultv1.Reason_REASON_PERMISSION_DENIED, "number customer", []any{"A-1", nil})      // would leave what he may change
	refuse(clerk, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, "number customer", []any{"A-1", rome})                     // refers to what he may not see
	refuse(w.as(principal.Principal{Grants: []principal.Grant{{Permission: "entries.read"}}}), faultv1.Reason_REASON_PERMISSION_DENIED, "number", []any{"X-1"})
	require.Len(t, w.ids(admin, &storagev1.ListEntriesRequest{Component: "order", Filter: "amount == 500 || amount == 1 || amount == 5"}), 3, "nothing has changed")

	_, err := w.bulkAs("gateway").WriteChunk(admin, chunk(t, "order", "4", 0, "number", []any{"X-1"}))
	refused(t, err, faultv1.Reason_REASON_PEER_NOT_ALLOWED)
	_, err = w.bulk.WriteChunk(t.Context(), chunk(t, "order", "4", 0, "number", []any{"X-1"}))
	require.Error(t, err, "for nobody")

	// Another tenant has a job of that name of its own, and its own entries.
	other := newTenant()
	w.provision(other)
	require.NoError(t, w.expand(other, ruled()...))
	w.flip(other, ruled()...)
	theirs := w.as(principal.Principal{Tenant: other, Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}})
	require.Equal(t, []int64{1, 0, 0}, w.stored(theirs, "order", chunk(t, "", "1", 0, "number amount", []any{"A-1", int64(5)})))
}

func TestChunksStartWorkflows(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(triggered()...)
	w.run(w.svc)
	koeln := w.create(w.admin(), "customer", values{"title": "Ada", "city": "Köln"}).GetId()
	fields := "number amount customer"
	rows := [][]any{{"A-1", int64(1), koeln}, {"A-2", int64(2), koeln}}
	w.stored(w.admin(), "order", chunk(t, "", "j", 0, fields, rows...))
	w.stored(w.admin(), "order", chunk(t, "", "j", 0, fields, rows...)) // once more, as after a lost answer
	w.stored(w.admin(), "order", chunk(t, "", "j", 1, fields, []any{"A-1", int64(11), koeln}, []any{"A-2", int64(9), koeln}, []any{"A-3", int64(1), nil}))
	starts := map[string]int{}
	for _, s := range w.await(4) {
		starts[s.GetWorkflow()]++
	}
	require.Equal(t, map[string]int{"approve": 3, "remind": 1}, starts)
}

// TestChunksStoreWhatBatchesStore compares the two ways of writing with values of all kinds.
func TestChunksStoreWhatBatchesStore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	kinds := []*libraryv1.Field{field("key", typString, key), field("text", typString), field("int", typInteger), field("number", typNumber),
		field("bool", typBoolean), field("date", typDate), field("sent", typDatetime)}
	w.publish(component("chunked", kinds...), component("batched", kinds...))
	ctx := w.admin()
	n := int64(0)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{`\N`, `\.`, "\t", "\n", "\r\n", `\\t`, "'; DROP TABLE x; --", "🙂\u202e", "x"}),
			rapid.StringMatching(`[\x01-\x7fäß€]{1,20}`))
		maybe := func(g *rapid.Generator[any]) *rapid.Generator[any] { return rapid.OneOf(g, rapid.Just[any](nil)) }
		seen := map[string]bool{}
		var rows [][]any
		var ops []*storagev1.WriteOperation
		for range rapid.IntRange(1, 5).Draw(rt, "rows") {
			k := text.Draw(rt, "key")
			if seen[k] {
				continue
			}
			seen[k] = true
			day, err := value.ParseDate(fmt.Sprintf("%04d-%02d-%02d", rapid.IntRange(1, 9999).Draw(rt, "y"), rapid.IntRange(1, 12).Draw(rt, "m"), rapid.IntRange(1, 28).Draw(rt, "d")))
			require.NoError(t, err)
			number, err := value.ParseDecimal(rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,6})?`).Draw(rt, "number"))
			require.NoError(t, err)
			row := []any{k, maybe(rapid.Map(text, func(s string) any { return s })).Draw(rt, "text"),
				maybe(rapid.Map(rapid.Int64(), func(i int64) any { return i })).Draw(rt, "int"), any(number),
				maybe(rapid.Map(rapid.Bool(), func(b bool) any { return b })).Draw(rt, "bool"), any(day), nil}
			rows = append(rows, row)
			fields := values{}
			for i, f := range kinds {
				fields[f.GetName()] = row[i]
			}
			ops = append(ops, upsert(t, fields))
		}
		n++
		_, chunkErr := w.bulk.WriteChunk(ctx, chunk(t, "chunked", "j", n, "key text int number bool date sent", rows...))
		_, batchErr := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "batched", Operations: ops})
		require.Equal(t, batchErr == nil, chunkErr == nil, "%v, %v", batchErr, chunkErr)
		all := func(component string) map[string]values {
			out := map[string]values{}
			page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: component, PageSize: 1000})
			require.NoError(t, err)
			for _, e := range page.GetEntries() {
				f := fieldsOf(t, e)
				out[f["key"].(string)] = f
			}
			return out
		}
		for k, want := range all("batched") {
			got := all("chunked")[k]
			for name := range want {
				require.True(t, value.Equal(want[name], got[name]), "%q: %s: %v, %v", k, name, want[name], got[name])
			}
		}
	})
}
