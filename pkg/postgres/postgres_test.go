package postgres_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
)

func migrations(extra ...string) fstest.MapFS {
	files := fstest.MapFS{"migrations/00001_things.sql": {Data: []byte(`-- +goose Up
CREATE TABLE thing (
	tenant_id text NOT NULL,
	id text NOT NULL,
	n bigint NOT NULL DEFAULT 0 CONSTRAINT n_positive CHECK (n >= 0),
	parent text,
	PRIMARY KEY (tenant_id, id),
	CONSTRAINT thing_parent FOREIGN KEY (tenant_id, parent) REFERENCES thing DEFERRABLE INITIALLY DEFERRED
);
` + postgres.RLSPolicy("thing"))}}
	for i, sql := range extra {
		files[fmt.Sprintf("migrations/%05d_more.sql", i+2)] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + sql)}
	}
	return files
}

func open(t *testing.T, cfg postgres.Config) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(t.Context(), cfg, postgres.Options{Schema: "library"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return db
}

func insert(t *testing.T, db postgres.DBTX, tenant, id string) {
	t.Helper()
	tag, err := db.Exec(t.Context(), "insert into thing (tenant_id, id) values ($1, $2)", tenant, id)
	require.NoError(t, err)
	require.EqualValues(t, 1, tag.RowsAffected())
}

func ids(t *testing.T, db postgres.DBTX) []string {
	t.Helper()
	rows, err := db.Query(t.Context(), "select tenant_id || '/' || id from thing order by 1")
	require.NoError(t, err)
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	return got
}

func TestTenantsAreKeptApart(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", migrations())
	pgtest.RequireRLS(t, cfg, "library")
	db := open(t, cfg)
	ctx := t.Context()
	require.NoError(t, db.Ready(ctx))
	insert(t, db.Tenant("a"), "a", "1")
	insert(t, db.Tenant("b"), "b", "1")

	require.Equal(t, []string{"a/1"}, ids(t, db.Tenant("a")))
	require.Equal(t, []string{"b/1"}, ids(t, db.Tenant("b")))
	require.Equal(t, []string{"a/1", "b/1"}, ids(t, db.System()))
	require.Empty(t, ids(t, db.Pool()), "a query without tenant finds nothing, also after the connection served one")

	_, err := db.Tenant("a").Exec(ctx, "insert into thing (tenant_id, id) values ('b', '2')")
	require.ErrorContains(t, err, "row-level security")
	tag, err := db.Tenant("a").Exec(ctx, "update thing set n = 1 where tenant_id = 'b'")
	require.NoError(t, err)
	require.Zero(t, tag.RowsAffected())

	for _, tenant := range []postgres.DBTX{db.Tenant("")} {
		_, err := tenant.Exec(ctx, "select 1")
		require.ErrorIs(t, err, postgres.ErrNoTenant)
		_, err = tenant.Query(ctx, "select 1")
		require.ErrorIs(t, err, postgres.ErrNoTenant)
		require.ErrorIs(t, tenant.QueryRow(ctx, "select 1").Scan(new(int)), postgres.ErrNoTenant)
	}
	require.ErrorIs(t, db.TenantTx(ctx, "", func(pgx.Tx) error { return nil }), postgres.ErrNoTenant)

	require.NoError(t, db.TenantTx(ctx, "b", func(tx pgx.Tx) error {
		require.Equal(t, []string{"b/1"}, ids(t, tx))
		return nil
	}))
	require.NoError(t, db.SystemTx(ctx, func(tx pgx.Tx) error {
		require.Equal(t, []string{"a/1", "b/1"}, ids(t, tx))
		return nil
	}))
}

func TestTenantReturnsConnections(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", migrations())
	cfg.MaxConns = 1 // so that a connection that is not given back blocks the next statement
	db := open(t, cfg)
	a := db.Tenant("a")
	ctx := t.Context()
	var n int
	for range 3 {
		require.NoError(t, a.QueryRow(ctx, "select $1::int", 7).Scan(&n))
		require.Equal(t, 7, n)
		require.ErrorIs(t, a.QueryRow(ctx, "select 1 where false").Scan(&n), pgx.ErrNoRows)
		require.Error(t, a.QueryRow(ctx, "select 'text'").Scan(&n))
		require.ErrorContains(t, a.QueryRow(ctx, "select 1 / $1::int", 0).Scan(&n), "division by zero")
		_, err := a.Query(ctx, "select nonsense")
		require.ErrorContains(t, err, "nonsense")
		_, err = a.Exec(ctx, "select 1 / $1::int", 0)
		require.ErrorContains(t, err, "division by zero")

		rows, err := a.Query(ctx, "select generate_series(1, 100000)")
		require.NoError(t, err)
		require.True(t, rows.Next())
		rows.Close() // early
		require.NoError(t, rows.Err())

		rows, err = a.Query(ctx, "select 10 / (3 - g) from generate_series(1, 3) g")
		require.NoError(t, err)
		for rows.Next() {
		}
		require.ErrorContains(t, rows.Err(), "division by zero")
	}
	require.Zero(t, db.Pool().Stat().AcquiredConns())
}

func TestConstraintErrors(t *testing.T) {
	t.Parallel()
	db := open(t, pgtest.Database(t, "library", migrations()))
	a := db.Tenant("a")
	ctx := t.Context()
	insert(t, a, "a", "1")

	_, err := a.Exec(ctx, "insert into thing (tenant_id, id) values ('a', '1')")
	name, ok := postgres.IsUnique(err)
	require.True(t, ok)
	require.Equal(t, "thing_pkey", name)

	_, err = a.Exec(ctx, "insert into thing (tenant_id, id, n) values ('a', '2', -1)")
	name, ok = postgres.IsCheck(err)
	require.True(t, ok)
	require.Equal(t, "n_positive", name)

	_, err = a.Exec(ctx, "insert into thing (tenant_id, id) values ('a', null)")
	name, ok = postgres.IsNotNull(err)
	require.True(t, ok)
	require.Equal(t, "id", name)

	// Deferred: it fails when the implicit transaction ends, after the statement itself succeeded.
	_, err = a.Exec(ctx, "insert into thing (tenant_id, id, parent) values ('a', '2', 'gone')")
	name, ok = postgres.IsForeignKey(err)
	require.True(t, ok)
	require.Equal(t, "thing_parent", name)
	var id string
	err = a.QueryRow(ctx, "insert into thing (tenant_id, id, parent) values ('a', '3', 'gone') returning id").Scan(&id)
	_, ok = postgres.IsForeignKey(err)
	require.True(t, ok)
	require.Equal(t, []string{"a/1"}, ids(t, a))

	_, ok = postgres.IsUnique(errors.New("other"))
	require.False(t, ok)
}

func TestTx(t *testing.T) {
	t.Parallel()
	db := open(t, pgtest.Database(t, "library", migrations()))
	ctx := t.Context()
	boom := errors.New("boom")

	require.ErrorIs(t, db.TenantTx(ctx, "a", func(tx pgx.Tx) error {
		insert(t, tx, "a", "1")
		return boom
	}), boom)
	require.Panics(t, func() {
		_ = db.TenantTx(ctx, "a", func(tx pgx.Tx) error {
			insert(t, tx, "a", "2")
			panic("boom")
		})
	})
	err := db.TenantTx(ctx, "a", func(tx pgx.Tx) error {
		_, _ = tx.Exec(ctx, "select nonsense")
		return nil // the error is forgotten, the transaction is not
	})
	require.ErrorIs(t, err, pgx.ErrTxCommitRollback)
	gone, cancel := context.WithCancel(ctx)
	require.ErrorIs(t, db.TenantTx(gone, "a", func(tx pgx.Tx) error {
		insert(t, tx, "a", "3")
		cancel()
		return gone.Err()
	}), context.Canceled)
	require.Empty(t, ids(t, db.System()))

	require.NoError(t, db.TenantTx(ctx, "a", func(tx pgx.Tx) error {
		insert(t, tx, "a", "1")
		inner, err := tx.Begin(ctx)
		require.NoError(t, err)
		insert(t, inner, "a", "2")
		return inner.Rollback(ctx)
	}))
	require.Equal(t, []string{"a/1"}, ids(t, db.System()))
	require.Zero(t, db.Pool().Stat().AcquiredConns())
}

func TestTxRetriesDeadlock(t *testing.T) {
	t.Parallel()
	db := open(t, pgtest.Database(t, "library", migrations()))
	ctx := t.Context()
	insert(t, db.Tenant("a"), "a", "1")
	insert(t, db.Tenant("a"), "a", "2")

	const update = "update thing set n = n + 1 where id = $1"
	var attempts atomic.Int64
	var both, done sync.WaitGroup
	both.Add(2)
	for _, order := range [][]string{{"1", "2"}, {"2", "1"}} {
		first := true
		done.Go(func() {
			err := db.TenantTx(ctx, "a", func(tx pgx.Tx) error {
				attempts.Add(1)
				if _, err := tx.Exec(ctx, update, order[0]); err != nil {
					return err
				}
				if first {
					first = false
					both.Done()
					both.Wait()
				}
				_, err := tx.Exec(ctx, update, order[1])
				return err
			})
			if err != nil {
				t.Errorf("transaction: %v", err)
			}
		})
	}
	done.Wait()
	require.EqualValues(t, 3, attempts.Load(), "one of the two was the victim and ran again")
	var sum int
	require.NoError(t, db.System().QueryRow(ctx, "select sum(n) from thing").Scan(&sum))
	require.Equal(t, 4, sum)
}

func TestTxGivesUp(t *testing.T) {
	t.Parallel()
	db := open(t, pgtest.Database(t, "library", migrations()))
	attempts := 0
	err := db.SystemTx(t.Context(), func(pgx.Tx) error {
		attempts++
		return &pgconn.PgError{Code: "40001"}
	})
	require.True(t, postgres.IsRetryable(err))
	require.Equal(t, 5, attempts)
}

func TestConfigRefusesWeakConnections(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ url, want string }{
		{"", "URL is required"},
		{"postgres://u:sesame@db.example:x/aqtra", "not a valid Postgres URL"},
		{"postgres://u:sesame@db.example/aqtra", "must use sslmode=verify-full"},
		{"postgres://u:sesame@db.example/aqtra?sslmode=disable", "must use sslmode=verify-full"},
		{"postgres://u:sesame@db.example/aqtra?sslmode=require", "must use sslmode=verify-full"},
		{"postgres://u:sesame@db.example/aqtra?sslmode=verify-ca", "must use sslmode=verify-full"},
		{"postgres://u:sesame@db.example/aqtra?sslmode=verify-full&sslrootcert=/no/such.pem", "no such file"},
		{"postgres://u:sesame@db.example/aqtra?sslmode=verify-full", ""},
		{"postgres:///aqtra?host=/run/postgresql&user=u", ""},
	} {
		err := postgres.Config{URL: tc.url}.Validate()
		if tc.want == "" {
			require.NoError(t, err, tc.url)
			continue
		}
		require.ErrorContains(t, err, tc.want, tc.url)
		require.NotContains(t, err.Error(), "sesame")
	}
	err := postgres.Config{MaxConns: -1, LockTimeout: -1}.Validate()
	require.ErrorContains(t, err, "MaxConns")
	require.ErrorContains(t, err, "LockTimeout")
	_, err = postgres.Open(t.Context(), postgres.Config{URL: "postgres:///x?host=/tmp"}, postgres.Options{Schema: `a"b`})
	require.ErrorContains(t, err, "not a plain identifier")
}

