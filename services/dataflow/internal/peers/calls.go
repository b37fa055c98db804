package peers

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Scripts reaches the Python runner.
type Scripts struct {
	client pythonv1.RunnerClient
	try    bool // what scripts store is taken back
}

var _ step.Scripts = (*Scripts)(nil)

// NewScripts reaches the Python runner over a connection.
func NewScripts(conn grpc.ClientConnInterface) *Scripts {
	return &Scripts{client: pythonv1.NewRunnerClient(conn)}
}

// Trying returns the same for tests: what scripts store is validated and taken back.
func (s *Scripts) Trying() *Scripts { return &Scripts{client: s.client, try: true} }

// Execute calls the function main of the source for every item.
func (s *Scripts) Execute(ctx context.Context, source string, items []any) ([]step.Outcome, error) {
	req := &pythonv1.ExecuteRequest{Source: source, Test: s.try, Items: make([]*typev1.Value, len(items))}
	for i, item := range items {
		var err error
		if req.Items[i], err = value.ToProto(item); err != nil {
			return nil, fmt.Errorf("execute script: %w", err)
		}
	}
	if end, ok := ctx.Deadline(); ok {
		req.Timeout = durationpb.New(max(time.Until(end), time.Millisecond))
	}
	resp, err := s.client.Execute(ctx, req)
	if err != nil {
		return nil, fmt.Errorf("execute script: %w", err)
	}
	if len(resp.GetOutcomes()) != len(items) {
		return nil, fmt.Errorf("execute script: %d outcomes for %d items", len(resp.GetOutcomes()), len(items))
	}
	outcomes := make([]step.Outcome, len(items))
	for i, o := range resp.GetOutcomes() {
		if o.GetError() != nil {
			outcomes[i].Error, outcomes[i].Line = o.GetError().GetMessage(), int(o.GetError().GetLine())
			if outcomes[i].Error == "" {
				outcomes[i].Error = "the script failed"
			}
			continue
		}
		if outcomes[i].Value, _, err = value.FromProto(o.GetValue()); err != nil {
			return nil, fmt.Errorf("execute script: %w", err)
		}
	}
	return outcomes, nil
}

// CheckSource reports what is wrong with a script.
func (s *Scripts) CheckSource(ctx context.Context, source string) ([]*catalogv1.Problem, error) {
	resp, err := s.client.CheckSource(ctx, &pythonv1.CheckSourceRequest{Source: source})
	if err != nil {
		return nil, fmt.Errorf("check script: %w", err)
	}
	return resp.GetProblems(), nil
}

// Workflows reaches the workflow engine.
type Workflows struct {
	client workflowv1.RunsClient
}

var _ step.Workflows = (*Workflows)(nil)

// NewWorkflows reaches the workflow engine over a connection.
func NewWorkflows(conn grpc.ClientConnInterface) *Workflows {
	return &Workflows{client: workflowv1.NewRunsClient(conn)}
}

// Start starts a run.
func (w *Workflows) Start(ctx context.Context, component, workflow, entry string, input any, requestID string) (string, error) {
	in, err := value.ToProto(input)
	if err != nil {
		return "", fmt.Errorf("start workflow: %w", err)
	}
	run, err := w.client.StartRun(ctx, &workflowv1.StartRunRequest{
		Component: component, Workflow: workflow, Input: in, Entry: entry, RequestId: requestKey(requestID),
	})
	if err != nil {
		return "", fmt.Errorf("start workflow: %w", err)
	}
	return run.GetId(), nil
}
