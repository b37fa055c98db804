package store_test

import (
	"context"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/backlog"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
)

func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	pgtest.RequireRLS(t, pgtest.Database(t, store.Schema, store.Migrations()), store.Schema)
}

func open(t *testing.T) *store.Store {
	t.Helper()
	cfg := pgtest.Database(t, store.Schema, store.Migrations())
	db, err := postgres.Open(context.WithoutCancel(t.Context()), cfg, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return store.New(db)
}

func begin(t *testing.T, s *store.Store, tenant, id string) {
	t.Helper()
	_, _, err := s.Start(t.Context(), engine.Run{
		Tenant: tenant, ID: id, Component: "c", Workflow: "w", Release: "r", Subject: "s", Person: []byte{}, Input: []byte{}, State: engine.Running,
		CreateTime: time.Now(), Events: 1,
	}, "", nil)
	require.NoError(t, err)
}

// TestFence checks who may store what: the owner, once per seq, and nobody after the run was taken away.
func TestFence(t *testing.T) {
	t.Parallel()
	s := open(t)
	begin(t, s, "t1", "a")
	begin(t, s, "t1", "b")
	now := time.Now()
	claimed, err := s.Claim(t.Context(), "one", now, 10)
	require.NoError(t, err)
	require.Len(t, claimed, 2)
	commits := make([]*engine.Commit, 2)
	for i, r := range claimed {
		commits[i] = &engine.Commit{
			Tenant: r.Tenant, Run: r.ID, Epoch: r.Epoch, Seq: r.Seq, State: engine.Running, Position: "p", Events: 2,
			History: []engine.Event{{Seq: 2, Time: now, Type: "task.completed", Attempt: 1}},
		}
	}
	for range 2 { // the second time as after a lost answer: it is stored, and stored once
		stored, err := s.Commit(t.Context(), "one", now, commits)
		require.NoError(t, err)
		require.Equal(t, []bool{true, true}, stored)
	}
	r, err := s.Run(t.Context(), "t1", "a")
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Seq)
	events, err := s.History(t.Context(), r, 0, 10)
	require.NoError(t, err)
	require.Len(t, events, 2)

	none, err := s.Claim(t.Context(), "two", now, 10)
	require.NoError(t, err)
	require.Empty(t, none)
	require.NoError(t, s.Heartbeat(t.Context(), "one", -time.Second))
	n, err := s.Reap(t.Context(), now)
	require.NoError(t, err)
	require.Equal(t, 2, n)
	stolen, err := s.Claim(t.Context(), "two", now, 1)
	require.NoError(t, err)
	require.Len(t, stolen, 1)
	for _, c := range commits {
		c.Seq++
	}
	stored, err := s.Commit(t.Context(), "one", now, commits)
	require.NoError(t, err)
	require.Equal(t, []bool{false, false}, stored)
}

// TestAdopt checks that what was claimed can be found again when the claim's answer was lost.
func TestAdopt(t *testing.T) {
	t.Parallel()
	s := open(t)
	begin(t, s, "t1", "a")
	_, err := s.Claim(t.Context(), "one", time.Now(), 10)
	require.NoError(t, err)
	owned, err := s.Owned(t.Context(), "one")
	require.NoError(t, err)
	require.Len(t, owned, 1)
	require.NoError(t, s.ReleaseAll(t.Context(), "one", time.Now()))
	again, err := s.Claim(t.Context(), "two", time.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, owned[0].Epoch+2, again[0].Epoch)
}

// TestReapWithoutLease checks that a claim that was stored after its owner's lease was taken back is not lost, while those of
// an owner with a lease are left alone.
func TestReapWithoutLease(t *testing.T) {
	t.Parallel()
	s := open(t)
	begin(t, s, "t1", "a")
	require.NoError(t, s.Heartbeat(t.Context(), "alive", time.Hour))
	_, err := s.Claim(t.Context(), "alive", time.Now(), 10)
	require.NoError(t, err)
	begin(t, s, "t1", "b")
	_, err = s.Claim(t.Context(), "late", time.Now(), 10)
	require.NoError(t, err)
	n, err := s.Reap(t.Context(), time.Now())
	require.NoError(t, err)
	require.Equal(t, 1, n)
	again, err := s.Claim(t.Context(), "alive", time.Now(), 10)
	require.NoError(t, err)
	require.Len(t, again, 1)
	require.Equal(t, "b", again[0].ID)
}

