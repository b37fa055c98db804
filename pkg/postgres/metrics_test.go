package postgres_test

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
)

func TestMetrics(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(t.Context(), pgtest.Database(t, "library", migrations()), postgres.Options{Schema: "library"})
	require.NoError(t, err)
	clk := clock.NewFake(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC))
	reg := prometheus.NewRegistry()
	require.NoError(t, db.Register(reg, clk))
	up := func(want int) {
		t.Helper()
		text := "# HELP aqtra_postgres_up 1 when Postgres answers this process within 2 s, 0 when not.\n# TYPE aqtra_postgres_up gauge\naqtra_postgres_up " +
			string(rune('0'+want)) + "\n"
		require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(text), "aqtra_postgres_up"))
	}
	up(1)
	conn, err := db.SystemPool().Acquire(t.Context())
	require.NoError(t, err)
	require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP aqtra_postgres_connections Connections to Postgres, by pool and by what they do.
# TYPE aqtra_postgres_connections gauge
aqtra_postgres_connections{pool="system",state="busy"} 1
aqtra_postgres_connections{pool="system",state="idle"} 0
aqtra_postgres_connections{pool="tenant",state="busy"} 0
aqtra_postgres_connections{pool="tenant",state="idle"} 1
# HELP aqtra_postgres_connections_max Most connections that a pool may have.
# TYPE aqtra_postgres_connections_max gauge
aqtra_postgres_connections_max{pool="system"} 4
aqtra_postgres_connections_max{pool="tenant"} 8
`), "aqtra_postgres_connections", "aqtra_postgres_connections_max"))
	conn.Release()
	db.Close() // nothing answers any more
	up(1)      // what was asked a moment ago still counts
	clk.Advance(10 * time.Second)
	up(0)
	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
}
