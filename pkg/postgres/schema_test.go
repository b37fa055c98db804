package postgres_test

import (
	"context"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgproto3"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
)

func settings(cfg postgres.Config) config.Lookup {
	return config.Map(map[string]string{"X_URL": cfg.URL, "X_OWNER_URL": cfg.OwnerURL})
}

func TestSchemaCommands(t *testing.T) {
	t.Parallel()
	cfg := pgtest.Database(t, "library", nil)
	now := postgres.Schema{Name: "library", Migrations: migrations()}
	next := postgres.Schema{Name: "library", Migrations: migrations("CREATE TABLE second (id text);")}
	app := cfg
	app.OwnerURL = ""

	var older *postgres.OlderSchemaError
	require.ErrorAs(t, now.Prepare(t.Context(), app), &older)
	require.Equal(t, postgres.OlderSchemaError{Schema: "library", Database: 0, Binary: 1}, *older)

	// Who waits is told what for, and goes on when the migration is done.
	waits := make(chan string, 10)
	done := make(chan error, 1)
	go func() {
		done <- now.Await(t.Context(), "X", settings(app), func(what string) { waits <- what })
	}()
	require.Equal(t, older.Error(), <-waits)
	require.NoError(t, now.Migrate(t.Context(), "X", settings(cfg)))
	require.NoError(t, <-done)
	require.Empty(t, waits, "told once")
	require.NoError(t, now.Prepare(t.Context(), app))
	require.NoError(t, now.Migrate(t.Context(), "X", settings(cfg)), "again")

	// The next version's binary waits, and fails at last.
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	require.ErrorContains(t, next.Await(ctx, "X", settings(app), func(string) {}), "schema library is at version 1, but this binary needs version 2")
	require.NoError(t, next.Prepare(t.Context(), cfg), "with the owner it migrates by itself")

	var newer *postgres.NewerSchemaError
	for _, err := range []error{
		now.Prepare(t.Context(), app), now.Await(t.Context(), "X", settings(app), nil), now.Migrate(t.Context(), "X", settings(cfg)),
	} {
		require.ErrorAs(t, err, &newer)
		require.Equal(t, postgres.NewerSchemaError{Schema: "library", Database: 2, Binary: 1}, *newer)
	}
	require.EqualError(t, now.Migrate(t.Context(), "X", settings(app)), "X_OWNER_URL is required to migrate")
	require.EqualError(t, now.Await(t.Context(), "X", config.Map(nil), nil), "X_URL is required")
	bad := config.Map(map[string]string{"X_URL": "postgres://u:secret@h/d?sslmode=disable"})
	require.EqualError(t, now.Await(t.Context(), "X", bad, nil), "X_URL: connection to h must use sslmode=verify-full")
}

// A Postgres that is away is waited for; who starts a service without the owner's rights starts all the same.
func TestPostgresIsAway(t *testing.T) {
	t.Parallel()
	srv := pgtest.Server(t)
	cfg := srv.Database(t, "library", migrations())
	schema := postgres.Schema{Name: "library", Migrations: migrations()}
	srv.Stop(t)
	app := cfg
	app.OwnerURL = ""
	require.NoError(t, schema.Prepare(t.Context(), app))
	_, err := postgres.Await(t.Context(), cfg.URL, 50*time.Millisecond)
	require.ErrorContains(t, err, "Postgres at 127.0.0.1:")
	require.ErrorContains(t, err, "cannot be reached (tried for 50ms): connection refused")
	require.True(t, postgres.IsUnavailable(err))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = postgres.Await(ctx, cfg.URL, time.Minute)
	require.ErrorContains(t, err, "stopped while waiting for Postgres")

	waits := make(chan string, 10)
	done := make(chan error, 1)
	go func() {
		done <- schema.Await(t.Context(), "X", settings(app), func(what string) { waits <- what })
	}()
	require.Contains(t, <-waits, "cannot be reached")
	srv.Start(t)
	require.NoError(t, <-done)
}

// A server that is too old says so by itself when one connects; this one is as old as it says.
func TestPostgresIsTooOld(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lis, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = lis.Close() })
	go func() {
		for {
			conn, err := lis.Accept()
			if err != nil {
				return
			}
			go greet(conn, "14.9 (Debian 14.9-1)")
		}
	}()
	url := "postgres://u:secret@/d?host=" + dir
	schema := postgres.Schema{Name: "library", Migrations: migrations()}
	var old *postgres.TooOldError
	for _, err := range []error{
		schema.Prepare(t.Context(), postgres.Config{URL: url}),
		schema.Await(t.Context(), "X", settings(postgres.Config{URL: url}), nil),
		schema.Migrate(t.Context(), "X", settings(postgres.Config{OwnerURL: url})),
	} {
		require.ErrorAs(t, err, &old)
		require.ErrorContains(t, err, "has version 14.9 (Debian 14.9-1); version 15 or newer is needed")
		require.NotContains(t, err.Error(), "secret")
	}
}

func greet(conn net.Conn, version string) {
	defer conn.Close()
	b := pgproto3.NewBackend(conn, conn)
	if _, err := b.ReceiveStartupMessage(); err != nil {
		return
	}
	b.Send(&pgproto3.AuthenticationOk{})
	b.Send(&pgproto3.ParameterStatus{Name: "server_version", Value: version})
	b.Send(&pgproto3.ReadyForQuery{TxStatus: 'I'})
	if b.Flush() == nil {
		_, _ = b.Receive() // the caller says goodbye
	}
}
