package service

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/aqtra/aqtra/pkg/clock"
)

const (
	readyTimeout = 2 * time.Second
	// readyFresh is how long an answer counts: probes come without credentials and must not cost a query each.
	readyFresh = time.Second
)

// readiness asks the services of the process whether they can serve.
type readiness struct {
	clk      clock.Clock
	log      *slog.Logger
	draining atomic.Bool

	mu      sync.Mutex
	checks  map[string]func(context.Context) error
	checked time.Time
	last    error
}

func newReadiness(clk clock.Clock, log *slog.Logger) *readiness {
	return &readiness{clk: clk, log: log, checks: make(map[string]func(context.Context) error), last: errors.New("starting")}
}

func (r *readiness) add(name string, check func(context.Context) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.checks[name] = check
}

// check returns nil when all services can serve. Why not is logged when the answer changes, and not told.
func (r *readiness) check(ctx context.Context) error {
	if r.draining.Load() {
		return errors.New("draining")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.clk.Now()
	if !r.checked.IsZero() && now.Sub(r.checked) < readyFresh {
		return r.last
	}
	// The answer is kept for others, so it must not depend on the patience of this caller.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readyTimeout)
	defer cancel()
	var errs []error
	for name, check := range r.checks {
		if err := check(ctx); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	err := errors.Join(errs...)
	if err != nil && (r.last == nil || r.checked.IsZero()) {
		r.log.WarnContext(ctx, "not ready", "error", err)
	}
	if err == nil && r.last != nil {
		r.log.InfoContext(ctx, "ready")
	}
	r.checked, r.last = now, err
	return err
}

// register adds the gauge of whether the process can serve. Who scrapes it sees why a load balancer sends nothing.
func (r *readiness) register(reg prometheus.Registerer) error {
	err := reg.Register(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "aqtra_ready", Help: "1 when the process can serve, 0 when it starts, drains or lacks something that it needs.",
	}, func() float64 {
		if r.check(context.Background()) != nil {
			return 0
		}
		return 1
	}))
	if err != nil {
		return fmt.Errorf("register readiness metric: %w", err)
	}
	return nil
}

type healthServer struct {
	grpc_health_v1.UnimplementedHealthServer
	readiness *readiness
}

func (h *healthServer) Check(ctx context.Context, _ *grpc_health_v1.HealthCheckRequest) (*grpc_health_v1.HealthCheckResponse, error) {
	if h.readiness.check(ctx) != nil {
		return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_NOT_SERVING}, nil
	}
	return &grpc_health_v1.HealthCheckResponse{Status: grpc_health_v1.HealthCheckResponse_SERVING}, nil
}

// adminServer answers probes and scrapes: /healthz while the process lives, /readyz while it can serve, /metrics.
func adminServer(ready *readiness, metrics prometheus.Gatherer, log *slog.Logger) *http.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { answer(w, nil, "ok") })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, req *http.Request) {
		answer(w, ready.check(req.Context()), "ready")
	})
	mux.Handle("GET /metrics", promhttp.HandlerFor(metrics, promhttp.HandlerOpts{MaxRequestsInFlight: 4}))
	return &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		// Broken handshakes of strangers are noise.
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
}

func answer(w http.ResponseWriter, err error, good string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		good = "not ready"
	}
	_, _ = fmt.Fprintln(w, good) // a caller who has gone needs no answer
}

// serveAdmin serves until the returned function is called, which waits a little for running answers.
func serveAdmin(srv *http.Server, lis net.Listener, tlsConfig *tls.Config) (stop func() error) {
	done := make(chan error, 1)
	go func() { done <- srv.Serve(tls.NewListener(lis, tlsConfig)) }()
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), readyTimeout)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			_ = srv.Close() // cut what did not end in time
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve health and metrics: %w", err)
		}
		return nil
	}
}
