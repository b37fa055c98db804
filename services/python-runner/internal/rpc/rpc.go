// Package rpc serves aqtra.python.v1.
package rpc

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/python-runner/internal/sandbox"
)

// Bounds of one request.
const (
	MaxSource = 256 << 10 // bytes
	MaxItems  = 10_000
)

// Sandbox runs code; *sandbox.Supervisor does.
type Sandbox interface {
	Call(ctx context.Context, c sandbox.Call) (sandbox.Result, error)
	CallMany(ctx context.Context, c sandbox.Call, items []any) ([]sandbox.Outcome, error)
	Check(ctx context.Context, code string, functions ...string) ([]sandbox.Problem, error)
}

// Release holds the scripts of a release, by component and id.
type Release map[string]map[string]*libraryv1.Script

// Compile finds the scripts of a release.
func Compile(r *libraryv1.Release) (Release, error) {
	scripts := Release{}
	for _, c := range r.GetComponents() {
		byID := map[string]*libraryv1.Script{}
		for _, s := range c.GetScripts() {
			byID[s.GetId()] = s
		}
		scripts[c.GetId()] = byID
	}
	return scripts, nil
}

// Scripts serves aqtra.python.v1.Scripts.
type Scripts struct {
	pythonv1.UnimplementedScriptsServer
	sandbox  Sandbox
	releases *releases.Cache[Release]
	library  libraryv1.ReleasesClient
	brokers  Brokers
	timeout  time.Duration
}

// Brokers answer what scripts ask for: Live in earnest, Try in tests, where what scripts store is taken back.
type Brokers struct{ Live, Try sandbox.Broker }

// NewScripts makes the server; drafts come from the library, and timeout bounds one run.
func NewScripts(s Sandbox, r *releases.Cache[Release], library libraryv1.ReleasesClient, b Brokers, timeout time.Duration) *Scripts {
	return &Scripts{sandbox: s, releases: r, library: library, brokers: b, timeout: timeout}
}

// RunScript runs a live script. One that the caller may not run looks like one that is not there.
func (s *Scripts) RunScript(ctx context.Context, req *pythonv1.RunScriptRequest) (*pythonv1.RunScriptResponse, error) {
	release, err := s.releases.Current(ctx)
	if err != nil {
		return nil, err
	}
	p, _ := principal.From(ctx)
	script, ok := release[req.GetComponent()][req.GetScript()]
	if !ok || !p.MayUse(script.GetRoles()) {
		return nil, fault.NotFound(faultv1.Reason_REASON_SCRIPT_NOT_FOUND,
			fmt.Sprintf("there is no published script %.60q in component %.60q", req.GetScript(), req.GetComponent()))
	}
	return s.run(ctx, p.Tenant, script, req.GetInput(), s.brokers.Live)
}

// TestScript runs the draft of a script.
func (s *Scripts) TestScript(ctx context.Context, req *pythonv1.TestScriptRequest) (*pythonv1.RunScriptResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	draft, err := s.library.GetCandidate(ctx, &libraryv1.GetCandidateRequest{Tenant: p.Tenant, Component: req.GetComponent()},
		grpc.MaxCallRecvMsgSize(releases.MaxSize))
	if err != nil {
		return nil, fmt.Errorf("load draft: %w", err)
	}
	scripts, err := Compile(draft)
	if err != nil {
		return nil, err
	}
	script, ok := scripts[req.GetComponent()][req.GetScript()]
	if !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_SCRIPT_NOT_FOUND,
			fmt.Sprintf("there is no script %.60q in component %.60q", req.GetScript(), req.GetComponent()))
	}
	return s.run(ctx, p.Tenant, script, req.GetInput(), s.brokers.Try)
}

func (s *Scripts) run(ctx context.Context, tenant string, script *libraryv1.Script, in *typev1.Value, b sandbox.Broker) (*pythonv1.RunScriptResponse, error) {
	input, _, err := value.FromProto(in)
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the input is not a value", fault.Field("input", err.Error()))
	}
	result, err := s.sandbox.Call(ctx, sandbox.Call{
		Tenant: tenant, Code: script.GetSource(), Args: []any{input}, Limits: sandbox.Limits{Wall: s.timeout}, Broker: b,
	})
	if err != nil {
		return nil, err
	}
	output, err := value.ToProto(result.Value)
	if err != nil {
		return nil, fmt.Errorf("result of script %s: %w", script.GetId(), err)
	}
	return &pythonv1.RunScriptResponse{Output: output, Logs: logs(result.Logs), Duration: durationpb.New(result.Wall)}, nil
}

