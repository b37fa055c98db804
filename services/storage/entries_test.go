package storage_test

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/store"
)

func TestControlTablesKeepTenantsApart(t *testing.T) {
	t.Parallel()
	pgtest.RequireRLS(t, pgtest.Database(t, store.Schema, store.Migrations), store.Schema)
}

func mustDate(t *testing.T, text string) value.Date {
	t.Helper()
	d, err := value.ParseDate(text)
	require.NoError(t, err)
	return d
}

func mustTime(t *testing.T, text string) value.Time {
	t.Helper()
	d, err := value.ParseTime(text)
	require.NoError(t, err)
	return d
}

func TestEveryTypeOfFieldRoundTrips(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	a := w.create(ctx, "customer", values{"title": "Ada", "city": "Köln"})
	b := w.create(ctx, "customer", values{"title": "Bo"})
	file := w.upload(ctx, "scan.png", "image/png", pngBytes())
	sent := time.Date(2026, 5, 1, 12, 30, 0, 123456000, time.UTC)
	in := values{
		"number": "A-1", "amount": int64(1 << 61), "state": int64(1), "total": value.MustDecimal("12.5"), "exact": value.MustDecimal("12345678901234567890.123456789012345678"),
		"paid": true, "due": mustDate(t, "2026-02-28"), "at": mustTime(t, "13:05:00.25"), "sent": sent, "link": "https://example.com/x?y=1",
		"scan": value.File(file.GetId()), "customer": value.Ref(a.GetId()), "contact": value.Ref(b.GetId()),
		"watchers": []any{value.Ref(b.GetId()), value.Ref(a.GetId())}, "owned": []any{value.Ref(a.GetId())}, "secret": "hush", "screen": "not kept",
	}
	created := w.create(ctx, "order", in)
	require.Equal(t, "A-1", created.GetName())
	require.Equal(t, "u1", created.GetCreatorSubject())
	require.NotEmpty(t, created.GetEtag())
	delete(in, "screen")
	require.Equal(t, in, fieldsOf(t, created))

	got, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: created.GetId()})
	require.NoError(t, err)
	require.Equal(t, in, fieldsOf(t, got))
	require.Equal(t, created.GetCreateTime().AsTime(), got.GetCreateTime().AsTime())

	// JSON-born values get their declared types.
	texts := w.create(ctx, "order", values{
		"number": "A-2", "total": int64(7), "exact": "1.5", "due": "2026-01-31", "at": "07:00", "sent": "2026-01-01T01:00:00+01:00",
		"scan": file.GetId(), "customer": a.GetId(), "watchers": []any{b.GetId()}, "amount": "42",
	})
	f := fieldsOf(t, texts)
	require.Equal(t, value.NewDecimal(7), f["total"])
	require.Equal(t, mustDate(t, "2026-01-31"), f["due"])
	require.Equal(t, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), f["sent"])
	require.Equal(t, []any{value.Ref(b.GetId())}, f["watchers"])
	require.Equal(t, int64(42), f["amount"])
	require.Nil(t, f["paid"])
	require.Equal(t, []any{}, f["owned"])

	// Each type by itself: as its own kind of value, as JSON has it, and none.
	for i, c := range []struct {
		kind       string
		want, json values
		none       any
	}{
		{"string", values{"secret": "hush"}, values{"secret": "hush"}, nil},
		{"integer", values{"amount": int64(1 << 61), "state": int64(1)}, values{"amount": "2305843009213693952", "state": int64(1)}, nil},
		{"number", values{"total": value.MustDecimal("12.5"), "exact": value.NewDecimal(7)}, values{"total": "12.5", "exact": int64(7)}, nil},
		{"boolean", values{"paid": false}, values{"paid": false}, nil},
		{"date", values{"due": mustDate(t, "2026-02-28")}, values{"due": "2026-02-28"}, nil},
		{"time", values{"at": mustTime(t, "13:05:00")}, values{"at": "13:05"}, nil},
		{"datetime", values{"sent": sent}, values{"sent": "2026-05-01T13:30:00.123456+01:00"}, nil},
		{"uri", values{"link": "https://example.com/x?y=1"}, values{"link": "https://example.com/x?y=1"}, nil},
		{"file", values{"scan": value.File(file.GetId())}, values{"scan": file.GetId()}, nil},
		{"catalog", values{"customer": value.Ref(a.GetId())}, values{"customer": a.GetId()}, nil},
		{"array", values{"watchers": []any{value.Ref(b.GetId())}}, values{"watchers": []any{b.GetId()}}, []any{}},
	} {
		t.Run(c.kind, func(t *testing.T) {
			for form, in := range map[string]values{"typed": c.want, "json": c.json} {
				in = maps.Clone(in)
				in["number"] = fmt.Sprintf("%s-%d", strings.ToUpper(form), i)
				made := w.create(ctx, "order", in)
				got, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: made.GetId()})
				require.NoError(t, err)
				for name, want := range c.want {
					require.Equal(t, want, fieldsOf(t, made)[name], "%s %s, as created", form, name)
					require.Equal(t, want, fieldsOf(t, got)[name], "%s %s, as read", form, name)
				}
				for name := range c.want {
					made, err = w.update(ctx, "order", made.GetId(), values{name: nil})
					require.NoError(t, err)
					require.Equal(t, c.none, fieldsOf(t, made)[name], "%s %s, taken away", form, name)
				}
			}
		})
	}
}

