// Package releases keeps releases in the form that a service compiled them to. Releases never change, so what was loaded once
// is good for ever; the least used ones make room.
package releases

import (
	"context"
	"fmt"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/lru"
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
	weigh   func(*libraryv1.Release) int64
	kept    *lru.Cache[T]
}

// New makes a cache of at most count releases in front of the library.
func New[T any](library grpc.ClientConnInterface, count int, compile func(*libraryv1.Release) (T, error)) *Cache[T] {
	return &Cache[T]{
		client: libraryv1.NewReleasesClient(library), compile: compile,
		weigh: func(*libraryv1.Release) int64 { return 1 }, kept: lru.New[T](int64(count)),
	}
}

// NewBytes makes a cache of releases whose definitions are at most so many bytes together; the newest one is kept in any case.
func NewBytes[T any](library grpc.ClientConnInterface, bytes int64, compile func(*libraryv1.Release) (T, error)) *Cache[T] {
	return &Cache[T]{
		client: libraryv1.NewReleasesClient(library), compile: compile,
		weigh: func(r *libraryv1.Release) int64 { return int64(proto.Size(r)) }, kept: lru.New[T](bytes),
	}
}

// Current returns the release that the caller's request is pinned to. Without one the fault is NOTHING_PUBLISHED.
func (c *Cache[T]) Current(ctx context.Context) (T, error) {
	p, ok := principal.From(ctx)
	if !ok || p.Release == "" {
		var none T
		return none, fault.NotFound(faultv1.Reason_REASON_NOTHING_PUBLISHED, "nothing is published in this tenant yet")
	}
	return c.Get(ctx, p.Tenant, p.Release)
}

// Get returns a release of a tenant by its id.
func (c *Cache[T]) Get(ctx context.Context, tenant, id string) (T, error) {
	return c.kept.Load(ctx, tenant+"\x00"+id, func(ctx context.Context) (T, int64, error) {
		var none T
		got, err := c.client.GetRelease(ctx, &libraryv1.GetReleaseRequest{Tenant: tenant, Release: id}, grpc.MaxCallRecvMsgSize(MaxSize))
		if err != nil {
			return none, 0, fmt.Errorf("load release: %w", err)
		}
		compiled, err := c.compile(got)
		if err != nil {
			return none, 0, fmt.Errorf("compile release %s: %w", id, err)
		}
		return compiled, c.weigh(got), nil
	})
}
