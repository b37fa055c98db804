package broadcast

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"

	"github.com/aqtra/aqtra/pkg/clock"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

// Message says that something changed.
type Message struct {
	// Tenant in which; empty is every tenant, which only a gap is.
	Tenant string
	// Kind of what changed; KIND_UNSPECIFIED stands for anything of the tenant.
	Kind changesv1.Kind
	// Component that it belongs to, if it belongs to one.
	Component string
	// ID of what changed; empty when many did, or when whoever may hear of the change may not know the id.
	ID string
	// Users and Roles are who may hear of a task: users by subject or email, and holders of roles. Of entries, Roles are those
	// that may read some; empty is everybody with the permission.
	Users, Roles []string
}

const (
	// pause is the least time between two sendings of a process.
	pause = 50 * time.Millisecond
	// maxBatch is the most that is sent at once, in bytes. Postgres takes 7,999.
	maxBatch = 7900
	// maxIDs is how many things of a kind and component are told one by one, per sending.
	maxIDs = 8
	// maxPending bounds what waits; tenants beyond are told that anything may have changed.
	maxPending = 4096
	// sendTimeout bounds one sending.
	sendTimeout = 2 * time.Second
	// sendPause is how long a transport that failed is left alone.
	sendPause = time.Second
)

// Config is what a Bus needs. All but Redis are required.
type Config struct {
	// Postgres is a pool of any role; all services share the database.
	Postgres *pgxpool.Pool
	// Redis carries the messages instead, if there is one.
	Redis *goredis.Client
	Clock clock.Clock
	Log   *slog.Logger
}

// Bus sends and receives messages. It is safe for concurrent use.
type Bus struct {
	carrier carrier
	clk     clock.Clock
	log     *slog.Logger
	wake    chan struct{}

	mu      sync.Mutex
	pending pending
}

// carrier takes batches from process to process.
type carrier interface {
	send(ctx context.Context, batch []byte) error
	// listen calls ready when batches arrive from now on, and got for each, until ctx ends or it fails.
	listen(ctx context.Context, ready func(), got func([]byte)) error
}

// New makes a bus; it connects to nothing yet.
func New(c Config) *Bus {
	b := &Bus{carrier: notifier{c.Postgres}, clk: c.Clock, log: c.Log, wake: make(chan struct{}, 1)}
	if c.Redis != nil {
		b.carrier = pubsub{c.Redis}
	}
	return b
}

// Publish tells about a change, soon. It never waits and never fails: call it when the change is committed. Without Run nothing
// is sent, and memory stays bounded.
func (b *Bus) Publish(m Message) {
	b.mu.Lock()
	b.pending.add(m)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// Run sends what is published until ctx ends, and then what is left.
func (b *Bus) Run(ctx context.Context) error {
	lost := false
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-b.wake:
			_ = clock.Sleep(ctx, b.clk, pause) // what comes meanwhile goes along
		}
		more, err := b.flush(ctx, lost)
		switch {
		case err != nil:
			if !lost {
				b.log.WarnContext(ctx, "changes are not told", "error", err)
			}
			lost = true
			_ = clock.Sleep(ctx, b.clk, sendPause)
			more = true // it has to be told that something was lost
		case lost:
			b.log.InfoContext(ctx, "changes are told again")
			lost = false
		}
		if more {
			select {
			case b.wake <- struct{}{}:
			default:
			}
		}
	}
	return nil
}

// flush sends one batch. After a loss, everybody is told that anything may have changed, and what waits is not told besides.
func (b *Bus) flush(ctx context.Context, lost bool) (more bool, err error) {
	b.mu.Lock()
	if lost {
		b.pending = pending{}
		b.pending.add(Message{})
	}
	batch, more := b.pending.take()
	b.mu.Unlock()
	if len(batch) == 0 {
		return more, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
	defer cancel()
	return more, b.carrier.send(ctx, batch)
}

const (
	firstRetry = 250 * time.Millisecond
	lastRetry  = 15 * time.Second
)

// Subscribe calls got with every message that arrives, in order and one at a time, until ctx ends; got must not block. After a
// connection was lost, and found again, it gets the zero message: anything may have changed, in every tenant. Subscribe once
// per process: it takes a connection.
func (b *Bus) Subscribe(ctx context.Context, got func(Message)) error {
	wait, connected := firstRetry, false
	for {
		err := b.carrier.listen(ctx, func() {
			wait = firstRetry
			if connected {
				got(Message{})
			}
			connected = true
		}, func(batch []byte) {
			messages, err := decode(batch)
			if err != nil {
				b.log.WarnContext(ctx, "told changes cannot be read", "error", err)
				messages = []Message{{}}
			}
			for _, m := range messages {
				got(m)
			}
		})
		if ctx.Err() != nil {
			return nil
		}
		b.log.WarnContext(ctx, "changes are not heard", "error", err)
		if clock.Sleep(ctx, b.clk, wait) != nil {
			return nil
		}
		wait = min(2*wait, lastRetry)
	}
}
