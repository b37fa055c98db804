// Package store keeps runs in Postgres, schema "workflow".
package store

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/store/db"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Schema is the name of the service's Postgres schema.
const Schema = "workflow"

// channel is where busy processes wake others.
const channel = "aqtra_workflow"

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the files for postgres.Migrate.
func Migrations() embed.FS { return migrations }

// Store is the Postgres store.
type Store struct{ db *postgres.DB }

var _ engine.Store = (*Store)(nil)

// New makes a store on a database that is migrated.
func New(d *postgres.DB) *Store { return &Store{db: d} }

func (s *Store) tenant(tenant string) *db.Queries { return db.New(postgres.Reach(s.db.Tenant(tenant))) }
func (s *Store) system() *db.Queries              { return db.New(s.db.System()) }

func encodeError(e *task.Error) ([]byte, error) {
	if e == nil {
		return nil, nil
	}
	return json.Marshal(e)
}

func decodeError(b []byte) (*task.Error, error) {
	if len(b) == 0 {
		return nil, nil
	}
	e := &task.Error{}
	return e, json.Unmarshal(b, e)
}

func runOf(r db.WorkflowRun) (engine.Run, error) {
	problem, err := decodeError(r.Error)
	return engine.Run{
		Tenant: r.TenantID, ID: r.ID, Component: r.Component, Workflow: r.Workflow, Release: r.ReleaseID, Subject: r.Subject, Person: r.Person,
		State: engine.State(r.State), BusinessKey: r.BusinessKey, Entry: r.EntryID, Input: r.Input, Output: r.Output, Error: problem,
		Position: r.Position, CreateTime: r.CreateTime, FinishTime: r.FinishTime, Generation: r.Generation, Epoch: r.Epoch, Seq: r.Seq,
		Mail: r.Mail, Events: r.Events, Snapshot: r.Snapshot,
	}, err
}

// Start implements engine.Store.
func (s *Store) Start(ctx context.Context, r engine.Run, requestKey string, digest []byte) (string, []byte, error) {
	q := s.tenant(r.Tenant)
	id, err := q.StartRun(ctx, db.StartRunParams{
		TenantID: r.Tenant, RequestKey: requestKey, Digest: digest, ID: r.ID, Now: r.CreateTime, Component: r.Component, Workflow: r.Workflow,
		ReleaseID: r.Release, Subject: r.Subject, Person: r.Person, BusinessKey: r.BusinessKey, EntryID: r.Entry, Input: r.Input,
	})
	if !errors.Is(err, pgx.ErrNoRows) {
		return id, nil, err
	}
	before, err := q.GetRequest(ctx, db.GetRequestParams{TenantID: r.Tenant, Key: requestKey})
	return before.RunID, before.Digest, err
}

// Run implements engine.Store.
func (s *Store) Run(ctx context.Context, tenant, id string) (engine.Run, error) {
	r, err := s.tenant(tenant).GetRun(ctx, db.GetRunParams{TenantID: tenant, ID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return engine.Run{}, engine.ErrNotFound
	}
	if err != nil {
		return engine.Run{}, err
	}
	return runOf(r)
}

// History implements engine.Store.
func (s *Store) History(ctx context.Context, r engine.Run, after int64, n int) ([]engine.Event, error) {
	// Clocks of processes differ a little: the first events may be dated before the run. The bound only skips old partitions.
	rows, err := s.tenant(r.Tenant).ListEvents(ctx, db.ListEventsParams{
		TenantID: r.Tenant, RunID: r.ID, After: after, Since: r.CreateTime.Add(-24 * time.Hour), Most: int32(n),
	})
	if err != nil {
		return nil, err
	}
	out := make([]engine.Event, len(rows))
	for i, h := range rows {
		problem, err := decodeError(h.Error)
		if err != nil {
			return nil, err
		}
		out[i] = engine.Event{
			Seq: h.Seq, Time: h.Time, Type: h.Type, Task: h.Task, Attempt: h.Attempt, Input: h.Input, Output: h.Output, Error: problem, Key: h.IdempotencyKey,
		}
	}
	return out, nil
}

// Payloads implements engine.Store.
func (s *Store) Payloads(ctx context.Context, tenant, run string, digests [][]byte) (map[string][]byte, error) {
	rows, err := s.tenant(tenant).GetPayloads(ctx, db.GetPayloadsParams{TenantID: tenant, RunID: run, Digests: digests})
	if err != nil {
		return nil, err
	}
	out := make(map[string][]byte, len(rows))
	for _, r := range rows {
		out[string(r.Digest)] = r.Data
	}
	return out, nil
}

// locked runs fn with a run locked, in a transaction of its tenant.
func (s *Store) locked(ctx context.Context, tenant, run string, fn func(q *db.Queries, r db.WorkflowRun) error) error {
	return postgres.Away(s.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		r, err := q.LockRun(ctx, db.LockRunParams{TenantID: tenant, ID: run})
		if errors.Is(err, pgx.ErrNoRows) {
			return engine.ErrNotFound
		}
		if err != nil {
			return err
		}
		return fn(q, r)
	}))
}

