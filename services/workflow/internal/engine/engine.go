package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/lru"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
)

// Config tunes the engine.
type Config struct {
	Workers     int           `default:"64" doc:"how many runs advance at once in one process"`
	Committers  int           `default:"2" doc:"how many groups of commits are under way at once"`
	Lease       time.Duration `default:"15s" doc:"how long claimed runs are ours without a heartbeat; a crash delays them this long"`
	Poll        time.Duration `default:"15s" doc:"how often to look for runs that nobody announced"`
	CallTimeout time.Duration `default:"2m" doc:"longest single attempt of a call; it is repeated with the same key"`
	Programs    int           `default:"256" doc:"how many compiled workflows are kept"`
}

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(ok bool, text string) {
		if !ok {
			errs = append(errs, errors.New(text))
		}
	}
	bad(c.Workers >= 1 && c.Workers <= 10_000, "Workers must be 1 to 10000")
	bad(c.Committers >= 1 && c.Committers <= 16, "Committers must be 1 to 16")
	bad(c.Lease >= 100*time.Millisecond, "Lease must be at least 100ms")
	bad(c.Poll >= 10*time.Millisecond, "Poll must be at least 10ms")
	bad(c.CallTimeout >= time.Second, "CallTimeout must be at least 1s")
	bad(c.Programs >= 1, "Programs must be at least 1")
	return errors.Join(errs...)
}

// Identity lets a run act for its user.
type Identity interface {
	// Act returns a context whose calls are made for the subject of the run, with those of the roles that it still has; no
	// roles means all. A user who was removed or disabled is a fault.
	Act(ctx context.Context, run Run, roles []string) (context.Context, error)
	// Person returns the value of the variable "user" for a subject.
	Person(ctx context.Context, tenant, subject string) (map[string]any, error)
	// Find returns id and name of a user who is not disabled, by id or e-mail address; empty when there is none.
	Find(ctx context.Context, tenant, user string) (id, name string, err error)
}

// Deps are what an engine needs. News and Failpoint may be nil.
type Deps struct {
	Store    Store
	Kinds    dsl.Kinds
	Releases Releases
	Identity Identity
	News     News
	Clock    clock.Clock
	Log      *slog.Logger
	// Failpoint is asked at every place where a crash matters; an error makes the engine stop there and then, as a crash would,
	// leaving everything behind. For tests.
	Failpoint func(point string) error
}

// Engine advances runs.
type Engine struct {
	Deps
	cfg      Config
	owner    string
	programs *programs
	commits  chan *pendingCommit
	wakeup   chan struct{}
	crashed  atomic.Bool
	notified atomic.Int64 // when other processes were last woken, unix milliseconds

	mu     sync.Mutex
	flying map[string]context.CancelFunc // runs that advance here, by tenant and id
	due    time.Time                     // when a parked run wants to go on, as far as known here
	beat   time.Time                     // when the lease was last prolonged
	astray time.Time                     // when runs that were dropped here, though they are ours, are taken up again; zero for none
	crash  context.CancelFunc
}