func TestBadValuesNameTheirFields(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	text := w.upload(ctx, "note.txt", "text/plain", []byte("hello"))
	const invalid, unknown = faultv1.Reason_REASON_VALUE_INVALID, faultv1.Reason_REASON_UNKNOWN_FIELD
	for _, c := range []struct {
		name   string
		fields values
		reason faultv1.Reason
		want   []string
	}{
		{"required", values{}, invalid, []string{"fields.number"}},
		{"required null", values{"number": nil}, invalid, []string{"fields.number"}},
		{"short", values{"number": "A"}, invalid, []string{"fields.number"}},
		{"pattern is for the whole text", values{"number": "xA-1"}, invalid, []string{"fields.number"}},
		{"long", values{"number": "A-1234567890123456789"}, invalid, []string{"fields.number"}},
		{"too small", values{"number": "A-1", "amount": int64(-1001)}, invalid, []string{"fields.amount"}},
		{"not an option", values{"number": "A-1", "state": int64(2)}, invalid, []string{"fields.state"}},
		{"precision", values{"number": "A-1", "total": value.MustDecimal("1.234")}, invalid, []string{"fields.total"}},
		{"too large", values{"number": "A-1", "total": value.MustDecimal("1000000.01")}, invalid, []string{"fields.total"}},
		{"not a date", values{"number": "A-1", "due": "2026-02-30"}, invalid, []string{"fields.due"}},
		{"script as link", values{"number": "A-1", "link": "javascript:alert(1)"}, invalid, []string{"fields.link"}},
		{"relative link", values{"number": "A-1", "link": "/x"}, invalid, []string{"fields.link"}},
		{"zero byte", values{"number": "A-1", "secret": "a\x00b"}, invalid, []string{"fields.secret"}},
		{"unknown", values{"number": "A-1", "nope": true}, unknown, []string{"fields.nope"}},
		{"two at once", values{"number": "A", "paid": "yes"}, invalid, []string{"fields.number", "fields.paid"}},
		{"no such customer", values{"number": "A-1", "customer": value.Ref("c1")}, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, []string{"fields.customer"}},
		{"no such watcher", values{"number": "A-1", "watchers": []any{"c1"}}, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, []string{"fields.watchers"}},
		{"watcher twice", values{"number": "A-1", "watchers": []any{"c1", "c1"}}, invalid, []string{"fields.watchers"}},
		{"no such file", values{"number": "A-1", "scan": "f1"}, faultv1.Reason_REASON_FILE_NOT_FOUND, []string{"fields.scan"}},
		{"file of another type", values{"number": "A-1", "scan": text.GetId()}, invalid, []string{"fields.scan"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, c.fields)})
			refused(t, err, c.reason, c.want...)
		})
	}
	list, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Count: true})
	require.NoError(t, err)
	require.Zero(t, list.GetTotalSize())
}

func TestUniqueValuesAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	ada := w.create(ctx, "customer", values{"title": "Ada"})
	first := w.create(ctx, "order", values{"number": "A-1", "contact": ada.GetId(), "owned": []any{ada.GetId()}})
	const exists = faultv1.Reason_REASON_ENTRY_EXISTS
	for name, c := range map[string]struct {
		fields values
		field  string
	}{
		"primary key": {values{"number": "A-1"}, "fields.number"},
		"one to one":  {values{"number": "A-2", "contact": ada.GetId()}, "fields.contact"},
		"one to many": {values{"number": "A-2", "owned": []any{ada.GetId()}}, "fields.owned"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, c.fields)})
			refused(t, err, exists, c.field)
		})
	}
	// The key of a deleted entry is free; restoring it then is refused.
	_, err := w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "order", Entry: first.GetId()})
	require.NoError(t, err)
	w.create(ctx, "order", values{"number": "A-1"})
	_, err = w.entries.RestoreEntry(ctx, &storagev1.RestoreEntryRequest{Component: "order", Entry: first.GetId()})
	refused(t, err, exists, "fields.number")
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	e := w.create(ctx, "order", values{"number": "A-1", "amount": int64(1), "secret": "one"})

	changed, err := w.update(ctx, "order", e.GetId(), values{"amount": int64(2), "secret": "two"})
	require.NoError(t, err)
	require.NotEqual(t, e.GetEtag(), changed.GetEtag())
	require.Equal(t, int64(2), fieldsOf(t, changed)["amount"])
	require.Equal(t, "A-1", fieldsOf(t, changed)["number"])

	same, err := w.update(ctx, "order", e.GetId(), values{"amount": int64(2), "secret": "two"})
	require.NoError(t, err)
	require.Equal(t, changed.GetEtag(), same.GetEtag())

	stale := entry(t, values{"amount": int64(3)})
	stale.Id, stale.Etag = e.GetId(), e.GetEtag()
	_, err = w.entries.UpdateEntry(ctx, &storagev1.UpdateEntryRequest{Component: "order", Entry: stale})
	refused(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)

	masked := entry(t, values{"amount": int64(9), "secret": "three"})
	masked.Id = e.GetId()
	got, err := w.entries.UpdateEntry(ctx, &storagev1.UpdateEntryRequest{Component: "order", Entry: masked,
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"fields.secret", "fields.total"}}})
	require.NoError(t, err)
	require.Equal(t, int64(2), fieldsOf(t, got)["amount"])
	require.Equal(t, "three", fieldsOf(t, got)["secret"])

	_, err = w.update(ctx, "order", e.GetId(), values{"number": nil})
	refused(t, err, faultv1.Reason_REASON_VALUE_INVALID, "fields.number")
	_, err = w.update(ctx, "order", "nobody", values{"amount": int64(1)})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)

	page, err := w.entries.ListEntryChanges(ctx, &storagev1.ListEntryChangesRequest{Component: "order", Entry: e.GetId(), PageSize: 2})
	require.NoError(t, err)
	require.Len(t, page.GetChanges(), 2)
	newest := page.GetChanges()[0]
	require.Equal(t, libraryv1.Operation_OPERATION_UPDATE, newest.GetOperation())
	before, err := value.MapFromProto(newest.GetBefore())
	require.NoError(t, err)
	after, err := value.MapFromProto(newest.GetAfter())
	require.NoError(t, err)
	require.Equal(t, values{"secret": "two"}, before)
	require.Equal(t, values{"secret": "three"}, after)
	rest, err := w.entries.ListEntryChanges(ctx, &storagev1.ListEntryChangesRequest{Component: "order", Entry: e.GetId(), PageSize: 2, PageToken: page.GetNextPageToken()})
	require.NoError(t, err)
	require.Len(t, rest.GetChanges(), 1)
	require.Equal(t, libraryv1.Operation_OPERATION_CREATE, rest.GetChanges()[0].GetOperation())
	require.Equal(t, w.release, rest.GetChanges()[0].GetRelease())
}

func TestDeleteRestorePurge(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	used := w.create(ctx, "customer", values{"title": "Used"})
	free := w.create(ctx, "customer", values{"title": "Free"})
	w.create(ctx, "order", values{"number": "A-1", "customer": used.GetId()})
	for _, e := range []*storagev1.Entry{used, free} {
		deleted, err := w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "customer", Entry: e.GetId(), Etag: e.GetEtag()})
		require.NoError(t, err)
		require.NotNil(t, deleted.GetDeleteTime())
	}
	_, err := w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "customer", Entry: used.GetId()})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
	_, err = w.update(ctx, "customer", used.GetId(), values{"city": "Rome"})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
	require.Empty(t, w.ids(ctx, &storagev1.ListEntriesRequest{Component: "customer"}))
	require.Len(t, w.ids(ctx, &storagev1.ListEntriesRequest{Component: "customer", ShowDeleted: true}), 2)
	// A new reference needs a live entry.
	_, err = w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-2", "customer": free.GetId()})})
	refused(t, err, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, "fields.customer")

	restored, err := w.entries.RestoreEntry(ctx, &storagev1.RestoreEntryRequest{Component: "customer", Entry: free.GetId()})
	require.NoError(t, err)
	require.Nil(t, restored.GetDeleteTime())
	_, err = w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "customer", Entry: free.GetId()})
	require.NoError(t, err)

	purged, err := w.entries.PurgeEntries(ctx, &storagev1.PurgeEntriesRequest{Component: "customer"})
	require.NoError(t, err)
	require.Equal(t, int64(1), purged.GetPurged())
	require.Equal(t, int64(1), purged.GetKept())
	_, err = w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "customer", Entry: free.GetId()})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
}

