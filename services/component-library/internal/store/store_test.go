package store_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store"
)

func TestTenantsAreKeptApart(t *testing.T) {
	t.Parallel()
	pgtest.RequireRLS(t, pgtest.Database(t, store.Schema, store.Migrations()), store.Schema)
}

func open(t *testing.T, cfg postgres.Config) *store.Store {
	t.Helper()
	db, err := postgres.Open(t.Context(), cfg, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return store.New(db)
}

// What a tenant may keep is bounded, and what was refused left no trace.
func TestQuota(t *testing.T) {
	t.Parallel()
	s := open(t, pgtest.Database(t, store.Schema, store.Migrations()))
	save := func(i int) engine.Save {
		return engine.Save{
			UID: fmt.Sprintf("a%09d", i), Component: fmt.Sprintf("c%d", i), Content: make([]byte, 8<<20), Digest: []byte{1}, Header: []byte{}, Time: time.Now(),
		}
	}
	const fit = engine.MaxTenantBytes / (8 << 20)
	for i := range fit {
		require.NoError(t, s.Create(t.Context(), "t1", save(i)))
	}
	require.ErrorIs(t, s.Create(t.Context(), "t1", save(fit)), engine.ErrQuota)
	_, err := s.Revision(t.Context(), "t1", "c"+strconv.Itoa(fit), 0)
	require.ErrorIs(t, err, engine.ErrNotFound)
	grown := save(0)
	grown.Content = make([]byte, 9<<20)
	require.ErrorIs(t, s.Save(t.Context(), "t1", 1, grown), engine.ErrQuota)
	r, err := s.Revision(t.Context(), "t1", "c0", 0)
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Number)
	require.NoError(t, s.Create(t.Context(), "t2", save(0)))
}

// A database that is away is something to try again, not a bug.
func TestDatabaseIsAway(t *testing.T) {
	t.Parallel()
	s := open(t, postgres.Config{URL: "postgres://nobody@/nothing?host=" + t.TempDir()})
	_, err := s.Pointer(t.Context(), "t1")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE), "%v", err)
	_, err = s.Heads(t.Context(), "t1")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE), "%v", err)
	err = s.Flip(t.Context(), engine.Lease{Tenant: "t1"}, 1, "", time.Now())
	require.True(t, fault.Has(err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE), "%v", err)
}
