package engine_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

const week = `
do:
  - nap: {wait: P7D}
  - send: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ now() - workflow.start_time >= duration('168h') }"}}
`

func start(t *testing.T, e *engine.Engine, workflow string) engine.Run {
	t.Helper()
	run, err := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: workflow})
	require.NoError(t, err)
	return run
}

func (s *site) waits(e *engine.Engine, id string) engine.Run {
	s.t.Helper()
	return s.until(e, id, func(r engine.Run) bool { return r.State == engine.Waiting })
}

// TestTimersOutliveProcesses lets a week pass, with a restart in between.
func TestTimersOutliveProcesses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fake := clock.NewFake(time.Now())
	s.clock = fake
	s.document(t, "w", week)
	e, stop := s.engine()
	run := start(t, e, "w")
	s.waits(e, run.ID)
	fake.Advance(6 * 24 * time.Hour)
	stop()
	e, _ = s.engine()
	require.Equal(t, engine.Waiting, s.waits(e, run.ID).State)
	require.Eventually(t, func() bool {
		fake.Advance(time.Hour)
		r, err := e.Get(t.Context(), ada.Tenant, run.ID)
		require.NoError(t, err)
		return r.State == engine.Succeeded
	}, 20*time.Second, 5*time.Millisecond)
	require.Equal(t, map[string]any{"echo": true}, decode(t, s.finish(e, run.ID).Output))
}