// New makes an engine; Run starts it.
func New(cfg Config, d Deps) (*Engine, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if d.Failpoint == nil {
		d.Failpoint = func(string) error { return nil }
	}
	if d.News == nil {
		d.News = noNews{}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &Engine{
		Deps: d, cfg: cfg,
		// Every start of a process is another owner: what an earlier one held is its lease's, not ours.
		owner:    host + "/" + uuid.NewString(),
		programs: &programs{kinds: d.Kinds, releases: d.Releases, clock: d.Clock, kept: lru.New[*dsl.Program](int64(cfg.Programs))},
		commits:  make(chan *pendingCommit, maxGroup), wakeup: make(chan struct{}, 1), flying: map[string]context.CancelFunc{},
	}, nil
}

// errCrash is a failpoint's.
var errCrash = errors.New("failpoint")

// point is where a crash matters.
func (e *Engine) point(name string) error {
	if e.crashed.Load() {
		return errCrash
	}
	if e.Failpoint(name) == nil {
		return nil
	}
	e.crashed.Store(true)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.crash != nil {
		e.crash()
	}
	return errCrash
}

// Wake makes the engine look for ready runs, and other processes too when this one is busy.
func (e *Engine) Wake(ctx context.Context) {
	select {
	case e.wakeup <- struct{}{}:
	default:
	}
	e.mu.Lock()
	busy := len(e.flying) >= e.cfg.Workers
	e.mu.Unlock()
	if now := e.Clock.Now().UnixMilli(); busy && now-e.notified.Swap(now) > 100 {
		if err := e.Store.Notify(ctx); err != nil {
			e.Log.WarnContext(ctx, "other workers not woken", "error", err)
		}
	}
}

// Run advances runs until ctx ends, then lets go of those it holds.
func (e *Engine) Run(ctx context.Context) error {
	work, crash := context.WithCancel(ctx)
	defer crash()
	e.mu.Lock()
	e.crash = crash
	e.mu.Unlock()
	committing, stopCommitting := context.WithCancel(context.WithoutCancel(ctx))
	defer stopCommitting()
	var committers, loops errgroup.Group
	for range e.cfg.Committers {
		committers.Go(func() error { e.commitLoop(committing); return nil })
	}
	loops.Go(func() error { e.beatLoop(work); return nil })
	loops.Go(func() error { e.listenLoop(work); return nil })
	e.claimLoop(work)
	err := loops.Wait()
	stopCommitting()
	err = errors.Join(err, committers.Wait())
	if !e.crashed.Load() {
		free, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		if releaseErr := e.Store.ReleaseAll(free, e.owner, e.Clock.Now()); releaseErr != nil {
			// The lease ends by itself; others go on then.
			e.Log.WarnContext(ctx, "runs not released", "error", releaseErr)
		}
	}
	return err
}

// claimLoop takes ready runs as long as there are workers for them.
func (e *Engine) claimLoop(ctx context.Context) {
	var workers sync.WaitGroup
	defer workers.Wait()
	freed := make(chan struct{}, 1)
	poll := e.Clock.NewTimer(e.cfg.Poll)
	defer poll.Stop()
	doubt := false // a claim failed, so runs may be ours without our knowing
	woken := true  // there is a reason to claim, besides that it is time to look
	var reaped time.Time
	for ctx.Err() == nil {
		// By the clock and not when idle: who is always busy must look for runs of the dead too.
		if since := e.Clock.Now().Sub(reaped); since >= e.cfg.Poll || since < 0 {
			e.reap(ctx)
			reaped = e.Clock.Now()
		}
		free := e.free()
		full := false
		if free > 0 {
			doubt = e.strayed() || doubt
			if !woken && !doubt && !e.isDue() && !e.look(ctx) {
				woken = e.sleep(ctx, poll, freed, false)
				continue
			}
			runs, err := e.claim(ctx, free, doubt)
			doubt = err != nil
			switch {
			case ctx.Err() != nil:
				return
			case err != nil:
				e.Log.WarnContext(ctx, "claim failed", "error", err)
				e.setDue(e.Clock.Now().Add(time.Second), true)
			default:
				full = len(runs) >= min(free, maxClaim)
			}
			for i := range runs {
				e.launch(ctx, &workers, &runs[i], freed)
			}
			if full {
				continue
			}
		}
		woken = e.sleep(ctx, poll, freed, free <= 0)
	}
}

// look asks when the next run is due, and reports whether one is now. It is what an idle process does instead of claiming.
func (e *Engine) look(ctx context.Context) bool {
	now := e.Clock.Now()
	due, err := e.Store.NextDue(ctx)
	if err != nil {
		return true // claim, and report what is wrong
	}
	e.setDue(due, true)
	return !due.IsZero() && !due.After(now)
}

// isDue reports whether a run that is known wants to go on.
func (e *Engine) isDue() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.due.IsZero() && !e.due.After(e.Clock.Now())
}

// stray notes that a run of ours was dropped. While this process lives nobody else takes it.
func (e *Engine) stray() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.astray.IsZero() {
		e.astray = e.Clock.Now().Add(time.Second)
	}
}

// strayed reports, once, that it is time to look for them.
func (e *Engine) strayed() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.astray.IsZero() || e.Clock.Now().Before(e.astray) {
		return false
	}
	e.astray = time.Time{}
	return true
}

const maxClaim = 64

func (e *Engine) free() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.cfg.Workers - len(e.flying)
}

// claim takes runs, and after a failed claim also those that are ours already. It learns when the next one is due.
func (e *Engine) claim(ctx context.Context, free int, doubt bool) ([]Run, error) {
	if err := e.heartbeat(ctx); err != nil {
		return nil, err
	}
	var runs []Run
	if doubt {
		owned, err := e.Store.Owned(ctx, e.owner)
		if err != nil {
			return nil, err
		}
		for _, r := range owned {
			if !e.isFlying(r) {
				runs = append(runs, r)
			}
		}
	}
	now := e.Clock.Now()
	claimed, err := e.Store.Claim(ctx, e.owner, now, min(free, maxClaim))
	if err == nil {
		err = e.point("claim.after")
	}
	if err != nil {
		return nil, err
	}
	if len(claimed) < min(free, maxClaim) {
		due, err := e.Store.NextDue(ctx)
		if err != nil {
			e.setDue(now.Add(time.Second), true)
			return append(runs, claimed...), nil
		}
		e.setDue(due, true)
	}
	return append(runs, claimed...), nil
}

