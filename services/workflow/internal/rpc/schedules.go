package rpc

import (
	"context"
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/principal"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/schedule"
)

// Schedules serves aqtra.workflow.v1.Schedules.
type Schedules struct {
	workflowv1.UnimplementedSchedulesServer
	Scheduler *schedule.Scheduler
}

// ScheduleSync serves aqtra.workflow.v1.ScheduleSync.
type ScheduleSync struct {
	workflowv1.UnimplementedScheduleSyncServer
	Scheduler *schedule.Scheduler
}

// SyncSchedules implements the service.
func (s *ScheduleSync) SyncSchedules(ctx context.Context, req *workflowv1.SyncSchedulesRequest) (*workflowv1.SyncSchedulesResponse, error) {
	return &workflowv1.SyncSchedulesResponse{}, s.Scheduler.Sync(ctx, req.GetTenant(), req.GetRelease(), req.GetSubject())
}

// ListSchedules implements the service.
func (s *Schedules) ListSchedules(ctx context.Context, _ *workflowv1.ListSchedulesRequest) (*workflowv1.ListSchedulesResponse, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	all, err := s.Scheduler.Store.Schedules(ctx, who.Tenant)
	if err != nil {
		return nil, fmt.Errorf("list schedules: %w", err)
	}
	resp := &workflowv1.ListSchedulesResponse{}
	for _, one := range all {
		resp.Schedules = append(resp.Schedules, scheduleOf(one))
	}
	return resp, nil
}

// PauseSchedule implements the service.
func (s *Schedules) PauseSchedule(ctx context.Context, req *workflowv1.PauseScheduleRequest) (*workflowv1.Schedule, error) {
	return s.pause(ctx, req.GetComponent(), req.GetWorkflow(), true)
}

// ResumeSchedule implements the service.
func (s *Schedules) ResumeSchedule(ctx context.Context, req *workflowv1.ResumeScheduleRequest) (*workflowv1.Schedule, error) {
	return s.pause(ctx, req.GetComponent(), req.GetWorkflow(), false)
}

func (s *Schedules) pause(ctx context.Context, component, workflow string, paused bool) (*workflowv1.Schedule, error) {
	who, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	one, err := s.Scheduler.Pause(ctx, who.Tenant, component, workflow, paused)
	if err != nil {
		return nil, err
	}
	return scheduleOf(one), nil
}

func scheduleOf(s schedule.Schedule) *workflowv1.Schedule {
	out := &workflowv1.Schedule{
		Component: s.Component, Workflow: s.Workflow, Title: s.Title, Subject: s.Subject, Paused: s.Paused,
		NextTime: moment(s.Next), LastTime: moment(s.Last), LastRun: s.LastRun, Problem: s.Problem,
	}
	switch kind, text, _ := strings.Cut(s.Spec, " "); kind {
	case "cron":
		out.Cron = text
	case "every":
		out.Every = text
	default:
		out.After = text
	}
	return out
}
