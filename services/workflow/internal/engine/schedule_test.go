package engine_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/schedule"
)

// scheduler starts runs by the site's clock; stop kills it.
func (s *site) scheduler(starter schedule.Starter) (one *schedule.Scheduler, stop func()) {
	s.t.Helper()
	one = schedule.New(s.store, starter, s.world, s.clock, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	done := make(chan error, 1)
	go func() { done <- one.Run(ctx) }()
	stop = func() { cancel(); <-done; done <- nil }
	s.t.Cleanup(stop)
	return one, stop
}

func (s *site) schedules() map[string]schedule.Schedule {
	s.t.Helper()
	all, err := s.store.Schedules(s.t.Context(), ada.Tenant)
	require.NoError(s.t, err)
	out := map[string]schedule.Schedule{}
	for _, one := range all {
		out[one.Workflow] = one
	}
	return out
}

func (s *site) runsOf(workflow string) []engine.Run {
	s.t.Helper()
	runs, err := s.store.Runs(s.t.Context(), ada.Tenant, engine.RunFilter{Workflow: workflow, Limit: 100})
	require.NoError(s.t, err)
	return runs
}

// pass lets time pass, little by little, until something is so.
func pass(t *testing.T, c *clock.Fake, step time.Duration, ok func() bool) {
	t.Helper()
	require.Eventually(t, func() bool {
		if ok() {
			return true
		}
		c.Advance(step)
		return false
	}, time.Minute, 5*time.Millisecond)
}

// TestSchedules starts workflows by the clock: at times, every while, and a while after the last run.
func TestSchedules(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	// The night in which Berlin puts its clocks back: there are 25 hours between two mornings.
	fake := clock.NewFake(time.Date(2026, 10, 24, 6, 30, 0, 0, time.UTC))
	s.clock = fake
	s.document(t, "daily", `{schedule: {cron: "CRON_TZ=Europe/Berlin 0 9 * * *"}, do: [{a: {set: {x: 1}}}]}`)
	s.document(t, "often", `{schedule: {every: PT4H}, do: [{a: {set: {x: 1}}}]}`)
	s.document(t, "chain", `{schedule: {after: PT2H}, do: [{ask: {call: confirm, with: {title: Chain, choices: [{value: 1}], roles: [boss]}}}]}`)
	s.document(t, "never", `{do: [{a: {set: {x: 1}}}]}`)
	e, _ := s.engine()
	one, _ := s.scheduler(e)
	other, _ := s.scheduler(s.client()) // another process
	require.NoError(t, one.Sync(t.Context(), ada.Tenant, "r1", ada.Subject))
	require.NoError(t, other.Sync(t.Context(), ada.Tenant, "r1", ada.Subject))
	all := s.schedules()
	require.Len(t, all, 3)
	require.Equal(t, time.Date(2026, 10, 24, 7, 0, 0, 0, time.UTC), all["daily"].Next.UTC())
	require.Equal(t, time.Date(2026, 10, 24, 10, 30, 0, 0, time.UTC), all["often"].Next.UTC())

	started := func(workflow string) {
		pass(t, fake, time.Minute, func() bool { return s.schedules()[workflow].LastRun != "" })
	}
	started("chain")
	started("daily")
	require.Equal(t, time.Date(2026, 10, 25, 8, 0, 0, 0, time.UTC), s.schedules()["daily"].Next.UTC(), "nine o'clock in Berlin is another time now")
	run := s.runsOf("daily")[0]
	require.Equal(t, ada.Subject, run.Subject)
	ends := func(id string) (r engine.Run) { // the engine looks by the same clock for what another process started
		pass(t, fake, time.Second, func() bool {
			var err error
			r, err = e.Get(t.Context(), ada.Tenant, id)
			require.NoError(t, err)
			return r.State.Finished()
		})
		return r
	}
	require.Equal(t, engine.Succeeded, ends(run.ID).State)
	pass(t, fake, 5*time.Minute, func() bool { return len(s.runsOf("often")) == 2 })
	require.Len(t, s.runsOf("chain"), 1, "the first one has not ended")
	require.Nil(t, s.schedules()["chain"].Next)
	first := s.runsOf("chain")[0]
	pass(t, fake, time.Second, func() bool { return len(s.openTasks(e, first.ID)) == 1 })
	s.answer(e, first.ID, "Chain", int64(1))
	ended := *ends(first.ID).FinishTime
	pass(t, fake, time.Minute, func() bool { return len(s.runsOf("chain")) == 2 })
	require.False(t, s.runsOf("chain")[0].CreateTime.Before(ended.Add(2*time.Hour)))

	// What was missed while nobody looked is made up for once.
	before := len(s.runsOf("often"))
	_, err := one.Pause(t.Context(), ada.Tenant, "invoice", "daily", true)
	require.NoError(t, err)
	fake.Advance(24 * time.Hour)
	pass(t, fake, time.Second, func() bool { return len(s.runsOf("often")) == before+1 })
	require.Len(t, s.runsOf("daily"), 1, "it is paused")
	require.True(t, s.schedules()["daily"].Paused)
	_, err = one.Pause(t.Context(), ada.Tenant, "invoice", "daily", false)
	require.NoError(t, err)
	require.True(t, s.schedules()["daily"].Next.After(fake.Now()), "it goes on with the next time")
	_, err = one.Pause(t.Context(), ada.Tenant, "invoice", "never", true)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_WORKFLOW_NOT_FOUND))

	// Another release: what is the same keeps its time, what is no longer there starts no more.
	next := *s.schedules()["often"].Next
	s.mu.Lock()
	delete(s.workflows, "chain")
	s.mu.Unlock()
	require.NoError(t, one.Sync(t.Context(), ada.Tenant, "r2", "bob"))
	all = s.schedules()
	require.Len(t, all, 2)
	require.True(t, next.Equal(*all["often"].Next))
	require.Equal(t, "bob", all["often"].Subject)
}

