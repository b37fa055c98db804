package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Tuning bounds the publication worker.
type Tuning struct {
	// Lease is how long a claimed publication is ours; a crash delays it this long.
	Lease time.Duration
	// Poll is how often to look for publications whose worker is gone.
	Poll time.Duration
	// Settle is how long after the flip every request is sure to see the new release; longer than the edge keeps the pointer.
	Settle time.Duration
	// Patience is how long a service that does not answer is waited for.
	Patience time.Duration
	// SchemaTimeout bounds one change of all tables of a tenant.
	SchemaTimeout time.Duration
	// Parallel is how many publications, of different tenants, advance at once.
	Parallel int
}

// Lease is a publication that a worker drives. Its epoch fences: whoever claims the publication next raises it, and what
// the earlier holder still writes is refused.
type Lease struct {
	Tenant, ID string
	Epoch      int64
}

// Leases is what a worker may do with publications. All but Claim and Next return ErrLost when the epoch is not the
// lease's or the publication is done.
type Leases interface {
	// Claim hands at most n publications that are not done and whose lease ended to owner.
	Claim(ctx context.Context, owner string, now, until time.Time, n int) ([]Lease, error)
	// Next returns when the first lease of a publication that is not done ends; the zero time when there is none.
	Next(ctx context.Context) (time.Time, error)
	// Extend moves the end of a lease.
	Extend(ctx context.Context, l Lease, until time.Time) error
	// Move records where the publication stands; it never goes back to an earlier state.
	Move(ctx context.Context, l Lease, state libraryv1.PublicationState, progress int, message string) error
	// Flip makes the release live and the state CONTRACTING, both or neither. ErrMoved when another release is live than the
	// publication's base.
	Flip(ctx context.Context, l Lease, progress int, message string, now time.Time) error
	// Finish ends the publication; FAILED is refused with ErrLost after the flip.
	Finish(ctx context.Context, l Lease, state libraryv1.PublicationState, message string, now time.Time) error
}

// Wake makes the worker look for publications at once.
func (e *Engine) Wake() {
	select {
	case e.wake <- struct{}{}:
	default: // it has yet to look
	}
}

// Run drives publications until ctx ends, and gives back what it holds. It asks the store only when woken, when somebody's
// lease ends and every Poll.
func (e *Engine) Run(ctx context.Context) error {
	var wg sync.WaitGroup
	defer wg.Wait()
	slots := make(chan struct{}, e.Tuning.Parallel)
	timer := e.Clock.NewTimer(e.Tuning.Poll)
	defer timer.Stop()
	for {
		now := e.Clock.Now()
		leases, err := e.Leases.Claim(ctx, e.owner, now, now.Add(e.Tuning.Lease), cap(slots)-len(slots))
		for _, l := range leases {
			slots <- struct{}{} // never waits: no more were claimed than are free
			wg.Go(func() {
				defer e.Wake()
				defer func() { <-slots }()
				e.drive(ctx, l)
			})
		}
		if err != nil && ctx.Err() == nil {
			e.Log.ErrorContext(ctx, "publications not claimed", "error", err)
		}
		timer.Reset(e.untilNext(ctx, err))
		select {
		case <-ctx.Done():
			return nil
		case <-e.wake:
		case <-timer.C():
		}
	}
}

// untilNext is how long the worker may sleep.
func (e *Engine) untilNext(ctx context.Context, err error) time.Duration {
	const soon = time.Second
	if err != nil {
		return soon
	}
	next, err := e.Leases.Next(ctx)
	if err != nil {
		return soon
	}
	if next.IsZero() {
		return e.Tuning.Poll
	}
	// A lease that has ended but was not claimed waits for a slot, whose end wakes us.
	return min(max(next.Sub(e.Clock.Now()), soon), e.Tuning.Poll)
}

// drive advances one publication as long as the lease is ours.
func (e *Engine) drive(ctx context.Context, l Lease) {
	work, cancel := context.WithCancelCause(ctx)
	var beat sync.WaitGroup
	beat.Go(func() { e.heartbeat(work, l, cancel) })
	err := e.advance(work, l)
	cancel(nil)
	beat.Wait()
	switch {
	case err == nil:
	case ctx.Err() != nil:
		// A clean stop: whoever comes next need not wait for the lease to end. Without success they wait.
		release, stop := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer stop()
		if err := e.Leases.Extend(release, l, e.Clock.Now()); err != nil {
			e.Log.WarnContext(ctx, "lease not given back", "publication", l.ID, "error", err)
		}
	default:
		e.Log.WarnContext(ctx, "lease lost", "publication", l.ID, "error", err)
	}
}