// TestTenants checks that a tenant finds nothing of another one.
func TestTenants(t *testing.T) {
	t.Parallel()
	s := open(t)
	begin(t, s, "t1", "a")
	_, err := s.Run(t.Context(), "t2", "a")
	require.ErrorIs(t, err, engine.ErrNotFound)
	_, err = s.Task(t.Context(), "t2", "a")
	require.ErrorIs(t, err, engine.ErrNotFound)
	_, err = s.Cancel(t.Context(), "t2", "a", nil, time.Now())
	require.ErrorIs(t, err, engine.ErrNotFound)
	require.ErrorIs(t, s.Retry(t.Context(), "t2", "a", time.Now()), engine.ErrNotFound)
	runs, err := s.Runs(t.Context(), "t2", engine.RunFilter{Limit: 10})
	require.NoError(t, err)
	require.Empty(t, runs)
	releases, err := s.PinnedReleases(t.Context(), "t2")
	require.NoError(t, err)
	require.Empty(t, releases)
}

// TestNotify checks that another process is woken.
func TestNotify(t *testing.T) {
	t.Parallel()
	s := open(t)
	woken := make(chan struct{}, 16)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Listen(ctx, func() { woken <- struct{}{} }) }()
	require.Eventually(t, func() bool {
		require.NoError(t, s.Notify(t.Context()))
		select {
		case <-woken:
			return true
		default:
			return false
		}
	}, 10*time.Second, 10*time.Millisecond)
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
}

// TestAway checks that a database that is away looks like that, and not like a bug.
func TestAway(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	db, err := postgres.Open(context.WithoutCancel(t.Context()), server.Database(t, store.Schema, store.Migrations()), postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s := store.New(db)
	server.Stop(t)
	_, err = s.Run(t.Context(), "t1", "a")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE), "%v", err)
	_, err = s.Cancel(t.Context(), "t1", "a", nil, time.Now())
	require.True(t, fault.Has(err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE), "%v", err)
	server.Start(t)
}

func TestBacklog(t *testing.T) {
	t.Parallel()
	s := open(t)
	n, err := s.Backlog(t.Context(), time.Now(), 10)
	require.NoError(t, err)
	require.Equal(t, backlog.Counts{}, n)
	before := time.Now().Add(-time.Millisecond)
	for i, tenant := range []string{"t1", "t1", "t2", "t2", "t2"} {
		begin(t, s, tenant, strconv.Itoa(i))
	}
	now := time.Now()
	claimed, err := s.Claim(t.Context(), "one", now, 1)
	require.NoError(t, err)
	require.Len(t, claimed, 1)
	r := claimed[0]
	stored, err := s.Commit(t.Context(), "one", now, []*engine.Commit{{
		Tenant: r.Tenant, Component: r.Component, Run: r.ID, Epoch: r.Epoch, Seq: r.Seq, State: engine.Waiting, Events: r.Events,
		Asked: []*engine.Task{{
			Tenant: r.Tenant, ID: "q", Run: r.ID, Title: "?", Users: []string{"bob"}, Roles: []string{}, CreateTime: now, Choices: []byte{}, Data: []byte{}},
		},
	}})
	require.NoError(t, err)
	require.Equal(t, []bool{true}, stored)
	n, err = s.Backlog(t.Context(), now, 10)
	require.NoError(t, err)
	require.WithinRange(t, n.Oldest, before, now)
	n.Oldest = time.Time{}
	require.Equal(t, backlog.Counts{Due: 4, Claimed: 1, Tasks: 1}, n, "of all tenants")
	n, err = s.Backlog(t.Context(), now, 2)
	require.NoError(t, err)
	require.Equal(t, int64(2), n.Due, "counted up to the bound")
	n, err = s.Backlog(t.Context(), before.Add(-time.Hour), 10)
	require.NoError(t, err)
	require.Zero(t, n.Due, "later ones are not due")
}
