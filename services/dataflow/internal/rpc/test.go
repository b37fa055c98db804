package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/live"
)

// What of a step's items a test shows.
const (
	shownItems = 20
	shownBytes = 64 << 10
)

func (d *dataflows) TestDataflow(ctx context.Context, req *dataflowv1.TestDataflowRequest) (*dataflowv1.TestDataflowResponse, error) {
	if err := checkRun(&dataflowv1.RunDataflowRequest{Component: req.GetComponent(), Dataflow: req.GetDataflow(), Entry: req.GetEntry()}); err != nil {
		return nil, err
	}
	input, _, err := value.FromProto(req.GetInput())
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, "the input cannot be read", fault.Field("input", err.Error()))
	}
	out, err := d.runner.Test(ctx, live.Request{Component: req.GetComponent(), Dataflow: req.GetDataflow(), Input: input, Entry: req.GetEntry()})
	if err != nil {
		return nil, err
	}
	resp := &dataflowv1.TestDataflowResponse{Revision: out.Revision}
	if resp.Output, resp.Actions, err = resultToProto(out.Result); err != nil {
		return nil, err
	}
	for _, s := range out.Steps {
		tested, err := testedToProto(s)
		if err != nil {
			return nil, err
		}
		resp.Steps = append(resp.Steps, tested)
	}
	return resp, nil
}

func testedToProto(s live.Tested) (*dataflowv1.TestedStep, error) {
	out := &dataflowv1.TestedStep{Report: reportToProto(s.Report), Skipped: s.Skipped}
	if f, ok := fault.As(s.Err); ok {
		out.Error, out.Reason = f.Message, strings.TrimPrefix(f.Reason.String(), "REASON_")
		for _, v := range f.Violations {
			out.Error += fmt.Sprintf("; %s: %s", v.Field, v.Description)
		}
	} else if errors.Is(s.Err, context.DeadlineExceeded) {
		out.Error, out.Reason = "the test took too long and ended here", "DEADLINE_EXCEEDED"
	} else if s.Err != nil {
		return nil, s.Err // nothing that a person could mend
	}
	room := shownBytes
	for _, item := range s.Items[:min(len(s.Items), shownItems)] {
		p, err := value.ToProto(item.Fields)
		if err != nil {
			return nil, fmt.Errorf("write item: %w", err)
		}
		if room -= proto.Size(p); room < 0 {
			break
		}
		out.Items = append(out.Items, p)
	}
	return out, nil
}
