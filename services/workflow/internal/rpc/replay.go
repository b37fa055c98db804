package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// ReplayRuns implements the service.
func (s *Definitions) ReplayRuns(ctx context.Context, req *workflowv1.ReplayRunsRequest) (*workflowv1.ReplayRunsResponse, error) {
	runs, note, err := s.Engine.Replay(ctx, engine.ReplayRequest{
		Tenant: req.GetTenant(), Release: req.GetRelease(), Component: req.GetComponent(), Workflow: req.GetWorkflow(),
		Candidate: req.GetCandidate(), Others: req.GetOthers(),
	})
	if err != nil {
		return nil, err
	}
	resp := &workflowv1.ReplayRunsResponse{Note: note}
	for _, r := range runs {
		resp.Runs = append(resp.Runs, &libraryv1.ReplayedRun{
			Run: r.Run, CreateTime: timestamppb.New(r.CreateTime), Outcome: r.Outcome, Step: r.Step, Text: r.Text,
		})
	}
	return resp, nil
}
