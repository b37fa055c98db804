package store_test

import (
	"io/fs"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"

	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// before hides the migrations from one name on.
type before struct {
	fs.FS
	name string
}

func (b before) ReadDir(dir string) ([]fs.DirEntry, error) {
	all, err := fs.ReadDir(b.FS, dir)
	kept := all[:0]
	for _, e := range all {
		if e.IsDir() || e.Name() < b.name {
			kept = append(kept, e)
		}
	}
	return kept, err
}

// The names of tables and columns were comments once; nothing of them may be lost.
func TestCommentsBecomeLabels(t *testing.T) {
	t.Parallel()
	migrations, err := fs.Sub(store.Migrations, "migrations")
	require.NoError(t, err)
	cfg := pgtest.Database(t, store.Schema, before{migrations, "00003"})
	conn, err := pgx.Connect(t.Context(), cfg.OwnerURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SELECT set_config('aqtra.scope', 'system', false)")
	require.NoError(t, err)
	for _, sql := range []string{
		`INSERT INTO storage.tenants (tenant_id, schema_name, role_name, database, wrapped_key) VALUES ('acme', 't_acme', 'r', 'd', ''), ('new', 't_new', 'n', 'd', '')`,
		`CREATE SCHEMA t_acme`,
		`CREATE TABLE t_acme.c_1 (f_1 text, f_2 text)`,
		`COMMENT ON TABLE t_acme.c_1 IS 'customer'`,
		`COMMENT ON COLUMN t_acme.c_1.f_2 IS 'city'`,
	} {
		_, err := conn.Exec(t.Context(), sql)
		require.NoError(t, err, sql)
	}
	require.NoError(t, postgres.Migrate(t.Context(), cfg.OwnerURL, store.Schema, store.Migrations))
	rows, err := conn.Query(t.Context(), "SELECT tenant_id, labels FROM storage.labels")
	require.NoError(t, err)
	type row struct {
		Tenant string
		Labels map[string]string
	}
	got, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	require.NoError(t, err)
	require.Equal(t, []row{{"acme", map[string]string{"c_1": "customer", "c_1.f_2": "city"}}}, got)
}
