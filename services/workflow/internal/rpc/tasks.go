package rpc

import (
	"context"
	"strconv"

	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// Tasks serves aqtra.workflow.v1.Tasks.
type Tasks struct {
	workflowv1.UnimplementedTasksServer
	Engine *engine.Engine
}

// ListTasks implements the service.
func (s *Tasks) ListTasks(ctx context.Context, req *workflowv1.ListTasksRequest) (*workflowv1.ListTasksResponse, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(req.GetPageSize(), 100)
	if err != nil {
		return nil, err
	}
	state := engine.TaskState(req.GetState())
	if req.GetState() == workflowv1.TaskState_TASK_STATE_UNSPECIFIED {
		state = engine.Open
	}
	pages := paging.Of(who.Tenant, "tasks", who.Subject, strconv.Itoa(int(state)))
	before, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	tasks, more, err := s.Engine.Tasks(ctx, who, state, before, size)
	if err != nil {
		return nil, err
	}
	resp := &workflowv1.ListTasksResponse{}
	for _, t := range tasks {
		out, err := taskOf(t)
		if err != nil {
			return nil, err
		}
		resp.Tasks = append(resp.Tasks, out)
	}
	if more {
		resp.NextPageToken = pages.Token(tasks[len(tasks)-1].ID)
	}
	return resp, nil
}

// GetTask implements the service.
func (s *Tasks) GetTask(ctx context.Context, req *workflowv1.GetTaskRequest) (*workflowv1.Task, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	t, err := s.Engine.Task(ctx, who, req.GetTask())
	if err != nil {
		return nil, err
	}
	return taskOf(t)
}

// ClaimTask implements the service.
func (s *Tasks) ClaimTask(ctx context.Context, req *workflowv1.ClaimTaskRequest) (*workflowv1.Task, error) {
	return assigned(ctx, func(who principal.Principal) (engine.Task, error) { return s.Engine.Claim(ctx, who, req.GetTask()) })
}

// ReleaseTask implements the service.
func (s *Tasks) ReleaseTask(ctx context.Context, req *workflowv1.ReleaseTaskRequest) (*workflowv1.Task, error) {
	return assigned(ctx, func(who principal.Principal) (engine.Task, error) { return s.Engine.Release(ctx, who, req.GetTask()) })
}

// DelegateTask implements the service.
func (s *Tasks) DelegateTask(ctx context.Context, req *workflowv1.DelegateTaskRequest) (*workflowv1.Task, error) {
	return assigned(ctx, func(who principal.Principal) (engine.Task, error) {
		return s.Engine.Delegate(ctx, who, req.GetTask(), req.GetUser())
	})
}

func assigned(ctx context.Context, assign func(who principal.Principal) (engine.Task, error)) (*workflowv1.Task, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	t, err := assign(who)
	if err != nil {
		return nil, err
	}
	return taskOf(t)
}

// AnswerTask implements the service.
func (s *Tasks) AnswerTask(ctx context.Context, req *workflowv1.AnswerTaskRequest) (*workflowv1.Task, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	v, err := input("answer", req.GetAnswer())
	if err != nil {
		return nil, err
	}
	t, err := s.Engine.Answer(ctx, who, req.GetTask(), v, req.GetComment())
	if err != nil {
		return nil, err
	}
	return taskOf(t)
}
