// Package schedule starts workflows by the clock. A schedule belongs to the live release; its next time is stored, and a start has a
// request id made of it, so that it happens once whoever fails in between and however many processes look.
package schedule

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

const (
	// look is how often schedules are read that other processes may have changed.
	look = 10 * time.Second
	// atOnce is how many are started in one go.
	atOnce = 100
)

// Schedule is when a live workflow starts by itself.
type Schedule struct {
	Tenant, Component, Workflow, Title, Release, Subject string
	// Spec is dsl.Schedule as text.
	Spec   string
	Paused bool
	// Next is nil while the last run has not ended, for those that wait for it, and while it is paused.
	Next, Last       *time.Time
	LastRun, Problem string
}

// Ended is a schedule whose last run has ended.
type Ended struct {
	Schedule
	Time time.Time
}

// ErrNotFound says that a workflow has no schedule.
var ErrNotFound = errors.New("no such schedule")

// Store keeps schedules.
type Store interface {
	// Schedules lists those of a tenant by component and workflow.
	Schedules(ctx context.Context, tenant string) ([]Schedule, error)
	// Schedule reads one, or returns ErrNotFound.
	Schedule(ctx context.Context, tenant, component, workflow string) (Schedule, error)
	// SetSchedules replaces those of a tenant. One whose spec is the same keeps its times.
	SetSchedules(ctx context.Context, tenant string, all []Schedule) error
	// Due lists those of all tenants whose time has come, Next says when the next one does, zero for never.
	Due(ctx context.Context, now time.Time, n int) ([]Schedule, error)
	Next(ctx context.Context) (time.Time, error)
	// Fired stores a start, unless another process did.
	Fired(ctx context.Context, was Schedule, next *time.Time, at time.Time, run, problem string) error
	// Ended lists those that wait for the end of a run that has ended. WaitAfter sets when they start next.
	Ended(ctx context.Context, now time.Time, n int) ([]Ended, error)
	WaitAfter(ctx context.Context, one Schedule, next time.Time) error
	// Pause sets whether it starts by itself, or returns ErrNotFound.
	Pause(ctx context.Context, one Schedule, paused bool, next *time.Time) (Schedule, error)
}

// Starter starts runs.
type Starter interface {
	// StartScheduled starts a run for a user; repeating a request id returns the first one's run.
	StartScheduled(ctx context.Context, tenant, release, subject string, r engine.StartRequest) (engine.Run, error)
	// Program compiles a workflow of a release.
	Program(ctx context.Context, tenant, release, component, workflow string) (*dsl.Program, error)
}

// Scheduler starts what is due.
type Scheduler struct {
	Store    Store
	Starter  Starter
	Releases engine.Releases
	Clock    clock.Clock
	Log      *slog.Logger
	wake     chan struct{}
}

// New makes a Scheduler; Run starts it.
func New(store Store, starter Starter, releases engine.Releases, c clock.Clock, log *slog.Logger) *Scheduler {
	return &Scheduler{Store: store, Starter: starter, Releases: releases, Clock: c, Log: log, wake: make(chan struct{}, 1)}
}

// Sync makes the schedules of a tenant those of a release. A workflow that cannot be compiled any more has none, as it cannot start.
func (s *Scheduler) Sync(ctx context.Context, tenant, release, subject string) error {
	if tenant == "" || release == "" {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "tenant and release are needed")
	}
	r, err := s.Releases.Release(ctx, tenant, release)
	if err != nil {
		return err
	}
	var all []Schedule
	for _, c := range r.GetComponents() {
		for _, w := range c.GetWorkflows() {
			if w.GetDocument().GetMap().GetFields()["schedule"] == nil {
				continue
			}
			p, err := s.Starter.Program(ctx, tenant, release, c.GetId(), w.GetId())
			if _, gone := fault.As(err); gone && ctx.Err() == nil {
				s.Log.WarnContext(ctx, "workflow of a live release does not compile", "component", c.GetId(), "workflow", w.GetId(), "error", err)
				continue
			}
			if err != nil {
				return err
			}
			all = append(all, s.first(Schedule{Tenant: tenant, Release: release, Subject: subject}, c, w, p.Schedule))
		}
	}
	if err := s.Store.SetSchedules(ctx, tenant, all); err != nil {
		return fmt.Errorf("store schedules: %w", err)
	}
	s.look()
	return nil
}

func (s *Scheduler) first(one Schedule, c *libraryv1.Component, w *libraryv1.Workflow, spec *dsl.Schedule) Schedule {
	one.Component, one.Workflow, one.Title, one.Spec = c.GetId(), w.GetId(), w.GetTitle(), spec.String()
	now := s.now()
	next := spec.Next(now)
	if next.IsZero() {
		next = now // it waits for the ends of its own runs, so one has to be the first
	}
	one.Next = &next
	return one
}

