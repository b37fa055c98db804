package backlog_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/services/workflow/internal/backlog"
)

type source struct {
	asked int
	now   backlog.Counts
	err   error
}

func (s *source) Backlog(context.Context, time.Time, int) (backlog.Counts, error) {
	s.asked++
	return s.now, s.err
}

func TestCollector(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	clk := clock.NewFake(start)
	s := &source{now: backlog.Counts{Due: 2, Oldest: start.Add(-5 * time.Second), Claimed: 3, Tasks: 4}}
	reg := prometheus.NewRegistry()
	require.NoError(t, reg.Register(backlog.New(s, clk, slog.New(slog.DiscardHandler))))
	expect := func(age string) {
		t.Helper()
		require.NoError(t, testutil.GatherAndCompare(reg, strings.NewReader(`
# HELP aqtra_workflow_claimed_runs Runs that some process advances, counted up to 100000.
# TYPE aqtra_workflow_claimed_runs gauge
aqtra_workflow_claimed_runs 3
# HELP aqtra_workflow_due_age_seconds How long the oldest run that could go on has waited, 0 when none waits.
# TYPE aqtra_workflow_due_age_seconds gauge
aqtra_workflow_due_age_seconds `+age+`
# HELP aqtra_workflow_due_runs Runs that could go on and that nobody advances, counted up to 100000.
# TYPE aqtra_workflow_due_runs gauge
aqtra_workflow_due_runs 2
# HELP aqtra_workflow_open_tasks Questions that wait for a person's answer, counted up to 100000.
# TYPE aqtra_workflow_open_tasks gauge
aqtra_workflow_open_tasks 4
`)))
	}
	expect("5")
	clk.Advance(9 * time.Second)
	expect("14")
	require.Equal(t, 1, s.asked, "strangers who read metrics cost no query each")

	clk.Advance(time.Second)
	s.err = errors.New("away")
	n, err := testutil.GatherAndCount(reg)
	require.NoError(t, err, "the other metrics are still told")
	require.Zero(t, n)
	require.Equal(t, 2, s.asked)

	clk.Advance(10 * time.Second)
	s.err, s.now.Oldest = nil, time.Time{}
	expect("0")
	problems, err := testutil.GatherAndLint(reg)
	require.NoError(t, err)
	require.Empty(t, problems)
}
