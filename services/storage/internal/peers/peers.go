// Package peers is what storage needs of other services.
package peers

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/singleflight"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/outbox"
)

// maxRelease is the largest release in bytes.
const maxRelease = 64 << 20

// Releases loads releases from the component library and keeps the compiled forms that were used last.
type Releases struct {
	client libraryv1.ReleasesClient
	clock  clock.Clock
	size   int
	load   singleflight.Group

	mu    sync.Mutex
	order *list.List // of entry, the last used first
	byKey map[string]*list.Element
}

type entry struct {
	key     string
	release *model.Release
}

var _ engine.Releases = (*Releases)(nil)

// NewReleases makes a cache of so many releases in front of the library.
func NewReleases(conn grpc.ClientConnInterface, c clock.Clock, size int) *Releases {
	return &Releases{client: libraryv1.NewReleasesClient(conn), clock: c, size: max(size, 1), order: list.New(), byKey: map[string]*list.Element{}}
}

// Release implements engine.Releases. Releases never change, so one that was read is good for ever.
func (r *Releases) Release(ctx context.Context, tenant, id string) (*model.Release, error) {
	key := tenant + "\x00" + id
	if found, ok := r.get(key); ok {
		return found, nil
	}
	// One caller loads for all who wait; its own end must not fail the others.
	done := r.load.DoChan(key, func() (any, error) {
		if found, ok := r.get(key); ok {
			return found, nil
		}
		got, err := r.client.GetRelease(context.WithoutCancel(ctx), &libraryv1.GetReleaseRequest{Tenant: tenant, Release: id}, grpc.MaxCallRecvMsgSize(maxRelease))
		if err != nil {
			return nil, fmt.Errorf("load release: %w", err)
		}
		compiled, err := model.Compile(id, got.GetComponents(), r.clock)
		if err != nil {
			return nil, fmt.Errorf("compile release %s: %w", id, err)
		}
		r.put(key, compiled)
		return compiled, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case res := <-done:
		if res.Err != nil {
			return nil, res.Err
		}
		return res.Val.(*model.Release), nil
	}
}

func (r *Releases) get(key string) (*model.Release, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byKey[key]
	if !ok {
		return nil, false
	}
	r.order.MoveToFront(e)
	return e.Value.(entry).release, true
}

func (r *Releases) put(key string, release *model.Release) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.byKey[key]; ok {
		return
	}
	r.byKey[key] = r.order.PushFront(entry{key, release})
	for r.order.Len() > r.size {
		last := r.order.Remove(r.order.Back()).(entry)
		delete(r.byKey, last.key)
	}
}

// Starter starts workflows for changes of entries.
type Starter struct{ client workflowv1.TriggersClient }

var _ outbox.Starter = Starter{}

// NewStarter makes a starter on a connection to the workflow service.
func NewStarter(conn grpc.ClientConnInterface) Starter {
	return Starter{workflowv1.NewTriggersClient(conn)}
}

// Start implements outbox.Starter.
func (s Starter) Start(ctx context.Context, r outbox.Row, input *typev1.Value) error {
	_, err := s.client.StartTriggered(ctx, &workflowv1.StartTriggeredRequest{
		Tenant: r.Tenant, Release: r.Release, Subject: r.Subject, Component: r.Component, Workflow: r.Workflow, Entry: r.Entry,
		Input: input, RequestId: r.ID,
	})
	return err
}
