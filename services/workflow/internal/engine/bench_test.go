package engine_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// BenchmarkDurableSteps starts runs of five calls that do nothing, 64 at a time, and reports durable steps per second and the
// CPU that this process (without Postgres) takes for each.
func BenchmarkDurableSteps(b *testing.B) {
	const steps, atOnce = 5, 64
	s := newSite(b)
	s.document(b, "w", `
do:
  - a: {call: dataflow, with: {component: invoice, dataflow: noop}}
  - b: {call: dataflow, with: {component: invoice, dataflow: noop}}
  - c: {call: dataflow, with: {component: invoice, dataflow: noop}}
  - d: {call: dataflow, with: {component: invoice, dataflow: noop}}
  - e: {call: dataflow, with: {component: invoice, dataflow: noop}}
`)
	e, _ := s.engine()
	before, began := cpu(b), time.Now()
	runs := 0
	for b.Loop() {
		var group errgroup.Group
		ids := make([]string, atOnce)
		for i := range ids {
			group.Go(func() error {
				run, err := e.Start(b.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "w"})
				ids[i] = run.ID
				return err
			})
		}
		require.NoError(b, group.Wait())
		require.Eventually(b, func() bool {
			unfinished, err := s.store.PinnedReleases(b.Context(), ada.Tenant)
			require.NoError(b, err)
			return len(unfinished) == 0
		}, time.Minute, 2*time.Millisecond)
		runs += atOnce
	}
	b.ReportMetric(float64(runs*steps)/time.Since(began).Seconds(), "steps/s")
	b.ReportMetric(float64((cpu(b)-before).Microseconds())/float64(runs*steps), "cpu-us/step")
}

func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
