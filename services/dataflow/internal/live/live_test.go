package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/all"
)

// library makes a release of 10 KB for every id and counts how often it is asked.
type library struct {
	mu    sync.Mutex
	reads map[string]int
}

func (l *library) Invoke(_ context.Context, _ string, args, reply any, _ ...grpc.CallOption) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	req := args.(*libraryv1.GetReleaseRequest)
	tenant, id := req.GetTenant(), req.GetRelease()
	l.reads[tenant+"/"+id]++
	proto.Merge(reply.(*libraryv1.Release), &libraryv1.Release{Id: id, Tenant: tenant, Components: []*libraryv1.Component{{
		Id: "c", Description: strings.Repeat("x", 10_000), Dataflows: []*libraryv1.Dataflow{{Id: "f", Steps: []*libraryv1.Step{
			{Id: "read", Type: "get-empty-model"}, {Id: "answer", Type: "write-response", Sources: []string{"read"}},
		}}},
	}}})
	return nil
}

func (l *library) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

func newEngine(t *testing.T, maxBytes int64) (*Engine, *library) {
	t.Helper()
	kinds, err := all.Registry()
	require.NoError(t, err)
	l := &library{reads: map[string]int{}}
	return New(Deps{Library: l, Kinds: kinds, Clock: clock.Real(), ReleaseBytes: maxBytes, MaxRuns: 1000}), l
}

func TestReleasesAreKeptWithinTheirBytes(t *testing.T) {
	t.Parallel()
	e, l := newEngine(t, 35_000)
	run := func(tenant, release string) {
		ctx := principal.With(t.Context(), principal.Principal{Tenant: tenant, Release: release})
		_, _, err := e.Run(ctx, Request{Component: "c", Dataflow: "f"})
		require.NoError(t, err)
	}
	for _, id := range []string{"1", "2", "3", "1", "4", "1"} { // 2 was used least when 4 came
		run("t", id)
	}
	run("t", "2")
	run("u", "1") // the id of another tenant's release is another release
	require.Equal(t, map[string]int{"t/1": 1, "t/2": 2, "t/3": 1, "t/4": 1, "u/1": 1}, l.reads)
}

func TestOneReleaseMayBeLargerThanAll(t *testing.T) {
	t.Parallel()
	e, l := newEngine(t, 1)
	ctx := principal.With(t.Context(), principal.Principal{Tenant: "t", Release: "1"})
	for range 3 {
		_, _, err := e.Run(ctx, Request{Component: "c", Dataflow: "f"})
		require.NoError(t, err)
	}
	require.Equal(t, 1, l.reads["t/1"])
}

func TestManyRunsAtOnce(t *testing.T) {
	t.Parallel()
	e, _ := newEngine(t, 35_000)
	var group errgroup.Group
	for i := range 100 {
		ctx := principal.With(t.Context(), principal.Principal{Tenant: "t", Release: fmt.Sprint(i % 5)})
		group.Go(func() error {
			_, _, err := e.Run(ctx, Request{Component: "c", Dataflow: "f"})
			return err
		})
	}
	require.NoError(t, group.Wait())
	require.Zero(t, e.running.Load())
}
