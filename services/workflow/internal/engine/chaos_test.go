package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
)

// everything has a call, a loop, a timer, a person, an event and calls at once.
const everything = `
do:
  - first: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ input }"}}
  - loop:
      for: {in: "${ [1, 2] }"}
      do: [{send: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ item }"}}}]
  - nap: {wait: {milliseconds: 10}}
  - ask: {call: confirm, with: {title: Go on, choices: [{value: true, label: Yes}], roles: [boss]}, export: {as: "${ output.answer }"}}
  - hear: {listen: {to: {one: {with: {type: go}}}}}
  - both:
      fork:
        branches:
          - a: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ output[0] }"}}
          - b: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ context }"}}
  - last: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ output }"}}
`

var boss = principal.Principal{Tenant: "t1", Subject: "bob", Roles: []string{"boss"}, Release: "r1"}

var keysOfEverything = []string{"do/0/first/0", "do/1/loop/do/0/send/0.0.0", "do/1/loop/do/0/send/0.1.0", "do/5/both/fork/branches/0/a/0.0", "do/5/both/fork/branches/1/b/0.0", "do/6/last/0"}

// atOnce is how many calls a run of everything does at once, so that one kill may repeat as many.
const atOnce = 2

// begin starts a run of everything and sends it its event, which waits until the run listens.
func (s *site) begin(e *engine.Engine, req engine.StartRequest) engine.Run {
	s.t.Helper()
	run, err := e.Start(s.t.Context(), ada, req)
	require.NoError(s.t, err)
	_, err = e.Signal(s.t.Context(), ada, run.ID, "go", "sig-"+run.ID, int64(7))
	require.NoError(s.t, err)
	return run
}

// play takes a run of everything to its end, or until enough: somebody answers.
func (s *site) play(e *engine.Engine, id string, enough func() bool) engine.Run {
	s.t.Helper()
	return s.until(e, id, func(r engine.Run) bool {
		if enough() {
			return true
		}
		tasks, _, err := e.Tasks(s.t.Context(), boss, engine.Open, "", 100)
		require.NoError(s.t, err)
		for _, task := range tasks {
			if task.Run == id {
				_, err := e.Answer(s.t.Context(), boss, task.ID, true, "")
				require.NoError(s.t, err)
			}
		}
		return r.State.Finished()
	})
}

// requireEffects checks that every effect happened under its key, and that no key was delivered more than once again per kill and
// call under way.
func (s *site) requireEffects(id string, kills int) {
	s.t.Helper()
	repeats, fresh := 0, []string{}
	for _, c := range s.callsOf("noop") {
		key, ok := strings.CutPrefix(c.Key, id+"/")
		switch {
		case !ok:
		case c.Repeated:
			repeats++
			require.Contains(s.t, keysOfEverything, key)
		default:
			fresh = append(fresh, key)
		}
	}
	require.ElementsMatch(s.t, keysOfEverything, fresh)
	require.LessOrEqual(s.t, repeats, atOnce*kills)
}

func quick(cfg *engine.Config, _ *engine.Deps) {
	cfg.Lease, cfg.Poll = 200*time.Millisecond, 50*time.Millisecond
}

// patient gives leases that do not lapse on a busy machine: the test takes them back with lapse.
func patient(cfg *engine.Config, _ *engine.Deps) {
	cfg.Lease, cfg.Poll = 10*time.Minute, 20*time.Millisecond
}

// lapse lets so much time pass that all leases are over.
func (s *site) lapse() {
	s.t.Helper()
	_, err := s.db.System().Exec(s.t.Context(), "UPDATE workflow.workers SET lease_time = now() - interval '1 second'")
	require.NoError(s.t, err)
}

// claims is a store that remembers whether the last claim brought anything. Only the loop that claims may ask.
type claims struct {
	engine.Store
	some bool
}

func (c *claims) Claim(ctx context.Context, owner string, now time.Time, n int) ([]engine.Run, error) {
	runs, err := c.Store.Claim(ctx, owner, now, n)
	c.some = len(runs) > 0
	return runs, err
}

