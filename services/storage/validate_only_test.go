package storage_test

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

func TestBatchValidateOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(triggered()...)
	ctx := w.admin()
	old := w.create(ctx, "order", values{"number": "A-1"})
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.URL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SELECT set_config('aqtra.scope', 'system', false)")
	require.NoError(t, err)
	count := func(table string) (n int) {
		require.NoError(t, conn.QueryRow(t.Context(), "SELECT count(*) FROM storage."+table).Scan(&n))
		return n
	}
	rows, err := conn.Query(t.Context(), "SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'storage'::regnamespace AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')")
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Contains(t, tables, "outbox")
	before := map[string]int{}
	for _, name := range tables {
		before[name] = count(pgx.Identifier{name}.Sanitize())
	}
	ops := []*storagev1.WriteOperation{upsert(t, values{"number": "A-2"}), {Action: storagev1.WriteAction_WRITE_ACTION_DELETE, Entry: &storagev1.Entry{Id: old.GetId()}}}
	for range 2 {
		got, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops, RequestId: "v1", ValidateOnly: true})
		require.NoError(t, err)
		require.Equal(t, []int64{1, 1}, []int64{got.GetCreated(), got.GetDeleted()})
		require.NotEmpty(t, got.GetResults()[0].GetId())
		require.NotEmpty(t, got.GetResults()[0].GetEtag())
	}
	_, err = w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: []*storagev1.WriteOperation{upsert(t, values{"number": "bad"})}, ValidateOnly: true})
	refused(t, err, faultv1.Reason_REASON_VALUE_INVALID, "operations[0].entry.fields.number")
	per, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", PerRow: true, ValidateOnly: true, Operations: []*storagev1.WriteOperation{
		upsert(t, values{"number": "B-1"}), upsert(t, values{"number": "bad"}),
		{Action: storagev1.WriteAction_WRITE_ACTION_CREATE, Entry: entry(t, values{"number": "A-1"})},
	}})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 2}, []int64{per.GetCreated(), per.GetFailed()})
	for _, name := range tables {
		require.Equal(t, before[name], count(pgx.Identifier{name}.Sanitize()), name)
	}
	got, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: old.GetId()})
	require.NoError(t, err)
	require.Equal(t, old.GetEtag(), got.GetEtag())
	stored, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops[:1], RequestId: "v1"})
	require.NoError(t, err)
	require.Equal(t, int64(1), stored.GetCreated())
}
