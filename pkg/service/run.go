package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
)

// process is what one process has once, however many services it runs.
type process struct {
	log      *slog.Logger
	registry *prometheus.Registry
	tracing  trace.TracerProvider
	clk      clock.Clock
	drain    Drain
	ready    *readiness
	admin    net.Listener
	adminTLS *certs.Source
}

// placed is an instance with the listener that it will serve on.
type placed struct {
	*instance
	lis net.Listener
}

// heapBallast is never touched, so that it takes no memory, but counts as living: the heap is collected when it has grown by as
// much as lives. A service lives on some 20 MiB and throws away 30 to 100 KiB with each request; collecting that often cost a tenth
// of all CPU under load. A higher GOGC would multiply what hashing a password takes, 46 MiB, as well: it made the gateway grow to
// half a GiB after some sign-ups.
const heapBallast = 48 << 20

// run starts the instances, waits until ctx ends or one of them fails, withdraws readiness, and stops them in reverse order.
// It returns the first failure and what went wrong while stopping.
func (p *process) run(ctx context.Context, instances []placed) error {
	ballast := make([]byte, heapBallast)
	defer runtime.KeepAlive(ballast)
	if err := errors.Join(p.ready.register(p.registry), registerBuild(p.registry)); err != nil {
		errs := []error{err}
		for _, in := range instances {
			errs = append(errs, in.close())
		}
		return errors.Join(errs...)
	}
	failed := make(chan error, 1)
	stopAdmin := serveAdmin(adminServer(p.ready, p.registry, p.log), p.admin, p.adminTLS.ServerTLS(false))
	for _, in := range instances {
		in.start(ctx, in.lis, failed)
		p.log.InfoContext(ctx, "service started", "unit", in.name, "address", in.lis.Addr().String())
	}
	p.log.InfoContext(ctx, "health and metrics served", "address", p.admin.Addr().String())

	var first error
	select {
	case <-ctx.Done():
		p.log.InfoContext(ctx, "draining")
		p.ready.draining.Store(true)
		// A failure while waiting ends the wait.
		wait := p.clk.NewTimer(p.drain.Wait)
		select {
		case <-wait.C():
		case first = <-failed:
		}
		wait.Stop()
	case first = <-failed:
		p.ready.draining.Store(true)
	}
	if first != nil {
		p.log.ErrorContext(ctx, "service failed", "error", first)
	}
	errs := []error{first}
	for _, in := range slices.Backward(instances) {
		if err := in.stop(); err != nil && !errors.Is(err, first) {
			errs = append(errs, err)
		}
		p.log.InfoContext(ctx, "service stopped", "unit", in.name)
	}
	return errors.Join(append(errs, stopAdmin())...)
}

func listen(address string) (net.Listener, error) {
	lis, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return lis, nil
}