// setDue notes when a parked run wants to go on; exact replaces what was known.
func (e *Engine) setDue(t time.Time, exact bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if exact || e.due.IsZero() || (!t.IsZero() && t.Before(e.due)) {
		e.due = t
	}
}

// sleep waits for a reason to claim again. It reports false when it only is time to look for what nobody announced.
func (e *Engine) sleep(ctx context.Context, poll clock.Timer, freed <-chan struct{}, full bool) bool {
	if full {
		select {
		case <-ctx.Done():
		case <-freed:
		}
		return true
	}
	poll.Stop()
	select {
	case <-poll.C():
	default:
	}
	e.mu.Lock()
	wait := e.cfg.Poll
	for _, t := range []time.Time{e.due, e.astray} {
		if !t.IsZero() {
			wait = max(min(wait, t.Sub(e.Clock.Now())), 0)
		}
	}
	e.mu.Unlock()
	if wait == 0 {
		// What is due may be locked by another process: give it a moment.
		wait = 5 * time.Millisecond
	}
	poll.Reset(wait)
	select {
	case <-ctx.Done():
	case <-e.wakeup:
	case <-poll.C():
		return false
	}
	return true
}

func (e *Engine) reap(ctx context.Context) {
	n, err := e.Store.Reap(ctx, e.Clock.Now())
	if err != nil && ctx.Err() == nil {
		e.Log.WarnContext(ctx, "reaping failed", "error", err)
	}
	if n > 0 {
		e.Log.InfoContext(ctx, "took over runs of a process that is gone", "runs", n)
	}
}

func flight(r Run) string { return r.Tenant + "\x00" + r.ID }

func (e *Engine) isFlying(r Run) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	_, ok := e.flying[flight(r)]
	return ok
}

// launch advances a run in a goroutine of its own.
func (e *Engine) launch(ctx context.Context, workers *sync.WaitGroup, r *Run, freed chan<- struct{}) {
	ctx, cancel := context.WithCancel(ctx)
	e.mu.Lock()
	e.flying[flight(*r)] = cancel
	e.mu.Unlock()
	workers.Go(func() {
		defer func() {
			cancel()
			e.mu.Lock()
			delete(e.flying, flight(*r))
			e.mu.Unlock()
			select {
			case freed <- struct{}{}:
			default:
			}
			// The run may have become ready while it was ours.
			select {
			case e.wakeup <- struct{}{}:
			default:
			}
		}()
		if err := e.drive(ctx, r); err != nil && ctx.Err() == nil && !errors.Is(err, errCrash) {
			e.Log.WarnContext(ctx, "run dropped", "run_id", r.ID, "error", err)
			if !errors.Is(err, errFenced) {
				e.stray()
			}
		}
	})
}

// stop cuts a run that advances here, because it was canceled.
func (e *Engine) stop(tenant, run string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if cancel, ok := e.flying[flight(Run{Tenant: tenant, ID: run})]; ok {
		cancel()
	}
}

// heartbeat prolongs the lease when a third of it is gone.
func (e *Engine) heartbeat(ctx context.Context) error {
	now := e.Clock.Now()
	e.mu.Lock()
	fresh := !e.beat.IsZero() && now.Sub(e.beat) < e.cfg.Lease/3 && !now.Before(e.beat)
	e.mu.Unlock()
	if fresh {
		return nil
	}
	if err := e.Store.Heartbeat(ctx, e.owner, e.cfg.Lease); err != nil {
		return fmt.Errorf("heartbeat: %w", err)
	}
	e.mu.Lock()
	e.beat = now
	e.mu.Unlock()
	return nil
}

// beatLoop prolongs the lease while runs advance here.
func (e *Engine) beatLoop(ctx context.Context) {
	for clock.Sleep(ctx, e.Clock, e.cfg.Lease/3) == nil {
		e.mu.Lock()
		idle := len(e.flying) == 0
		e.mu.Unlock()
		if idle || e.point("heartbeat") != nil {
			continue
		}
		if err := e.heartbeat(ctx); err != nil && ctx.Err() == nil {
			e.Log.WarnContext(ctx, "heartbeat failed", "error", err)
		}
	}
}

// listenLoop hears of other processes that are busy.
func (e *Engine) listenLoop(ctx context.Context) {
	for ctx.Err() == nil {
		err := e.Store.Listen(ctx, func() {
			select {
			case e.wakeup <- struct{}{}:
			default:
			}
		})
		if ctx.Err() == nil {
			e.Log.WarnContext(ctx, "listening ended", "error", err)
			_ = clock.Sleep(ctx, e.Clock, 5*time.Second)
		}
	}
}