func (s *Scheduler) now() time.Time { return s.Clock.Now().UTC().Truncate(time.Microsecond) }

func (s *Scheduler) look() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Pause stops a schedule, or lets it go on.
func (s *Scheduler) Pause(ctx context.Context, tenant, component, workflow string, paused bool) (Schedule, error) {
	one, err := s.Store.Schedule(ctx, tenant, component, workflow)
	if err == nil {
		var next *time.Time
		if !paused {
			p, err := s.Starter.Program(ctx, tenant, one.Release, component, workflow)
			if err != nil {
				return Schedule{}, err
			}
			if t := p.Schedule.Next(s.now()); !t.IsZero() {
				next = &t
			}
		}
		one, err = s.Store.Pause(ctx, one, paused, next)
	}
	if errors.Is(err, ErrNotFound) {
		return Schedule{}, fault.NotFound(faultv1.Reason_REASON_WORKFLOW_NOT_FOUND, "there is no live workflow of this name that has a schedule")
	}
	if err != nil {
		return Schedule{}, fmt.Errorf("pause schedule: %w", err)
	}
	s.look()
	return one, nil
}

// Run starts what is due until ctx ends.
func (s *Scheduler) Run(ctx context.Context) error {
	timer := s.Clock.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C():
		case <-s.wake:
		}
		next, err := s.round(ctx)
		if err != nil && ctx.Err() == nil {
			s.Log.WarnContext(ctx, "schedules could not be looked at", "error", err)
		}
		pause := look
		if !next.IsZero() {
			pause = min(look, max(next.Sub(s.Clock.Now()), 0))
		}
		timer.Stop()
		timer.Reset(pause)
	}
}

// round starts what is due, and says when to look again; zero when nothing is near.
func (s *Scheduler) round(ctx context.Context) (time.Time, error) {
	ended, err := s.Store.Ended(ctx, s.now(), atOnce)
	if err != nil {
		return time.Time{}, fmt.Errorf("read ended schedules: %w", err)
	}
	for _, one := range ended {
		p, err := s.Starter.Program(ctx, one.Tenant, one.Release, one.Component, one.Workflow)
		if err != nil {
			s.Log.WarnContext(ctx, "schedule cannot go on", "component", one.Component, "workflow", one.Workflow, "error", err)
			continue
		}
		if err := s.Store.WaitAfter(ctx, one.Schedule, one.Time.Add(p.Schedule.After)); err != nil {
			return time.Time{}, fmt.Errorf("store schedule: %w", err)
		}
	}
	due, err := s.Store.Due(ctx, s.now(), atOnce)
	if err != nil {
		return time.Time{}, fmt.Errorf("read due schedules: %w", err)
	}
	held := false
	for _, one := range due {
		fired, err := s.fire(ctx, one)
		if err != nil {
			return time.Time{}, err
		}
		held = held || !fired
	}
	if held {
		return time.Time{}, nil // what could not be reached is tried at the next look
	}
	next, err := s.Store.Next(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("read next schedule: %w", err)
	}
	return next, nil
}

// fire starts one run for all times that were missed. It is false when that may be tried again.
func (s *Scheduler) fire(ctx context.Context, one Schedule) (bool, error) {
	now := s.now()
	p, err := s.Starter.Program(ctx, one.Tenant, one.Release, one.Component, one.Workflow)
	var run engine.Run
	if err == nil {
		run, err = s.Starter.StartScheduled(ctx, one.Tenant, one.Release, one.Subject, engine.StartRequest{
			Component: one.Component, Workflow: one.Workflow, RequestID: one.Component + "/" + one.Workflow + "/" + one.Next.UTC().Format(time.RFC3339Nano),
		})
	}
	problem := ""
	if err != nil {
		f, ok := fault.As(err)
		if !ok || f.Kind == fault.KindUnavailable || f.Kind == fault.KindDeadlineExceeded || f.Kind == fault.KindCanceled || p == nil {
			s.Log.WarnContext(ctx, "scheduled run not started", "component", one.Component, "workflow", one.Workflow, "error", err)
			return false, nil
		}
		problem = f.Message
	}
	var next *time.Time
	switch t := p.Schedule.Next(now); {
	case !t.IsZero():
		next = &t
	case problem != "": // there is no run whose end it could wait for
		later := now.Add(p.Schedule.After)
		next = &later
	}
	if err := s.Store.Fired(ctx, one, next, now, run.ID, problem); err != nil {
		return false, fmt.Errorf("store schedule: %w", err)
	}
	return true, nil
}
