// Package lru keeps what was used last within a bound, and loads what is missing once for all who wait.
package lru

import (
	"container/list"
	"context"
	"sync"

	"golang.org/x/sync/singleflight"
)

// Cache keeps the values used last. It is safe for concurrent use.
type Cache[V any] struct {
	limit int64
	loads singleflight.Group

	mu    sync.Mutex
	held  int64
	order *list.List // of entry[V], the one used last in front
	byKey map[string]*list.Element
}

type entry[V any] struct {
	key    string
	value  V
	weight int64
}

// New makes a cache whose values weigh at most limit together. The newest one is kept even when it alone weighs more.
func New[V any](limit int64) *Cache[V] {
	return &Cache[V]{limit: limit, order: list.New(), byKey: map[string]*list.Element{}}
}

// Get returns the value of a key.
func (c *Cache[V]) Get(key string) (value V, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.byKey[key]
	if !ok {
		return value, false
	}
	c.order.MoveToFront(e)
	return e.Value.(entry[V]).value, true
}

// Add keeps a value, unless the key has one already.
func (c *Cache[V]) Add(key string, value V, weight int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byKey[key]; ok {
		return
	}
	c.byKey[key] = c.order.PushFront(entry[V]{key, value, weight})
	c.held += weight
	for c.held > c.limit && c.order.Len() > 1 {
		last := c.order.Remove(c.order.Back()).(entry[V])
		delete(c.byKey, last.key)
		c.held -= last.weight
	}
}

// Load returns the value of a key. One that is not there is loaded with its weight, once for all who ask at the same time;
// a failure goes to each of them and is not kept. The context that load gets does not end with that of any of them.
func (c *Cache[V]) Load(ctx context.Context, key string, load func(context.Context) (V, int64, error)) (V, error) {
	if found, ok := c.Get(key); ok {
		return found, nil
	}
	var none V
	done := c.loads.DoChan(key, func() (any, error) {
		if found, ok := c.Get(key); ok {
			return found, nil
		}
		value, weight, err := load(context.WithoutCancel(ctx))
		if err != nil {
			return none, err
		}
		c.Add(key, value, weight)
		return value, nil
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case res := <-done:
		if res.Err != nil {
			return none, res.Err
		}
		return res.Val.(V), nil
	}
}
