package rpc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"time"

	"google.golang.org/grpc/resolver"
)

const (
	// resolveEvery is how often a name is looked up: so soon a new replica gets its share, and one that stops no more calls.
	resolveEvery = 4 * time.Second
	// resolvePause is between two looks when connections fail.
	resolvePause   = 250 * time.Millisecond
	resolveTimeout = 5 * time.Second
)

// names resolves targets like dns:///storage:9443 for one connection. gRPC's own resolver looks only when a connection breaks,
// and never twice in half a minute: after a rolling update it would know the addresses of pods that are gone.
type names struct {
	lookup func(ctx context.Context, host string) ([]string, error)
	every  time.Duration
}

// Scheme implements resolver.Builder.
func (n names) Scheme() string { return "dns" }

// Build implements resolver.Builder.
func (n names) Build(target resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	host, port, err := net.SplitHostPort(target.Endpoint())
	if err != nil || host == "" || port == "" {
		return nil, fmt.Errorf("address %q must be host:port", target.Endpoint())
	}
	if net.ParseIP(host) != nil {
		return fixed{}, cc.UpdateState(resolver.State{Addresses: []resolver.Address{{Addr: target.Endpoint()}}})
	}
	ctx, cancel := context.WithCancel(context.Background())
	w := &watch{names: n, host: host, port: port, cc: cc, cancel: cancel, now: make(chan struct{}, 1), ended: make(chan struct{})}
	go w.run(ctx)
	return w, nil
}

// fixed is the resolver of an address.
type fixed struct{}

func (fixed) ResolveNow(resolver.ResolveNowOptions) {}
func (fixed) Close()                                {}

// watch looks a name up again and again.
type watch struct {
	names
	host, port string
	cc         resolver.ClientConn
	cancel     context.CancelFunc
	now        chan struct{} // a look is wanted
	ended      chan struct{}
	known      []string
}

// ResolveNow implements resolver.Resolver.
func (w *watch) ResolveNow(resolver.ResolveNowOptions) {
	select {
	case w.now <- struct{}{}:
	default:
	}
}

// Close implements resolver.Resolver.
func (w *watch) Close() {
	w.cancel()
	<-w.ended
}

func (w *watch) run(ctx context.Context) {
	defer close(w.ended)
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	for {
		w.look(ctx)
		pause.Reset(resolvePause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			return
		}
		pause.Reset(w.every - w.every/4 + rand.N(w.every/2)) // not all processes at once
		select {
		case <-w.now:
		case <-pause.C:
		case <-ctx.Done():
			return
		}
	}
}

// look keeps the addresses it knows when it finds none: a name server may be away, and a service may have no pod for a moment.
func (w *watch) look(ctx context.Context) {
	lctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	found, err := w.lookup(lctx, w.host)
	cancel()
	if ctx.Err() != nil {
		return
	}
	if err == nil && len(found) == 0 {
		err = errors.New("no address")
	}
	if err != nil {
		if len(w.known) == 0 {
			w.cc.ReportError(fmt.Errorf("look up %s: %w", w.host, err))
		}
		return
	}
	slices.Sort(found)
	if found = slices.Compact(found); slices.Equal(found, w.known) {
		return
	}
	w.known = found
	state := resolver.State{Addresses: make([]resolver.Address, len(found))}
	for i, a := range found {
		state.Addresses[i].Addr = net.JoinHostPort(a, w.port)
	}
	_ = w.cc.UpdateState(state) // the balancer asks for another look when it cannot use it
}
