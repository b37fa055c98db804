package engine

import (
	"context"
	"fmt"
	"slices"
	"sync"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// documentBytes bounds the encoded size of the documents kept in memory; decoded they take a few times as much.
const documentBytes = 32 << 20

// documents keeps decoded revisions, which never change. Callers must not change what they are given.
type documents struct {
	store Components

	mu    sync.Mutex
	items map[tenantKey]document
	order []tenantKey // oldest first
	bytes int
}

type tenantKey struct {
	tenant string
	Key
}

type document struct {
	component *libraryv1.Component
	size      int
}

func newDocuments(store Components) *documents {
	return &documents{store: store, items: make(map[tenantKey]document)}
}

// load returns the documents of the keys, in their order. A revision that is gone is an error.
func (d *documents) load(ctx context.Context, tenant string, keys []Key) ([]*libraryv1.Component, error) {
	out := make([]*libraryv1.Component, len(keys))
	var missing []Key
	d.mu.Lock()
	for i, k := range keys {
		if doc, ok := d.items[tenantKey{tenant, k}]; ok {
			out[i] = doc.component
		} else {
			missing = append(missing, k)
		}
	}
	d.mu.Unlock()
	if len(missing) == 0 {
		return out, nil
	}
	contents, err := d.store.Contents(ctx, tenant, missing)
	if err != nil {
		return nil, fmt.Errorf("read documents: %w", err)
	}
	for i, k := range keys {
		if out[i] != nil {
			continue
		}
		c, ok := contents[k]
		if !ok {
			return nil, fmt.Errorf("revision %d of %s: %w", k.Revision, k.UID, ErrNotFound)
		}
		if out[i], err = decode(c.Format, c.Bytes); err != nil {
			return nil, fmt.Errorf("revision %d of %s: %w", k.Revision, k.UID, err)
		}
		out[i].Revision = k.Revision
		d.keep(tenantKey{tenant, k}, document{out[i], len(c.Bytes)})
	}
	return out, nil
}

// keep drops the oldest when there is no room.
func (d *documents) keep(k tenantKey, doc document) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, ok := d.items[k]; ok || doc.size > documentBytes/4 {
		return
	}
	d.items[k], d.bytes = doc, d.bytes+doc.size
	d.order = append(d.order, k)
	drop := 0
	for d.bytes > documentBytes {
		d.bytes -= d.items[d.order[drop]].size
		delete(d.items, d.order[drop])
		drop++
	}
	d.order = slices.Delete(d.order, 0, drop)
}

// releaseCount is how many releases are kept in memory, without their documents.
const releaseCount = 512

// releaseSets keeps releases that are or were live, which never change.
type releaseSets struct {
	mu    sync.Mutex
	items map[[2]string]Release // by tenant and id
	order [][2]string           // oldest first
}

func newReleaseSets() *releaseSets { return &releaseSets{items: make(map[[2]string]Release)} }

func (s *releaseSets) get(tenant, id string) (Release, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.items[[2]string{tenant, id}]
	return r, ok
}

func (s *releaseSets) keep(tenant string, r Release) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := [2]string{tenant, r.ID}
	if _, ok := s.items[key]; ok {
		return
	}
	s.items[key] = r
	if s.order = append(s.order, key); len(s.order) > releaseCount {
		delete(s.items, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
}
