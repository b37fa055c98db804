package rpc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"
	"google.golang.org/grpc/status"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// ClientConfig is what the clients of one service share. Metrics and Clock are required.
type ClientConfig struct {
	Metrics prometheus.Registerer
	Tracing trace.TracerProvider // nil for none
	Clock   clock.Clock
	// Deadline of a unary call whose context has none; 10 s unless given.
	Deadline time.Duration
	// MaxMessage is the largest message in bytes, either way; DefaultMaxMessage unless given.
	MaxMessage int
	// Patience is how long calls wait for a connection before the service counts as away; 1 s unless given.
	Patience time.Duration
}

// Clients makes connections to other services.
type Clients struct {
	cfg     ClientConfig
	seconds *durations
	stats   stats.Handler // nil for none
}

// NewClients registers the metrics that all connections share.
func NewClients(cfg ClientConfig) (*Clients, error) {
	if cfg.Deadline <= 0 {
		cfg.Deadline = defaultDeadline
	}
	if cfg.Patience <= 0 {
		cfg.Patience = defaultPatience
	}
	if cfg.MaxMessage <= 0 {
		cfg.MaxMessage = DefaultMaxMessage
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "aqtra_rpc_client_seconds",
		Help:    "Time that a call to another service takes, by service, method and status code.",
		Buckets: buckets(),
	}, []string{"peer", "method", "code"})
	if err := cfg.Metrics.Register(seconds); err != nil {
		return nil, fmt.Errorf("register client metrics: %w", err)
	}
	c := &Clients{cfg: cfg, seconds: newDurations(seconds, false)}
	if traces(cfg.Tracing) {
		c.stats = otelgrpc.NewClientHandler(otelgrpc.WithTracerProvider(cfg.Tracing), otelgrpc.WithPropagators(propagation.TraceContext{}))
	}
	return c, nil
}

// Dial returns a connection to service at target; it connects on first use. Calls spread over all addresses of the target, which
// are looked up every few seconds. A call that finds no connection waits for one, for as long as Patience says: in a rolling update
// one pod is gone before we know of the next. A call that has gone out is repeated only when the other end says that it has not
// begun with it. Errors are faults.
func (c *Clients) Dial(service, target string, creds credentials.TransportCredentials, opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	p := &peerClient{Clients: c, service: service}
	all := []grpc.DialOption{
		grpc.WithTransportCredentials(creds),
		grpc.WithChainUnaryInterceptor(p.unary),
		grpc.WithChainStreamInterceptor(p.stream),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(c.cfg.MaxMessage), grpc.MaxCallSendMsgSize(c.cfg.MaxMessage), grpc.WaitForReady(true)),
		grpc.WithStatsHandler(departures{}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig": [{"round_robin": {}}]}`),
		grpc.WithDisableServiceConfig(),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
	}
	if c.stats != nil {
		all = append(all, grpc.WithStatsHandler(c.stats))
	}
	all = append(all, opts...)
	conn, err := grpc.NewClient(target, append(all, grpc.WithResolvers(names{net.DefaultResolver.LookupHost, resolveEvery}))...)
	if err != nil {
		return nil, fmt.Errorf("dial %s: %w", service, err)
	}
	return conn, nil
}

type peerClient struct {
	*Clients
	service string
	since   atomic.Int64 // Unix nanoseconds of the first call that has not gone out; 0 when the last one has
}

func (p *peerClient) unary(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	start := p.cfg.Clock.Now()
	out, cancel := p.withDeadline(outgoing(ctx))
	defer cancel()
	if cc == nil { // in the same process nobody waits for a connection
		err := invoke(out, method, req, reply, cc, opts...)
		p.observe(method, start, err)
		return p.convert(ctx, err)
	}
	out, w, stop := p.patiently(out, start)
	defer stop()
	err := w.result(invoke(out, method, req, reply, cc, opts...))
	p.observe(method, start, err)
	return p.convert(ctx, err)
}