// heartbeat keeps the lease, and cancels the work when it is lost or could not be kept in time.
func (e *Engine) heartbeat(ctx context.Context, l Lease, cancel context.CancelCauseFunc) {
	until := e.Clock.Now().Add(e.Tuning.Lease)
	for {
		if clock.Sleep(ctx, e.Clock, e.Tuning.Lease/3) != nil {
			return
		}
		next := e.Clock.Now().Add(e.Tuning.Lease)
		err := e.Leases.Extend(ctx, l, next)
		switch {
		case err == nil:
			until = next
		case errors.Is(err, ErrLost), !e.Clock.Now().Before(until):
			cancel(ErrLost)
			return
		}
	}
}

// advance takes step after step until the publication is done; it returns ErrLost or the context's error otherwise. The
// state is read anew before every step, because the reply to a write may have been lost.
func (e *Engine) advance(ctx context.Context, l Lease) error {
	const firstWait, longestWait = 200 * time.Millisecond, 5 * time.Second
	var failing time.Time
	wait := firstWait
	for {
		p, err := e.Publications.Publication(ctx, l.Tenant, l.ID)
		known := err == nil
		if known && Done(p.Public.GetState()) {
			return nil
		}
		if known {
			err = e.step(ctx, l, p)
		}
		e.moved(l.Tenant, l.ID)
		if err == nil {
			failing, wait = time.Time{}, firstWait
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if errors.Is(err, ErrLost) {
			return err
		}
		if failing.IsZero() {
			failing = e.Clock.Now()
		}
		if known && (!transient(err) || e.Clock.Now().Sub(failing) >= e.Tuning.Patience) {
			err = e.giveUp(ctx, l, p, err)
			if err == nil || errors.Is(err, ErrLost) {
				continue // the next look tells what became of it
			}
		}
		e.Log.WarnContext(ctx, "publication step failed", "publication", l.ID, "error", err)
		if err := clock.Sleep(ctx, e.Clock, wait); err != nil {
			return context.Cause(ctx)
		}
		wait = min(2*wait, longestWait)
	}
}

// transient reports whether a step may work when it is repeated.
func transient(err error) bool {
	if errors.Is(err, ErrMoved) {
		return false
	}
	f, ok := fault.As(err)
	if !ok {
		return true
	}
	switch f.Kind {
	case fault.KindUnavailable, fault.KindDeadlineExceeded, fault.KindExhausted, fault.KindCanceled:
		return true
	default:
		return false
	}
}

const (
	statePending     = libraryv1.PublicationState_PUBLICATION_STATE_PENDING
	stateExpanding   = libraryv1.PublicationState_PUBLICATION_STATE_EXPANDING
	stateContracting = libraryv1.PublicationState_PUBLICATION_STATE_CONTRACTING
	stateSucceeded   = libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED
	stateFailed      = libraryv1.PublicationState_PUBLICATION_STATE_FAILED
)

// step does what the state asks for. It is safe to repeat.
func (e *Engine) step(ctx context.Context, l Lease, p Publication) error {
	switch p.Public.GetState() {
	case statePending:
		if err := e.failpoint("pending"); err != nil {
			return err
		}
		return e.Leases.Move(ctx, l, stateExpanding, 5, "adding what the release needs")
	case stateExpanding:
		return e.expand(ctx, l, p)
	case stateContracting:
		return e.contract(ctx, l, p)
	default:
		return fmt.Errorf("publication has the unknown state %d", p.Public.GetState())
	}
}

func (e *Engine) expand(ctx context.Context, l Lease, p Publication) error {
	components, err := e.releaseContent(ctx, l.Tenant, p.Release)
	if err != nil {
		return err
	}
	if err := e.failpoint("before expand"); err != nil {
		return err
	}
	if err := e.changeSchema(ctx, func(ctx context.Context) error {
		return e.Schema.Expand(ctx, l.Tenant, p.Release, components, e.reporter(ctx, l, stateExpanding, 5, 80))
	}); err != nil {
		return fmt.Errorf("expand schema: %w", err)
	}
	if err := e.failpoint("before flip"); err != nil {
		return err
	}
	if err := e.Leases.Flip(ctx, l, 85, "live; waiting until every request sees it", e.now()); err != nil {
		return fmt.Errorf("flip: %w", err)
	}
	e.News.ReleaseLive(l.Tenant)
	return e.failpoint("after flip")
}

func (e *Engine) contract(ctx context.Context, l Lease, p Publication) error {
	if err := e.Runs.Schedule(ctx, l.Tenant, p.Release, p.Public.GetSubject()); err != nil {
		return fmt.Errorf("schedule workflows: %w", err)
	}
	if err := clock.Sleep(ctx, e.Clock, e.Tuning.Settle); err != nil {
		return err
	}
	pinned, err := e.Runs.Pinned(ctx, l.Tenant)
	if err != nil {
		return fmt.Errorf("list pinned releases: %w", err)
	}
	for _, release := range pinned {
		if release != p.Release && !isPreview(release) { // a preview has tables of its own
			return e.finish(ctx, l, stateSucceeded, "live; what unfinished runs of an earlier release need stays until the next publication")
		}
	}
	components, err := e.releaseContent(ctx, l.Tenant, p.Release)
	if err != nil {
		return err
	}
	if err := e.failpoint("before contract"); err != nil {
		return err
	}
	if err := e.changeSchema(ctx, func(ctx context.Context) error {
		return e.Schema.Contract(ctx, l.Tenant, p.Release, components, p.Confirmed, e.reporter(ctx, l, stateContracting, 85, 99))
	}); err != nil {
		return fmt.Errorf("contract schema: %w", err)
	}
	if err := e.failpoint("before finish"); err != nil {
		return err
	}
	return e.finish(ctx, l, stateSucceeded, "live")
}

func (e *Engine) changeSchema(ctx context.Context, change func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, e.Tuning.SchemaTimeout)
	defer cancel()
	return change(ctx)
}

