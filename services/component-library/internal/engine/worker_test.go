package engine_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

// At every point of the machine the process may be killed: another one completes what was begun, and until the flip the old
// release serves.
func TestWorkerIsKilledAnywhere(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"pending", "before expand", "before flip", "after flip", "before contract", "before finish"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			first := h.engine(h.store)
			h.create("invoice", "number")
			stop := h.start(first)
			old := h.publish(everything()).GetRelease()
			stop()
			h.create("other", "number")

			m := &mortal{Leases: h.store}
			victim := h.engine(m)
			died := make(chan struct{})
			var once sync.Once
			victim.SetFailpoint(func(name string) error {
				if name != point {
					return nil
				}
				m.kill()
				once.Do(func() { close(died) })
				return errDead
			})
			h.start(victim)
			p, err := victim.CreatePublication(t.Context(), alice, everything())
			require.NoError(t, err)
			select {
			case <-died:
			case <-t.Context().Done():
				t.Fatal("the point was not reached")
			}
			switch point {
			case "pending", "before expand", "before flip":
				require.Equal(t, old, h.active())
			default:
				require.NotEqual(t, old, h.active())
			}
			h.start(h.engine(h.store))
			done := h.finish(p.GetId())
			require.Equal(t, succeeded, done.GetState(), done.GetMessage())
			require.Equal(t, h.active(), done.GetRelease())
			h.owners.set(func(o *ownerServer) { require.Equal(t, done.GetRelease()+" "+alice.Subject, o.scheduled) })
		})
	}
}

// A clean stop gives the lease back.
func TestWorkerStopsAndAnotherGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create("invoice", "number")
	expanding := make(chan struct{})
	h.storage.set(func(s *schemaServer) {
		var once sync.Once
		s.expand = func(ctx context.Context) error {
			once.Do(func() { close(expanding) })
			<-ctx.Done()
			return ctx.Err()
		}
	})
	stop := h.start(h.Engine)
	p, err := h.CreatePublication(t.Context(), alice, everything())
	require.NoError(t, err)
	<-expanding
	stop()
	require.Empty(t, h.active())
	h.storage.set(func(s *schemaServer) { s.expand = nil })
	h.start(h.engine(h.store))
	require.Equal(t, succeeded, h.finish(p.GetId()).GetState())
}

// A worker that lost its lease while it was away from the world, as after a long pause, can flip nothing.
func TestStaleWorkerIsFenced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create("invoice", "number")
	p, err := h.CreatePublication(t.Context(), alice, everything())
	require.NoError(t, err)

	now := h.Clock.Now()
	ls, err := h.store.Claim(t.Context(), "sleepy", now, now, 10)
	require.NoError(t, err)
	require.Len(t, ls, 1)
	stale := ls[0]
	require.NoError(t, h.store.Move(t.Context(), stale, 2, 5, "expanding"))

	h.start(h.Engine)
	require.Equal(t, succeeded, h.finish(p.GetId()).GetState())
	live := h.active()
	require.Error(t, h.store.Flip(t.Context(), stale, 85, "", now))
	require.Error(t, h.store.Finish(t.Context(), stale, failed, "", now))
	require.Error(t, h.store.Extend(t.Context(), stale, now))
	require.Equal(t, live, h.active())
	got, err := h.GetPublication(t.Context(), alice.Tenant, p.GetId())
	require.NoError(t, err)
	require.Equal(t, succeeded, got.GetState())
}

// Two replicas share the work of many tenants: each publication is driven by one at a time, and all end.
func TestReplicasShare(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	second := h.engine(h.store)
	h.start(h.Engine)
	h.start(second)
	h.create("invoice", "number")
	for range 3 {
		p := h.publish(everything())
		require.Equal(t, succeeded, p.GetState())
		c, err := h.GetComponent(t.Context(), alice.Tenant, "invoice", 0)
		require.NoError(t, err)
		c.Description += "."
		_, err = h.UpdateComponent(t.Context(), alice, c, []string{"description"})
		require.NoError(t, err)
	}
	expands := 0
	for _, call := range h.storage.seen() {
		if call[:6] == "expand" {
			expands++
		}
	}
	require.Equal(t, 3, expands)
}

// deaf loses the reply to the first flip, and claims that every lease is lost while paused.
type deaf struct {
	engine.Leases
	once   sync.Once
	mu     sync.Mutex
	paused bool
}

func (d *deaf) Flip(ctx context.Context, l engine.Lease, progress int, message string, now time.Time) error {
	err := d.Leases.Flip(ctx, l, progress, message, now)
	d.once.Do(func() { err = errors.Join(err, errors.New("connection reset by peer")) })
	return err
}

func (d *deaf) Extend(ctx context.Context, l engine.Lease, until time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.paused {
		return engine.ErrLost
	}
	return d.Leases.Extend(ctx, l, until)
}

// A flip whose reply was lost is not done again, and not taken for a failure.
func TestReplyToTheFlipIsLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create("invoice", "number")
	e := h.engine(&deaf{Leases: h.store})
	h.start(e)
	p, err := e.CreatePublication(t.Context(), alice, everything())
	require.NoError(t, err)
	done := h.finish(p.GetId())
	require.Equal(t, succeeded, done.GetState(), done.GetMessage())
	require.Equal(t, h.active(), done.GetRelease())
	require.Len(t, h.storage.seen(), 2)
}

// A worker that learns that its lease is lost stops what it does at once.
func TestLostLeaseStopsTheWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.create("invoice", "number")
	stopped := make(chan struct{})
	d := &deaf{Leases: h.store}
	h.storage.set(func(s *schemaServer) {
		var once sync.Once
		s.expand = func(ctx context.Context) error {
			first := false
			once.Do(func() { first = true })
			if !first {
				return nil
			}
			d.mu.Lock()
			d.paused = true
			d.mu.Unlock()
			<-ctx.Done()
			close(stopped)
			return ctx.Err()
		}
	})
	e := h.engine(d)
	h.start(e)
	p, err := e.CreatePublication(t.Context(), alice, everything())
	require.NoError(t, err)
	<-stopped
	require.Empty(t, h.active())
	h.start(h.engine(h.store))
	require.Equal(t, succeeded, h.finish(p.GetId()).GetState())
}