func logs(lines []sandbox.LogLine) []*pythonv1.LogLine {
	out := make([]*pythonv1.LogLine, 0, len(lines))
	for _, l := range lines {
		out = append(out, &pythonv1.LogLine{Level: l.Level, Text: l.Text})
	}
	return out
}

// Runner serves aqtra.python.v1.Runner.
type Runner struct {
	pythonv1.UnimplementedRunnerServer
	sandbox Sandbox
	brokers Brokers
}

// NewRunner makes the server.
func NewRunner(s Sandbox, b Brokers) *Runner { return &Runner{sandbox: s, brokers: b} }

// Execute calls a function for every item. An exception is the outcome of its item; what ends the whole batch is a fault.
func (r *Runner) Execute(ctx context.Context, req *pythonv1.ExecuteRequest) (*pythonv1.ExecuteResponse, error) {
	p, ok := principal.From(ctx)
	if !ok || p.Tenant == "" {
		return nil, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "scripts run for somebody: the call carries no identity")
	}
	if len(req.GetSource()) > MaxSource {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the script is too long",
			fault.Field("source", fmt.Sprintf("has %d bytes, at most %d are allowed", len(req.GetSource()), MaxSource)))
	}
	if len(req.GetItems()) > MaxItems {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "too many items",
			fault.Field("items", fmt.Sprintf("has %d items, at most %d are allowed", len(req.GetItems()), MaxItems)))
	}
	items := make([]any, len(req.GetItems()))
	for i, item := range req.GetItems() {
		v, _, err := value.FromProto(item)
		if err != nil {
			return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "an item is not a value", fault.Field(fmt.Sprintf("items[%d]", i), err.Error()))
		}
		items[i] = v
	}
	call := sandbox.Call{
		Tenant: p.Tenant, Code: req.GetSource(), Function: req.GetFunction(), Broker: r.brokers.Live,
		Limits: sandbox.Limits{Wall: req.GetTimeout().AsDuration()},
	}
	if req.GetTest() {
		call.Broker = r.brokers.Try
	}
	outcomes, err := r.sandbox.CallMany(ctx, call, items)
	if err != nil {
		return nil, err
	}
	resp := &pythonv1.ExecuteResponse{Outcomes: make([]*pythonv1.Outcome, len(outcomes))}
	for i, o := range outcomes {
		if resp.Outcomes[i], err = outcome(o); err != nil {
			return nil, fmt.Errorf("result of item %d: %w", i, err)
		}
	}
	return resp, nil
}

func outcome(o sandbox.Outcome) (*pythonv1.Outcome, error) {
	if o.Err != nil {
		f, ok := fault.As(o.Err)
		if !ok {
			return nil, o.Err
		}
		var line int32
		if _, err := fmt.Sscan(f.Meta["line"], &line); err != nil {
			line = 0 // the exception has no line in the script
		}
		return &pythonv1.Outcome{Error: &pythonv1.ScriptError{Message: f.Message, Line: line}}, nil
	}
	var v *typev1.Value
	v, err := value.ToProto(o.Value)
	return &pythonv1.Outcome{Value: v}, err
}

// CheckSource reports syntax errors and a missing function.
func (r *Runner) CheckSource(ctx context.Context, req *pythonv1.CheckSourceRequest) (*pythonv1.CheckSourceResponse, error) {
	if len(req.GetSource()) > MaxSource {
		return &pythonv1.CheckSourceResponse{Problems: []*catalogv1.Problem{{
			Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: "script-too-long",
			Message: fmt.Sprintf("the script has %d bytes, at most %d are allowed", len(req.GetSource()), MaxSource),
		}}}, nil
	}
	function := req.GetFunction()
	if function == "" {
		function = sandbox.DefaultFunction
	}
	found, err := r.sandbox.Check(ctx, req.GetSource(), function)
	if err != nil {
		return nil, err
	}
	resp := &pythonv1.CheckSourceResponse{}
	for _, p := range found {
		resp.Problems = append(resp.Problems, &catalogv1.Problem{
			Severity: catalogv1.Severity_SEVERITY_ERROR, Reason: "python", Message: p.Message, Line: int32(p.Line), Column: int32(p.Column),
		})
	}
	return resp, nil
}