// ids are the ids of all pages of a list.
func (w *world) ids(ctx context.Context, r *storagev1.ListEntriesRequest) []string {
	w.t.Helper()
	ids := []string{}
	for {
		page, err := w.entries.ListEntries(ctx, r)
		require.NoError(w.t, err)
		for _, e := range page.GetEntries() {
			ids = append(ids, e.GetId())
		}
		if page.GetNextPageToken() == "" {
			return ids
		}
		r.PageToken = page.GetNextPageToken()
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	r := &storagev1.CreateEntryRequest{Component: "customer", Entry: entry(t, values{"title": "Ada"}), RequestId: "q1"}
	first, err := w.entries.CreateEntry(ctx, r)
	require.NoError(t, err)
	for range 3 {
		again, err := w.entries.CreateEntry(ctx, r)
		require.NoError(t, err)
		require.Equal(t, first.GetId(), again.GetId())
	}
	_, err = w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "customer", Entry: entry(t, values{"title": "Bo"}), RequestId: "q1"})
	refused(t, err, faultv1.Reason_REASON_REQUEST_ID_REUSED)
	// A refused request leaves no trace.
	_, err = w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "customer", Entry: entry(t, values{"title": "Ada"}), RequestId: "q2"})
	refused(t, err, faultv1.Reason_REASON_ENTRY_EXISTS, "fields.title")
	_, err = w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "customer", Entry: entry(t, values{"title": "Cy"}), RequestId: "q2"})
	require.NoError(t, err)

	// The same request many times at once has one effect.
	ids := make(chan string, 8)
	for range cap(ids) {
		go func() {
			e, err := w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "customer", Entry: entry(t, values{"title": "Di"}), RequestId: "q3"})
			if err != nil {
				ids <- err.Error()
				return
			}
			ids <- e.GetId()
		}()
	}
	one := <-ids
	for range cap(ids) - 1 {
		require.Equal(t, one, <-ids)
	}
}

func upsert(t *testing.T, fields values) *storagev1.WriteOperation {
	return &storagev1.WriteOperation{Action: storagev1.WriteAction_WRITE_ACTION_UPSERT, Entry: entry(t, fields)}
}

func TestBatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	rows := func(amount int64) (ops []*storagev1.WriteOperation) {
		for i := range 406 {
			ops = append(ops, upsert(t, values{"number": fmt.Sprintf("A-%d", i), "amount": amount, "total": value.NewDecimal(int64(i)), "paid": i%2 == 0}))
		}
		return ops
	}
	start := time.Now()
	got, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: rows(1), RequestId: "b1"})
	require.NoError(t, err)
	t.Logf("406 upserts that create: %s", time.Since(start))
	require.Equal(t, int64(406), got.GetCreated())
	again, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: rows(1), RequestId: "b1"})
	require.NoError(t, err)
	require.Equal(t, int64(406), again.GetCreated())

	start = time.Now()
	got, err = w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: rows(2)})
	require.NoError(t, err)
	t.Logf("406 upserts that update: %s", time.Since(start))
	require.Equal(t, int64(406), got.GetUpdated())
	start = time.Now()
	got, err = w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: rows(2)})
	require.NoError(t, err)
	t.Logf("406 upserts that change nothing: %s", time.Since(start))
	require.Equal(t, int64(406), got.GetUnchanged())

	// All or nothing names every bad row.
	mixed := []*storagev1.WriteOperation{
		upsert(t, values{"number": "B-1"}),
		upsert(t, values{"number": "bad"}),
		{Action: storagev1.WriteAction_WRITE_ACTION_CREATE, Entry: entry(t, values{"number": "A-1"})},
		{Action: storagev1.WriteAction_WRITE_ACTION_DELETE, Entry: &storagev1.Entry{Id: got.GetResults()[0].GetId()}},
		upsert(t, values{"number": "B-1"}),
		upsert(t, values{"number": "B-2", "customer": "nobody"}),
		{Entry: entry(t, values{"number": "B-3"})},
	}
	_, err = w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: mixed})
	refused(t, err, faultv1.Reason_REASON_VALUE_INVALID, "operations[1].entry.fields.number", "operations[2].entry.fields.number",
		"operations[4].entry.fields.number", "operations[5].entry.fields.customer", "operations[6]")
	_, err = w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: got.GetResults()[0].GetId()})
	require.NoError(t, err)

	per, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: mixed, PerRow: true})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 1, 5}, []int64{per.GetCreated(), per.GetDeleted(), per.GetFailed()})
	require.Equal(t, "ENTRY_EXISTS", per.GetResults()[2].GetError().GetReason())
	require.Equal(t, "number", per.GetResults()[2].GetError().GetField())
	require.Equal(t, "REFERENCE_NOT_FOUND", per.GetResults()[5].GetError().GetReason())
}

