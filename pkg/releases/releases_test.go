package releases_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// library answers GetRelease and counts how often.
type library struct {
	calls atomic.Int64
	fail  atomic.Bool
}

func (l *library) Invoke(_ context.Context, _ string, args, reply any, _ ...grpc.CallOption) error {
	l.calls.Add(1)
	if l.fail.Load() {
		return errors.New("away")
	}
	out := reply.(*libraryv1.Release)
	out.Id, out.Tenant = args.(*libraryv1.GetReleaseRequest).GetRelease(), args.(*libraryv1.GetReleaseRequest).GetTenant()
	return nil
}

func (l *library) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("no streams")
}

func name(r *libraryv1.Release) (string, error) { return r.GetTenant() + "/" + r.GetId(), nil }

func TestGetLoadsOnceAndForgetsTheLeastUsed(t *testing.T) {
	t.Parallel()
	lib := &library{}
	c := releases.New(lib, 2, name)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			got, err := c.Get(context.Background(), "t", "r1")
			if err != nil || got != "t/r1" {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, lib.calls.Load())
	for _, id := range []string{"r2", "r1", "r3", "r1"} { // r3 puts r2 out
		_, err := c.Get(context.Background(), "t", id)
		require.NoError(t, err)
	}
	require.EqualValues(t, 3, lib.calls.Load())
	got, err := c.Get(context.Background(), "other", "r1")
	require.NoError(t, err)
	require.Equal(t, "other/r1", got, "tenants do not share")
}

func TestBytesOfDefinitionsAreBounded(t *testing.T) {
	t.Parallel()
	lib := &library{}
	c := releases.NewBytes(lib, 17, name) // a release here is 7 bytes, so two fit
	for _, id := range []string{"r1", "r2", "r1", "r3", "r1", "r2"} {
		_, err := c.Get(context.Background(), "t", id)
		require.NoError(t, err)
	}
	require.EqualValues(t, 4, lib.calls.Load(), "r3 put r2 out")
}

func TestFailuresAreNotKept(t *testing.T) {
	t.Parallel()
	lib := &library{}
	lib.fail.Store(true)
	c := releases.New(lib, 2, name)
	_, err := c.Get(context.Background(), "t", "r")
	require.ErrorContains(t, err, "away")
	lib.fail.Store(false)
	_, err = c.Get(context.Background(), "t", "r")
	require.NoError(t, err)
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	c := releases.New(&library{}, 2, name)
	_, err := c.Current(context.Background())
	require.True(t, fault.Has(err, faultv1.Reason_REASON_NOTHING_PUBLISHED))
	ctx := principal.With(context.Background(), principal.Principal{Tenant: "t"})
	_, err = c.Current(ctx)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_NOTHING_PUBLISHED))
	got, err := c.Current(principal.With(ctx, principal.Principal{Tenant: "t", Release: "r9"}))
	require.NoError(t, err)
	require.Equal(t, "t/r9", got)
}