// failpoint has every place where something is stored or sent ask hit, except claims that bring nothing: how many of those
// there are depends on the moment.
func failpoint(hit func(point string) error) func(*engine.Config, *engine.Deps) {
	return func(_ *engine.Config, d *engine.Deps) {
		c := &claims{Store: d.Store}
		d.Store = c
		d.Failpoint = func(point string) error {
			if point == "claim.after" && !c.some {
				return nil
			}
			return hit(point)
		}
	}
}

func never() bool { return false }

// rehearse counts how often a run of everything comes by each point. It does so equally often every time: its event is there
// before it advances, and nobody else takes part.
func rehearse(t *testing.T) map[string]int {
	t.Helper()
	hits := map[string]int{}
	var mu sync.Mutex
	s := newSite(t)
	s.document(t, "w", everything)
	e, run := s.build(patient, failpoint(func(point string) error {
		mu.Lock()
		defer mu.Unlock()
		hits[point]++
		return nil
	}))
	id := s.begin(e, engine.StartRequest{Component: "invoice", Workflow: "w", Input: "x"}).ID
	stop := run()
	require.Equal(t, engine.Succeeded, s.play(e, id, never).State)
	s.requireEffects(id, 0)
	stop()
	delete(hits, "heartbeat") // they come by the clock
	require.ElementsMatch(t, []string{"start.after", "claim.after", "call.before", "call.after", "commit.before", "group.after", "commit.after"},
		slices.Collect(maps.Keys(hits)))
	require.Equal(t, 3, hits["claim.after"], "when it starts, after the nap and after the answer")
	require.Equal(t, len(keysOfEverything), hits["call.before"])
	return hits
}

// TestKilledEverywhere kills the process at every place where something is stored or sent, and has another one take over.
func TestKilledEverywhere(t *testing.T) {
	t.Parallel()
	hits := rehearse(t)
	hits["heartbeat"] = 2
	for point, n := range hits {
		for k := 1; k <= n; k++ {
			t.Run(fmt.Sprintf("%s-%d", point, k), func(t *testing.T) {
				t.Parallel()
				killedAt(t, point, k)
			})
		}
	}
}

// killedAt kills the process when it comes by point for the kth time.
func killedAt(t *testing.T, point string, k int) {
	s := newSite(t)
	s.document(t, "w", everything)
	var count atomic.Int64
	killed := make(chan struct{})
	dead := func() bool {
		select {
		case <-killed:
			return true
		default:
			return false
		}
	}
	beat := func(cfg *engine.Config, _ *engine.Deps) {
		if point != "heartbeat" {
			return
		}
		cfg.Lease, cfg.Poll = 300*time.Millisecond, time.Minute // it must not take its own runs if it is late
		s.flow = func(call) (any, error) { <-killed; return nil, nil }
	}
	a, run := s.build(patient, beat, failpoint(func(p string) error {
		if p == point && count.Add(1) == int64(k) {
			close(killed)
			return errors.New("killed")
		}
		return nil
	}))
	req := engine.StartRequest{Component: "invoice", Workflow: "w", Input: "x", RequestID: "once"}
	first, startErr := a.Start(t.Context(), ada, req)
	client := s.client()
	id := s.begin(client, req).ID
	if startErr == nil {
		require.Equal(t, first.ID, id)
		stop := run()
		s.play(client, id, dead)
		// The end of the run can be seen before the last points are passed.
		require.Eventually(t, dead, time.Minute, time.Millisecond, "the process never came by for the %dth time", k)
		stop() // a killed one leaves everything behind
	}
	require.True(t, dead())
	s.lapse()
	b, _ := s.engine(patient)
	done := s.play(b, id, never)
	require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
	s.requireEffects(id, 1)
	events := s.types(b, id)
	require.Equal(t, "run.started ", events[0])
	require.Equal(t, "run.succeeded ", events[len(events)-1])
}

