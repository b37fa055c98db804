package edge_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/changes"
	"github.com/aqtra/aqtra/services/gateway/internal/edge"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
	"github.com/aqtra/aqtra/services/gateway/internal/web"
)

// world is an edge on a real TLS listener, with real gRPC servers behind it that check tokens and permissions as in production.
type world struct {
	t       testing.TB
	edge    *edge.Edge
	addr    string
	pool    *x509.CertPool
	client  *http.Client
	clk     *clock.Fake
	library *fakeLibrary
	storage *fakeStorage
	people  *fakeIdentity
	notes   fakeNotes
	log     *syncBuffer
	stop    context.CancelFunc
	done    chan error
	peers   *peers
	// news reaches the streams of changes.
	news   chan broadcast.Message
	change *changes.Hub
}

// told is a source of changes.
type told chan broadcast.Message

func (c told) Subscribe(ctx context.Context, got func(broadcast.Message)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-c:
			got(m)
		}
	}
}

type worldOption func(*edge.Config, *edge.Deps)

func newWorld(t testing.TB, opts ...worldOption) *world {
	t.Helper()
	w := &world{
		t: t, clk: clock.NewFake(time.Now()), library: &fakeLibrary{release: "r1"}, storage: newFakeStorage(), people: newFakeIdentity(),
		log: &syncBuffer{}, done: make(chan error, 1), news: make(chan broadcast.Message),
	}
	authority, err := certs.OpenAuthority(t.TempDir(), clock.Real())
	require.NoError(t, err)
	public, err := authority.Edge()
	require.NoError(t, err)
	own, err := authority.Source("gateway")
	require.NoError(t, err)
	w.pool = public.Pool()
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))

	w.peers = &peers{t: t, pool: own.Pool, log: log, conns: make(map[string]*grpc.ClientConn)}
	w.peers.serve("storage", func(s *grpc.Server) {
		storagev1.RegisterEntriesServer(s, w.storage)
		storagev1.RegisterFilesServer(s, w.storage)
		storagev1.RegisterTenantsServer(s, w.storage)
	})
	w.peers.serve("component-library", func(s *grpc.Server) {
		libraryv1.RegisterReleasesServer(s, w.library)
		libraryv1.RegisterPublicationsServer(s, w.library)
		libraryv1.RegisterComponentsServer(s, w.library)
	})
	w.peers.serve("gateway", func(s *grpc.Server) {
		identityv1.RegisterAccountsServer(s, w.people)
		identityv1.RegisterDelegationServer(s, w.people)
	})
	var cfg edge.Config
	require.NoError(t, config.Load("TEST", &cfg, config.Map(nil)))
	d := edge.Deps{
		Log: log, Metrics: prometheus.NewRegistry(), Clock: w.clk, Peers: w.peers, Services: service.Names(), Auth: w.people,
		Minter: token.NewMinter(own, clock.Real(), 0), Notes: &w.notes, Ready: func(context.Context) error { return nil }, TLS: public.ServerTLS(false),
		PublicURL: "https://aqtra.example",
	}
	w.change, err = changes.New(told(w.news), w.clk, d.Metrics)
	require.NoError(t, err)
	d.Changes = w.change
	d.Web, err = web.Load(fstest.MapFS{"index.html": &fstest.MapFile{Data: []byte("the web UI")}})
	require.NoError(t, err)
	for _, opt := range opts {
		opt(&cfg, &d)
	}
	w.edge, err = edge.New(cfg, d)
	require.NoError(t, err)
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.addr = lis.Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	w.stop = stop
	go func() { w.done <- w.edge.Serve(ctx, lis); close(w.done) }()
	heard := make(chan struct{})
	go func() { defer close(heard); _ = w.change.Run(ctx) }()
	tr := &http.Transport{TLSClientConfig: w.clientTLS(), ForceAttemptHTTP2: true}
	w.client = &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		tr.CloseIdleConnections()
		stop()
		require.NoError(t, <-w.done)
		<-heard
	})
	return w
}

func (w *world) clientTLS() *tls.Config {
	return &tls.Config{RootCAs: w.pool, MinVersion: tls.VersionTLS13}
}

// call sends a request as alice unless a header says otherwise ("Authorization" empty: as nobody).
func (w *world) call(method, path, body string, header ...string) answer {
	w.t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, "https://"+w.addr+path, r)
	require.NoError(w.t, err)
	req.Header.Set("Authorization", "Bearer alice")
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Del(header[i])
		if header[i+1] != "" {
			req.Header.Set(header[i], header[i+1])
		}
	}
	return w.do(req)
}

