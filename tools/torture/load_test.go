package torture_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/torture/check"
)

// pause is how long a client waits before it asks again.
const pause = 250 * time.Millisecond

// load starts runs, answers their questions and sends them events, as clients do that repeat what was not acknowledged.
type load struct {
	s  *site
	to string

	mu      sync.Mutex
	starts  map[string]*check.Start // by request
	byRun   map[string]*check.Start
	refused []string
	clients sync.WaitGroup
}

func newLoad(s *site, to string) *load {
	return &load{s: s, to: to, starts: map[string]*check.Start{}, byRun: map[string]*check.Start{}}
}

// run starts runs at a rate until stop ends, then waits for the clients, who give up when ctx ends.
func (l *load) run(ctx, stop context.Context, seed uint64, rate int) {
	random := rand.New(rand.NewPCG(seed, 1))
	workflows := slices.Sorted(maps.Keys(plans()))
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	for n := 0; stop.Err() == nil; n++ {
		workflow, early, twice := workflows[random.IntN(len(workflows))], random.IntN(2) == 0, random.IntN(10) == 0
		request := fmt.Sprintf("%s-%d", workflow, n)
		l.clients.Go(func() { l.client(ctx, workflow, request, early, twice) })
		select {
		case <-stop.Done():
		case <-tick.C:
		}
	}
}

// client starts one run, and repeats its request until it is acknowledged, sometimes once more.
func (l *load) client(ctx context.Context, workflow, request string, early, twice bool) {
	l.mu.Lock()
	s := &check.Start{Request: request, Workflow: workflow}
	l.starts[request] = s
	l.mu.Unlock()
	body := object{"requestId": request, "businessKey": request, "input": object{"to": l.to}}
	times := 1
	if twice {
		times = 2
	}
	for range times {
		answer, ok := l.insist(ctx, "POST", "/v1/components/load/workflows/"+workflow+":start", body)
		if !ok {
			return
		}
		id, _ := answer["id"].(string)
		l.mu.Lock()
		s.Runs = append(s.Runs, id)
		l.byRun[id] = s
		l.mu.Unlock()
	}
	if workflow != "event" {
		return
	}
	if !early {
		sleep(ctx, 2*time.Second)
	}
	data := "event of " + s.Runs[0]
	if _, ok := l.insist(ctx, "POST", "/v1/runs/"+s.Runs[0]+":signal", object{"type": "go", "data": data, "requestId": "go-" + request}); ok {
		l.told(s, data)
	}
}

func (l *load) told(s *check.Start, what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	s.Said = what
}

// insist repeats a request until it is acknowledged or refused for good.
func (l *load) insist(ctx context.Context, method, path string, body object) (object, bool) {
	for {
		answer, err := call(ctx, l.s.admin, method, path, body)
		if err == nil {
			return answer, true
		}
		if errors.Is(err, errRefused) {
			l.mu.Lock()
			l.refused = append(l.refused, err.Error())
			l.mu.Unlock()
			return nil, false
		}
		if sleep(ctx, pause) != nil {
			return nil, false
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// people answer the questions that there are, until ctx ends.
func (l *load) people(ctx context.Context) {
	for sleep(ctx, pause) == nil {
		page, err := call(ctx, l.s.admin, "GET", "/v1/tasks?pageSize=100", nil)
		if err != nil {
			continue
		}
		tasks, _ := page["tasks"].(list)
		for _, item := range tasks {
			t, _ := item.(object)
			id, _ := t["id"].(string)
			run, _ := t["run"].(string)
			// The same every time: an answer that was stored without being acknowledged is not contradicted.
			answer := "yes"
			if strings.ContainsAny(run[len(run)-1:], "02468ace") {
				answer = "no"
			}
			_, err := call(ctx, l.s.admin, "POST", "/v1/tasks/"+id+":answer", object{"answer": answer})
			l.mu.Lock()
			s := l.byRun[run]
			l.mu.Unlock()
			if err == nil && s != nil {
				l.told(s, answer)
			}
		}
	}
}

// unfinished counts runs that go on.
func (l *load) unfinished(ctx context.Context) (int, error) {
	n := 0
	for _, state := range []string{"RUN_STATE_RUNNING", "RUN_STATE_WAITING"} {
		runs, err := pages(ctx, l.s.admin, "/v1/runs", "runs", url.Values{"pageSize": {"1000"}, "state": {state}})
		if err != nil {
			return 0, err
		}
		n += len(runs)
	}
	return n, nil
}

// drain waits until all runs have ended, or until none has for a while.
func (l *load) drain(ctx context.Context, t *testing.T, patience time.Duration) {
	t.Helper()
	least, since := -1, time.Now()
	for {
		n, err := l.unfinished(ctx)
		switch {
		case err != nil:
		case n == 0:
			return
		case least < 0 || n < least:
			least, since = n, time.Now()
		}
		if time.Since(since) > patience {
			t.Logf("%d runs have not ended, and none did for %s (%v)", least, patience, err)
			return
		}
		require.NoError(t, sleep(ctx, pause))
	}
}

// history is what the load has seen, and what the platform tells now.
func (l *load) history(ctx context.Context, t *testing.T, r *receiver, kills []check.Kill) *check.History {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	h := &check.History{Plans: plans(), Effects: r.all(), Kills: kills, Kept: map[string]int{}, Refused: l.refused}
	for _, s := range l.starts {
		h.Starts = append(h.Starts, *s)
	}
	runs, err := pages(ctx, l.s.admin, "/v1/runs", "runs", url.Values{"pageSize": {"1000"}})
	require.NoError(t, err)
	for _, item := range runs {
		run, err := l.recorded(ctx, item.(object))
		require.NoError(t, err)
		h.Runs = append(h.Runs, run)
	}
	entries, err := pages(ctx, l.s.admin, "/v1/components/load/entries", "entries", url.Values{"pageSize": {"1000"}})
	require.NoError(t, err)
	for _, item := range entries {
		fields, _ := item.(object)["fields"].(object)
		h.Kept[fmt.Sprint(fields["run"])]++
	}
	return h
}

// recorded reads a run with its events.
func (l *load) recorded(ctx context.Context, o object) (check.Run, error) {
	text := func(v any) string { s, _ := v.(string); return s }
	r := check.Run{ID: text(o["id"]), Request: text(o["businessKey"]), Workflow: text(o["workflow"]), State: strings.TrimPrefix(text(o["state"]), "RUN_STATE_")}
	if e, ok := o["error"].(object); ok {
		r.Detail = text(e["detail"])
	}
	events, err := pages(ctx, l.s.admin, "/v1/runs/"+r.ID+"/events", "events", url.Values{"pageSize": {"500"}})
	for _, item := range events {
		e, _ := item.(object)
		at, parseErr := time.Parse(time.RFC3339Nano, text(e["time"]))
		err = errors.Join(err, parseErr)
		var seq int64
		_, scanErr := fmt.Sscan(text(e["seq"]), &seq)
		err = errors.Join(err, scanErr)
		event := check.Event{Seq: seq, Type: text(e["type"]), Task: text(e["task"]), Key: text(e["idempotencyKey"]), Time: at, Value: text(e["output"])}
		if answer, ok := e["output"].(object); ok {
			event.Value = text(answer["answer"])
		}
		r.Events = append(r.Events, event)
	}
	return r, err
}
