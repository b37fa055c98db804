package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/token"
)

// Drain says how a process stops. Together the three bound the time it takes.
type Drain struct {
	Wait     time.Duration `env:"AQTRA_DRAIN_WAIT" default:"5s" doc:"how long to go on serving after readiness was withdrawn, for load balancers to notice"`
	Timeout  time.Duration `env:"AQTRA_DRAIN_TIMEOUT" default:"20s" doc:"how long running calls may take to end before they are cut"`
	Shutdown time.Duration `env:"AQTRA_SHUTDOWN_TIMEOUT" default:"10s" doc:"how long background work may take to end"`
}

// Validate refuses times that make no sense.
func (d Drain) Validate() error {
	if d.Wait < 0 || d.Timeout <= 0 || d.Shutdown <= 0 {
		return errors.New("AQTRA_DRAIN_TIMEOUT and AQTRA_SHUTDOWN_TIMEOUT must be positive, AQTRA_DRAIN_WAIT not negative")
	}
	return nil
}

// handlerGrace is how long a handler has to return after its call was cut.
const handlerGrace = 2 * time.Second

// instance is one unit between its construction and its end.
type instance struct {
	name   string
	log    *slog.Logger
	drain  Drain
	svc    Service
	server *grpc.Server
	door   *rpc.Door
	cancel context.CancelFunc
	served chan error // result of Serve
	ran    chan error // result of Run
}

type instanceConfig struct {
	drain      Drain
	maxMessage config.Size
	creds      credentials.TransportCredentials
	rules      rpc.Rules
	health     *readiness
	door       *rpc.Door
}

// build constructs the service and its server; nothing runs yet. After an error everything is closed.
func build(ctx context.Context, u Unit, b Base, cfg instanceConfig) (*instance, error) {
	svc, err := u.New(ctx, b)
	if err != nil {
		return nil, fmt.Errorf("build %s: %w", u.Name, err)
	}
	in := &instance{name: u.Name, log: b.Log, drain: cfg.drain, svc: svc, door: cfg.door}
	in.server, err = rpc.NewServer(rpc.ServerConfig{
		Service:      u.Name,
		Log:          b.Log,
		Metrics:      b.Metrics,
		Tracing:      b.Tracing,
		Clock:        b.Clock,
		Authenticate: rpc.TokenAuthenticator(token.NewVerifier(u.Name, b.Certs.Pool, b.Clock)),
		Rules:        cfg.rules,
		MaxMessage:   int(cfg.maxMessage),
		Door:         cfg.door,
	}, cfg.creds)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("build %s: %w", u.Name, err), in.close())
	}
	services := in.door.Registrar(in.server)
	svc.Register(services)
	grpc_health_v1.RegisterHealthServer(services, &healthServer{readiness: cfg.health})
	reflection.Register(in.server)
	if err := rpc.CheckRules(in.server, cfg.rules); err != nil {
		return nil, errors.Join(fmt.Errorf("build %s: %w", u.Name, err), in.close())
	}
	cfg.health.add(u.Name, svc.Ready)
	return in, nil
}

// start serves on lis and runs the background work. The first failure of either goes to failed, which has room for it.
func (in *instance) start(ctx context.Context, lis net.Listener, failed chan<- error) {
	// The end of ctx begins the drain; background work goes on until the calls are done.
	ctx, in.cancel = context.WithCancel(context.WithoutCancel(ctx))
	in.served, in.ran = make(chan error, 1), make(chan error, 1)
	report := func(done chan<- error, what string, err error) {
		if err != nil {
			err = fmt.Errorf("%s %s: %w", what, in.name, err)
			select {
			case failed <- err:
			default:
			}
		}
		done <- err
	}
	in.door.Open()
	go func() {
		err := in.server.Serve(lis)
		if errors.Is(err, grpc.ErrServerStopped) { // stopped before it came to serve
			err = nil
		}
		report(in.served, "serve", err)
	}()
	go func() { report(in.ran, "run", runSafely(ctx, in.svc)) }()
}

// runSafely turns a panic in the background into an orderly end of the process.
func runSafely(ctx context.Context, svc Service) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return svc.Run(ctx)
}

// stop ends calls, then background work, each within its time, and closes the service. It returns what went wrong.
func (in *instance) stop() error {
	drainErr := in.drainService()
	stopServer(in.server, in.door, in.drain.Timeout, in.log)
	err := errors.Join(drainErr, <-in.served)
	in.cancel()
	select {
	case runErr := <-in.ran:
		err = errors.Join(err, runErr)
	case <-time.After(in.drain.Shutdown):
		err = errors.Join(err, fmt.Errorf("run %s: background work did not end within %s", in.name, in.drain.Shutdown))
	}
	return errors.Join(err, in.close())
}

// drainService lets a Drainer finish within the time that calls have.
func (in *instance) drainService() error {
	d, ok := in.svc.(Drainer)
	if !ok {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), in.drain.Timeout)
	defer cancel()
	if err := d.Drain(ctx); err != nil {
		return fmt.Errorf("drain %s: %w", in.name, err)
	}
	return nil
}

func (in *instance) close() error {
	if c, ok := in.svc.(io.Closer); ok {
		if err := c.Close(); err != nil {
			return fmt.Errorf("close %s: %w", in.name, err)
		}
	}
	return nil
}

// stopServer lets running calls end and cuts them after timeout: an open stream would keep the process forever. A handler
// that then still does not notice the end of its context is left behind.
func stopServer(s *grpc.Server, door *rpc.Door, timeout time.Duration, log *slog.Logger) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		var both sync.WaitGroup
		both.Go(door.Drain)
		both.Go(s.GracefulStop)
		both.Wait()
	}()
	t := time.NewTimer(timeout)
	defer t.Stop()
	select {
	case <-done:
		return
	case <-t.C:
	}
	log.Warn("calls cut, drain time is over")
	door.Cut()
	s.Stop()
	t.Reset(handlerGrace)
	select {
	case <-done:
	case <-t.C:
		log.Error("a call did not end when it was cut")
	}
}
