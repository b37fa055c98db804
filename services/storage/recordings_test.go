package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"
)

func TestRecordings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, client := t.Context(), w.recordingsAs("dataflow")
	keep := func(dataflow, content string, at time.Time) error {
		_, err := client.KeepRecording(ctx, &storagev1.KeepRecordingRequest{Tenant: w.tenant, Component: "order", Dataflow: dataflow,
			Recording: &storagev1.Recording{Time: timestamppb.New(at), Content: []byte(content)}})
		return err
	}
	kept := func(dataflow string) (contents []string) {
		t.Helper()
		resp, err := client.ListRecordings(ctx, &storagev1.ListRecordingsRequest{Tenant: w.tenant, Component: "order", Dataflow: dataflow})
		require.NoError(t, err)
		for _, r := range resp.GetRecordings() {
			contents = append(contents, string(r.GetContent()))
		}
		return contents
	}
	now := time.Now()
	for i := range 23 {
		require.NoError(t, keep("sum", fmt.Sprintf("zzhushzz%02d", i), now))
	}
	require.NoError(t, keep("old", "x", now.Add(-8*24*time.Hour)))
	require.NoError(t, keep("other", "y", now))
	got := kept("sum")
	require.Len(t, got, 20)
	require.Equal(t, "zzhushzz22", got[0])
	require.Equal(t, "zzhushzz03", got[19])
	require.Empty(t, kept("old"), "they are kept for a week")
	require.Equal(t, []string{"y"}, kept("other"))
	refused(t, keep("sum", string(make([]byte, 256<<10+1)), now), faultv1.Reason_REASON_INVALID_FIELDS)

	_, err := w.recordingsAs("gateway").ListRecordings(ctx, &storagev1.ListRecordingsRequest{Tenant: w.tenant, Component: "order", Dataflow: "sum"})
	refused(t, err, faultv1.Reason_REASON_PEER_NOT_ALLOWED)

	conn, err := pgx.Connect(ctx, w.cfg.Database.OwnerURL)
	require.NoError(t, err)
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, "SELECT set_config('aqtra.scope', 'system', false)")
	require.NoError(t, err)
	count := func(sql string) (n int) {
		t.Helper()
		require.NoError(t, conn.QueryRow(ctx, sql).Scan(&n))
		return n
	}
	require.Equal(t, 22, count("SELECT count(*) FROM storage.recordings"))
	require.Zero(t, count("SELECT count(*) FROM storage.recordings WHERE position('zzhushzz'::bytea IN content) > 0"), "they are encrypted")
	_, err = w.data.DeleteTenantData(ctx, &tenantsv1.DeleteTenantDataRequest{Tenant: w.tenant})
	require.NoError(t, err)
	require.Zero(t, count("SELECT count(*) FROM storage.recordings"))
}
