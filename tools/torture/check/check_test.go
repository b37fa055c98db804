package check_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/torture/check"
)

var begin = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

func after(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }

// good is a history in which all is well: a kill at 100 ms explains why an effect came twice.
func good() *check.History {
	return &check.History{
		Plans: map[string]check.Plan{"w": {State: "SUCCEEDED", Timers: 1, Signals: 1, Entries: 1, Steps: []check.Step{
			{Name: "first", Refused: 1}, {Name: "left", After: []string{"first"}}, {Name: "right", After: []string{"first"}},
			{Name: "last", After: []string{"left", "right"}, Said: true},
		}}},
		Starts: []check.Start{{Request: "q", Workflow: "w", Runs: []string{"r", "r"}, Said: "x"}, {Request: "refused", Workflow: "w"}},
		Runs: []check.Run{{ID: "r", Request: "q", Workflow: "w", State: "SUCCEEDED", Events: numbered(
			check.Event{Type: "run.started"},
			check.Event{Type: "task.started", Task: "do/0/first", Key: "r/1"}, check.Event{Type: "task.failed", Task: "do/0/first"},
			check.Event{Type: "task.started", Task: "do/0/first", Key: "r/1"}, check.Event{Type: "task.completed", Task: "do/0/first"},
			check.Event{Type: "timer.set", Task: "do/1/nap", Value: after(30).Format(time.RFC3339Nano), Time: after(20)},
			check.Event{Type: "timer.fired", Task: "do/1/nap", Time: after(31)},
			check.Event{Type: "task.started", Task: "do/2/both/left", Key: "r/2"}, check.Event{Type: "task.started", Task: "do/2/both/right", Key: "r/3"},
			check.Event{Type: "task.completed", Task: "do/2/both/left"}, check.Event{Type: "task.completed", Task: "do/2/both/right"},
			check.Event{Type: "signal.received", Task: "do/3/hear", Value: "x"},
			check.Event{Type: "task.started", Task: "do/4/last", Key: "r/4"}, check.Event{Type: "task.completed", Task: "do/4/last"},
			check.Event{Type: "run.succeeded"},
		)}},
		Effects: []check.Effect{
			{Run: "r", Step: "first", Key: "r/1", Time: after(1), Refused: true}, {Run: "r", Step: "first", Key: "r/1", Time: after(10)},
			{Run: "r", Step: "left", Key: "r/2", Time: after(40)}, {Run: "r", Step: "right", Key: "r/3", Time: after(41)},
			{Run: "r", Step: "right", Key: "r/3", Time: after(200)}, {Run: "r", Step: "last", Key: "r/4", Time: after(300), Value: "x"},
		},
		Kept:  map[string]int{"r": 1},
		Kills: []check.Kill{{What: "kill workflow", From: after(100), To: after(100)}},
	}
}

func numbered(events ...check.Event) []check.Event {
	for i := range events {
		events[i].Seq = int64(i + 1)
	}
	return events
}

func TestGood(t *testing.T) {
	t.Parallel()
	require.Empty(t, check.Check(good()))
}

// Each way to break a promise is found, by its rule.
func TestBroken(t *testing.T) {
	t.Parallel()
	event := func(h *check.History, kind string) int {
		return slices.IndexFunc(h.Runs[0].Events, func(e check.Event) bool { return e.Type == kind })
	}
	for name, test := range map[string]struct {
		spoil func(h *check.History)
		want  check.Rule
	}{
		"a start is lost":             {func(h *check.History) { h.Runs, h.Effects = nil, nil }, check.Lost},
		"a run is lost after effects": {func(h *check.History) { h.Runs, h.Starts = nil, nil }, check.Lost},
		"another run for one request": {func(h *check.History) { h.Starts[0].Runs = []string{"r", "r2"} }, check.Twice},
		"a request is refused":        {func(h *check.History) { h.Refused = []string{"404"} }, check.Refused},
		"it stands":                   {func(h *check.History) { h.Runs[0].State = "WAITING" }, check.Stuck},
		"it fails":                    {func(h *check.History) { h.Runs[0].State = "FAILED" }, check.Wrong},
		"an effect is missing":        {func(h *check.History) { h.Effects = slices.Delete(h.Effects, 5, 6) }, check.Missing},
		"twice without a kill":        {func(h *check.History) { h.Kills = nil }, check.Repeated},
		"twice for one kill":          {func(h *check.History) { h.Effects = append(h.Effects, h.Effects[4]); h.Effects[6].Time = after(400) }, check.Repeated},
		"another key":                 {func(h *check.History) { h.Effects[4].Key = "r/3b" }, check.Rekeyed},
		"another key for a retry":     {func(h *check.History) { h.Effects[1].Key = "r/1b" }, check.Rekeyed},
		"a branch is not waited for":  {func(h *check.History) { h.Effects[3].Time, h.Effects[4].Time = after(310), after(320) }, check.Order},
		"nobody planned it":           {func(h *check.History) { h.Effects[5].Step = "lost" }, check.Wrong},
		"an event is there twice":     {func(h *check.History) { h.Runs[0].Events[4].Seq = 4 }, check.Record},
		"an event is missing":         {func(h *check.History) { h.Runs[0].Events = slices.Delete(h.Runs[0].Events, 4, 5) }, check.Record},
		"a task is begun twice":       {func(h *check.History) { h.Runs[0].Events[8].Task = "do/2/both/left" }, check.Record},
		"a branch is not done":        {func(h *check.History) { h.Runs[0].Events[10].Type = "task.failed" }, check.Record},
		"a timer fires early":         {func(h *check.History) { h.Runs[0].Events[event(h, "timer.fired")].Time = after(29) }, check.Timer},
		"a timer fires twice": {func(h *check.History) {
			i := event(h, "timer.fired")
			h.Runs[0].Events = numbered(slices.Insert(h.Runs[0].Events, i, h.Runs[0].Events[i])...)
		}, check.Timer},
		"a timer never fires": {func(h *check.History) { h.Runs[0].Events[event(h, "timer.fired")].Type = "task.completed" }, check.Timer},
		"another event":       {func(h *check.History) { h.Runs[0].Events[event(h, "signal.received")].Value = "y" }, check.Told},
		"an event comes twice": {func(h *check.History) {
			i := event(h, "signal.received")
			h.Runs[0].Events = numbered(slices.Insert(h.Runs[0].Events, i, h.Runs[0].Events[i])...)
		}, check.Told},
		"the effect tells another": {func(h *check.History) { h.Effects[5].Value = "y" }, check.Told},
		"no entry":                 {func(h *check.History) { h.Kept = nil }, check.Missing},
		"two entries":              {func(h *check.History) { h.Kept["r"] = 2 }, check.Repeated},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := good()
			test.spoil(h)
			var rules []check.Rule
			for _, v := range check.Check(h) {
				rules = append(rules, v.Rule)
				require.NotEmpty(t, v.String())
			}
			require.Contains(t, rules, test.want)
		})
	}
}