// Cancel implements engine.Store.
func (s *Store) Cancel(ctx context.Context, tenant, run string, e *task.Error, now time.Time) ([]engine.Task, error) {
	problem, err := encodeError(e)
	if err != nil {
		return nil, err
	}
	var withdrawn []engine.Task
	err = s.locked(ctx, tenant, run, func(q *db.Queries, r db.WorkflowRun) error {
		if engine.State(r.State).Finished() {
			return engine.ErrFinished
		}
		if err := q.CancelRun(ctx, db.CancelRunParams{TenantID: tenant, ID: run, Now: now, Error: problem}); err != nil {
			return err
		}
		tasks, err := q.CloseTasks(ctx, db.CloseTasksParams{TenantID: tenant, RunID: run})
		if err != nil {
			return err
		}
		withdrawn = make([]engine.Task, len(tasks)) // anew for each attempt
		for i, t := range tasks {
			withdrawn[i] = taskOf(t)
		}
		return q.AddEvent(ctx, db.AddEventParams{TenantID: tenant, RunID: run, Seq: r.Events + 1, Time: now, Type: "run.canceled", Attempt: 1})
	})
	return withdrawn, err
}

// Retry implements engine.Store.
func (s *Store) Retry(ctx context.Context, tenant, run string, now time.Time) error {
	return s.locked(ctx, tenant, run, func(q *db.Queries, r db.WorkflowRun) error {
		if engine.State(r.State) != engine.Failed || r.Events >= engine.MaxEvents {
			return engine.ErrNotRetryable
		}
		if err := q.RetryRun(ctx, db.RetryRunParams{TenantID: tenant, ID: run, Now: now}); err != nil {
			return err
		}
		return q.AddEvent(ctx, db.AddEventParams{
			TenantID: tenant, RunID: run, Seq: r.Events + 1, Time: now, Type: "task.retried", Task: r.Position, Attempt: r.Generation + 2,
		})
	})
}

// Signal implements engine.Store.
func (s *Store) Signal(ctx context.Context, tenant, run, topic string, data []byte, requestKey string, digest []byte, now time.Time) ([]byte, error) {
	var before []byte
	err := s.locked(ctx, tenant, run, func(q *db.Queries, r db.WorkflowRun) error {
		before = nil
		if requestKey != "" {
			fresh, err := q.AddRequest(ctx, db.AddRequestParams{TenantID: tenant, Key: requestKey, Digest: digest, RunID: run, Time: now})
			if err != nil {
				return err
			}
			if fresh == 0 {
				done, err := q.GetRequest(ctx, db.GetRequestParams{TenantID: tenant, Key: requestKey})
				before = done.Digest
				return err
			}
		}
		if engine.State(r.State).Finished() {
			return engine.ErrFinished
		}
		waiting, err := q.CountMail(ctx, db.CountMailParams{TenantID: tenant, RunID: run})
		if err != nil {
			return err
		}
		if waiting >= engine.MaxMail {
			return engine.ErrTooMuchMail
		}
		return post(ctx, q, tenant, run, engine.MailSignal, topic, data, now)
	})
	return before, err
}

