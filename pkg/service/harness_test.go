package service

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// No test may leave a goroutine behind, in either mode.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const echo = "aqtra.test.v1.Echo"

func echoRules(method string) *authzv1.Rule {
	switch method {
	case "/" + echo + "/Get", "/" + echo + "/Stream":
		return &authzv1.Rule{Access: &authzv1.Rule_Authenticated{Authenticated: true}}
	case "/" + echo + "/Public":
		return &authzv1.Rule{Access: &authzv1.Rule_Public{Public: true}}
	}
	return nil
}

// part is a service made of functions; those left out do nothing.
type part struct {
	name   string
	new    func(Base) error
	get    func(context.Context, *typev1.Value) (*typev1.Value, error)
	stream func(grpc.ServerStream) error
	ready  func(context.Context) error
	run    func(context.Context, Base) error
	closed func()
	method string // registered beside the others

	base Base
}

func (p *part) unit() Unit {
	return Unit{Name: p.name, New: func(_ context.Context, b Base) (Service, error) {
		p.base = b
		if p.new != nil {
			if err := p.new(b); err != nil {
				return nil, err
			}
		}
		return p, nil
	}}
}

func (p *part) Ready(ctx context.Context) error {
	if p.ready == nil {
		return nil
	}
	return p.ready(ctx)
}

func (p *part) Run(ctx context.Context) error {
	if p.run == nil {
		<-ctx.Done()
		return nil
	}
	return p.run(ctx, p.base)
}

func (p *part) Close() error {
	if p.closed != nil {
		p.closed()
	}
	return nil
}

func (p *part) Register(r grpc.ServiceRegistrar) {
	desc := &grpc.ServiceDesc{ServiceName: echo, HandlerType: (*any)(nil)}
	methods := []string{"Get", "Public"}
	if p.method != "" {
		methods = append(methods, p.method)
	}
	for _, name := range methods {
		desc.Methods = append(desc.Methods, grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, dec func(any) error, ic grpc.UnaryServerInterceptor) (any, error) {
			in := new(typev1.Value)
			if err := dec(in); err != nil {
				return nil, err
			}
			return ic(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/" + echo + "/" + name}, func(ctx context.Context, req any) (any, error) {
				if p.get == nil {
					return req, nil
				}
				return p.get(ctx, req.(*typev1.Value))
			})
		}})
	}
	desc.Streams = []grpc.StreamDesc{{StreamName: "Stream", ServerStreams: true, Handler: func(_ any, ss grpc.ServerStream) error { return p.stream(ss) }}}
	r.RegisterService(desc, struct{}{})
}

// journal is a log that tells the addresses it reads of.
type journal struct {
	mu        sync.Mutex
	buf       bytes.Buffer
	addresses map[string]string
	changed   chan struct{}
}

func newJournal() *journal {
	return &journal{addresses: make(map[string]string), changed: make(chan struct{})}
}

func (j *journal) logger() *slog.Logger { return slog.New(j) }

func (j *journal) Enabled(context.Context, slog.Level) bool { return true }

func (j *journal) Handle(ctx context.Context, r slog.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	name := r.Message
	r.Attrs(func(a slog.Attr) bool {
		switch a.Key {
		case "unit":
			name = a.Value.String()
		case "address":
			j.addresses[name] = a.Value.String()
		}
		return true
	})
	close(j.changed)
	j.changed = make(chan struct{})
	return slog.NewTextHandler(&j.buf, nil).Handle(ctx, r)
}

func (j *journal) WithAttrs([]slog.Attr) slog.Handler { return j }

func (j *journal) WithGroup(string) slog.Handler { return j }

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// address waits until the service, or what is served, has told where it listens.
func (j *journal) address(t *testing.T, name string) string {
	t.Helper()
	for {
		j.mu.Lock()
		address, changed := j.addresses[name], j.changed
		j.mu.Unlock()
		if address != "" {
			return address
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Second):
			t.Fatalf("%s was not started:\n%s", name, j)
		}
	}
}

const adminMessage = "health and metrics served"

// running is a process under test.
type running struct {
	t       *testing.T
	journal *journal
	stop    context.CancelFunc
	done    chan error
	roots   *x509.CertPool
}

func launch(t *testing.T, certsDir string, run func(ctx context.Context, log *slog.Logger) error) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &running{t: t, journal: newJournal(), stop: cancel, done: make(chan error, 1), roots: x509.NewCertPool()}
	go func() { r.done <- run(ctx, r.journal.logger()) }()
	t.Cleanup(cancel)
	r.journal.address(t, adminMessage)
	root, err := os.ReadFile(filepath.Join(certsDir, certs.RootFile))
	require.NoError(t, err)
	require.True(t, r.roots.AppendCertsFromPEM(root))
	return r
}

// end stops the process and returns its error.
func (r *running) end() error {
	r.t.Helper()
	r.stop()
	return r.wait()
}

func (r *running) wait() error {
	r.t.Helper()
	select {
	case err := <-r.done:
		return err
	case <-time.After(30 * time.Second):
		r.t.Fatalf("process did not end:\n%s", r.journal)
		return nil
	}
}

// get asks the admin listener.
func (r *running) get(path string, maxVersion uint16) (int, string, error) {
	tr := &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: r.roots, ServerName: "localhost", MaxVersion: maxVersion},
		DisableKeepAlives: true,
		ForceAttemptHTTP2: true,
	}
	defer tr.CloseIdleConnections()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, "https://"+r.journal.address(r.t, adminMessage)+path, nil)
	require.NoError(r.t, err)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

func listenLoopback(t *testing.T) net.Listener {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	return lis
}

func options(t *testing.T, certsDir string, log *slog.Logger) Options {
	t.Helper()
	a, err := certs.OpenAuthority(certsDir, clock.Real())
	require.NoError(t, err)
	return Options{Log: log, Lookup: config.Map(nil), Authority: a, Admin: listenLoopback(t), Rules: echoRules}
}

// launchLocal runs the parts in one process.
func launchLocal(t *testing.T, edit func(*Options), parts ...*part) *running {
	t.Helper()
	dir := t.TempDir()
	return launch(t, dir, func(ctx context.Context, log *slog.Logger) error {
		o := options(t, dir, log)
		if edit != nil {
			edit(&o)
		}
		return Local(ctx, o, units(parts)...)
	})
}

func units(parts []*part) []Unit {
	out := make([]Unit, len(parts))
	for i, p := range parts {
		out[i] = p.unit()
	}
	return out
}

// launchOne runs a part in a process of its own, with listeners on the network.
func launchOne(t *testing.T, certsDir string, vars map[string]string, p *part) *running {
	t.Helper()
	all := map[string]string{
		Prefix(p.name) + "_LISTEN": "127.0.0.1:0", Prefix(p.name) + "_METRICS_LISTEN": "127.0.0.1:0",
		"AQTRA_CERTS_DIR": certsDir, "AQTRA_DRAIN_WAIT": "0s",
	}
	for k, v := range vars {
		all[k] = v
	}
	lookup := config.Map(all)
	var cfg Config
	require.NoError(t, config.Load(Prefix(p.name), &cfg, lookup))
	return launch(t, certsDir, func(ctx context.Context, log *slog.Logger) error {
		return runOne(ctx, p.unit(), cfg, lookup, echoRules, log)
	})
}

// silent is a part without gRPC methods.
type silent struct{ *part }

func (silent) Register(grpc.ServiceRegistrar) {}
