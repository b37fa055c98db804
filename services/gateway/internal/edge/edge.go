package edge

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/wirejson"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Deps are what the edge needs. All but Tracing and Redis are required.
type Deps struct {
	Log     *slog.Logger
	Metrics prometheus.Registerer
	Tracing trace.TracerProvider // nil for none
	Clock   clock.Clock
	Peers   Peers
	// Services are the names of the platform's services.
	Services []string
	Auth     Authenticator
	Minter   Minter
	Notes    Notes
	Changes  Changes
	// Ready returns nil when requests can be served. Strangers cause at most one question per second.
	Ready func(context.Context) error
	// Web answers at the addresses that are not the API's.
	Web Web
	// TLS is the listener's configuration.
	TLS *tls.Config
	// PublicURL is how people reach the installation.
	PublicURL string
	// Redis counts rates for all replicas; nil for none.
	Redis *goredis.Client
}

// Web is the web UI; web.Files is.
type Web interface {
	// Serve answers a GET or HEAD request, or reports false and has written nothing.
	Serve(w http.ResponseWriter, r *http.Request) bool
}

// Edge is the public side. It is safe for concurrent use.
type Edge struct {
	cfg     Config
	log     *slog.Logger
	clk     clock.Clock
	peers   Peers
	changes Changes
	tls     *tls.Config
	table   *table
	gate    *gate
	codec   codec
	origins http.CrossOriginProtection
	// security is what securityHeaders returns.
	security http.Header
	probe    probe
	rest     http.Handler
	pages    http.Handler
	web      Web
	grpc     *grpc.Server
	seconds  *prometheus.HistogramVec
	flying   prometheus.Gauge
}

// New wires the edge; it starts nothing.
func New(cfg Config, d Deps) (*Edge, error) {
	if d.Log == nil || d.Metrics == nil || d.Clock == nil || d.Peers == nil || d.Auth == nil || d.Minter == nil || d.Changes == nil ||
		d.Ready == nil || d.Web == nil || d.TLS == nil {
		return nil, errors.New("edge: a dependency is missing")
	}
	e := &Edge{
		cfg: cfg, log: d.Log, clk: d.Clock, peers: d.Peers, changes: d.Changes, web: d.Web, tls: d.TLS, codec: codec{wirejson.New()},
		security: securityHeaders(),
	}
	e.probe = probe{clk: d.Clock, ask: d.Ready, last: errors.New("starting")}
	e.seconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "aqtra_edge_request_seconds", Help: "Time to answer a REST request, by method and HTTP status.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .2, .5, 1, 2.5, 5, 10, 60},
	}, []string{"method", "code"})
	e.flying = prometheus.NewGauge(prometheus.GaugeOpts{Name: "aqtra_edge_requests_in_flight", Help: "Requests being served, gRPC included."})
	for _, c := range []prometheus.Collector{e.seconds, e.flying} {
		if err := d.Metrics.Register(c); err != nil {
			return nil, fmt.Errorf("register edge metrics: %w", err)
		}
	}
	public, err := url.Parse(d.PublicURL)
	if err != nil || public.Host == "" {
		return nil, errors.New("edge: the public URL is not valid")
	}
	// A proxy in front may ask us under another host name than browsers see.
	if err := e.origins.AddTrustedOrigin(public.Scheme + "://" + public.Host); err != nil {
		return nil, fmt.Errorf("edge: public URL: %w", err)
	}
	if e.table, err = newTable(); err != nil {
		return nil, err
	}
	limits, err := newLimiter(d.Redis, cfg.RedisPatience, d.Clock, d.Log, d.Metrics)
	if err != nil {
		return nil, err
	}
	e.gate = &gate{
		auth: d.Auth, minter: d.Minter, notes: d.Notes, limiter: limits, audiences: audiences(d.Services),
		releases: newReleases(libraryv1.NewReleasesClient(d.Peers.Conn("component-library")), d.Clock),
		tenant:   rate{cfg.TenantRate, cfg.TenantRate}, subject: rate{cfg.SubjectRate, cfg.SubjectRate},
		address: rate{cfg.AddressRate, cfg.AddressBurst},
	}
	d.Changes.OnRelease(e.gate.releases.forget)
	if e.grpc, err = e.newGRPC(d); err != nil {
		return nil, err
	}
	if e.rest, err = e.newREST(context.Background()); err != nil { // the generated code takes one and does not use it
		return nil, err
	}
	if e.pages, err = e.newPages(); err != nil {
		return nil, err
	}
	return e, nil
}

// Withdraw makes the edge report that it is not ready, before it stops serving.
func (e *Edge) Withdraw() { e.probe.withdrawn.Store(true) }

// Serve answers on lis until ctx ends, then drains: it accepts no more, tells clients to go away, waits for running requests
// up to the drain time and cuts the rest. It closes lis.
func (e *Edge) Serve(ctx context.Context, lis net.Listener) error {
	srv := &http.Server{
		Handler:           e,
		TLSConfig:         e.tls,
		ReadHeaderTimeout: 5 * time.Second, // of the handshake, too
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    maxHeader,
		// Resets do not free a slot before the handler has ended, so a client that resets quickly gains nothing.
		HTTP2: &http.HTTP2Config{
			MaxConcurrentStreams: 250, MaxReceiveBufferPerStream: 1 << 20, MaxReceiveBufferPerConnection: 4 << 20,
			SendPingTimeout: 30 * time.Second, PingTimeout: 15 * time.Second, WriteByteTimeout: 30 * time.Second,
		},
		// Broken handshakes of strangers are noise.
		ErrorLog: slog.NewLogLogger(e.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context {
			return context.WithoutCancel(ctx) // running requests end by themselves, or with the drain time
		},
	}
	done := make(chan error, 1)
	go func() { done <- srv.ServeTLS(lis, "", "") }()
	e.probe.serving.Store(true)
	select {
	case err := <-done:
		return fmt.Errorf("serve public listener: %w", err)
	case <-ctx.Done():
	}
	e.Withdraw()
	e.changes.Drain() // streams end at once: their readers connect to somebody else
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.cfg.DrainTimeout)
	defer cancel()
	if err := srv.Shutdown(drain); err != nil {
		e.log.WarnContext(ctx, "requests cut, drain time is over", "error", err)
		_ = srv.Close() // it closes what is left, whatever it says
	}
	e.grpc.Stop()
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve public listener: %w", err)
	}
	return nil
}

func (e *Edge) ready(ctx context.Context) error { return e.probe.check(ctx) }

const (
	readyFresh   = time.Second
	readyTimeout = 2 * time.Second
)

// probe answers whether we are ready, for callers without credentials.
type probe struct {
	clk       clock.Clock
	ask       func(context.Context) error
	serving   atomic.Bool
	withdrawn atomic.Bool

	mu   sync.Mutex
	at   time.Time
	last error
}

func (p *probe) check(ctx context.Context) error {
	if p.withdrawn.Load() || !p.serving.Load() {
		return errors.New("not serving")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.clk.Now(); p.at.IsZero() || now.Sub(p.at) >= readyFresh {
		// The answer is kept for others, so it must not depend on the patience of this caller.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
		defer cancel()
		p.last, p.at = p.ask(ctx), now
	}
	return p.last
}
