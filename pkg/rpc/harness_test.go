package rpc_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/token"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// The test service has one unary method per rule, all with the same handler, and one stream; requests and answers are Values.
// The component is in the field "text".
const echo = "aqtra.test.v1.Echo"

func rules() map[string]*authzv1.Rule {
	limited := &authzv1.Rule{Access: &authzv1.Rule_Permission{Permission: "entries.read"}, ComponentField: "text"}
	return map[string]*authzv1.Rule{
		"Public":   {Access: &authzv1.Rule_Public{Public: true}},
		"SignedIn": {Access: &authzv1.Rule_Authenticated{Authenticated: true}},
		"Read":     limited,
		"ReadAll":  {Access: &authzv1.Rule_Permission{Permission: "entries.read"}},
		"Peers":    {Access: &authzv1.Rule_Peers{Peers: &authzv1.Peers{Services: []string{"workflow"}}}},
		"Operate":  {Access: &authzv1.Rule_Operator{Operator: true}},
		"NoRule":   nil,
		"Empty":    {},
		"False":    {Access: &authzv1.Rule_Public{Public: false}},
		"Stream":   limited,
	}
}

type (
	unaryHandler  func(context.Context, *typev1.Value) (*typev1.Value, error)
	streamHandler func(grpc.ServerStream) error
)

func register(s grpc.ServiceRegistrar, unary unaryHandler, stream streamHandler) {
	desc := &grpc.ServiceDesc{ServiceName: echo, HandlerType: (*any)(nil)}
	for name := range rules() {
		if name == "Stream" {
			desc.Streams = append(desc.Streams, grpc.StreamDesc{
				StreamName: name, ServerStreams: true, ClientStreams: true,
				Handler: func(_ any, ss grpc.ServerStream) error { return stream(ss) },
			})
			continue
		}
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: func(srv any, ctx context.Context, dec func(any) error, ic grpc.UnaryServerInterceptor) (any, error) {
			in := new(typev1.Value)
			if err := dec(in); err != nil {
				return nil, err
			}
			call := func(ctx context.Context, req any) (any, error) { return unary(ctx, req.(*typev1.Value)) }
			return ic(ctx, in, &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + echo + "/" + name}, call)
		}})
	}
	s.RegisterService(desc, struct{}{})
}

type harness struct {
	t      testing.TB
	auth   *certs.Authority
	clk    *clock.Fake
	log    *logBuffer
	lis    *bufconn.Listener
	server server
	door   *rpc.Door
	// patience is how long a call may take whose caller does not say; 10 s unless given.
	patience time.Duration
	reg      *prometheus.Registry
	unary    unaryHandler
	stream   streamHandler
	edit     func(*rpc.ServerConfig)
	creds    func(*certs.Source) credentials.TransportCredentials
}

// server stops as the service's skeleton does it.
type server struct {
	*grpc.Server
	door *rpc.Door
}

func (s server) GracefulStop() {
	s.door.Drain()
	s.Server.GracefulStop()
}

func (s server) Stop() {
	s.door.Cut()
	s.Server.Stop()
}

type option func(*harness)

func overTLS(h *harness) {
	h.creds = func(s *certs.Source) credentials.TransportCredentials { return credentials.NewTLS(s.ServerTLS(true)) }
}

// serve starts a server of the service "storage".
func serve(t testing.TB, opts ...option) *harness {
	t.Helper()
	h := &harness{
		t: t, clk: clock.NewFake(time.Now()), log: &logBuffer{}, lis: bufconn.Listen(1 << 16), reg: prometheus.NewRegistry(), door: rpc.NewDoor(),
		unary:  func(_ context.Context, in *typev1.Value) (*typev1.Value, error) { return in, nil },
		stream: func(ss grpc.ServerStream) error { return nil },
		edit:   func(*rpc.ServerConfig) {},
		creds:  func(s *certs.Source) credentials.TransportCredentials { return rpc.LocalCredentials(s.Service()) },
	}
	for _, opt := range opts {
		opt(h)
	}
	var err error
	h.auth, err = certs.OpenAuthority(t.TempDir(), h.clk)
	require.NoError(t, err)
	source := h.source("storage")
	cfg := rpc.ServerConfig{
		Service: "storage", Log: slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Metrics: h.reg, Clock: h.clk,
		Authenticate: rpc.TokenAuthenticator(token.NewVerifier("storage", source.Pool, h.clk)),
		Rules: func(method string) *authzv1.Rule {
			return rules()[method[len("/"+echo+"/"):]]
		},
		Door: h.door,
	}
	h.edit(&cfg)
	wire, err := rpc.NewServer(cfg, h.creds(source))
	require.NoError(t, err)
	h.server = server{wire, h.door}
	services := h.door.Registrar(wire)
	register(services, h.unary, h.stream)
	grpc_health_v1.RegisterHealthServer(services, health.NewServer())
	h.door.Open()
	done := make(chan error, 1)
	go func() { done <- h.server.Serve(h.lis) }()
	t.Cleanup(func() {
		h.server.Stop()
		if err := <-done; !errors.Is(err, grpc.ErrServerStopped) { // a short test may end before Serve has begun
			require.NoError(t, err)
		}
	})
	return h
}

func (h *harness) source(service string) *certs.Source {
	h.t.Helper()
	s, err := h.auth.Source(service)
	require.NoError(h.t, err)
	return s
}

func (h *harness) tls() bool {
	return h.creds(h.source("storage")).Info().SecurityProtocol == "tls"
}

// dial connects as another service, through our client chain: with TLS over the wire, otherwise as services of one process do.
func (h *harness) dial(as string) grpc.ClientConnInterface {
	h.t.Helper()
	clients, wire := h.dialWire(as)
	if h.tls() {
		return wire
	}
	return clients.Join(as, "storage", h.door, wire)
}

func (h *harness) dialWire(as string) (*rpc.Clients, *grpc.ClientConn) {
	h.t.Helper()
	creds := rpc.LocalCredentials(as)
	if h.tls() {
		creds = credentials.NewTLS(h.source(as).ClientTLS("storage"))
	}
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: h.clk, Deadline: h.patience})
	require.NoError(h.t, err)
	conn, err := clients.Dial("storage", "passthrough:///storage", creds, grpc.WithContextDialer(
		func(ctx context.Context, _ string) (net.Conn, error) { return h.lis.DialContext(ctx) }))
	require.NoError(h.t, err)
	h.t.Cleanup(func() { conn.Close() })
	return clients, conn
}

// as returns a context that carries a token for p.
func (h *harness) as(p principal.Principal, audience ...string) context.Context {
	h.t.Helper()
	if len(audience) == 0 {
		audience = []string{"storage"}
	}
	tok, err := token.NewMinter(h.source("gateway"), h.clk, 0).Mint(p, audience...)
	require.NoError(h.t, err)
	return rpc.WithToken(h.t.Context(), tok)
}

func call(ctx context.Context, conn grpc.ClientConnInterface, method, text string) (string, error) {
	out := new(typev1.Value)
	err := conn.Invoke(ctx, "/"+echo+"/"+method, textValue(text), out)
	return out.GetText(), err
}

func textValue(s string) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Text{Text: s}} }

func openStream(ctx context.Context, conn grpc.ClientConnInterface) (grpc.ClientStream, error) {
	return conn.NewStream(ctx, &grpc.StreamDesc{StreamName: "Stream", ServerStreams: true, ClientStreams: true}, "/"+echo+"/Stream")
}

type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