// TestScheduleOnce has many processes look at the same schedules, and some of them die between a start and its note: every time
// starts one run.
func TestScheduleOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fake := clock.NewFake(time.Now())
	s.clock = fake
	s.document(t, "w", `{schedule: {every: PT1H}, do: [{a: {set: {x: 1}}}]}`)
	e, _ := s.engine()
	for range 4 {
		one, _ := s.scheduler(&forgetful{Engine: e})
		require.NoError(t, one.Sync(t.Context(), ada.Tenant, "r1", ada.Subject))
	}
	begin := *s.schedules()["w"].Next
	pass(t, fake, time.Minute, func() bool { return len(s.runsOf("w")) >= 12 })
	hours := map[int]int{}
	for _, r := range s.runsOf("w") {
		hours[int(r.CreateTime.Sub(begin).Hours())]++
	}
	for hour, n := range hours {
		require.Equal(t, 1, n, "hour %d", hour)
	}
}

// forgetful starts a run and fails to say so, every second time.
type forgetful struct {
	*engine.Engine
	calls int
}

func (f *forgetful) StartScheduled(ctx context.Context, tenant, release, subject string, r engine.StartRequest) (engine.Run, error) {
	run, err := f.Engine.StartScheduled(ctx, tenant, release, subject, r)
	if f.calls++; err == nil && f.calls%2 == 1 {
		return engine.Run{}, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the answer was lost")
	}
	return run, err
}

// TestScheduleCannotStart says why nothing was started, and goes on with the next time.
func TestScheduleCannotStart(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fake := clock.NewFake(time.Now())
	s.clock = fake
	s.document(t, "w", `{schedule: {every: PT1H}, do: [{a: {set: {x: 1}}}]}`)
	one, _ := s.scheduler(&gone{s.client()})
	require.NoError(t, one.Sync(t.Context(), ada.Tenant, "r1", ada.Subject))
	begin := *s.schedules()["w"].Next
	pass(t, fake, time.Minute, func() bool { return s.schedules()["w"].Problem != "" })
	now := s.schedules()["w"]
	require.Equal(t, "the user is gone", now.Problem)
	require.True(t, now.Next.After(begin))
	require.Empty(t, s.runsOf("w"))
}

type gone struct{ *engine.Engine }

func (gone) StartScheduled(context.Context, string, string, string, engine.StartRequest) (engine.Run, error) {
	return engine.Run{}, fault.NotFound(faultv1.Reason_REASON_USER_NOT_FOUND, "the user is gone")
}