func TestSessionSettings(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", migrations())
	u, err := url.Parse(cfg.URL)
	require.NoError(t, err)
	q := u.Query()
	q.Set("default_query_exec_mode", "simple_protocol") // must not win
	q.Set("pool_max_conns", "99")
	u.RawQuery = q.Encode()
	cfg.URL = u.String()
	db := open(t, cfg)
	for _, tc := range []struct {
		pool               *pgxpool.Pool
		application, scope string
	}{
		{db.Pool(), "library", ""},
		{db.SystemPool(), "library-system", "system"},
	} {
		conn, err := tc.pool.Acquire(t.Context())
		require.NoError(t, err)
		require.Equal(t, pgx.QueryExecModeCacheStatement, conn.Conn().Config().DefaultQueryExecMode)
		tlsConn, ok := conn.Conn().PgConn().Conn().(*tls.Conn)
		require.True(t, ok)
		require.EqualValues(t, tls.VersionTLS13, tlsConn.ConnectionState().Version)
		var got []string
		require.NoError(t, conn.QueryRow(t.Context(), `select array[current_setting('application_name'),
			coalesce(current_setting('aqtra.scope', true), ''), current_setting('search_path'), current_setting('statement_timeout'),
			current_setting('lock_timeout'), current_setting('timezone')]`).Scan(&got))
		require.Equal(t, []string{tc.application, tc.scope, "library, pg_temp", "30s", "5s", "UTC"}, got)
		conn.Release()
	}
	require.EqualValues(t, 8, db.Pool().Stat().MaxConns())
}

