package rpc

import (
	"context"
	"errors"
	"net"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
)

// pods are servers at the same port of different loopback addresses, and the name server that knows some of them.
type pods struct {
	t    *testing.T
	port string

	mu    sync.Mutex
	names []string
}

func (p *pods) lookup(context.Context, string) ([]string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.names) == 0 {
		return nil, errors.New("no such host")
	}
	return slices.Clone(p.names), nil
}

func (p *pods) publish(names ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.names = names
}

type pod struct {
	grpc_health_v1.UnimplementedHealthServer
	ip     string
	server *grpc.Server
	calls  atomic.Int64
}

// Check takes a moment, so that a pod that stops has calls running.
func (p *pod) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	p.calls.Add(1)
	select {
	case <-time.After(2 * time.Millisecond):
		return &grpc_health_v1.HealthCheckResponse{}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *pods) start(n int) *pod {
	ip := "127.0.0." + strconv.Itoa(n)
	if p.port == "" {
		p.port = "0"
	}
	lis, err := net.Listen("tcp", net.JoinHostPort(ip, p.port))
	require.NoError(p.t, err)
	_, p.port, _ = net.SplitHostPort(lis.Addr().String())
	s := &pod{ip: ip, server: grpc.NewServer()}
	grpc_health_v1.RegisterHealthServer(s.server, s)
	go func() { _ = s.server.Serve(lis) }()
	p.t.Cleanup(s.server.Stop)
	return s
}

func (p *pods) dial(patience time.Duration) grpc_health_v1.HealthClient {
	clients, err := NewClients(ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real(), Patience: patience})
	require.NoError(p.t, err)
	conn, err := clients.Dial("storage", "dns:///storage:"+p.port, insecure.NewCredentials(), grpc.WithResolvers(names{p.lookup, 200 * time.Millisecond}))
	require.NoError(p.t, err)
	p.t.Cleanup(func() { require.NoError(p.t, conn.Close()) })
	return grpc_health_v1.NewHealthClient(conn)
}

// One replica after another is replaced under load, and the name server tells of it late: no call fails.
func TestRollingUpdateFailsNoCall(t *testing.T) {
	t.Parallel()
	p := &pods{t: t}
	old := p.start(2)
	p.publish(old.ip)
	client := p.dial(0)
	ctx, cancel := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	var done atomic.Int64
	failures := make(chan error, 100)
	for range 8 {
		workers.Go(func() {
			for ctx.Err() == nil {
				if _, err := client.Check(ctx, &grpc_health_v1.HealthCheckRequest{}); err != nil && ctx.Err() == nil {
					select {
					case failures <- err:
					default:
					}
				}
				done.Add(1)
			}
		})
	}
	for n := 3; n < 11; n++ {
		before := done.Load()
		require.Eventually(t, func() bool { return done.Load() > before+50 }, 10*time.Second, time.Millisecond)
		next := p.start(n)
		if n%2 == 0 { // the usual order; otherwise the name comes when the old pod is gone already
			p.publish(old.ip, next.ip)
		}
		old.server.GracefulStop()
		p.publish(next.ip)
		require.Eventually(t, func() bool { return next.calls.Load() > 50 }, 10*time.Second, time.Millisecond)
		old = next
	}
	cancel()
	workers.Wait()
	require.Empty(t, failures)
}

// New replicas get their share while connections to old ones go on.
func TestNewReplicasGetCalls(t *testing.T) {
	t.Parallel()
	p := &pods{t: t}
	all := []*pod{p.start(22)}
	p.publish(all[0].ip)
	client := p.dial(0)
	check := func() {
		_, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
	}
	check()
	all = append(all, p.start(23), p.start(24))
	p.publish(all[0].ip, all[1].ip, all[2].ip)
	require.Eventually(t, func() bool { check(); return all[1].calls.Load() > 0 && all[2].calls.Load() > 0 }, 10*time.Second, time.Millisecond)
	before := all[0].calls.Load()
	for range 300 {
		check()
	}
	require.InDelta(t, 100, all[0].calls.Load()-before, 10)
}

// A service that is away is waited for, but not for long; names that are gone for a moment change nothing.
func TestPatienceEnds(t *testing.T) {
	t.Parallel()
	p := &pods{t: t}
	one := p.start(32)
	client := p.dial(100 * time.Millisecond)
	_, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	f, ok := fault.As(err)
	require.True(t, ok, err)
	require.Equal(t, fault.KindUnavailable, f.Kind)
	p.publish(one.ip)
	patient := p.dial(0)
	_, err = patient.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	p.publish()
	for range 3 {
		_, err = patient.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.NoError(t, err)
	}
	// Who comes when others have waited in vain for long does not wait as long again.
	one.server.Stop()
	impatient := p.dial(3 * time.Second)
	for n, atMost := range []time.Duration{time.Minute, 2500 * time.Millisecond} {
		start := time.Now()
		_, err = impatient.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.Error(t, err)
		require.Less(t, time.Since(start), atMost, n)
	}
	stream, err := p.dial(100*time.Millisecond).Watch(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.Nil(t, stream)
	_, ok = fault.As(err)
	require.True(t, ok, err)
}

func TestTargets(t *testing.T) {
	t.Parallel()
	clients, err := NewClients(ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real(), Patience: 50 * time.Millisecond})
	require.NoError(t, err)
	p := &pods{t: t}
	one := p.start(42)
	for target, good := range map[string]bool{"dns:///" + one.ip + ":" + p.port: true, "dns:///localhost:1": false, "dns:///storage": false} {
		conn, err := clients.Dial("storage", target, insecure.NewCredentials())
		require.NoError(t, err)
		_, err = grpc_health_v1.NewHealthClient(conn).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
		require.Equal(t, good, err == nil, "%s: %v", target, err)
		require.NoError(t, conn.Close())
	}
}
