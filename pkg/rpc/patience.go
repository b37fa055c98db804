package rpc

import (
	"context"
	"sync/atomic"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"
)

const (
	// defaultPatience is how long calls wait for a connection.
	defaultPatience = time.Second
	// leastPatience is what every call has, to connect to a service that is there.
	leastPatience = 250 * time.Millisecond
)

// wait is what a call waits for: a connection to go out on.
type wait struct {
	peer  *peerClient
	state atomic.Int32
}

const (
	waiting = iota
	sent
	givenUp
)

type waitKey struct{}

// patiently gives ctx an end when the call has not gone out in time. All calls to a service wait together: once none has gone out for
// as long as Patience says, the next ones do not wait as long again. What has gone out is the deadline's business. The function ends
// ctx and must be called.
func (p *peerClient) patiently(ctx context.Context, now time.Time) (context.Context, *wait, func()) {
	ctx, cancel := context.WithCancel(ctx)
	w := &wait{peer: p}
	patience := p.cfg.Patience
	if since := p.since.Load(); since != 0 {
		waited := max(0, time.Duration(now.UnixNano()-since))
		patience = max(patience-waited, min(patience, leastPatience))
	} else {
		p.since.Store(now.UnixNano())
	}
	timer := time.AfterFunc(patience, func() {
		if w.state.CompareAndSwap(waiting, givenUp) {
			cancel()
		}
	})
	return context.WithValue(ctx, waitKey{}, w), w, func() {
		timer.Stop()
		cancel()
	}
}

// result tells a call that found no connection from one that was canceled.
func (w *wait) result(err error) error {
	if err == nil || w.state.Load() != givenUp {
		return err
	}
	return status.Error(codes.Unavailable, status.Convert(err).Message())
}

// departures notes which calls have gone out.
type departures struct{}

// TagRPC implements stats.Handler.
func (departures) TagRPC(ctx context.Context, _ *stats.RPCTagInfo) context.Context { return ctx }

// HandleRPC implements stats.Handler.
func (departures) HandleRPC(ctx context.Context, s stats.RPCStats) {
	if _, ok := s.(*stats.OutHeader); !ok {
		return
	}
	if w, ok := ctx.Value(waitKey{}).(*wait); ok {
		w.state.CompareAndSwap(waiting, sent)
		w.peer.since.Store(0)
	}
}

// TagConn implements stats.Handler.
func (departures) TagConn(ctx context.Context, _ *stats.ConnTagInfo) context.Context { return ctx }

// HandleConn implements stats.Handler.
func (departures) HandleConn(context.Context, stats.ConnStats) {}