func (w *world) do(req *http.Request) answer {
	w.t.Helper()
	res, err := w.client.Do(req)
	require.NoError(w.t, err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	require.NoError(w.t, err)
	return answer{t: w.t, code: res.StatusCode, header: res.Header, text: string(text), proto: res.Proto}
}

func (w *world) dial(opts ...grpc.DialOption) *grpc.ClientConn {
	w.t.Helper()
	c, err := grpc.NewClient(w.addr, append(opts, grpc.WithTransportCredentials(credentials.NewTLS(w.clientTLS())))...)
	require.NoError(w.t, err)
	w.t.Cleanup(func() { _ = c.Close() })
	return c
}

func as(ctx context.Context, who string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+who)
}

type answer struct {
	t      testing.TB
	code   int
	header http.Header
	text   string
	proto  string
}

type errorJSON struct {
	Code       int
	Status     string
	Reason     string
	Message    string
	Details    map[string]string
	Violations []struct{ Field, Description string }
}

// refused demands an error in our form.
func (a answer) refused(code int, reason string) errorJSON {
	a.t.Helper()
	require.Equal(a.t, code, a.code, a.text)
	require.Equal(a.t, "application/json", a.header.Get("Content-Type"))
	var body struct{ Error errorJSON }
	dec := json.NewDecoder(strings.NewReader(a.text))
	dec.DisallowUnknownFields()
	require.NoError(a.t, dec.Decode(&body), a.text)
	require.Equal(a.t, code, body.Error.Code)
	require.Equal(a.t, reason, body.Error.Reason)
	require.NotEmpty(a.t, body.Error.Message)
	return body.Error
}

func (a answer) ok() map[string]any {
	a.t.Helper()
	require.Equal(a.t, http.StatusOK, a.code, a.text)
	var out map[string]any
	require.NoError(a.t, json.Unmarshal([]byte(a.text), &out), a.text)
	return out
}

// peers are the services behind, each with the server that production has.
type peers struct {
	t    testing.TB
	pool func() *x509.CertPool
	log  *slog.Logger

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn
}

func (p *peers) serve(name string, register func(*grpc.Server)) {
	s, err := rpc.NewServer(rpc.ServerConfig{
		Service: name, Log: p.log, Metrics: prometheus.NewRegistry(), Clock: clock.Real(), MaxMessage: 32 << 20,
		Authenticate: rpc.TokenAuthenticator(token.NewVerifier(name, p.pool, clock.Real())),
	}, rpc.LocalCredentials(name))
	require.NoError(p.t, err)
	register(s)
	require.NoError(p.t, rpc.CheckRules(s, nil))
	lis := bufconn.Listen(1 << 20)
	go func() { _ = s.Serve(lis) }()
	p.t.Cleanup(s.Stop)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[name] = p.dial(name, lis)
}

func (p *peers) dial(name string, lis *bufconn.Listener) *grpc.ClientConn {
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real()})
	require.NoError(p.t, err)
	c, err := clients.Dial(name, "passthrough:///"+name, rpc.LocalCredentials("gateway"),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	require.NoError(p.t, err)
	p.t.Cleanup(func() { _ = c.Close() })
	return c
}

func (p *peers) Conn(name string) grpc.ClientConnInterface {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.conns[name]; c != nil {
		return c
	}
	lis := bufconn.Listen(0)
	_ = lis.Close()
	p.conns[name] = p.dial(name, lis)
	return p.conns[name]
}

// fakeIdentity knows credentials by heart: "alice" may all, "bob" may read entries of one component,
// "stranger" may all in another tenant.
type fakeIdentity struct {
	identityv1.UnimplementedAccountsServer
	identityv1.UnimplementedDelegationServer

	mu      sync.Mutex
	seen    metadata.MD
	revoked map[string]bool
}

func newFakeIdentity() *fakeIdentity { return &fakeIdentity{revoked: make(map[string]bool)} }

// revoke ends a credential.
func (f *fakeIdentity) revoke(credential string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.revoked[credential] = true
}

func (f *fakeIdentity) Authenticate(_ context.Context, credential string) (principal.Principal, identity.SessionInfo, error) {
	f.mu.Lock()
	if f.revoked[credential] {
		credential = ""
	}
	f.mu.Unlock()
	p := principal.Principal{Tenant: "acme", Subject: credential, Kind: principal.KindUser, Roles: []string{"admin"}}
	switch credential {
	case "alice":
		p.Grants = []principal.Grant{{Permission: "*"}}
	case "bob":
		p.Grants = []principal.Grant{{Permission: "entries.read", Component: "invoice"}}
	case "stranger":
		p.Tenant = "other"
		p.Grants = []principal.Grant{{Permission: "*"}}
	default:
		return principal.Principal{}, identity.SessionInfo{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
	}
	return p, identity.SessionInfo{ID: "session-of-" + credential}, nil
}

func (f *fakeIdentity) note(ctx context.Context) {
	md, _ := metadata.FromIncomingContext(ctx)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = md
}

func (f *fakeIdentity) metadata() metadata.MD {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.seen
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
