package rpc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/stats"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/token"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
)

// Authenticator finds out who acts. An unknown caller is a fault of kind Unauthenticated, which public methods forgive.
type Authenticator func(ctx context.Context, method string, md metadata.MD) (principal.Principal, error)

// TokenAuthenticator takes the identity token in the metadata for proof.
func TokenAuthenticator(v *token.Verifier) Authenticator {
	return func(_ context.Context, _ string, md metadata.MD) (principal.Principal, error) {
		tokens := md.Get(TokenKey)
		if len(tokens) != 1 {
			return principal.Principal{}, unauthenticated(fmt.Errorf("%d identity tokens", len(tokens)))
		}
		c, err := v.Verify([]byte(tokens[0]))
		if err != nil {
			return principal.Principal{}, unauthenticated(err)
		}
		return c.Principal, nil
	}
}

// ServerConfig is what a server needs. Service, Log, Metrics, Clock and Authenticate are required.
type ServerConfig struct {
	// Service is whose listener this is; it decides who may call.
	Service string
	// Edge marks the public listener: anybody may connect, and a token in the metadata is neither believed nor passed on.
	Edge         bool
	Log          *slog.Logger
	Metrics      prometheus.Registerer
	Tracing      trace.TracerProvider // nil for none
	Clock        clock.Clock
	Authenticate Authenticator
	// Rules are the registry's unless given.
	Rules Rules
	// Deadline of a unary call whose caller sent none; 10 s unless given.
	Deadline time.Duration
	// MaxMessage is the largest message in bytes, either way; DefaultMaxMessage unless given.
	MaxMessage int
	// Door lets callers of the same process in, nil for none.
	Door *Door
}

type server struct {
	ServerConfig
	seconds *durations
}

// NewServer returns a gRPC server with the whole chain. Interceptors among opts run after it, next to the handler; calls through
// the door do not meet them.
func NewServer(cfg ServerConfig, creds credentials.TransportCredentials, opts ...grpc.ServerOption) (*grpc.Server, error) {
	if cfg.Rules == nil {
		cfg.Rules = RegistryRules()
	}
	if cfg.Deadline <= 0 {
		cfg.Deadline = defaultDeadline
	}
	if cfg.MaxMessage <= 0 {
		cfg.MaxMessage = DefaultMaxMessage
	}
	listener := "internal"
	if cfg.Edge {
		listener = "edge"
	}
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:        "aqtra_rpc_server_seconds",
		Help:        "Time to answer a call, by method and status code.",
		ConstLabels: prometheus.Labels{"listener": listener},
		Buckets:     buckets(),
	}, []string{"method", "code"})
	if err := cfg.Metrics.Register(seconds); err != nil {
		return nil, fmt.Errorf("register server metrics: %w", err)
	}
	s := &server{ServerConfig: cfg, seconds: newDurations(seconds, cfg.Edge)}
	all := []grpc.ServerOption{
		grpc.Creds(creds),
		grpc.ChainUnaryInterceptor(s.unary),
		grpc.ChainStreamInterceptor(s.stream),
		grpc.MaxRecvMsgSize(cfg.MaxMessage),
		grpc.MaxSendMsgSize(cfg.MaxMessage),
		grpc.MaxConcurrentStreams(maxCalls),
		grpc.MaxHeaderListSize(maxHeaderList),
		grpc.ConnectionTimeout(10 * time.Second),
		// Connections end now and then, so that load spreads to new replicas and new certificates come into use.
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionAge: 5 * time.Minute, Time: time.Minute, Timeout: 10 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
	}
	var spans stats.Handler
	if traces(cfg.Tracing) {
		spans = otelgrpc.NewServerHandler(otelgrpc.WithTracerProvider(cfg.Tracing), otelgrpc.WithPropagators(propagation.TraceContext{}))
		all = append(all, grpc.StatsHandler(spans))
	}
	if d := cfg.Door; d != nil {
		d.unary, d.stats, d.max = s.unary, spans, cfg.MaxMessage
	}
	return grpc.NewServer(append(all, opts...)...), nil
}

