package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// TestWithdrawn checks that a commit, and a cancellation, tell whose questions they withdrew.
func TestWithdrawn(t *testing.T) {
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
			Tenant: r.Tenant, Component: r.Component, Run: r.ID, Epoch: r.Epoch, Seq: r.Seq, State: engine.Waiting, Events: r.Events,
			Asked: []*engine.Task{{
				Tenant: r.Tenant, ID: "task-" + r.ID, Run: r.ID, Title: "?", Users: []string{"bob"}, Roles: []string{"clerk"}, CreateTime: now,
				Choices: []byte{}, Data: []byte{}},
			},
		}
	}
	stored, err := s.Commit(t.Context(), "one", now, commits)
	require.NoError(t, err)
	require.Equal(t, []bool{true, true}, stored)
	for _, c := range commits {
		require.Empty(t, c.Withdrawn)
		c.Seq, c.Asked = c.Seq+1, nil
	}

	commits[0].CloseTasks = true
	stored, err = s.Commit(t.Context(), "one", now, commits)
	require.NoError(t, err)
	require.Equal(t, []bool{true, true}, stored)
	withdrawn := engine.Task{Tenant: "t1", ID: "task-" + commits[0].Run, Component: "c", Users: []string{"bob"}, Roles: []string{"clerk"}}
	require.Equal(t, []engine.Task{withdrawn}, commits[0].Withdrawn)
	require.Empty(t, commits[1].Withdrawn)

	tasks, err := s.Cancel(t.Context(), "t1", commits[1].Run, nil, now)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	require.Equal(t, "task-"+commits[1].Run, tasks[0].ID)
	require.Equal(t, []string{"bob"}, tasks[0].Users)
	require.Equal(t, "c", tasks[0].Component)
	tasks, err = s.Cancel(t.Context(), "t1", commits[0].Run, nil, now)
	require.NoError(t, err)
	require.Empty(t, tasks, "they were withdrawn before")
}
