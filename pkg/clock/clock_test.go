package clock_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
)

func epoch() time.Time { return time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC) }

func TestFakeFiresInOrder(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(epoch())
	late, early := c.NewTimer(3*time.Second), c.NewTimer(time.Second)
	c.Advance(2 * time.Second)
	require.Equal(t, epoch().Add(time.Second), <-early.C())
	require.Empty(t, late.C())
	require.Equal(t, epoch().Add(2*time.Second), c.Now())
	c.Advance(time.Second)
	require.Equal(t, epoch().Add(3*time.Second), <-late.C())
}

func TestFakeStopAndReset(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(epoch())
	tm := c.NewTimer(time.Second)
	require.True(t, tm.Stop())
	require.False(t, tm.Stop())
	c.Advance(time.Minute)
	require.Empty(t, tm.C())
	require.False(t, tm.Reset(time.Second))
	require.True(t, tm.Reset(2*time.Second))
	c.Advance(time.Second)
	require.Empty(t, tm.C())
	c.Advance(time.Second)
	require.Len(t, tm.C(), 1)
	tm.Stop()
	require.Empty(t, tm.C(), "a stopped timer keeps no old firing")
	tm.Reset(0)
	require.Len(t, tm.C(), 1, "nothing to wait for")
}

func TestFakeAfterFuncMayUseTheClock(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(epoch())
	got := make(chan time.Time, 1)
	c.AfterFunc(time.Second, func() { got <- c.Now() })
	c.Advance(time.Second)
	require.Equal(t, epoch().Add(time.Second), <-got)
}

func TestSleep(t *testing.T) {
	t.Parallel()
	c := clock.NewFake(epoch())
	done := make(chan error, 1)
	go func() { done <- clock.Sleep(t.Context(), c, time.Hour) }()
	require.NoError(t, c.WaitTimers(t.Context(), 1))
	c.Advance(time.Hour)
	require.NoError(t, <-done)

	ctx, cancel := context.WithCancel(t.Context())
	go func() { done <- clock.Sleep(ctx, c, time.Hour) }()
	require.NoError(t, c.WaitTimers(t.Context(), 1))
	cancel()
	require.ErrorIs(t, <-done, context.Canceled)
	require.ErrorIs(t, clock.Sleep(ctx, c, 0), context.Canceled)
	require.ErrorIs(t, c.WaitTimers(ctx, 1), context.Canceled, "the sleeper has taken its timer back")
}

func TestReal(t *testing.T) {
	t.Parallel()
	c := clock.Real()
	tm := c.NewTimer(time.Microsecond)
	fired := <-tm.C()
	require.False(t, c.Now().Before(fired))
	require.False(t, tm.Stop())
	done := make(chan struct{})
	af := c.AfterFunc(0, func() { close(done) })
	<-done
	require.False(t, af.Reset(time.Hour))
	require.True(t, af.Stop())
}
