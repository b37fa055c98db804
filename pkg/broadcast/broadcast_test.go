package broadcast_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/redistest"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

const patience = 10 * time.Second

func database(t *testing.T) *pgxpool.Pool {
	t.Helper()
	db, err := postgres.Open(t.Context(), pgtest.Database(t, "gateway", nil), postgres.Options{Schema: "gateway"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return db.SystemPool()
}

// listening subscribes and returns where messages arrive, when they do.
func listening(t *testing.T, b *broadcast.Bus) <-chan broadcast.Message {
	t.Helper()
	got := make(chan broadcast.Message, 1000)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = b.Subscribe(ctx, func(m broadcast.Message) { got <- m })
	}()
	t.Cleanup(func() { cancel(); <-done })
	// Nothing tells that it listens but a message that arrives.
	probe := broadcast.Message{Tenant: "probe", Kind: changesv1.Kind_KIND_COMPONENT}
	require.Eventually(t, func() bool {
		b.Publish(probe)
		select {
		case <-got:
			return true
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}, patience, time.Millisecond)
	return got
}

func running(t *testing.T, c broadcast.Config) *broadcast.Bus {
	t.Helper()
	c.Clock, c.Log = clock.Real(), slog.New(slog.DiscardHandler)
	b := broadcast.New(c)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	return b
}

// next returns the next message that is not a probe.
func next(t *testing.T, got <-chan broadcast.Message) broadcast.Message {
	t.Helper()
	for {
		select {
		case m := <-got:
			if m.Tenant != "probe" {
				return m
			}
		case <-time.After(patience):
			require.FailNow(t, "no message")
		}
	}
}

func TestBus(t *testing.T) {
	t.Parallel()
	carriers := map[string]func(t *testing.T) broadcast.Config{
		"postgres": func(t *testing.T) broadcast.Config { return broadcast.Config{Postgres: database(t)} },
		"redis": func(t *testing.T) broadcast.Config {
			srv := redistest.Start(t)
			client, err := redis.Open(redis.Config{URL: srv.URL(), CAFile: srv.CAFile})
			require.NoError(t, err)
			t.Cleanup(func() { _ = client.Close() })
			return broadcast.Config{Redis: client}
		},
	}
	for name, open := range carriers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := open(t)
			speaker, listener := running(t, c), running(t, c)
			got := listening(t, listener)

			task := broadcast.Message{
				Tenant: "acme", Kind: changesv1.Kind_KIND_TASK, Component: "order", ID: "t1", Users: []string{"u1"}, Roles: []string{"clerk"},
			}
			speaker.Publish(task)
			require.Equal(t, task, next(t, got))

			entry := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "order"}
			for i := range 1000 {
				m := entry
				m.ID = fmt.Sprintf("e%d", i%500)
				speaker.Publish(m)
			}
			last := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_RUN, Component: "order", ID: "r1"}
			speaker.Publish(last)
			told := 0
			for m := next(t, got); m.Kind == entry.Kind; m = next(t, got) {
				told++
			}
			require.Positive(t, told)
			require.Less(t, told, 30, "many changes of a moment are told as one")
		})
	}
}

func TestSubscriberHearsOfGap(t *testing.T) {
	t.Parallel()
	pool := database(t)
	bus := running(t, broadcast.Config{Postgres: pool})
	got := listening(t, bus)
	_, err := pool.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> pg_backend_pid()`)
	require.NoError(t, err)
	require.Equal(t, broadcast.Message{}, next(t, got), "anything may have changed")
	m := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION}
	bus.Publish(m)
	require.Equal(t, m, next(t, got))
}

func TestRedisComesBack(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	client, err := redis.Open(redis.Config{URL: srv.URL(), CAFile: srv.CAFile})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	bus := running(t, broadcast.Config{Redis: client})
	got := listening(t, bus)
	srv.Kill()
	bus.Publish(broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "order", ID: "lost"})
	srv.Start(t)
	require.Equal(t, broadcast.Message{}, next(t, got), "anything may have changed")
}

func TestNothingIsSentWhenNothingChanged(t *testing.T) {
	t.Parallel()
	pool := database(t)
	bus := running(t, broadcast.Config{Postgres: pool})
	got := listening(t, bus)
	transactions := func() (n int64) {
		require.NoError(t, pool.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
			AND application_name LIKE 'gateway%' AND state_change > now() - interval '300 ms' AND pid <> pg_backend_pid()`).Scan(&n))
		return n
	}
	require.Eventually(t, func() bool { return transactions() == 0 }, patience, 50*time.Millisecond)
	bus.Publish(broadcast.Message{Tenant: "acme"})
	next(t, got)
}
