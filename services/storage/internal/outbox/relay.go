// Package outbox brings changes of entries that start workflows to the workflow service: each at least once, always with the
// same request id, in order for each entry. Several replicas share the work by leases.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

const (
	batch    = 64
	parallel = 8
	// lease is how long a claimed row is ours. It is longer than all calls of a batch may take.
	lease    = 3 * time.Minute
	callTime = 15 * time.Second
	poll     = 30 * time.Second
	minWait  = time.Second
	maxWait  = 5 * time.Minute
)

// Row is one start that is to be made.
type Row struct {
	Tenant, ID, Component, Entry, Workflow, Release, Subject string
	// Sealed is the input, encrypted.
	Sealed []byte
	// Attempts counts this one too.
	Attempts int
}

// Backlog is what waits.
type Backlog struct {
	Waiting int64
	// Due is when the next row may be tried; Oldest is when the oldest was made. Both are zero when nothing waits.
	Due, Oldest time.Time
}

// Rows keeps the rows.
type Rows interface {
	// Claim leases at most n rows that are due and are the oldest of their entry.
	Claim(ctx context.Context, owner string, now, leaseEnd time.Time, n int) ([]Row, error)
	// Open decrypts the input of a row.
	Open(ctx context.Context, r Row) (*typev1.Value, error)
	// Done removes a row.
	Done(ctx context.Context, r Row) error
	// Retry puts a row off, if it is still the owner's.
	Retry(ctx context.Context, r Row, owner string, at time.Time) error
	// Fail keeps a row with the reason why it is never tried again, if it is still the owner's.
	Fail(ctx context.Context, r Row, owner, why string) error
	// Next tells what waits.
	Next(ctx context.Context) (Backlog, error)
	// Listen calls wake whenever rows were added, until ctx ends or the connection is lost.
	Listen(ctx context.Context, wake func()) error
}

// Starter starts workflows.
type Starter interface {
	// Start is safe to repeat with the same row. A fault that is not worth a repetition is final.
	Start(ctx context.Context, r Row, input *typev1.Value) error
}

// Relay moves rows.
type Relay struct {
	rows    Rows
	starter Starter
	clock   clock.Clock
	log     *slog.Logger
	owner   string
	wake    chan struct{}

	waiting, lag prometheus.Gauge
	outcomes     *prometheus.CounterVec
}

// New makes a relay; Run starts it.
func New(rows Rows, starter Starter, c clock.Clock, log *slog.Logger, metrics prometheus.Registerer) (*Relay, error) {
	r := &Relay{
		rows: rows, starter: starter, clock: c, log: log, owner: uuid.NewString(), wake: make(chan struct{}, 1),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{Name: "aqtra_storage_outbox_waiting", Help: "Starts of workflows that wait to be delivered."}),
		lag:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "aqtra_storage_outbox_lag_seconds", Help: "Age of the oldest start that waits to be delivered."}),
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "aqtra_storage_outbox_total", Help: "Attempts to deliver starts, by outcome."},
			[]string{"outcome"}),
	}
	for _, m := range []prometheus.Collector{r.waiting, r.lag, r.outcomes} {
		if err := metrics.Register(m); err != nil {
			return nil, fmt.Errorf("register relay metrics: %w", err)
		}
	}
	// A rate is right from the first one on only if the counter was there before.
	for _, outcome := range []string{"started", "refused", "retried"} {
		r.outcomes.WithLabelValues(outcome)
	}
	return r, nil
}

// Run delivers until ctx ends. It waits for the database and for the workflow service, however long they are away.
func (r *Relay) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { r.listen(ctx) })
	for ctx.Err() == nil {
		wait, err := r.drain(ctx)
		if err != nil && ctx.Err() == nil {
			r.log.WarnContext(ctx, "outbox not reachable", "error", err)
			wait = minWait
		}
		t := r.clock.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-r.wake:
		case <-t.C():
		}
		t.Stop()
	}
	return nil
}

// listen keeps a connection open on which new rows are announced. While it is lost, the poll finds them.
func (r *Relay) listen(ctx context.Context) {
	for ctx.Err() == nil {
		err := r.rows.Listen(ctx, func() {
			select {
			case r.wake <- struct{}{}:
			default: // already awake
			}
		})
		if ctx.Err() != nil {
			return
		}
		r.log.WarnContext(ctx, "announcements of the outbox lost", "error", err)
		if err := clock.Sleep(ctx, r.clock, 5*time.Second); err != nil {
			return
		}
	}
}

// drain delivers all that is due and returns how long there is nothing to do.
func (r *Relay) drain(ctx context.Context) (time.Duration, error) {
	for {
		now := r.clock.Now()
		rows, err := r.rows.Claim(ctx, r.owner, now, now.Add(lease), batch)
		if err != nil {
			return 0, err
		}
		if len(rows) == 0 {
			break
		}
		if err := r.deliver(ctx, rows); err != nil {
			return 0, err
		}
	}
	next, err := r.rows.Next(ctx)
	if err != nil {
		return 0, err
	}
	now := r.clock.Now()
	r.waiting.Set(float64(next.Waiting))
	r.lag.Set(0)
	if next.Waiting == 0 {
		return poll, nil
	}
	r.lag.Set(now.Sub(next.Oldest).Seconds())
	return min(max(next.Due.Sub(now), minWait), poll), nil
}

// deliver makes the starts of claimed rows, which are all of different entries.
func (r *Relay) deliver(ctx context.Context, rows []Row) error {
	var wg sync.WaitGroup
	slots := make(chan struct{}, parallel)
	errs := make([]error, len(rows))
	for i, row := range rows {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = r.one(ctx, row)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// one makes one start and settles its row. When the settling fails, the lease runs out and the start is repeated, which the
// receiver recognises by the request id.
func (r *Relay) one(ctx context.Context, row Row) error {
	input, err := r.rows.Open(ctx, row)
	if err == nil {
		cctx, cancel := context.WithTimeout(ctx, callTime)
		err = r.starter.Start(cctx, row, input)
		cancel()
	}
	switch {
	case err == nil:
		r.outcomes.WithLabelValues("started").Inc()
		return r.rows.Done(ctx, row)
	case ctx.Err() != nil:
		return ctx.Err()
	case final(err):
		r.outcomes.WithLabelValues("refused").Inc()
		r.log.WarnContext(ctx, "start of a workflow refused", "tenant", row.Tenant, "component", row.Component, "workflow", row.Workflow, "entry", row.Entry, "error", err)
		return r.rows.Fail(ctx, row, r.owner, reason(err))
	}
	r.outcomes.WithLabelValues("retried").Inc()
	return r.rows.Retry(ctx, row, r.owner, r.clock.Now().Add(backoff(row.Attempts)))
}

// final reports whether a repetition would be refused as well.
func final(err error) bool {
	f, ok := fault.As(err)
	if !ok {
		return false
	}
	switch f.Kind {
	case fault.KindInvalid, fault.KindNotFound, fault.KindAlreadyExists, fault.KindFailedPrecondition, fault.KindPermissionDenied, fault.KindUnimplemented:
		return true
	}
	return false
}

func reason(err error) string {
	f, _ := fault.As(err)
	return f.Reason.String() + ": " + f.Message
}

// backoff grows from a second to five minutes; half of it is chance, so that rows that failed together part.
func backoff(attempts int) time.Duration {
	d := min(minWait<<min(max(attempts-1, 0), 9), maxWait)
	return d/2 + rand.N(d/2+1)
}
