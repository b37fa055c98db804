package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// Runs serves aqtra.workflow.v1.Runs.
type Runs struct {
	workflowv1.UnimplementedRunsServer
	Engine *engine.Engine
}

// StartRun implements the service.
func (s *Runs) StartRun(ctx context.Context, req *workflowv1.StartRunRequest) (*workflowv1.Run, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	v, err := input("input", req.GetInput())
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.Start(ctx, who, engine.StartRequest{
		Component: req.GetComponent(), Workflow: req.GetWorkflow(), BusinessKey: req.GetBusinessKey(), Entry: req.GetEntry(),
		RequestID: req.GetRequestId(), Input: v,
	})
	if err != nil {
		return nil, err
	}
	return runOf(run)
}

// GetRun implements the service.
func (s *Runs) GetRun(ctx context.Context, req *workflowv1.GetRunRequest) (*workflowv1.Run, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.Get(ctx, who.Tenant, req.GetRun())
	if err != nil {
		return nil, err
	}
	return runOf(run)
}

// ListRuns implements the service.
func (s *Runs) ListRuns(ctx context.Context, req *workflowv1.ListRunsRequest) (*workflowv1.ListRunsResponse, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(req.GetPageSize(), 1000)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(who.Tenant, "runs", req.GetComponent(), req.GetWorkflow(), req.GetState().String(), req.GetBusinessKey())
	before, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	runs, more, err := s.Engine.Runs(ctx, who.Tenant, engine.RunFilter{
		Component: req.GetComponent(), Workflow: req.GetWorkflow(), BusinessKey: req.GetBusinessKey(), State: engine.State(req.GetState()),
		Before: before, Preview: who.Preview(), Limit: size,
	})
	if err != nil {
		return nil, err
	}
	resp := &workflowv1.ListRunsResponse{}
	for _, r := range runs {
		resp.Runs = append(resp.Runs, brief(r))
	}
	if more {
		resp.NextPageToken = pages.Token(runs[len(runs)-1].ID)
	}
	return resp, nil
}

// ListRunEvents implements the service.
func (s *Runs) ListRunEvents(ctx context.Context, req *workflowv1.ListRunEventsRequest) (*workflowv1.ListRunEventsResponse, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(req.GetPageSize(), 500)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(who.Tenant, "events", req.GetRun())
	after, err := pages.Number(req.GetPageToken(), 0)
	if err != nil {
		return nil, err
	}
	events, more, err := s.Engine.History(ctx, who.Tenant, req.GetRun(), after, size)
	if err != nil {
		return nil, err
	}
	resp := &workflowv1.ListRunEventsResponse{}
	for _, e := range events {
		out := &workflowv1.RunEvent{
			Seq: e.Seq, Time: timestamppb.New(e.Time), Type: e.Type, Task: e.Task, Attempt: e.Attempt, Error: errorOf(e.Error), IdempotencyKey: e.Key,
		}
		if len(e.Input) > 0 {
			if out.Input, err = value.ToProto(e.InputValue); err != nil {
				return nil, err
			}
		}
		if len(e.Output) > 0 {
			if out.Output, err = value.ToProto(e.OutputValue); err != nil {
				return nil, err
			}
		}
		resp.Events = append(resp.Events, out)
	}
	if more {
		resp.NextPageToken = pages.NumberToken(events[len(events)-1].Seq)
	}
	return resp, nil
}

// CancelRun implements the service.
func (s *Runs) CancelRun(ctx context.Context, req *workflowv1.CancelRunRequest) (*workflowv1.Run, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.Cancel(ctx, who.Tenant, req.GetRun(), req.GetReason())
	if err != nil {
		return nil, err
	}
	return runOf(run)
}

// RetryRun implements the service.
func (s *Runs) RetryRun(ctx context.Context, req *workflowv1.RetryRunRequest) (*workflowv1.Run, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.Retry(ctx, who.Tenant, req.GetRun())
	if err != nil {
		return nil, err
	}
	return runOf(run)
}

// SignalRun implements the service.
func (s *Runs) SignalRun(ctx context.Context, req *workflowv1.SignalRunRequest) (*workflowv1.Run, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	v, err := input("data", req.GetData())
	if err != nil {
		return nil, err
	}
	run, err := s.Engine.Signal(ctx, who, req.GetRun(), req.GetType(), req.GetRequestId(), v)
	if err != nil {
		return nil, err
	}
	return runOf(run)
}
