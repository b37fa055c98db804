package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

const (
	// maxReplays is how many runs of a workflow are replayed, half of them that failed if there are so many.
	maxReplays = 20
	// maxReplayEvents and maxReplayBytes are how long the history of a run may be that is replayed.
	maxReplayEvents = 2_000
	maxReplayBytes  = 4 << 20
	// replayTime bounds the replays of one request.
	replayTime = 2 * time.Second
)

// ReplayRequest names a live workflow and what would replace it.
type ReplayRequest struct {
	Tenant, Release, Component, Workflow string
	Candidate                            *libraryv1.Component
	Others                               []*libraryv1.Component
}

// Replayed is a run that was gone through twice.
type Replayed struct {
	Run        string
	CreateTime time.Time
	Outcome    libraryv1.ReplayOutcome
	// Step and Text say what differs, see aqtra.library.v1.ReplayedRun.
	Step, Text string
}

// Replay goes through the latest finished runs of a workflow with the live definition and with a candidate, both with what
// was recorded for calls, answers and events, and tells which do something else. Nothing has an effect. A note says why there
// are none or fewer.
//
// Both are played, instead of comparing the candidate with the record: what depends on the time, or was made by an earlier
// definition, then differs on both sides alike.
func (e *Engine) Replay(ctx context.Context, r ReplayRequest) ([]Replayed, string, error) {
	runs, err := e.replayable(ctx, r)
	if err != nil || len(runs) == 0 {
		return nil, "", err
	}
	clk := &clock.Instant{Clock: e.Clock}
	loader := programs{kinds: e.programs.kinds, releases: e.programs.releases, clock: clk}
	live, err := loader.load(ctx, r.Tenant, r.Release, r.Component, r.Workflow)
	if err != nil {
		return nil, "", fmt.Errorf("load live workflow: %w", err)
	}
	next, err := loader.compile(r.Candidate, r.Others, r.Workflow)
	if err != nil {
		return nil, "the workflow has problems", nil // the check tells them
	}
	limited, cancel := context.WithTimeout(ctx, replayTime)
	defer cancel()
	var out []Replayed
	for _, run := range runs {
		one, err := e.replay(limited, clk, live, next, run)
		switch {
		case ctx.Err() != nil:
			return nil, "", ctx.Err()
		case limited.Err() != nil:
			return out, fmt.Sprintf("there was time for %d of %d runs", len(out), len(runs)), nil
		case err != nil:
			return nil, "", err
		}
		out = append(out, one)
	}
	return out, "", nil
}

// replayable are the latest runs that came to an end by themselves, newest first.
func (e *Engine) replayable(ctx context.Context, r ReplayRequest) ([]Run, error) {
	list := func(s State) ([]Run, error) {
		return e.Store.Runs(ctx, r.Tenant, RunFilter{Component: r.Component, Workflow: r.Workflow, State: s, Limit: maxReplays})
	}
	good, err := list(Succeeded)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	bad, err := list(Failed)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	bad = bad[:min(len(bad), max(maxReplays/2, maxReplays-len(good)))]
	runs := slices.Concat(good[:min(len(good), maxReplays-len(bad))], bad)
	slices.SortFunc(runs, func(a, b Run) int { return cmp.Compare(b.ID, a.ID) })
	return runs, nil
}

func (e *Engine) replay(ctx context.Context, clk *clock.Instant, live, next *dsl.Program, listed Run) (Replayed, error) {
	out := Replayed{Run: listed.ID, CreateTime: listed.CreateTime, Outcome: libraryv1.ReplayOutcome_REPLAY_OUTCOME_UNKNOWN}
	run, err := e.Store.Run(ctx, listed.Tenant, listed.ID)
	if err != nil {
		return out, fmt.Errorf("read run: %w", err)
	}
	if run.Generation > 0 {
		out.Text = "it was tried again by hand"
		return out, nil
	}
	rec, err := e.recording(ctx, run)
	if err != nil {
		return out, err
	}
	if rec == nil {
		out.Text = "its history is too long"
		return out, nil
	}
	was, err := play(ctx, clk, live, run, rec)
	if err != nil {
		return out, err
	}
	if was.stuck != "" || was.state != run.State {
		out.Text = "it was made by another version of the workflow"
		return out, nil
	}
	is, err := play(ctx, clk, next, run, rec)
	if err != nil {
		return out, err
	}
	out.Outcome, out.Step, out.Text = was.compare(is)
	return out, nil
}

// answer is what came from outside of a run, once.
type answer struct {
	task string // see taskID
	kind task.NextKind
	// args are the arguments of a call, encoded, and target what it reached, once the live definition has told.
	args, target string
	// event is the type of an event.
	event string
	// never is set when nothing came.
	never bool
	at    time.Time
	value any
	err   *task.Error
}

// recording reads what came from outside of a run, in order; nil when there is too much.
func (e *Engine) recording(ctx context.Context, run Run) ([]*answer, error) {
	rec := []*answer{}
	open := map[string]*answer{} // by the place of the task
	count, size := 0, 0
	for after, more := int64(0), true; more; {
		var events []HistoryEvent
		var err error
		if events, more, err = e.History(ctx, run.Tenant, run.ID, after, checkpointEvents); err != nil {
			return nil, err
		}
		for _, h := range events {
			after = h.Seq
			count, size = count+1, size+task.Measure(h.InputValue)+task.Measure(h.OutputValue)
			if count > maxReplayEvents || size > maxReplayBytes {
				return nil, nil
			}
			switch h.Type {
			case "task.started", "task.waiting":
				a := &answer{task: taskID(h.Task), kind: task.Ask, never: true}
				if h.Type == "task.started" {
					a.kind = task.Call
					args, err := Encode(h.InputValue)
					if err != nil {
						return nil, err
					}
					a.args = string(args)
				}
				open[h.Task] = a
				rec = append(rec, a)
				continue
			}
			a := open[h.Task]
			switch {
			case a == nil:
			case h.Type == "task.answered" || h.Type == "signal.received" || (h.Type == "task.completed" && a.kind == task.Call):
				if h.Type == "signal.received" {
					of, _ := h.InputValue.(map[string]any)
					a.kind = task.Listen
					a.event, _ = of["type"].(string)
				}
				a.never, a.at, a.value = false, h.Time, h.OutputValue
				if h.Type == "task.completed" && len(h.Input) > 0 { // what came before output.as
					a.value = h.InputValue
				}
				delete(open, h.Task)
			case h.Type == "task.failed" && a.kind == task.Call:
				failed := *h.Error
				failed.Instance = "" // where it happens is for the replay to say
				a.never, a.at, a.err = false, h.Time, &failed
				delete(open, h.Task)
			}
		}
	}
	return rec, nil
}
