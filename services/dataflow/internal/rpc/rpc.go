// Package rpc serves aqtra.dataflow.v1: it turns messages into what the engine takes, and back.
package rpc

import (
	"context"
	"fmt"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/live"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxRequestID is how many characters a request id may have.
const maxRequestID = 100

// Runner runs live dataflows.
type Runner interface {
	Run(ctx context.Context, req live.Request) (*step.Result, []*step.Report, error)
	Test(ctx context.Context, req live.Request) (live.Outcome, error)
	Replay(ctx context.Context, req live.ReplayRequest) ([]live.Replayed, string, error)
}

// Register adds the services to a server.
func Register(r grpc.ServiceRegistrar, runner Runner, kinds *catalog.Registry[step.Kind], sources engine.Sources, clk clock.Clock) {
	dataflowv1.RegisterDataflowsServer(r, &dataflows{runner: runner})
	dataflowv1.RegisterDefinitionsServer(r, &definitions{runner: runner, kinds: kinds, sources: sources, clock: clk})
	dataflowv1.RegisterCatalogServer(r, &stepTypes{kinds: kinds})
}

type dataflows struct {
	dataflowv1.UnimplementedDataflowsServer
	runner Runner
}

func (d *dataflows) RunDataflow(ctx context.Context, req *dataflowv1.RunDataflowRequest) (*dataflowv1.RunDataflowResponse, error) {
	if err := checkRun(req); err != nil {
		return nil, err
	}
	input, _, err := value.FromProto(req.GetInput())
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, "the input cannot be read", fault.Field("input", err.Error()))
	}
	result, reports, err := d.runner.Run(ctx, live.Request{
		Component: req.GetComponent(), Dataflow: req.GetDataflow(), Input: input, Entry: req.GetEntry(), ID: req.GetRequestId(),
	})
	if err != nil {
		return nil, err
	}
	return response(result, reports)
}

func checkRun(req *dataflowv1.RunDataflowRequest) error {
	var violations []fault.Option
	if req.GetComponent() == "" {
		violations = append(violations, fault.Field("component", "is required"))
	}
	if req.GetDataflow() == "" {
		violations = append(violations, fault.Field("dataflow", "is required"))
	}
	if utf8.RuneCountInString(req.GetRequestId()) > maxRequestID {
		violations = append(violations, fault.Field("request_id", fmt.Sprintf("has at most %d characters", maxRequestID)))
	}
	if utf8.RuneCountInString(req.GetEntry()) > maxRequestID {
		violations = append(violations, fault.Field("entry", "is not the id of an entry"))
	}
	if len(violations) > 0 {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request is invalid", violations...)
	}
	return nil
}

func response(result *step.Result, reports []*step.Report) (*dataflowv1.RunDataflowResponse, error) {
	output, actions, err := resultToProto(result)
	if err != nil {
		return nil, err
	}
	resp := &dataflowv1.RunDataflowResponse{Output: output, Actions: actions}
	for _, r := range reports {
		resp.Steps = append(resp.Steps, reportToProto(r))
	}
	return resp, nil
}

func resultToProto(result *step.Result) (*typev1.Value, []*dataflowv1.Action, error) {
	output, err := value.ToProto(result.Output)
	if err != nil {
		return nil, nil, fmt.Errorf("write output: %w", err)
	}
	var actions []*dataflowv1.Action
	for _, a := range result.Actions {
		params, err := value.MapToProto(a.Params)
		if err != nil {
			return nil, nil, fmt.Errorf("write action: %w", err)
		}
		actions = append(actions, &dataflowv1.Action{Type: a.Type, Params: params})
	}
	return output, actions, nil
}

func reportToProto(r *step.Report) *dataflowv1.StepReport {
	report := &dataflowv1.StepReport{
		Step: r.Step, Type: r.Type, RowsIn: r.RowsIn, RowsOut: r.RowsOut, Duration: durationpb.New(r.Duration), RowsFailed: r.RowsFailed,
	}
	for _, e := range r.Errors {
		report.Errors = append(report.Errors, &dataflowv1.RowError{Line: e.Line, Field: e.Field, Message: e.Message})
	}
	return report
}

type definitions struct {
	dataflowv1.UnimplementedDefinitionsServer
	runner  Runner
	kinds   *catalog.Registry[step.Kind]
	sources engine.Sources
	clock   clock.Clock
}

func (d *definitions) Describe(context.Context, *dataflowv1.DescribeRequest) (*dataflowv1.DescribeResponse, error) {
	return &dataflowv1.DescribeResponse{Specs: d.kinds.Specs()}, nil
}

func (d *definitions) CheckDataflow(ctx context.Context, req *dataflowv1.CheckDataflowRequest) (*dataflowv1.CheckDataflowResponse, error) {
	scope := &step.Scope{Component: req.GetComponent(), Components: []*libraryv1.Component{req.GetComponent()}, Clock: d.clock}
	for _, other := range req.GetOthers() {
		if _, twice := scope.Find(other.GetId()); !twice {
			scope.Components = append(scope.Components, other)
		}
	}
	for _, flow := range req.GetComponent().GetDataflows() {
		if flow.GetId() == req.GetDataflow() {
			scope.Dataflow = flow
		}
	}
	if scope.Dataflow == nil {
		return nil, fault.NotFound(faultv1.Reason_REASON_DATAFLOW_NOT_FOUND, "there is no such dataflow")
	}
	checked := engine.Compile(d.kinds, scope)
	scripts, err := engine.CheckSources(ctx, d.sources, d.kinds, scope)
	if err != nil {
		return nil, err
	}
	resp := &dataflowv1.CheckDataflowResponse{
		Problems: append(checked.Problems, scripts...), References: checked.References, OutputTypes: make(map[string]string, len(checked.Types)),
	}
	for id, t := range checked.Types {
		resp.OutputTypes[id] = typeText(t)
	}
	return resp, nil
}

type stepTypes struct {
	dataflowv1.UnimplementedCatalogServer
	kinds *catalog.Registry[step.Kind]
}

func (s *stepTypes) ListStepTypes(context.Context, *dataflowv1.DescribeRequest) (*dataflowv1.DescribeResponse, error) {
	return &dataflowv1.DescribeResponse{Specs: s.kinds.Specs()}, nil
}