// traces reports whether spans go anywhere.
func traces(tp trace.TracerProvider) bool {
	_, off := tp.(noop.TracerProvider)
	return tp != nil && !off
}

const defaultDeadline = 10 * time.Second

func buckets() []float64 {
	return []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10, 60}
}

func (s *server) unary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
	start := s.Clock.Now()
	ctx = withIncomingRequestID(ctx)
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{value: r, stack: debug.Stack()}
		}
		if err != nil {
			resp = nil
		}
		err = s.finish(ctx, info.FullMethod, start, err)
	}()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, s.Deadline)
		defer cancel()
	}
	ctx, rule, v, err := s.admit(ctx, info.FullMethod)
	if err == nil && v == byComponent {
		err = judgeRequest(ctx, rule, req)
	}
	if err != nil {
		return nil, err
	}
	return handler(ctx, req)
}

func (s *server) stream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	start := s.Clock.Now()
	ctx := withIncomingRequestID(ss.Context())
	defer func() {
		if r := recover(); r != nil {
			err = &panicError{value: r, stack: debug.Stack()}
		}
		err = s.finish(ctx, info.FullMethod, start, err)
	}()
	ctx, rule, v, err := s.admit(ctx, info.FullMethod)
	if err != nil {
		return err
	}
	if v != byComponent {
		return handler(srv, &serverStream{ServerStream: ss, ctx: ctx})
	}
	guarded := &guardedStream{serverStream: serverStream{ServerStream: ss, ctx: ctx}, rule: rule}
	err = handler(srv, guarded)
	return guarded.result(err)
}

// admit is everything between the wire and the handler that does not need the request. The context it returns carries the
// principal, and is good for logging also when there is an error.
func (s *server) admit(ctx context.Context, method string) (context.Context, *authzv1.Rule, verdict, error) {
	if exempt(method) {
		return ctx, nil, allowed, nil
	}
	if !s.Edge {
		caller, ok := Caller(ctx)
		if !ok || !mayCall(caller, s.Service) {
			return ctx, nil, denied, peerFault()
		}
	}
	rule := s.Rules(method)
	if !usable(rule) {
		return ctx, nil, denied, denial("")
	}
	if s.Edge && rule.GetPeers() != nil {
		return ctx, nil, denied, peerFault()
	}
	md, _ := metadata.FromIncomingContext(ctx)
	p, err := s.Authenticate(ctx, method, md)
	switch f, _ := fault.As(err); {
	case err == nil:
		ctx = principal.With(ctx, p)
		if tokens := md.Get(TokenKey); !s.Edge && len(tokens) == 1 {
			ctx = WithToken(ctx, []byte(tokens[0]))
		}
	case f != nil && f.Kind == fault.KindUnauthenticated && (rule.GetPublic() || rule.GetPeers() != nil):
		// Nobody in particular.
	default:
		return ctx, nil, denied, err
	}
	v, err := judge(ctx, rule)
	return ctx, rule, v, err
}

// finish counts and logs the call, and gives its error the look that callers see.
func (s *server) finish(ctx context.Context, method string, start time.Time, err error) error {
	took := s.Clock.Now().Sub(start)
	st := Status(err)
	s.seconds.observe("", method, st.Code(), took)
	level := slog.LevelDebug
	switch st.Code() {
	case codes.Internal, codes.Unknown, codes.DataLoss:
		level = slog.LevelError
	case codes.Unavailable, codes.DeadlineExceeded:
		level = slog.LevelWarn
	}
	if s.Log.Enabled(ctx, level) {
		caller, _ := Caller(ctx)
		attrs := []slog.Attr{
			slog.String("method", method), slog.String("code", st.Code().String()), slog.Duration("took", took),
			slog.String("request_id", RequestID(ctx)), slog.String("caller", caller),
		}
		if err != nil {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
		if p, ok := errors.AsType[*panicError](err); ok {
			attrs = append(attrs, slog.String("stack", string(p.stack)))
		}
		s.Log.LogAttrs(ctx, level, "call served", attrs...)
	}
	if err == nil {
		return nil
	}
	return st.Err()
}

type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.value) }
