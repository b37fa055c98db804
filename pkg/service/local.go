package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/telemetry"
)

// Options say how several services share one process. Log, Lookup, Authority and Admin are required.
type Options struct {
	Log    *slog.Logger
	Lookup config.Lookup
	// Authority gives every service its certificate: for the health listener, for tokens and for listeners of its own.
	Authority *certs.Authority
	// Admin is where health and metrics are served (TLS 1.3); Local closes it.
	Admin net.Listener
	// Registry is a fresh one unless given. Metrics of a service carry the label "service".
	Registry *prometheus.Registry
	Tracing  trace.TracerProvider // nil for none
	Clock    clock.Clock          // the machine's unless given
	// Drain has no wait unless given: no load balancer has to notice.
	Drain Drain
	// Rules are those of the linked proto files unless given.
	Rules rpc.Rules
	// MaxMessage is rpc.DefaultMaxMessage unless given.
	MaxMessage config.Size
}

// pipeSize is the buffer of an in-memory connection, in bytes.
const pipeSize = 256 << 10

// place is where the services of the process reach one of them: unary calls at the door, streams over the listener.
type place struct {
	lis  *bufconn.Listener
	door *rpc.Door
}

// Local runs the units in this process until ctx ends or one of them fails. They meet in memory, through the
// same interceptors as over the network; connections are made on first use, so the order of the units does not matter for
// starting. They stop in reverse order. The error says what failed first, and what went wrong while stopping.
func Local(ctx context.Context, o Options, units ...Unit) (err error) {
	defer func() {
		if cerr := o.Admin.Close(); cerr != nil && !errors.Is(cerr, net.ErrClosed) {
			err = errors.Join(err, cerr)
		}
	}()
	o.setDefaults()
	places := make(map[string]place, len(units))
	for _, u := range units {
		if err := u.validate(); err != nil {
			return err
		}
		if _, twice := places[u.Name]; twice {
			return fmt.Errorf("service %s is given twice", u.Name)
		}
		places[u.Name] = place{bufconn.Listen(pipeSize), rpc.NewDoor()}
	}
	admin, err := o.Authority.Edge()
	if err != nil {
		return err
	}
	p := &process{
		log: o.Log, registry: o.Registry, tracing: o.Tracing, clk: o.Clock, drain: o.Drain,
		ready: newReadiness(o.Clock, o.Log), admin: o.Admin, adminTLS: admin,
	}
	var instances []placed
	for _, u := range units {
		in, closePeers, err := p.buildLocal(ctx, o, u, places)
		if closePeers != nil {
			defer func() { _ = closePeers() }() // only ever "already closing"
		}
		if err != nil {
			errs := []error{err}
			for _, in := range instances {
				errs = append(errs, in.close())
			}
			return errors.Join(errs...)
		}
		instances = append(instances, placed{in, places[u.Name].lis})
	}
	return p.run(ctx, instances)
}

func (o *Options) setDefaults() {
	if o.Registry == nil {
		o.Registry = telemetry.NewRegistry()
	}
	if o.Tracing == nil {
		o.Tracing = noop.NewTracerProvider()
	}
	if o.Clock == nil {
		o.Clock = clock.Real()
	}
	o.Drain = o.Drain.withDefaults()
}

func (p *process) buildLocal(ctx context.Context, o Options, u Unit, places map[string]place) (*instance, func() error, error) {
	source, err := o.Authority.Source(u.Name)
	if err != nil {
		return nil, nil, err
	}
	metrics := prometheus.WrapRegistererWith(prometheus.Labels{"service": u.Name}, p.registry)
	if err := source.Register(metrics); err != nil {
		return nil, nil, fmt.Errorf("register certificate metric: %w", err)
	}
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: metrics, Tracing: p.tracing, Clock: p.clk, MaxMessage: int(o.MaxMessage)})
	if err != nil {
		return nil, nil, err
	}
	creds := rpc.LocalCredentials(u.Name)
	conns := newPeers(func(service string) (grpc.ClientConnInterface, io.Closer, error) {
		to, ok := places[service]
		if !ok {
			to = place{bufconn.Listen(0), rpc.NewDoor()}
			_ = to.lis.Close() // a service that is not part of this process is away
			to.door.Drain()
		}
		wire, err := clients.Dial(service, "passthrough:///"+service, creds, grpc.WithContextDialer(
			func(ctx context.Context, _ string) (net.Conn, error) { return to.lis.DialContext(ctx) }))
		if err != nil {
			return nil, nil, err
		}
		return clients.Join(u.Name, service, to.door, wire), wire, nil
	})
	in, err := build(ctx, u, Base{
		Name: u.Name, Log: p.log.With("service", u.Name), Metrics: metrics, Tracing: p.tracing, Clock: p.clk,
		Peers: conns, Lookup: o.Lookup, Certs: source,
	}, instanceConfig{drain: p.drain, maxMessage: o.MaxMessage, creds: creds, rules: o.Rules, health: p.ready, door: places[u.Name].door})
	return in, conns.Close, err
}