// TestBusyTakesOver has a process that is never idle take over the run of one that is gone.
func TestBusyTakesOver(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{send: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ input }"}}}]`)
	s.document(t, "busy", `do: [{nap: {wait: {milliseconds: 1}, then: again}}, {again: {set: {x: 1}, then: nap}}]`)
	lost := start(t, s.client(), "w").ID
	require.NoError(t, s.store.Heartbeat(t.Context(), "gone", time.Hour))
	claimed, err := s.store.Claim(t.Context(), "gone", time.Now(), 1)
	require.NoError(t, err)
	require.Len(t, claimed, 1)

	e, _ := s.engine(func(cfg *engine.Config, _ *engine.Deps) { cfg.Lease, cfg.Poll = 10*time.Minute, time.Second })
	busy := start(t, e, "busy").ID
	s.until(e, busy, func(r engine.Run) bool { return r.Events > 10 })
	require.NoError(t, s.store.Heartbeat(t.Context(), "gone", -time.Second))
	require.Equal(t, engine.Succeeded, s.finish(e, lost).State)
	_, err = e.Cancel(t.Context(), ada.Tenant, busy, "") // it was not finished, so there was no moment of rest
	require.NoError(t, err)
}

// TestTwoEngines shares many runs between two processes that are stopped, and killed, at random.
func TestTwoEngines(t *testing.T) {
	t.Parallel()
	const runs = 300
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 1))
	s := newSite(t)
	s.document(t, "w", `
do:
  - first: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ input }"}}
  - nap: {wait: {milliseconds: 5}}
  - last: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ input }"}}
`)
	s.flow = func(c call) (any, error) {
		if c.Input.(int64)%7 == 0 {
			return nil, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "away") // tried again later, by anybody
		}
		return nil, nil
	}
	var ids []string
	few := func(cfg *engine.Config, _ *engine.Deps) { cfg.Workers = 2 }
	steady, _ := s.engine(quick, few)
	kills := 0
	for i := range runs {
		run, err := steady.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "w", Input: int64(i)})
		require.NoError(t, err)
		ids = append(ids, run.ID)
		if i%30 != 0 {
			continue
		}
		var dead atomic.Bool
		limit := int64(dice.IntN(40) + 1)
		var count atomic.Int64
		killed := dice.IntN(2) == 0
		_, stop := s.engine(quick, func(_ *engine.Config, d *engine.Deps) {
			d.Failpoint = func(string) error {
				if killed && (dead.Load() || count.Add(1) > limit) {
					dead.Store(true)
					return errors.New("killed")
				}
				return nil
			}
		})
		if killed {
			kills++
		}
		time.AfterFunc(time.Duration(dice.IntN(100))*time.Millisecond, stop)
	}
	s.mu.Lock()
	s.flow = nil
	s.mu.Unlock()
	for _, id := range ids {
		done := s.finish(steady, id)
		require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
	}
	fresh, repeated := map[string]int{}, 0
	for _, c := range s.callsOf("noop") {
		if c.Repeated {
			repeated++
		} else {
			fresh[c.Key]++
		}
	}
	require.Len(t, fresh, 2*runs)
	require.Len(t, s.results, 2*runs)
	t.Logf("%d kills, %d of %d effects delivered again", kills, repeated, 2*runs)
}

// TestDatabaseStops stops Postgres at once, several times, while runs advance.
func TestDatabaseStops(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	cfg := server.Database(t, store.Schema, store.Migrations())
	db, err := postgres.Open(context.WithoutCancel(t.Context()), cfg, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	s := newSiteOn(t, db)
	s.document(t, "w", `
do:
  - first: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ input }"}}
  - nap: {wait: {milliseconds: 50}}
  - last: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ input }"}}
`)
	e, _ := s.engine(quick)
	var acknowledged []string
	for i := range 120 {
		run, err := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "w", Input: int64(i)})
		if err == nil {
			acknowledged = append(acknowledged, run.ID)
		}
		if i%40 == 20 {
			server.Stop(t)
			server.Start(t)
		}
	}
	require.NotEmpty(t, acknowledged)
	require.Eventually(t, func() bool { return db.Ready(t.Context()) == nil }, 10*time.Second, 10*time.Millisecond)
	for _, id := range acknowledged {
		require.Eventually(t, func() bool {
			r, err := e.Get(t.Context(), ada.Tenant, id)
			return err == nil && r.State == engine.Succeeded
		}, 30*time.Second, 10*time.Millisecond)
	}
}
