package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/live"
)

func (d *definitions) ReplayRuns(ctx context.Context, req *dataflowv1.ReplayRunsRequest) (*dataflowv1.ReplayRunsResponse, error) {
	runs, note, err := d.runner.Replay(ctx, live.ReplayRequest{
		Tenant: req.GetTenant(), Release: req.GetRelease(), Component: req.GetComponent(), Dataflow: req.GetDataflow(),
		Candidate: req.GetCandidate(), Others: req.GetOthers(),
	})
	if err != nil {
		return nil, err
	}
	resp := &dataflowv1.ReplayRunsResponse{Note: note}
	for _, r := range runs {
		resp.Runs = append(resp.Runs, &libraryv1.ReplayedRun{CreateTime: timestamppb.New(r.Time), Outcome: r.Outcome, Step: r.Step, Text: r.Text})
	}
	return resp, nil
}
