// Package rpc translates between the wire and the engine.
package rpc

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// input reads a value of a request; an absent one is null.
func input(field string, v *typev1.Value) (any, error) {
	out, _, err := value.FromProto(v)
	if err != nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "the request has a wrong value", fault.Field(field, err.Error()))
	}
	return out, nil
}

// stored gives a stored value to the wire.
func stored(b []byte) (*typev1.Value, error) {
	if len(b) == 0 {
		return nil, nil
	}
	v, err := engine.Decode(b)
	if err != nil {
		return nil, err
	}
	return value.ToProto(v)
}

func moment(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func errorOf(e *task.Error) *workflowv1.RunError {
	if e == nil {
		return nil
	}
	return &workflowv1.RunError{Type: e.Type, Status: int32(e.Status), Title: e.Title, Detail: e.Detail, Instance: e.Instance}
}

// brief is a run without input and output.
func brief(r engine.Run) *workflowv1.Run {
	return &workflowv1.Run{
		Id: r.ID, Component: r.Component, Workflow: r.Workflow, Release: r.Release, State: workflowv1.RunState(r.State), BusinessKey: r.BusinessKey,
		Entry: r.Entry, Error: errorOf(r.Error), Subject: r.Subject, CreateTime: timestamppb.New(r.CreateTime), FinishTime: moment(r.FinishTime),
		Position: r.Position,
	}
}

func runOf(r engine.Run) (*workflowv1.Run, error) {
	out := brief(r)
	var err error
	if out.Input, err = stored(r.Input); err != nil {
		return nil, fmt.Errorf("read input: %w", err)
	}
	if out.Output, err = stored(r.Output); err != nil {
		return nil, fmt.Errorf("read output: %w", err)
	}
	return out, nil
}

func taskOf(t engine.Task) (*workflowv1.Task, error) {
	out := &workflowv1.Task{
		Id: t.ID, Run: t.Run, Component: t.Component, Workflow: t.Workflow, Entry: t.Entry, Title: t.Title, Description: t.Description,
		Users: t.Users, Roles: t.Roles, DueTime: moment(t.DueTime), State: workflowv1.TaskState(t.State), Comment: t.Comment,
		AnswerSubject: t.AnswerSubject, AnswerTime: moment(t.AnswerTime), CreateTime: timestamppb.New(t.CreateTime), Page: t.Page,
		RemindTime: moment(t.RemindTime), EscalateTime: moment(t.EscalateTime),
		Assignee: t.Assignee, AssigneeName: t.AssigneeName,
	}
	var err error
	if out.Answer, err = stored(t.Answer); err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if out.Data, err = stored(t.Data); err != nil {
		return nil, fmt.Errorf("read data: %w", err)
	}
	choices, err := engine.Decode(t.Choices)
	if err != nil {
		return nil, fmt.Errorf("read choices: %w", err)
	}
	list, _ := choices.([]any)
	for _, item := range list {
		m, _ := item.(map[string]any)
		v, err := value.ToProto(m["value"])
		if err != nil {
			return nil, fmt.Errorf("read choices: %w", err)
		}
		label, _ := m["label"].(string)
		out.Choices = append(out.Choices, &workflowv1.Choice{Value: v, Label: label})
	}
	return out, nil
}
