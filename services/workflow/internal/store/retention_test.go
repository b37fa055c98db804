package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/retention"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
)

// TestRetention removes runs that ended long ago with all that belongs to them, and nothing else.
func TestRetention(t *testing.T) {
	t.Parallel()
	db, err := postgres.Open(context.WithoutCancel(t.Context()), pgtest.Database(t, store.Schema, store.Migrations()), postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s := store.New(db)
	now := time.Now().UTC().Truncate(time.Microsecond)
	fake := clock.NewFake(now)
	sweeper, err := retention.New(retention.Config{Age: 48 * time.Hour}, s, fake, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	require.NoError(t, err)

	const many = 600 // more than are removed at once
	for i := range many {
		id, _, err := s.Start(t.Context(), engine.Run{
			Tenant: fmt.Sprintf("t%d", i%3), ID: fmt.Sprintf("old-%04d", i), Component: "c", Workflow: "w", Release: "r", Subject: "ada", State: engine.Running,
			Person: []byte{}, Input: []byte{}, CreateTime: now, Events: 1,
		}, fmt.Sprintf("request-%d", i), []byte{1})
		require.NoError(t, err)
		require.NotEmpty(t, id)
	}
	begin(t, s, "t0", "waiting")
	payload := engine.Payload{Digest: make([]byte, 32), Data: []byte("large")}
	finished := 0
	for {
		claimed, err := s.Claim(t.Context(), "one", time.Now(), 256)
		require.NoError(t, err)
		if len(claimed) == 0 {
			break
		}
		commits := make([]*engine.Commit, len(claimed))
		for i, r := range claimed {
			commits[i] = &engine.Commit{
				Tenant: r.Tenant, Component: r.Component, Run: r.ID, Epoch: r.Epoch, Seq: r.Seq, State: engine.Succeeded, Events: 2, Release: true, FinishTime: now,
				History: []engine.Event{{Seq: 2, Time: now, Type: "run.succeeded", Attempt: 1}}, Payloads: []engine.Payload{payload}, CloseTasks: true,
				Asked: []*engine.Task{{Tenant: r.Tenant, ID: "task-" + r.ID, Run: r.ID, Title: "?", Users: []string{}, Roles: []string{}, CreateTime: now, Choices: []byte{}, Data: []byte{}}},
			}
			if r.ID == "waiting" {
				commits[i].State, commits[i].FinishTime, commits[i].CloseTasks = engine.Waiting, time.Time{}, false
			} else {
				finished++
			}
		}
		_, err = s.Commit(t.Context(), "one", now, commits)
		require.NoError(t, err)
	}
	require.Equal(t, many, finished)
	count := func(table string) (n int) {
		require.NoError(t, db.System().QueryRow(t.Context(), "SELECT count(*) FROM workflow."+table).Scan(&n))
		return n
	}
	require.Equal(t, many+1, count("tasks"))

	fake.Advance(47 * time.Hour)
	require.NoError(t, sweeper.Sweep(t.Context()))
	require.Equal(t, many+1, count("runs"), "it is not old yet")
	fake.Advance(2 * time.Hour)
	require.NoError(t, sweeper.Sweep(t.Context()))
	for table, left := range map[string]int{"runs": 1, "tasks": 1, "payloads": 1, "history": 2, "requests": 0} {
		require.Equal(t, left, count(table), table)
	}
	require.Error(t, retention.Config{Age: time.Hour}.Validate())
}
