package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// scenario is an operation to measure.
type scenario struct {
	name string
	// next returns the nth request. It is called concurrently.
	next func(n uint64) request
	// budget is the CPU time of the services that a request should not exceed, in microseconds; 0 means that there is none.
	budget map[stand.Mode]int
	// bare is what the request cost a server of net/http and pgx where the budget was set, in microseconds; 0 means that the
	// reference does not know the request.
	bare int
}

// target is where the load goes.
type target struct {
	address string
	tls     *tls.Config
	token   string
}

// load is what a run of a scenario gave.
type load struct {
	requests int
	took     time.Duration
	p50, p99 time.Duration
}

func (l load) perSecond() float64 { return float64(l.requests) / l.took.Seconds() }

// run sends requests over that many connections, each with one at a time, first for the warm-up and then for the time that
// counts. It calls begin and end around the latter. Any answer but a success fails the run.
func run(ctx context.Context, t target, s scenario, sequence *atomic.Uint64, connections int, warmUp, measured time.Duration, begin, end func() error) (load, error) {
	conns, err := open(t, connections)
	if err != nil {
		return load{}, err
	}
	defer func() {
		for _, c := range conns {
			_ = c.close() // everything was answered
		}
	}()
	var (
		stop, counts atomic.Bool
		mu           sync.Mutex
		all          []time.Duration
	)
	group, ctx := errgroup.WithContext(ctx)
	for _, c := range conns {
		group.Go(func() error {
			var mine []time.Duration
			for !stop.Load() && ctx.Err() == nil {
				r := s.next(sequence.Add(1))
				start := time.Now()
				if err := one(c, r); err != nil {
					return fmt.Errorf("%s: %w", s.name, err)
				}
				if counts.Load() {
					mine = append(mine, time.Since(start))
				}
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
			return nil
		})
	}
	var out load
	group.Go(func() error {
		defer stop.Store(true)
		if err := pause(ctx, warmUp); err != nil {
			return err
		}
		if err := begin(); err != nil {
			return err
		}
		start := time.Now()
		counts.Store(true)
		if err := pause(ctx, measured); err != nil {
			return err
		}
		counts.Store(false)
		out.took = time.Since(start)
		return end()
	})
	if err := group.Wait(); err != nil {
		return load{}, err
	}
	if len(all) == 0 {
		return load{}, fmt.Errorf("%s: no answer in %s", s.name, measured)
	}
	slices.Sort(all)
	out.requests, out.p50, out.p99 = len(all), percentile(all, 50), percentile(all, 99)
	return out, nil
}

// one sends one request. On an answer that is no success it asks again for its text, to say what is wrong.
func one(c *conn, r request) error {
	status, err := c.do(r, nil)
	if err != nil {
		return err
	}
	if status/100 == 2 {
		return nil
	}
	var text bytes.Buffer
	again, err := c.do(r, &text)
	return errors.Join(fmt.Errorf("%s %s answered %d, and asked again %d: %.500s", r.method, r.path, status, again, text.String()), err)
}

func open(t target, n int) ([]*conn, error) {
	conns := make([]*conn, 0, n)
	for range n {
		c, err := dial(t.address, t.tls, t.token)
		if err != nil {
			for _, c := range conns {
				_ = c.close() // the error below says why
			}
			return nil, err
		}
		conns = append(conns, c)
	}
	return conns, nil
}

// percentile of sorted durations, by the nearest rank.
func percentile(sorted []time.Duration, p int) time.Duration {
	return sorted[max(0, (len(sorted)*p+99)/100-1)]
}

// pause waits, or returns the error of the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