func (e *Engine) releaseContent(ctx context.Context, tenant, id string) ([]*libraryv1.Component, error) {
	r, err := e.Releases.Release(ctx, tenant, id)
	if err != nil {
		return nil, fmt.Errorf("read release: %w", err)
	}
	return e.content(ctx, tenant, r.Members)
}

// reporter records the progress of one part of the work, each percent once.
func (e *Engine) reporter(ctx context.Context, l Lease, state libraryv1.PublicationState, from, to int) func(int, string) {
	last := from
	return func(percent int, message string) {
		now := from + (to-from)*min(max(percent, 0), 100)/100
		if now <= last {
			return
		}
		last = now
		// Not knowing how far it is harms nobody, and a lost lease is for the heartbeat to see.
		if err := e.Leases.Move(ctx, l, state, now, truncate(message, 300)); err != nil {
			e.Log.WarnContext(ctx, "progress not recorded", "publication", l.ID, "error", err)
			return
		}
		e.moved(l.Tenant, l.ID)
	}
}

// giveUp ends a publication that cannot go on. Before the flip it failed; after it the release is live, and what is left
// to remove is removed by the next publication.
func (e *Engine) giveUp(ctx context.Context, l Lease, p Publication, cause error) error {
	state, message := stateFailed, "an internal error stopped the publication; nothing of it is live"
	f, ok := fault.As(cause)
	switch {
	case p.Public.GetState() == stateContracting:
		state, message = stateSucceeded, "live; what it no longer needs is removed by the next publication"
	case errors.Is(cause, ErrMoved):
		message = "another release became live meanwhile; publish again"
	case ok:
		message = truncate(f.Message, 500)
	}
	e.Log.ErrorContext(ctx, "publication given up", "publication", l.ID, "state", p.Public.GetState().String(), "error", cause)
	return e.finish(ctx, l, state, message)
}

func (e *Engine) finish(ctx context.Context, l Lease, state libraryv1.PublicationState, message string) error {
	if err := e.Leases.Finish(ctx, l, state, message, e.now()); err != nil {
		return fmt.Errorf("finish publication: %w", err)
	}
	e.Finished(state)
	if state == stateSucceeded {
		// Again: who asked right after the flip may have met an edge that did not know of it.
		e.News.ReleaseLive(l.Tenant)
	}
	return nil
}