func TestBatchWithoutWhatOnlyTheDatabaseRefuses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	ada := w.create(ctx, "customer", values{"title": "Ada"})
	ops := []*storagev1.WriteOperation{
		upsert(t, values{"number": "A-1", "contact": ada.GetId()}),
		upsert(t, values{"number": "A-2", "contact": ada.GetId()}),
		upsert(t, values{"number": "A-3"}),
	}
	_, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops})
	require.Error(t, err)
	got, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops, PerRow: true})
	require.NoError(t, err)
	require.Equal(t, int64(2), got.GetCreated())
	require.Equal(t, "contact", got.GetResults()[1].GetError().GetField())
}

func TestTenantsDoNotMeet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	mine := w.create(w.admin(), "customer", values{"title": "Ada", "city": "Köln"})
	file := w.upload(w.admin(), "a.txt", "text/plain", []byte("mine"))
	home, homeCtx := w.tenant, w.admin()

	w.tenant = newTenant()
	w.provision(w.tenant)
	w.publish(order()...)
	ctx := w.admin()
	_, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "customer", Entry: mine.GetId()})
	missing := refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
	_, err = w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "customer", Entry: "0198c0de-0000-7000-8000-000000000000"})
	require.Equal(t, missing, refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND))
	require.Empty(t, w.ids(ctx, &storagev1.ListEntriesRequest{Component: "customer", ShowDeleted: true}))
	_, err = w.update(ctx, "customer", mine.GetId(), values{"city": "Rome"})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
	_, err = w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-1", "customer": mine.GetId()})})
	refused(t, err, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, "fields.customer")
	_, err = w.files.GetFile(ctx, &storagev1.GetFileRequest{File: file.GetId()})
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
	_, err = w.download(ctx, file.GetId(), 0, 0)
	refused(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
	require.Len(t, w.ids(homeCtx, &storagev1.ListEntriesRequest{Component: "customer"}), 1)

	// The same at the level of roles: one tenant's role reaches no table of another, and neither does the service's own.
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.URL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	look := func(role, tenant string) error {
		_, err := conn.Exec(t.Context(), "SELECT set_config('role', $1, false)", role)
		require.NoError(t, err)
		_, err = conn.Exec(t.Context(), fmt.Sprintf("SELECT id FROM t_%s.c_u_customer", tenant))
		return err
	}
	require.NoError(t, look("t_"+home, home))
	require.ErrorContains(t, look("t_"+home, w.tenant), "permission denied")
	require.ErrorContains(t, look("none", home), "permission denied")
	require.NoError(t, look("t_"+w.tenant, w.tenant))
	_, err = conn.Exec(t.Context(), fmt.Sprintf("DROP TABLE t_%s.c_u_customer", w.tenant))
	require.ErrorContains(t, err, "must be owner")
}

func TestSensitiveValuesAreNeverPlain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	_, err := w.entries.CreateEntry(ctx, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-1", "secret": "zzhushzz", "link": "https://zzplainzz"}), RequestId: "q1"})
	require.NoError(t, err)
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.OwnerURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SELECT set_config('aqtra.scope', 'system', false)")
	require.NoError(t, err)
	found := func(word string) (n int) {
		for table, columns := range map[string][]string{
			"t_" + w.tenant + ".c_u_order": {"f_id_secret", "f_id_link::bytea"},
			"storage.entry_changes":        {"before_values", "after_values"},
			"storage.requests":             {"response"},
		} {
			for _, c := range columns {
				var hits int
				require.NoError(t, conn.QueryRow(t.Context(), fmt.Sprintf("SELECT count(*) FROM %s WHERE position($1::bytea IN %s) > 0", table, c), []byte(word)).Scan(&hits))
				n += hits
			}
		}
		return n
	}
	require.Equal(t, 2, found("zzplainzz"), "in the table and in the history")
	require.Zero(t, found("zzhushzz"))
}