// post stores mail and wakes the run.
func post(ctx context.Context, q *db.Queries, tenant, run, kind, topic string, data []byte, now time.Time) error {
	if err := q.AddMail(ctx, db.AddMailParams{TenantID: tenant, RunID: run, Kind: kind, Topic: topic, Data: data, Time: now}); err != nil {
		return err
	}
	return q.WakeRun(ctx, db.WakeRunParams{TenantID: tenant, ID: run, Now: now})
}

// PinnedReleases implements engine.Store.
func (s *Store) PinnedReleases(ctx context.Context, tenant string) ([]string, error) {
	return s.tenant(tenant).ListPinnedReleases(ctx, tenant)
}

// Tasks implements engine.Store.
func (s *Store) Tasks(ctx context.Context, tenant string, f engine.TaskFilter) ([]engine.Task, error) {
	rows, err := s.tenant(tenant).ListTasks(ctx, db.ListTasksParams{
		TenantID: tenant, State: int16(f.State), Everything: f.Everything, Names: f.Names, Roles: f.Roles, Before: f.Before, Preview: f.Preview, Most: int32(f.Limit),
	})
	if err != nil {
		return nil, err
	}
	out := make([]engine.Task, len(rows))
	for i, t := range rows {
		out[i] = taskOf(t)
	}
	return out, nil
}

func taskOf(t db.WorkflowTask) engine.Task {
	return engine.Task{
		Tenant: t.TenantID, ID: t.ID, Run: t.RunID, Component: t.Component, Workflow: t.Workflow, Entry: t.EntryID, Title: t.Title,
		Description: t.Description, Choices: t.Choices, Users: t.Users, Roles: t.Roles, Data: t.Data, Page: t.Page, DueTime: t.DueTime,
		CreateTime: t.CreateTime, State: engine.TaskState(t.State), Answer: t.Answer, Comment: t.Comment, AnswerSubject: t.AnswerSubject, AnswerTime: t.AnswerTime,
		RemindTime: t.RemindTime, EscalateTime: t.EscalateTime, Assignee: t.Assignee, AssigneeName: t.AssigneeName,
	}
}

// Task implements engine.Store.
func (s *Store) Task(ctx context.Context, tenant, id string) (engine.Task, error) {
	t, err := s.tenant(tenant).GetTask(ctx, db.GetTaskParams{TenantID: tenant, ID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return engine.Task{}, engine.ErrNotFound
	}
	return taskOf(t), err
}

// Assign implements engine.Store.
func (s *Store) Assign(ctx context.Context, t engine.Task, user, name string) (engine.Task, error) {
	row, err := s.tenant(t.Tenant).AssignTask(ctx, db.AssignTaskParams{TenantID: t.Tenant, ID: t.ID, Was: t.Assignee, Assignee: user, AssigneeName: name})
	if errors.Is(err, pgx.ErrNoRows) {
		return engine.Task{}, engine.ErrFinished
	}
	return taskOf(row), err
}

// Answer implements engine.Store. The run is locked before the question, in the order in which commits lock them.
func (s *Store) Answer(ctx context.Context, t engine.Task, mail []byte) error {
	err := s.locked(ctx, t.Tenant, t.Run, func(q *db.Queries, r db.WorkflowRun) error {
		n, err := q.AnswerTask(ctx, db.AnswerTaskParams{
			TenantID: t.Tenant, ID: t.ID, Answer: t.Answer, Comment: t.Comment, Subject: t.AnswerSubject, Now: t.AnswerTime,
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return engine.ErrFinished
		}
		return post(ctx, q, t.Tenant, t.Run, engine.MailAnswer, t.ID, mail, *t.AnswerTime)
	})
	if errors.Is(err, engine.ErrNotFound) {
		return fmt.Errorf("the task %s has no run", t.ID)
	}
	return err
}
