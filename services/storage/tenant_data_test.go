package storage_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/postgres"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"

	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// left counts what the database has of a tenant: rows of the service's tables, tables, schemas and roles.
func (w *world) left(t *testing.T, tenant string) map[string]int {
	owner, err := postgres.OpenOwner(t.Context(), w.cfg.Database, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	defer owner.Close()
	found := map[string]int{}
	count := func(what, sql string, args ...any) {
		var n int
		require.NoError(t, owner.QueryRow(t.Context(), sql, args...).Scan(&n))
		if n > 0 {
			found[what] = n
		}
	}
	count("schemas", "SELECT count(*) FROM pg_namespace WHERE nspname = $1", "t_"+tenant)
	count("roles", "SELECT count(*) FROM pg_roles WHERE rolname = $1", "t_"+tenant)
	rows, err := owner.Query(t.Context(), "SELECT table_name FROM information_schema.columns WHERE table_schema = $1 AND column_name = 'tenant_id'", store.Schema)
	require.NoError(t, err)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.Greater(t, len(tables), 4)
	for _, table := range tables {
		tx, err := owner.Begin(t.Context())
		require.NoError(t, err)
		_, err = tx.Exec(t.Context(), "SELECT set_config('aqtra.scope', 'system', true)")
		require.NoError(t, err)
		var n int
		require.NoError(t, tx.QueryRow(t.Context(), "SELECT count(*) FROM "+pgx.Identifier{store.Schema, table}.Sanitize()+" WHERE tenant_id = $1", tenant).Scan(&n))
		require.NoError(t, tx.Rollback(t.Context()))
		if n > 0 {
			found[table] = n
		}
	}
	objects, err := filepath.Glob(filepath.Join(strings.TrimPrefix(w.cfg.FilesURL, "file://"), "t_"+tenant, "*"))
	require.NoError(t, err)
	if len(objects) > 0 {
		found["files"] = len(objects)
	}
	return found
}

func TestDeletedTenantLeavesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	other := w.tenant
	fill := func() context.Context {
		ctx := w.holder("u1", "clerk")
		ada := w.create(ctx, "customer", values{"title": "Ada"})
		w.create(ctx, "order", values{"number": "A-1", "customer": ada.GetId()})
		w.upload(ctx, "a.png", "image/png", pngBytes())
		return ctx
	}
	fill()
	w.tenant = newTenant()
	w.provision(w.tenant)
	w.publish(order()...)
	ctx := fill()
	gone := w.tenant
	require.NotEmpty(t, w.left(t, gone)["files"])
	require.NotEmpty(t, w.left(t, gone)["entry_changes"])

	_, err := w.data.DeleteTenantData(t.Context(), &tenantsv1.DeleteTenantDataRequest{})
	refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS, "tenant")
	for range 2 { // it may be repeated
		_, err = w.data.DeleteTenantData(t.Context(), &tenantsv1.DeleteTenantDataRequest{Tenant: gone})
		require.NoError(t, err)
		require.Empty(t, w.left(t, gone))
	}
	_, err = w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order"})
	refused(t, err, faultv1.Reason_REASON_TENANT_NOT_FOUND)

	w.tenant, w.release = other, "r1"
	page, err := w.entries.ListEntries(w.holder("u1", "clerk"), &storagev1.ListEntriesRequest{Component: "order"})
	require.NoError(t, err)
	require.Len(t, page.GetEntries(), 1, "another tenant's data stays")
	require.NotEmpty(t, w.left(t, other)["files"])
	_, err = os.Stat(w.cfg.KeyFile)
	require.NoError(t, err)
}
