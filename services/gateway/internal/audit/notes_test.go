package audit_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/gateway/internal/audit"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// Calls are noted when Begin returns, also after the connections to Postgres were cut, and their ends at the latest when Run ends.
func TestNotes(t *testing.T) {
	t.Parallel()
	pg, err := postgres.Open(t.Context(), pgtest.Database(t, store.Schema, store.Migrations), postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(pg.Close)
	notes := audit.NewNotes(db.New(pg.System()), clock.Real(), slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- notes.Run(ctx) }()
	defer stop()
	list := func() []db.ListAuditRow {
		for attempt := 0; ; attempt++ {
			rows, err := db.New(pg.Tenant("t1")).ListAudit(t.Context(), db.ListAuditParams{TenantID: "t1", BeforeID: 1 << 40, PageSize: 1000})
			if err == nil {
				return rows
			}
			require.Less(t, attempt, 20, "more than the connections that were cut: %v", err)
		}
	}

	// All at once, on several connections.
	var callers sync.WaitGroup
	for range 50 {
		callers.Go(func() {
			end, err := notes.Begin(t.Context(), audit.Call{Tenant: "t1", Subject: "u1", Method: "A.B", Target: "/v1/x", Address: "::1"})
			if err == nil {
				end(204)
			}
		})
	}
	callers.Wait()
	require.Len(t, list(), 50)

	_, err = pg.System().Exec(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = current_user AND pid <> pg_backend_pid()")
	require.NoError(t, err)
	_, _ = pg.System().Exec(t.Context(), "SELECT pg_terminate_backend(pg_backend_pid())") // its own connection ends as well
	end, err := notes.Begin(t.Context(), audit.Call{Tenant: "t1", Subject: "u2", Method: "A.C"})
	require.NoError(t, err)
	end(0) // it panicked

	stop()
	require.NoError(t, <-ended)
	rows := list()
	require.Len(t, rows, 51)
	require.Equal(t, []any{"A.C", "u2", int32(500)}, []any{rows[0].Action, rows[0].Subject, rows[0].Outcome})
	for _, r := range rows[1:] {
		require.Equal(t, int32(204), r.Outcome)
	}

	late, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 50*time.Millisecond)
	defer cancel()
	_, err = notes.Begin(late, audit.Call{Tenant: "t1"})
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
