package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Bounds of requests.
const (
	maxInput       = 1 << 20
	maxName        = 200
	maxRequestID   = 100
	defaultPage    = 50
	maxPage        = 1000
	maxEventsPage  = 500
	maxCommentRune = 4000
)

// StartRequest asks for a run.
type StartRequest struct {
	Component, Workflow, BusinessKey, Entry, RequestID string
	Input                                              any
}

func (r StartRequest) validate() error {
	var opts []fault.Option
	bound := func(field, v string, limit int) {
		if len(v) > limit || !task.Storable(v) {
			opts = append(opts, fault.Field(field, fmt.Sprintf("at most %d bytes of text", limit)))
		}
	}
	bound("business_key", r.BusinessKey, maxName)
	bound("entry", r.Entry, maxName)
	bound("request_id", r.RequestID, maxRequestID)
	if task.Measure(r.Input) > maxInput {
		opts = append(opts, fault.Field("input", fmt.Sprintf("at most %d bytes", maxInput)))
	}
	if len(opts) > 0 {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has wrong fields", opts...)
	}
	return nil
}

// Start starts a run for the caller. Repeating a request id returns the first one's run.
func (e *Engine) Start(ctx context.Context, who principal.Principal, r StartRequest) (Run, error) {
	if err := r.validate(); err != nil {
		return Run{}, err
	}
	if who.Release == "" {
		return Run{}, fault.NotFound(faultv1.Reason_REASON_NOTHING_PUBLISHED, "nothing is published")
	}
	p, err := e.programs.get(ctx, who.Tenant, who.Release, r.Component, r.Workflow)
	if err != nil {
		return Run{}, err
	}
	if !who.MayUse(p.Roles) {
		return Run{}, errWorkflow() // looks like a missing one
	}
	return e.start(ctx, Run{Tenant: who.Tenant, Release: who.Release, Subject: who.Subject}, objectmodel.UserValue(who), "start/"+who.Subject+"/", r)
}

// StartTriggered starts a run for a change of an entry, for the user who made it.
func (e *Engine) StartTriggered(ctx context.Context, tenant, release, subject string, r StartRequest) (Run, error) {
	if err := r.validate(); err != nil {
		return Run{}, err
	}
	if tenant == "" || release == "" || subject == "" || r.RequestID == "" {
		return Run{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "tenant, release, subject and request_id are needed")
	}
	if _, err := e.programs.get(ctx, tenant, release, r.Component, r.Workflow); err != nil {
		return Run{}, err
	}
	person, err := e.Identity.Person(ctx, tenant, subject)
	if err != nil {
		return Run{}, err
	}
	return e.start(ctx, Run{Tenant: tenant, Release: release, Subject: subject}, person, "trigger/", r)
}

// StartScheduled starts a run by the clock, for the user who published the workflow. It needs a request id.
func (e *Engine) StartScheduled(ctx context.Context, tenant, release, subject string, r StartRequest) (Run, error) {
	if err := r.validate(); err != nil {
		return Run{}, err
	}
	person, err := e.Identity.Person(ctx, tenant, subject)
	if err != nil {
		return Run{}, err
	}
	return e.start(ctx, Run{Tenant: tenant, Release: release, Subject: subject}, person, "schedule/", r)
}

// Program returns a workflow of a release, compiled.
func (e *Engine) Program(ctx context.Context, tenant, release, component, workflow string) (*dsl.Program, error) {
	return e.programs.get(ctx, tenant, release, component, workflow)
}