func (p *peerClient) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	start := p.cfg.Clock.Now()
	out, w, stop := p.patiently(outgoing(ctx), start)
	cs := &clientStream{ctx: ctx, peer: p, method: method, start: start, stop: stop, single: !desc.ServerStreams}
	var err error
	if cs.ClientStream, err = open(out, desc, cc, method, opts...); err != nil {
		return nil, cs.done(w.result(err))
	}
	return cs, nil
}

// withDeadline ends the call a little before the caller's own time is up, so that there is time left to say what happened.
func (p *peerClient) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return context.WithTimeout(ctx, p.cfg.Deadline)
	}
	return context.WithDeadline(ctx, end.Add(-min(time.Until(end)/20, 20*time.Millisecond)))
}

// outgoing replaces whatever stands in the metadata under our keys, so that nobody can smuggle in an identity.
func outgoing(ctx context.Context) context.Context {
	md, ok := metadata.FromOutgoingContext(ctx) // a copy
	if !ok {
		md = metadata.MD{}
	}
	md.Delete(TokenKey)
	md.Delete(RequestIDKey)
	if t := Token(ctx); t != nil {
		md.Set(TokenKey, string(t))
	}
	if id := RequestID(ctx); id != "" {
		md.Set(RequestIDKey, id)
	}
	return metadata.NewOutgoingContext(ctx, md)
}

func (p *peerClient) observe(method string, start time.Time, err error) {
	p.seconds.observe(p.service, method, status.Code(err), p.cfg.Clock.Now().Sub(start))
}

// convert makes a fault of a status. What did not come from our own code at the other end says only that the peer is away, or
// nothing at all.
func (p *peerClient) convert(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	st := status.Convert(err)
	// A peer that stops cancels its handlers; only we know that the caller did not.
	f := faultOf(st)
	stopped := f != nil && f.Reason == faultv1.Reason_REASON_CANCELED && ctx.Err() == nil
	if f != nil && !stopped {
		return f
	}
	switch ctx.Err() {
	case context.Canceled:
		return canceledFault(err)
	case context.DeadlineExceeded:
		return deadlineFault(err)
	}
	switch st.Code() {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, p.service+" is not available",
			fault.Meta("service", p.service), fault.Retry(time.Second), fault.Cause(err))
	case codes.ResourceExhausted:
		// Of gRPC itself, at either end, before any code of ours could say it.
		return tooLarge(err)
	case codes.Internal:
		if strings.HasPrefix(st.Message(), "grpc: failed to unmarshal") {
			return fmt.Errorf("call %s: %w", p.service, ErrUnreadable)
		}
	}
	// Not wrapped: the status of an internal error carries our domain, and would pass on as if it were a fault.
	return fmt.Errorf("call %s: %s", p.service, err.Error())
}

// ErrUnreadable is the error of a call whose message the receiver cannot decode. Between services it is a mistake of ours; who
// passes on what a stranger has encoded tells the stranger.
var ErrUnreadable = errors.New("the message cannot be decoded")

type clientStream struct {
	grpc.ClientStream
	ctx    context.Context
	peer   *peerClient
	method string
	start  time.Time
	single bool   // one message comes, and no end after it
	stop   func() // frees what the stream holds
	once   sync.Once
}

// done counts the stream at its first error, which is io.EOF when all went well.
func (s *clientStream) done(err error) error {
	s.once.Do(func() {
		s.stop()
		if errors.Is(err, io.EOF) {
			s.peer.observe(s.method, s.start, nil)
			return
		}
		s.peer.observe(s.method, s.start, err)
	})
	return s.peer.convert(s.ctx, err)
}

func (s *clientStream) RecvMsg(m any) error {
	if err := s.ClientStream.RecvMsg(m); err != nil {
		return s.done(err)
	}
	if s.single {
		_ = s.done(io.EOF)
	}
	return nil
}

// SendMsg returns io.EOF when the stream has ended; why stands in what RecvMsg returns then.
func (s *clientStream) SendMsg(m any) error { return s.peer.convert(s.ctx, s.ClientStream.SendMsg(m)) }

func (s *clientStream) Header() (metadata.MD, error) {
	md, err := s.ClientStream.Header()
	return md, s.peer.convert(s.ctx, err)
}

func (s *clientStream) CloseSend() error { return s.peer.convert(s.ctx, s.ClientStream.CloseSend()) }
