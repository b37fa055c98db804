// Package audit notes who called what that may change something, before it is done, and serves aqtra.audit.v1. What identity does
// to people, sessions and keys it notes by itself, in the transaction of the change; storage keeps the history of entries.
package audit

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

const (
	// batch is how many rows one statement writes.
	batch = 256
	// endsWait is the longest that the end of a call waits for company.
	endsWait = 200 * time.Millisecond
	// maxEnds bounds the ends that wait while the database is away.
	maxEnds      = 10_000
	writeTimeout = 5 * time.Second
	attempts     = 8
	retryPause   = 10 * time.Millisecond
)

// Call is what is noted of a call.
type Call struct {
	Tenant, Subject, Method, Target, Address string
}

// Notes writes calls. Those that begin at the same time share a statement.
type Notes struct {
	queries *db.Queries
	clock   clock.Clock
	log     *slog.Logger
	begun   chan note

	mu   sync.Mutex
	ends []row
	more chan struct{} // an end waits
}

type row struct {
	Call

	id      string
	time    time.Time
	outcome int32
}

type note struct {
	row     row
	written chan<- error
}

// NewNotes makes Notes, which need Run.
func NewNotes(q *db.Queries, c clock.Clock, log *slog.Logger) *Notes {
	return &Notes{queries: q, clock: c, log: log, begun: make(chan note), more: make(chan struct{}, 1)}
}

// Begin notes that a call begins, and returns when that is stored. Tell end how it ended, with a status of HTTP.
func (n *Notes) Begin(ctx context.Context, c Call) (end func(status int), err error) {
	r := row{Call: c, id: uuid.NewString(), time: n.clock.Now()}
	written := make(chan error, 1)
	select {
	case n.begun <- note{r, written}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case err = <-written:
	case <-ctx.Done():
		err = ctx.Err()
	}
	return func(status int) { n.end(r, status) }, err
}

func (n *Notes) end(r row, status int) {
	if status == 0 { // it panicked
		status = http.StatusInternalServerError
	}
	r.time, r.outcome = n.clock.Now(), int32(status) //nolint:gosec // three digits
	n.mu.Lock()
	if len(n.ends) < maxEnds {
		n.ends = append(n.ends, r)
	}
	n.mu.Unlock()
	select {
	case n.more <- struct{}{}:
	default:
	}
}

// Run writes until ctx ends, and then the ends that are left.
func (n *Notes) Run(ctx context.Context) error {
	var timer clock.Timer
	var due <-chan time.Time
	for {
		var notes []note
		select {
		case first := <-n.begun:
			notes = append(notes, first)
		case <-n.more:
			if timer == nil {
				timer = n.clock.NewTimer(endsWait)
				due = timer.C()
			}
			continue
		case <-due:
		case <-ctx.Done():
			return n.flush(context.WithoutCancel(ctx), nil)
		}
		for room := true; room && len(notes) > 0 && len(notes) < batch; {
			select {
			case next := <-n.begun:
				notes = append(notes, next)
			default:
				room = false
			}
		}
		if timer != nil {
			timer.Stop()
			timer, due = nil, nil
		}
		if err := n.flush(ctx, notes); err != nil && ctx.Err() == nil {
			n.log.WarnContext(ctx, "audit not written", "calls", len(notes), "error", err)
		}
	}
}

// flush writes beginnings and the ends that wait. Ends that could not be written wait on.
func (n *Notes) flush(ctx context.Context, notes []note) error {
	n.mu.Lock()
	take := min(len(n.ends), batch)
	ends := n.ends[:take:take]
	n.ends = n.ends[take:]
	left := len(n.ends) > 0
	n.mu.Unlock()
	rows := make([]row, 0, len(notes)+len(ends))
	for _, b := range notes {
		rows = append(rows, b.row)
	}
	rows = append(rows, ends...)
	err := n.write(ctx, rows)
	for _, b := range notes {
		b.written <- err
	}
	if err != nil {
		n.mu.Lock()
		if len(n.ends)+len(ends) <= maxEnds {
			n.ends = append(ends, n.ends...)
		}
		n.mu.Unlock()
	}
	if left || err != nil && len(ends) > 0 {
		select {
		case n.more <- struct{}{}:
		default:
		}
	}
	return err
}

func (n *Notes) write(ctx context.Context, rows []row) error {
	if len(rows) == 0 {
		return nil
	}
	var p db.AddAuditParams
	for _, r := range rows {
		p.Tenants, p.Times, p.Subjects, p.Actions = append(p.Tenants, r.Tenant), append(p.Times, r.time), append(p.Subjects, r.Subject), append(p.Actions, r.Method)
		p.Targets, p.Calls, p.Outcomes, p.Addresses = append(p.Targets, r.Target), append(p.Calls, r.id), append(p.Outcomes, r.outcome), append(p.Addresses, r.Address)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	for attempt := 1; ; attempt++ {
		err := n.queries.AddAudit(ctx, p)
		if err == nil {
			return nil
		}
		// After Postgres was away, connections of before break one after another. A row that is written twice is no harm.
		if attempt == attempts || !postgres.IsUnavailable(err) || clock.Sleep(ctx, n.clock, retryPause) != nil {
			return postgres.Away(fmt.Errorf("write audit: %w", err))
		}
	}
}
