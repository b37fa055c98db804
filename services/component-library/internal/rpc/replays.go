package rpc

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/pkg/fault"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/check"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/impact"
)

const (
	// replayTimeout is how long all replays of a plan may take: without them there is still a plan.
	replayTimeout = 8 * time.Second
	// replaysAtOnce is how many flows are replayed at once.
	replaysAtOnce = 2
	// maxExamples is how many runs are told that differ, maxUnknown how many that cannot be told.
	maxExamples, maxUnknown = 20, 3
)

// Replay implements engine.Runs.
func (p *Peers) Replay(ctx context.Context, plan engine.ReplayPlan) []*libraryv1.Replay {
	ctx, cancel := context.WithTimeout(ctx, replayTimeout)
	defer cancel()
	views := check.NewViews(plan.Components)
	out := make([]*libraryv1.Replay, len(plan.Flows))
	g := errgroup.Group{}
	g.SetLimit(replaysAtOnce)
	for i, f := range plan.Flows {
		out[i] = &libraryv1.Replay{Component: f.Component, Kind: f.Kind, Id: f.ID, Title: f.Title}
		if f.Note != "" {
			out[i].Note = f.Note
			continue
		}
		g.Go(func() error {
			runs, note, err := p.replay(ctx, plan, f, views)
			if err != nil {
				note = "not replayed: " + reason(err)
			}
			summarize(out[i], runs, note)
			return nil
		})
	}
	_ = g.Wait() // every error became a note
	return out
}

func (p *Peers) replay(ctx context.Context, plan engine.ReplayPlan, f impact.Flow, views *check.Views) ([]*libraryv1.ReplayedRun, string, error) {
	own, others := views.Of(f.Component)
	if f.Kind == "dataflow" {
		res, err := p.dataflows.ReplayRuns(ctx, &dataflowv1.ReplayRunsRequest{
			Tenant: plan.Tenant, Release: plan.Release, Component: f.Live, Dataflow: f.ID, Candidate: own, Others: others,
		}, large())
		return res.GetRuns(), res.GetNote(), err
	}
	res, err := p.workflows.ReplayRuns(ctx, &workflowv1.ReplayRunsRequest{
		Tenant: plan.Tenant, Release: plan.Release, Component: f.Live, Workflow: f.ID, Candidate: own, Others: others,
	}, large())
	return res.GetRuns(), res.GetNote(), err
}

// reason is why an owner did not answer, for the person who reads the plan.
func reason(err error) string {
	f, ok := fault.As(err)
	switch {
	case errors.Is(err, context.DeadlineExceeded) || (ok && f.Kind == fault.KindDeadlineExceeded):
		return "it took too long"
	case ok && f.Kind != fault.KindUnavailable:
		return f.Message
	}
	return "the service that has the runs is away"
}

func summarize(r *libraryv1.Replay, runs []*libraryv1.ReplayedRun, note string) {
	r.Runs, r.Note = int32(len(runs)), note
	var unknown []*libraryv1.ReplayedRun
	for _, run := range runs {
		switch run.GetOutcome() {
		case libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME:
			r.Same++
		case libraryv1.ReplayOutcome_REPLAY_OUTCOME_DIFFERENT:
			if len(r.Examples) < maxExamples {
				r.Examples = append(r.Examples, run)
			}
		default:
			r.Unknown++
			unknown = append(unknown, run)
		}
	}
	if len(r.GetExamples()) == 0 {
		r.Examples = unknown[:min(len(unknown), maxUnknown)]
	}
}