func TestUnavailable(t *testing.T) {
	t.Parallel()
	srv := pgtest.Server(t)
	db := open(t, srv.Database(t, "library", migrations()))
	ctx := t.Context()
	insert(t, db.Tenant("a"), "a", "1")

	srv.Kill(t)
	// A session may answer until it notices.
	require.Eventually(t, func() bool { return postgres.IsUnavailable(db.Ready(ctx)) }, 10*time.Second, time.Millisecond)
	for range 10 {
		_, err := db.Tenant("a").Exec(ctx, "select 1")
		require.True(t, postgres.IsUnavailable(err), "%v", err)
		err = db.TenantTx(ctx, "a", func(pgx.Tx) error { return nil })
		require.True(t, postgres.IsUnavailable(err), "%v", err)
		require.True(t, postgres.IsUnavailable(db.Ready(ctx)))
	}
	srv.Start(t)
	require.Equal(t, []string{"a/1"}, ids(t, db.Tenant("a")), "what was acknowledged is there after kill -9")

	srv.Stop(t)
	require.True(t, postgres.IsUnavailable(db.Ready(ctx)))
	srv.Start(t)
	require.NoError(t, db.Ready(ctx))

	gone, cancel := context.WithCancel(ctx)
	cancel()
	require.False(t, postgres.IsUnavailable(db.Ready(gone)))
	require.False(t, postgres.IsUnavailable(nil))
	require.False(t, postgres.IsUnavailable(&pgconn.PgError{Code: "23505"}))
	require.True(t, postgres.IsUnavailable(fmt.Errorf("x: %w", &pgconn.PgError{Code: "57P03"})))
}

func TestRLSPolicyRefusesOddNames(t *testing.T) {
	t.Parallel()
	require.Panics(t, func() { postgres.RLSPolicy("a; drop table b") })
	require.Equal(t, 3, strings.Count(postgres.RLSPolicy("a"), ";"))
}