// TestClockJumps moves the clock by ten minutes, forth and back: nothing fires twice.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	a, b := clock.NewFake(time.Now()), clock.NewFake(time.Now().Add(-10*time.Minute))
	s.document(t, "w", `
do:
  - one: {wait: PT5M}
  - send: {call: dataflow, with: {component: invoice, dataflow: noop}}
  - two: {wait: PT5M}
  - again: {call: dataflow, with: {component: invoice, dataflow: noop}}
`)
	s.clock = a
	e, _ := s.engine()
	s.clock = b
	_, _ = s.engine()
	var ids []string
	for range 20 {
		ids = append(ids, start(t, e, "w").ID)
	}
	for _, id := range ids {
		require.Eventually(t, func() bool {
			a.Advance(time.Minute)
			b.Advance(time.Minute)
			r, err := e.Get(t.Context(), ada.Tenant, id)
			require.NoError(t, err)
			return r.State == engine.Succeeded
		}, 20*time.Second, 5*time.Millisecond)
	}
	require.Len(t, s.callsOf("noop"), 2*len(ids))
	for _, c := range s.callsOf("noop") {
		require.False(t, c.Repeated, c.Key)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "timer", week)
	s.document(t, "ask", `do: [{ask: {call: confirm, with: {title: t, choices: [{value: 1, label: a}], roles: [boss]}}}]`)
	s.document(t, "call", `do: [{send: {call: dataflow, with: {component: invoice, dataflow: noop}}}, {more: {call: dataflow, with: {component: invoice, dataflow: other}}}]`)
	within, proceed := make(chan struct{}), make(chan struct{})
	s.flow = func(call) (any, error) {
		close(within)
		<-proceed
		return nil, nil
	}
	e, _ := s.engine()
	for _, workflow := range []string{"timer", "ask"} {
		run := start(t, e, workflow)
		s.waits(e, run.ID)
		canceled, err := e.Cancel(t.Context(), ada.Tenant, run.ID, "no longer needed")
		require.NoError(t, err)
		require.Equal(t, engine.Canceled, canceled.State)
		require.Equal(t, "no longer needed", canceled.Error.Detail)
		_, err = e.Cancel(t.Context(), ada.Tenant, run.ID, "")
		require.True(t, fault.Has(err, faultv1.Reason_REASON_RUN_FINISHED))
		_, err = e.Signal(t.Context(), ada, run.ID, "x", "", nil)
		require.True(t, fault.Has(err, faultv1.Reason_REASON_RUN_FINISHED))
		events := s.types(e, run.ID)
		require.Equal(t, "run.canceled ", events[len(events)-1])
	}
	tasks, _, err := e.Tasks(t.Context(), boss, engine.Withdrawn, "", 10)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	_, err = e.Answer(t.Context(), boss, tasks[0].ID, int64(1), "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_ANSWERED))

	run := start(t, e, "call")
	<-within
	_, err = e.Cancel(t.Context(), ada.Tenant, run.ID, "")
	require.NoError(t, err)
	close(proceed)
	require.Equal(t, engine.Canceled, s.finish(e, run.ID).State)
	require.Empty(t, s.callsOf("other"))
	_, err = e.Cancel(t.Context(), "t2", run.ID, "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_RUN_NOT_FOUND))
}

// TestConcurrentAnswers lets many people answer at once: one wins.
func TestConcurrentAnswers(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{ask: {call: confirm, with: {title: t, choices: [{value: 1, label: a}, {value: 2, label: b}], users: [bob, ada@example.com]}}}]`)
	e, _ := s.engine()
	run := start(t, e, "w")
	s.waits(e, run.ID)
	tasks, _, err := e.Tasks(t.Context(), ada, engine.Open, "", 10)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() { _, errs[i] = e.Answer(t.Context(), ada, tasks[0].ID, int64(1+i%2), "") })
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
		} else {
			require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_ANSWERED), "%v", err)
		}
	}
	require.Equal(t, 1, won)
	done := s.finish(e, run.ID)
	answered, err := e.Task(t.Context(), ada, tasks[0].ID)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"answer": decode(t, answered.Answer), "comment": "", "subject": "ada"}, decode(t, done.Output))
}

func TestRetry(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `
do:
  - before: {call: dataflow, with: {component: invoice, dataflow: other}}
  - send: {call: dataflow, with: {component: invoice, dataflow: noop, input: 1}}
  - after: {call: dataflow, with: {component: invoice, dataflow: noop, input: 2}}
`)
	broken := true
	s.flow = func(c call) (any, error) {
		if c.Name == "noop" && broken {
			return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "bad")
		}
		return c.Input, nil
	}
	e, _ := s.engine()
	run := start(t, e, "w")
	require.Equal(t, engine.Failed, s.finish(e, run.ID).State)
	s.mu.Lock()
	broken = false
	s.mu.Unlock()
	_, err := e.Retry(t.Context(), ada.Tenant, run.ID)
	require.NoError(t, err)
	done := s.finish(e, run.ID)
	require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
	var keys []string
	for _, c := range s.callsOf("noop") {
		keys = append(keys, c.Key[len(run.ID):])
	}
	require.Equal(t, []string{"/do/1/send/0", "/do/1/send/0/g1", "/do/2/after/0/g1"}, keys)
	require.Len(t, s.callsOf("other"), 1)
	_, err = e.Retry(t.Context(), ada.Tenant, run.ID)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_RUN_NOT_RETRYABLE))
}

// TestRepeatedRequests checks that a request id means one run, one event.
func TestRepeatedRequests(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{hear: {listen: {to: {one: {with: {type: go}}}}}}, {again: {listen: {to: {one: {with: {type: go}}}}}}]`)
	e, _ := s.engine()
	req := engine.StartRequest{Component: "invoice", Workflow: "w", Input: int64(1), RequestID: "x"}
	var wg sync.WaitGroup
	ids := make([]string, 10)
	for i := range ids {
		wg.Go(func() {
			run, err := e.Start(t.Context(), ada, req)
			if err == nil {
				ids[i] = run.ID
			}
		})
	}
	wg.Wait()
	for _, id := range ids {
		require.Equal(t, ids[0], id)
		require.NotEmpty(t, id)
	}
	req.Input = int64(2)
	_, err := e.Start(t.Context(), ada, req)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_REQUEST_ID_REUSED))
	for range 3 {
		_, err = e.Signal(t.Context(), ada, ids[0], "go", "s1", nil)
		require.NoError(t, err)
	}
	s.until(e, ids[0], func(r engine.Run) bool { return r.Position == "do/1/again" && r.State == engine.Waiting })
	_, err = e.Signal(t.Context(), ada, ids[0], "go", "s1", int64(3))
	require.True(t, fault.Has(err, faultv1.Reason_REASON_REQUEST_ID_REUSED))

	triggered := engine.StartRequest{Component: "invoice", Workflow: "w", RequestID: "outbox-1"}
	one, err := e.StartTriggered(t.Context(), "t1", "r1", "eve", triggered)
	require.NoError(t, err)
	two, err := e.StartTriggered(t.Context(), "t1", "r1", "eve", triggered)
	require.NoError(t, err)
	require.Equal(t, one.ID, two.ID)
	pinned, err := e.PinnedReleases(t.Context(), "t1")
	require.NoError(t, err)
	require.Equal(t, []string{"r1"}, pinned)
}