func (e *Engine) start(ctx context.Context, run Run, person map[string]any, prefix string, r StartRequest) (Run, error) {
	run.Component, run.Workflow, run.BusinessKey, run.Entry = r.Component, r.Workflow, r.BusinessKey, r.Entry
	run.State, run.CreateTime, run.Events = Running, e.now(), 1
	id, err := uuid.NewV7()
	if err != nil {
		return Run{}, fmt.Errorf("make an id: %w", err)
	}
	run.ID = id.String()
	if run.Person, err = Encode(person); err != nil {
		return Run{}, fmt.Errorf("encode user: %w", err)
	}
	if run.Input, err = Encode(r.Input); err != nil {
		return Run{}, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, "the input cannot be stored", fault.Field("input", err.Error()))
	}
	key, digest := "", []byte(nil)
	if r.RequestID != "" {
		key, digest = prefix+r.RequestID, digestOf(run.Component, run.Workflow, run.BusinessKey, run.Entry, string(run.Input))
	}
	started, before, err := e.Store.Start(ctx, run, key, digest)
	if err != nil {
		return Run{}, fmt.Errorf("start run: %w", err)
	}
	if err := e.point("start.after"); err != nil {
		return Run{}, err
	}
	if started != run.ID {
		if !bytes.Equal(before, digest) {
			return Run{}, errReused()
		}
		return e.Get(ctx, run.Tenant, started)
	}
	e.News.RunChanged(run.Tenant, run.Component, run.ID)
	e.Wake(ctx)
	return run, nil
}

func (e *Engine) now() time.Time { return e.Clock.Now().UTC().Truncate(time.Microsecond) }

func digestOf(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return h.Sum(nil)
}

func errReused() error {
	return fault.Invalid(faultv1.Reason_REASON_REQUEST_ID_REUSED, "the request id was used for another request", fault.Field("request_id", "was used for another request"))
}

func errRun() error { return fault.NotFound(faultv1.Reason_REASON_RUN_NOT_FOUND, "run not found") }

// Get returns a run of a tenant.
func (e *Engine) Get(ctx context.Context, tenant, id string) (Run, error) {
	r, err := e.Store.Run(ctx, tenant, id)
	if errors.Is(err, ErrNotFound) {
		return Run{}, errRun()
	}
	if err != nil {
		return Run{}, fmt.Errorf("read run: %w", err)
	}
	return r, nil
}

// Runs lists runs, newest first, and tells whether there are more.
func (e *Engine) Runs(ctx context.Context, tenant string, f RunFilter) ([]Run, bool, error) {
	n := f.Limit
	f.Limit++
	runs, err := e.Store.Runs(ctx, tenant, f)
	if err != nil {
		return nil, false, fmt.Errorf("list runs: %w", err)
	}
	return runs[:min(n, len(runs))], len(runs) > n, nil
}

// HistoryEvent is an event with its values.
type HistoryEvent struct {
	Event
	InputValue, OutputValue any
}

// maxEventBytes bounds a page of events, so that it fits a message.
const maxEventBytes = 2 << 20

// History returns a page of a run's events after a number, and tells whether there are more.
func (e *Engine) History(ctx context.Context, tenant, id string, after int64, n int) ([]HistoryEvent, bool, error) {
	r, err := e.Get(ctx, tenant, id)
	if err != nil {
		return nil, false, err
	}
	events, err := e.Store.History(ctx, r, after, n+1)
	if err != nil {
		return nil, false, fmt.Errorf("read history: %w", err)
	}
	more := len(events) > n
	fetch := func(ctx context.Context, digests [][]byte) (map[string][]byte, error) {
		return e.Store.Payloads(ctx, tenant, id, digests)
	}
	out := make([]HistoryEvent, 0, len(events))
	size := 0
	for _, event := range events[:min(n, len(events))] {
		h := HistoryEvent{Event: event}
		if h.InputValue, err = unpackBytes(ctx, fetch, event.Input); err != nil {
			return nil, false, fmt.Errorf("read event %d: %w", event.Seq, err)
		}
		if h.OutputValue, err = unpackBytes(ctx, fetch, event.Output); err != nil {
			return nil, false, fmt.Errorf("read event %d: %w", event.Seq, err)
		}
		if size += task.Measure(h.InputValue) + task.Measure(h.OutputValue); size > maxEventBytes && len(out) > 0 {
			return out, true, nil
		}
		out = append(out, h)
	}
	return out, more, nil
}

