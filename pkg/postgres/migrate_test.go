package postgres_test

import (
	"net/url"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
)

func TestMigrateFromManyReplicas(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", nil)
	files := migrations("CREATE TABLE second (id text);", "CREATE TABLE third (id text);")
	errs := make([]error, 4)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = postgres.Migrate(t.Context(), cfg.OwnerURL, "library", files) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	pgtest.RequireRLS(t, cfg, "library")
	db := open(t, cfg)
	var n, version int
	const tables = "select count(*) from pg_tables where schemaname = 'library'"
	require.NoError(t, db.Pool().QueryRow(t.Context(), tables).Scan(&n))
	require.Equal(t, 4, n)
	require.NoError(t, db.Pool().QueryRow(t.Context(), "select max(version_id) from schema_version").Scan(&version))
	require.Equal(t, 3, version)

	// The files may lie at the root as well.
	root, err := files.Sub("migrations")
	require.NoError(t, err)
	require.NoError(t, postgres.Migrate(t.Context(), cfg.OwnerURL, "library", root))

	var newer *postgres.NewerSchemaError
	err = postgres.Migrate(t.Context(), cfg.OwnerURL, "library", migrations())
	require.ErrorAs(t, err, &newer)
	require.Equal(t, postgres.NewerSchemaError{Schema: "library", Database: 3, Binary: 1}, *newer)
}

func TestMigrateFailureChangesNothing(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", nil)
	bad := fstest.MapFS{"00001_bad.sql": {Data: []byte("-- +goose Up\nCREATE TABLE kept (id text);\nSELECT nonsense;\n")}}
	require.ErrorContains(t, postgres.Migrate(t.Context(), cfg.OwnerURL, "library", bad), "nonsense")
	require.ErrorContains(t, postgres.Migrate(t.Context(), cfg.OwnerURL, "library", fstest.MapFS{}), "no migrations")
	require.ErrorContains(t, postgres.Migrate(t.Context(), cfg.OwnerURL, "Odd;", migrations()), "not a plain identifier")
	require.NoError(t, postgres.Migrate(t.Context(), cfg.OwnerURL, "library", migrations()))
	require.Empty(t, ids(t, open(t, cfg).System()))
}

func TestMigrateWaitsForLocksInTurns(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", migrations())
	db := open(t, cfg)
	tx, err := db.Pool().Begin(t.Context())
	require.NoError(t, err)
	_, err = tx.Exec(t.Context(), "select * from thing")
	require.NoError(t, err)

	done := make(chan error, 1)
	go func() {
		done <- postgres.Migrate(t.Context(), cfg.OwnerURL, "library", migrations("ALTER TABLE thing ADD COLUMN note text;"))
	}()
	// The migration waits for its lock, gives up, and comes again: only then does the reader end.
	owner, err := postgres.OpenOwner(t.Context(), cfg, postgres.Options{Schema: "library"}) // sees its own sessions' waits
	require.NoError(t, err)
	defer owner.Close()
	waiting := func(want int) {
		const q = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
		require.Eventually(t, func() bool {
			var got int
			return owner.QueryRow(t.Context(), q).Scan(&got) == nil && got == want
		}, 30*time.Second, 5*time.Millisecond)
	}
	waiting(1)
	waiting(0)
	require.NoError(t, tx.Rollback(t.Context()))
	require.NoError(t, <-done)
	require.NoError(t, db.Tenant("a").QueryRow(t.Context(), "select count(note) from thing").Scan(new(int)))
}

func TestBootstrap(t *testing.T) {
	t.Parallel()
	srv := pgtest.Server(t)
	ctx := t.Context()
	admin := srv.AdminURL("house")
	services := []postgres.Service{
		{Schema: "library", OwnerPassword: "o1", AppPassword: "a1"},
		{Schema: "storage", OwnerPassword: "o2", AppPassword: "a2", CanCreateRoles: true},
	}
	// From several places at once, and again.
	errs := make([]error, 3)
	var wg sync.WaitGroup
	for i := range errs {
		wg.Go(func() { errs[i] = postgres.Bootstrap(ctx, admin, services) })
	}
	wg.Wait()
	for _, err := range errs {
		require.NoError(t, err)
	}
	as := func(role, password string) string {
		u, err := url.Parse(admin)
		require.NoError(t, err)
		u.User = url.UserPassword(role, password)
		return u.String()
	}
	connect := func(role, password string) *pgx.Conn {
		conn, err := pgx.Connect(ctx, as(role, password))
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close(ctx) })
		return conn
	}
	refused := func(conn *pgx.Conn, sql string) {
		t.Helper()
		_, err := conn.Exec(ctx, sql)
		require.ErrorContains(t, err, "permission denied", sql)
	}
	do := func(conn *pgx.Conn, sql string) {
		t.Helper()
		_, err := conn.Exec(ctx, sql)
		require.NoError(t, err, sql)
	}
	require.NoError(t, postgres.Migrate(ctx, as("aqtra_library_owner", "o1"), "library", migrations()))
	cfg := postgres.Config{URL: as("aqtra_library_app", "a1"), OwnerURL: as("aqtra_library_owner", "o1")}
	pgtest.RequireRLS(t, cfg, "library")

	app := connect("aqtra_library_app", "a1")
	do(app, "select * from library.thing")
	for _, sql := range []string{
		"create table library.mine (id text)", "create table public.mine (id text)", "create temp table mine (id text)",
		"create schema mine", "create role mine", "truncate library.thing", "update library.schema_version set version_id = 9",
		"set role aqtra_library_owner", "select * from storage.x",
	} {
		_, err := app.Exec(ctx, sql)
		require.Error(t, err, sql)
		require.Regexp(t, "permission denied|must be (owner|member)", err.Error(), sql)
	}
	refused(connect("aqtra_library_owner", "o1"), "create schema mine")

	// Storage's owner makes a tenant's role and schema and lends the role to the application.
	owner := connect("aqtra_storage_owner", "o2")
	do(owner, "create role tenant_x nologin")
	do(owner, "grant tenant_x to aqtra_storage_owner, aqtra_storage_app")
	do(owner, "create schema tenant_x authorization tenant_x")
	storage := connect("aqtra_storage_app", "a2")
	refused(storage, "create table tenant_x.entry (id text)")
	do(storage, "create temp table incoming (id text)")
	do(storage, "grant select on incoming to tenant_x")
	do(storage, "set role tenant_x")
	do(storage, "select * from pg_temp.incoming")
	refused(storage, "create temp table mine (id text)")

	// Passwords are rotated by the next call.
	services[0].AppPassword = "a3"
	require.NoError(t, postgres.Bootstrap(ctx, admin, services))
	connect("aqtra_library_app", "a3")
	_, err := pgx.Connect(ctx, as("aqtra_library_app", "a1"))
	require.ErrorContains(t, err, "password authentication failed")

	for _, bad := range []postgres.Service{
		{Schema: "public", OwnerPassword: "o", AppPassword: "a"}, {Schema: `x"`, OwnerPassword: "o", AppPassword: "a"},
		{Schema: "x", AppPassword: "a"}, {Schema: "x", OwnerPassword: "ö", AppPassword: "a"},
	} {
		require.Error(t, postgres.Bootstrap(ctx, admin, []postgres.Service{bad}))
	}
}