// TestRemovedUser checks that a run cannot act for somebody who is gone.
func TestRemovedUser(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{send: {call: dataflow, with: {component: invoice, dataflow: noop}}}]`)
	s.refuse = fault.PermissionDenied(faultv1.Reason_REASON_USER_DISABLED, "the user is disabled")
	e, _ := s.engine()
	done := s.finish(e, start(t, e, "w").ID)
	require.Equal(t, engine.Failed, done.State)
	require.Equal(t, 403, done.Error.Status)
	require.Equal(t, "the run can no longer act for its user: the user is disabled", done.Error.Detail)
	require.Empty(t, s.callsOf("noop"))
}

// counting counts statements.
type counting struct {
	engine.Store
	n atomic.Int64
}

func (c *counting) Claim(ctx context.Context, owner string, now time.Time, n int) ([]engine.Run, error) {
	c.n.Add(1)
	return c.Store.Claim(ctx, owner, now, n)
}

func (c *counting) NextDue(ctx context.Context) (time.Time, error) {
	c.n.Add(1)
	return c.Store.NextDue(ctx)
}

func (c *counting) Heartbeat(ctx context.Context, owner string, lease time.Duration) error {
	c.n.Add(1)
	return c.Store.Heartbeat(ctx, owner, lease)
}

func (c *counting) Reap(ctx context.Context, now time.Time) (int, error) {
	c.n.Add(1)
	return c.Store.Reap(ctx, now)
}

// TestIdle has a thousand runs wait for a timer: that costs next to nothing.
func TestIdle(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fake := clock.NewFake(time.Now())
	s.clock = fake
	s.document(t, "w", week)
	count := &counting{Store: s.store}
	e, _ := s.engine(func(cfg *engine.Config, d *engine.Deps) {
		cfg.Lease, cfg.Poll, d.Store = 45*time.Second, 30*time.Second, count
	})
	var last engine.Run
	for range 1000 {
		last = start(t, e, "w")
	}
	require.Eventually(t, func() bool {
		waiting, _, err := e.Runs(t.Context(), ada.Tenant, engine.RunFilter{State: engine.Waiting, Limit: 1000})
		require.NoError(t, err)
		return len(waiting) == 1000
	}, 30*time.Second, 20*time.Millisecond)
	require.NotEmpty(t, last.ID)
	before := count.n.Load()
	const minutes = 30
	for range minutes * 60 {
		require.NoError(t, fake.WaitTimers(t.Context(), 2)) // the claim loop and the heartbeat sleep
		fake.Advance(time.Second)
	}
	perSecond := float64(count.n.Load()-before) / (minutes * 60)
	t.Logf("%.3f statements/s", perSecond)
	require.Less(t, perSecond, 0.2)
	require.Greater(t, perSecond, 0.05) // it does look
}

// TestFairness has one tenant flood the queue: another one's run is not behind it.
func TestFairness(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{send: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ user.id }"}}}]`)
	quiet := s.client()
	for range 100 {
		start(t, quiet, "w")
	}
	other := ada
	other.Tenant, other.Subject = "t2", "late"
	_, err := quiet.Start(t.Context(), other, engine.StartRequest{Component: "invoice", Workflow: "w"})
	require.NoError(t, err)
	claimed, err := s.store.Claim(t.Context(), "me", time.Now(), 4)
	require.NoError(t, err)
	require.Len(t, claimed, 4)
	tenants := map[string]int{}
	for _, r := range claimed {
		tenants[r.Tenant]++
	}
	require.Equal(t, map[string]int{"t1": 3, "t2": 1}, tenants)
}
