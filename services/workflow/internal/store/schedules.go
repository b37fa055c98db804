package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/schedule"
	"github.com/aqtra/aqtra/services/workflow/internal/store/db"
)

var _ schedule.Store = (*Store)(nil)

func scheduleOf(r db.WorkflowSchedule) schedule.Schedule {
	return schedule.Schedule{
		Tenant: r.TenantID, Component: r.Component, Workflow: r.Workflow, Title: r.Title, Release: r.ReleaseID, Subject: r.Subject,
		Spec: r.Spec, Paused: r.Paused, Next: r.NextTime, Last: r.LastTime, LastRun: r.LastRun, Problem: r.Problem,
	}
}

// Schedules implements schedule.Store.
func (s *Store) Schedules(ctx context.Context, tenant string) ([]schedule.Schedule, error) {
	rows, err := s.tenant(tenant).ListSchedules(ctx, tenant)
	out := make([]schedule.Schedule, len(rows))
	for i, r := range rows {
		out[i] = scheduleOf(r)
	}
	return out, err
}

// Schedule implements schedule.Store.
func (s *Store) Schedule(ctx context.Context, tenant, component, workflow string) (schedule.Schedule, error) {
	r, err := s.tenant(tenant).GetSchedule(ctx, db.GetScheduleParams{TenantID: tenant, Component: component, Workflow: workflow})
	if errors.Is(err, pgx.ErrNoRows) {
		return schedule.Schedule{}, schedule.ErrNotFound
	}
	return scheduleOf(r), err
}

// SetSchedules implements schedule.Store.
func (s *Store) SetSchedules(ctx context.Context, tenant string, all []schedule.Schedule) error {
	return postgres.Away(s.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		kept := make([]string, len(all))
		for i, one := range all {
			kept[i] = one.Component + "/" + one.Workflow
			if err := q.SetSchedule(ctx, db.SetScheduleParams{
				TenantID: tenant, Component: one.Component, Workflow: one.Workflow, Title: one.Title, ReleaseID: one.Release, Subject: one.Subject,
				Spec: one.Spec, NextTime: one.Next,
			}); err != nil {
				return err
			}
		}
		return q.DropSchedules(ctx, db.DropSchedulesParams{TenantID: tenant, Kept: kept})
	}))
}

// Due implements schedule.Store.
func (s *Store) Due(ctx context.Context, now time.Time, n int) ([]schedule.Schedule, error) {
	rows, err := s.system().DueSchedules(ctx, db.DueSchedulesParams{Now: now, N: int32(n)})
	out := make([]schedule.Schedule, len(rows))
	for i, r := range rows {
		out[i] = scheduleOf(r)
	}
	return out, err
}

// Next implements schedule.Store.
func (s *Store) Next(ctx context.Context) (time.Time, error) {
	t, err := s.system().NextSchedule(ctx)
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && t == nil) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return *t, nil
}

// Fired implements schedule.Store.
func (s *Store) Fired(ctx context.Context, was schedule.Schedule, next *time.Time, at time.Time, run, problem string) error {
	return s.system().Fired(ctx, db.FiredParams{
		TenantID: was.Tenant, Component: was.Component, Workflow: was.Workflow, Was: *was.Next, NextTime: next, LastTime: at, LastRun: run, Problem: problem,
	})
}

// Ended implements schedule.Store.
func (s *Store) Ended(ctx context.Context, now time.Time, n int) ([]schedule.Ended, error) {
	rows, err := s.system().EndedSchedules(ctx, db.EndedSchedulesParams{Now: now, N: int32(n)})
	out := make([]schedule.Ended, len(rows))
	for i, r := range rows {
		out[i] = schedule.Ended{Schedule: scheduleOf(r.WorkflowSchedule), Time: r.Ended}
	}
	return out, err
}

// WaitAfter implements schedule.Store.
func (s *Store) WaitAfter(ctx context.Context, one schedule.Schedule, next time.Time) error {
	return s.system().WaitAfter(ctx, db.WaitAfterParams{
		TenantID: one.Tenant, Component: one.Component, Workflow: one.Workflow, LastRun: one.LastRun, NextTime: next,
	})
}

// Pause implements schedule.Store.
func (s *Store) Pause(ctx context.Context, one schedule.Schedule, paused bool, next *time.Time) (schedule.Schedule, error) {
	r, err := s.tenant(one.Tenant).PauseSchedule(ctx, db.PauseScheduleParams{
		TenantID: one.Tenant, Component: one.Component, Workflow: one.Workflow, Paused: paused, NextTime: next,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return schedule.Schedule{}, schedule.ErrNotFound
	}
	return scheduleOf(r), err
}
