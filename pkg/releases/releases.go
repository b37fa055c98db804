// Package releases keeps releases in the form that a service compiled them to. Releases never change, so what was loaded once
// is good for ever; the least used ones make room.
package releases

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// MaxSize is the largest release in bytes.
const MaxSize = 64 << 20

// Cache loads releases from the component library and keeps the compiled forms that were used last.
type Cache[T any] struct {
	client  libraryv1.ReleasesClient
	compile func(*libraryv1.Release) (T, error)
	size    int
	load    singleflight.Group

	mu    sync.Mutex
	order *list.List // of entry[T], the last used first
	byKey map[string]*list.Element
}

type entry[T any] struct {
	key   string
	value T
}

// New makes a cache of at most size releases in front of the library.
func New[T any](library grpc.ClientConnInterface, size int, compile func(*libraryv1.Release) (T, error)) *Cache[T] {
	return &Cache[T]{
		client: libraryv1.NewReleasesClient(library), compile: compile, size: max(size, 1),
		order: list.New(), byKey: map[string]*list.Element{},
	}
}

// Current returns the release that the caller's request is pinned to. Without one the fault is NOTHING_PUBLISHED.
func (c *Cache[T]) Current(ctx context.Context) (T, error) {
	p, ok := principal.From(ctx)
	if !ok || p.Release == "" {
		var zero T
		return zero, fault.NotFound(faultv1.Reason_REASON_NOTHING_PUBLISHED, "nothing is published in this tenant yet")
	}
	return c.Get(ctx, p.Tenant, p.Release)
}

// Get returns a release of a tenant by its id.
func (c *Cache[T]) Get(ctx context.Context, tenant, id string) (T, error) {
	var zero T
	key := tenant + "\x00" + id
	if found, ok := c.find(key); ok {
		return found, nil
	}
	// One caller loads for all who wait; its own end must not fail the others.
	done := c.load.DoChan(key, func() (any, error) {
		if found, ok := c.find(key); ok {
			return found, nil
		}
		got, err := c.client.GetRelease(context.WithoutCancel(ctx), &libraryv1.GetReleaseRequest{Tenant: tenant, Release: id},
			grpc.MaxCallRecvMsgSize(MaxSize))
		if err != nil {
			return zero, fmt.Errorf("load release: %w", err)
		}
		compiled, err := c.compile(got)
		if err != nil {
			return zero, fmt.Errorf("compile release %s: %w", id, err)
		}
		c.keep(key, compiled)
		return compiled, nil
	})
	select {
	case <-ctx.Done():
		return zero, ctx.Err()
	case res := <-done:
		if res.Err != nil {
			return zero, res.Err
		}
		return res.Val.(T), nil
	}
}

func (c *Cache[T]) find(key string) (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return value, false
	}
	c.order.MoveToFront(e)
	return e.Value.(entry[T]).value, true
}

func (c *Cache[T]) keep(key string, value T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok {
		return
	}
	c.byKey[key] = c.order.PushFront(entry[T]{key, value})
	for c.order.Len() > c.size {
		last := c.order.Remove(c.order.Back()).(entry[T])
		delete(c.byKey, last.key)
	}
}
