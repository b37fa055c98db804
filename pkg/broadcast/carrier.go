package broadcast

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	goredis "github.com/redis/go-redis/v9"
)

// channel is the name of the channel in both, Postgres and Redis.
const channel = "aqtra_changes"

// quiet is how long nothing may come before the connection is asked whether it still lives.
const quiet = time.Minute

// notifier is Postgres.
type notifier struct{ pool *pgxpool.Pool }

// send does not wait for the disk: a notification does not outlive the server anyway.
func (n notifier) send(ctx context.Context, batch []byte) error {
	_, err := n.pool.Exec(ctx, `SELECT set_config('synchronous_commit', 'off', true), pg_notify($1, $2)`, channel, string(batch))
	if err != nil {
		return fmt.Errorf("notify: %w", err)
	}
	return nil
}

func (n notifier) listen(ctx context.Context, ready func(), got func([]byte)) error {
	pooled, err := n.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect to listen: %w", err)
	}
	conn := pooled.Hijack() // it leaves the pool, which has room for the others again
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendTimeout)
		defer cancel()
		_ = conn.Close(ctx) // it may be broken already
	}()
	if _, err := conn.Exec(ctx, "LISTEN "+channel); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	ready()
	for {
		note, err := func() ([]byte, error) {
			ctx, cancel := context.WithTimeout(ctx, quiet)
			defer cancel()
			note, err := conn.WaitForNotification(ctx)
			if err != nil {
				return nil, err
			}
			return []byte(note.Payload), nil
		}()
		switch {
		case err == nil:
			got(note)
		case ctx.Err() != nil:
			return ctx.Err()
		case !conn.IsClosed() && errors.Is(err, context.DeadlineExceeded):
			if err := ask(ctx, conn.Ping); err != nil {
				return fmt.Errorf("listen: %w", err)
			}
		default:
			return fmt.Errorf("listen: %w", err)
		}
	}
}

// pubsub is Redis.
type pubsub struct{ client *goredis.Client }

func (p pubsub) send(ctx context.Context, batch []byte) error {
	if err := p.client.Publish(ctx, channel, batch).Err(); err != nil {
		return fmt.Errorf("publish to redis: %w", err)
	}
	return nil
}

func (p pubsub) listen(ctx context.Context, ready func(), got func([]byte)) error {
	sub := p.client.Subscribe(ctx, channel)
	// Receive does not heed ctx while it waits.
	stop := context.AfterFunc(ctx, func() { _ = sub.Close() })
	defer func() {
		if stop() {
			_ = sub.Close() // it may be broken already
		}
	}()
	asked := false
	for {
		message, err := sub.ReceiveTimeout(ctx, quiet)
		switch timeout := interface{ Timeout() bool }(nil); {
		case err == nil:
			asked = false
		case errors.As(err, &timeout) && timeout.Timeout() && !asked:
			if err := ask(ctx, func(ctx context.Context) error { return sub.Ping(ctx) }); err != nil {
				return fmt.Errorf("listen to redis: %w", err)
			}
			asked = true
			continue
		default:
			return fmt.Errorf("listen to redis: %w", err)
		}
		switch m := message.(type) {
		case *goredis.Subscription:
			ready()
		case *goredis.Message:
			got([]byte(m.Payload))
		}
	}
}

func ask(ctx context.Context, ping func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return ping(ctx)
}