// Cancel ends a run that is not finished, at once; whoever advances it is fenced.
func (e *Engine) Cancel(ctx context.Context, tenant, id, reason string) (Run, error) {
	if utf8.RuneCountInString(reason) > maxCommentRune {
		return Run{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has wrong fields", fault.Field("reason", "at most 4,000 characters"))
	}
	why := &task.Error{Type: task.TypeBase + "runtime", Status: 499, Title: "canceled", Detail: reason}
	withdrawn, err := e.Store.Cancel(ctx, tenant, id, why, e.now())
	switch {
	case errors.Is(err, ErrNotFound):
		return Run{}, errRun()
	case errors.Is(err, ErrFinished):
		return Run{}, errFinished()
	case err != nil:
		return Run{}, fmt.Errorf("cancel run: %w", err)
	}
	e.stop(tenant, id)
	for _, t := range withdrawn {
		e.News.TaskChanged(t)
	}
	return e.moved(ctx, tenant, id)
}

// moved returns a run that a request has changed, and tells about it.
func (e *Engine) moved(ctx context.Context, tenant, id string) (Run, error) {
	r, err := e.Get(ctx, tenant, id)
	e.News.RunChanged(tenant, r.Component, id)
	return r, err
}

func errFinished() error {
	return fault.FailedPrecondition(faultv1.Reason_REASON_RUN_FINISHED, "the run is finished")
}

// Retry makes a failed run go on at the task that failed.
func (e *Engine) Retry(ctx context.Context, tenant, id string) (Run, error) {
	switch err := e.Store.Retry(ctx, tenant, id, e.now()); {
	case errors.Is(err, ErrNotFound):
		return Run{}, errRun()
	case errors.Is(err, ErrNotRetryable):
		return Run{}, fault.FailedPrecondition(faultv1.Reason_REASON_RUN_NOT_RETRYABLE, "only a failed run can be tried again")
	case err != nil:
		return Run{}, fmt.Errorf("retry run: %w", err)
	}
	e.Wake(ctx)
	return e.moved(ctx, tenant, id)
}

// Signal stores an event for a run; it waits there until a task listens.
func (e *Engine) Signal(ctx context.Context, who principal.Principal, id, topic, requestID string, data any) (Run, error) {
	if topic == "" || len(topic) > maxName || len(requestID) > maxRequestID || !task.Storable(topic+requestID) || task.Measure(data) > maxInput {
		return Run{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the event needs a type of at most 200 bytes, data of at most 1 MiB and a request id of at most 100 bytes")
	}
	encoded, err := Encode(data)
	if err != nil {
		return Run{}, fault.Invalid(faultv1.Reason_REASON_INPUT_INVALID, "the data cannot be stored", fault.Field("data", err.Error()))
	}
	key := ""
	digest := digestOf(id, topic, string(encoded))
	if requestID != "" {
		key = "signal/" + who.Subject + "/" + requestID
	}
	before, err := e.Store.Signal(ctx, who.Tenant, id, topic, encoded, key, digest, e.now())
	switch {
	case errors.Is(err, ErrNotFound):
		return Run{}, errRun()
	case errors.Is(err, ErrFinished):
		return Run{}, errFinished()
	case errors.Is(err, ErrTooMuchMail):
		return Run{}, fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED, ErrTooMuchMail.Error())
	case err != nil:
		return Run{}, fmt.Errorf("signal run: %w", err)
	case before != nil && !bytes.Equal(before, digest):
		return Run{}, errReused()
	}
	e.Wake(ctx)
	return e.Get(ctx, who.Tenant, id)
}

// PinnedReleases lists the releases that unfinished runs of a tenant need.
func (e *Engine) PinnedReleases(ctx context.Context, tenant string) ([]string, error) {
	releases, err := e.Store.PinnedReleases(ctx, tenant)
	if err != nil {
		return nil, fmt.Errorf("list pinned releases: %w", err)
	}
	return releases, nil
}
