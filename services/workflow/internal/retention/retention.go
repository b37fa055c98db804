// Package retention removes runs that ended long ago, with their history.
package retention

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
)

// Config says how long.
type Config struct {
	Age time.Duration `default:"0s" doc:"how long runs that have ended are kept, with their history and answered tasks; 0s: for ever"`
}

// least is the shortest age: people look at what ran today, and repeated requests must find their run.
const least = 24 * time.Hour

// Validate reports an age that is too short.
func (c Config) Validate() error {
	if c.Age != 0 && c.Age < least {
		return errors.New("Age must be 0s or at least 24h")
	}
	return nil
}

const (
	// pause is how often old runs are looked for, batch how many are removed in one transaction.
	pause = 10 * time.Minute
	batch = 500
)

// Store removes.
type Store interface {
	// DropRuns removes at most n runs that ended before a time, and returns how many.
	DropRuns(ctx context.Context, before time.Time, n int) (int, error)
	// DropRequests forgets requests from before a time whose run is gone.
	DropRequests(ctx context.Context, before time.Time) error
}

// Sweeper removes old runs. Every process has one; they take different runs.
type Sweeper struct {
	cfg     Config
	store   Store
	clock   clock.Clock
	log     *slog.Logger
	dropped prometheus.Counter
}

// New makes a sweeper.
func New(cfg Config, store Store, c clock.Clock, log *slog.Logger, metrics prometheus.Registerer) (*Sweeper, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	s := &Sweeper{cfg: cfg, store: store, clock: c, log: log, dropped: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "aqtra_workflow_dropped_runs_total", Help: "Runs that were removed because they ended long ago.",
	})}
	if err := metrics.Register(s.dropped); err != nil {
		return nil, fmt.Errorf("register metrics of retention: %w", err)
	}
	return s, nil
}

// Run removes what is old until ctx ends.
func (s *Sweeper) Run(ctx context.Context) error {
	if s.cfg.Age == 0 {
		<-ctx.Done()
		return nil
	}
	for {
		if err := s.Sweep(ctx); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "old runs could not be removed", "error", err)
		}
		if clock.Sleep(ctx, s.clock, pause) != nil {
			return nil
		}
	}
}

// Sweep removes all that is old now.
func (s *Sweeper) Sweep(ctx context.Context) error {
	before := s.clock.Now().Add(-s.cfg.Age)
	total := 0
	for {
		n, err := s.store.DropRuns(ctx, before, batch)
		s.dropped.Add(float64(n))
		total += n
		if err != nil {
			return err
		}
		if n < batch {
			break
		}
	}
	if total > 0 {
		s.log.InfoContext(ctx, "old runs removed", "runs", total)
	}
	return s.store.DropRequests(ctx, before)
}
