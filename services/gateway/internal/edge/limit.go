package edge

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"

	"github.com/aqtra/aqtra/pkg/clock"
)

// rate is so many requests per second on average, and burst at once. A rate of 0 means no limit.
type rate struct{ perSecond, burst int }

const (
	// redisPause is how long Redis is left alone after it failed, so that its loss costs one request in a while, not each.
	redisPause = time.Second
	// limiterKeys bounds the memory of the local limiter, in keys per generation.
	limiterKeys = 50_000
)

// limiter is GCRA, in Redis for all replicas together. Without Redis, and while it is away, every process counts for itself.
type limiter struct {
	redis  *redis_rate.Limiter // nil for none
	wait   time.Duration       // for Redis
	clk    clock.Clock
	log    *slog.Logger
	failed prometheus.Counter
	pause  atomic.Int64 // Unix nanoseconds until which Redis is not asked
	local  gcra
}

func newLimiter(client *goredis.Client, wait time.Duration, clk clock.Clock, log *slog.Logger, reg prometheus.Registerer) (*limiter, error) {
	l := &limiter{wait: wait, clk: clk, log: log, local: newGCRA(limiterKeys), failed: prometheus.NewCounter(prometheus.CounterOpts{
		Name: "aqtra_edge_limiter_redis_failures_total",
		Help: "Times that Redis did not answer and the process judged a rate by itself.",
	})}
	if err := reg.Register(l.failed); err != nil {
		return nil, fmt.Errorf("register limiter metric: %w", err)
	}
	if client != nil {
		l.redis = redis_rate.NewLimiter(client)
	}
	return l, nil
}

// allow counts one request of key. It returns 0 when it may go on, and otherwise how long to wait.
func (l *limiter) allow(ctx context.Context, key string, r rate) time.Duration {
	if r.perSecond <= 0 {
		return 0
	}
	r.burst = max(r.burst, 1)
	now := l.clk.Now()
	if l.redis != nil && now.UnixNano() >= l.pause.Load() {
		if wait, err := l.ask(ctx, key, r); err == nil {
			return wait
		} else if ctx.Err() == nil {
			l.failed.Inc()
			l.pause.Store(now.Add(redisPause).UnixNano())
			l.log.WarnContext(ctx, "redis does not answer, rates are judged per process", "error", err)
		}
	}
	return l.local.allow(key, r, now)
}

func (l *limiter) ask(ctx context.Context, key string, r rate) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, l.wait)
	defer cancel()
	res, err := l.redis.Allow(ctx, key, redis_rate.Limit{Rate: r.perSecond, Burst: r.burst, Period: time.Second})
	if err != nil {
		return 0, err
	}
	if res.Allowed > 0 {
		return 0, nil
	}
	return max(res.RetryAfter, time.Millisecond), nil
}

// gcra is the generic cell rate algorithm: per key, the time at which the key's budget would be full again. Keys that were
// not seen for two generations are forgotten; by then nearly all have their full budget anyway.
type gcra struct {
	limit int

	mu         sync.Mutex
	young, old map[string]time.Time
}

func newGCRA(limit int) gcra { return gcra{limit: limit, young: make(map[string]time.Time)} }

func (g *gcra) allow(key string, r rate, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	full, ok := g.young[key]
	if !ok {
		full = g.old[key]
	}
	if full.Before(now) {
		full = now
	}
	each := time.Second / time.Duration(r.perSecond)
	full = full.Add(each)
	if wait := full.Sub(now) - each*time.Duration(r.burst); wait > 0 {
		return wait
	}
	if !ok && len(g.young) >= g.limit {
		g.young, g.old = make(map[string]time.Time), g.young
	}
	g.young[key] = full
	return 0
}
