package engine

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// watchInterval is how often a watcher looks for changes that another replica made.
const watchInterval = 500 * time.Millisecond

// watchers wakes those who watch publications when this process moves one.
type watchers struct {
	mu      sync.Mutex
	waiting map[string]map[chan struct{}]bool
}

func newWatchers() *watchers { return &watchers{waiting: make(map[string]map[chan struct{}]bool)} }

// watch returns a channel that gets a value after every change, and a function to end it.
func (w *watchers) watch(id string) (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.waiting[id] == nil {
		w.waiting[id] = make(map[chan struct{}]bool)
	}
	w.waiting[id][ch] = true
	return ch, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.waiting[id], ch)
		if len(w.waiting[id]) == 0 {
			delete(w.waiting, id)
		}
	}
}

func (w *watchers) notify(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for ch := range w.waiting[id] {
		select {
		case ch <- struct{}{}:
		default: // it has yet to look
		}
	}
}

// WatchPublication sends the publication now and whenever it moved, until it is done, send fails or ctx ends.
func (e *Engine) WatchPublication(ctx context.Context, tenant, id string, send func(*libraryv1.Publication) error) error {
	changed, stop := e.watchers.watch(id)
	defer stop()
	timer := e.Clock.NewTimer(watchInterval)
	defer timer.Stop()
	var last *libraryv1.Publication
	for {
		p, err := e.GetPublication(ctx, tenant, id)
		if err != nil {
			return err
		}
		if !proto.Equal(p, last) {
			if err := send(p); err != nil {
				return err
			}
			last = p
		}
		if Done(p.GetState()) {
			return nil
		}
		timer.Reset(watchInterval)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-timer.C():
		}
	}
}

// Done reports whether a publication in this state moves no more.
func Done(s libraryv1.PublicationState) bool {
	return s == libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED || s == libraryv1.PublicationState_PUBLICATION_STATE_FAILED
}
