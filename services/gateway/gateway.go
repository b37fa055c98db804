package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/token"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/apidoc"
	"github.com/aqtra/aqtra/services/gateway/internal/audit"
	"github.com/aqtra/aqtra/services/gateway/internal/changes"
	"github.com/aqtra/aqtra/services/gateway/internal/edge"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
	"github.com/aqtra/aqtra/services/gateway/internal/samples"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
	storedb "github.com/aqtra/aqtra/services/gateway/internal/store/db"
	"github.com/aqtra/aqtra/services/gateway/internal/web"
)

// Name is the name of the service.
const Name = "gateway"

// Option changes what the gateway does.
type Option func(*options)

type options struct {
	announce func(publicURL, setupLink string)
	listener net.Listener
}

// WithAnnounce has announce called once, when the edge serves and every other service has answered a health check. The link
// is a secret that makes the first administrator, empty when there is one. Without this option both are logged.
func WithAnnounce(announce func(publicURL, setupLink string)) Option {
	return func(o *options) { o.announce = announce }
}

// WithListener has the edge serve on lis instead of the configured address.
func WithListener(lis net.Listener) Option { return func(o *options) { o.listener = lis } }

// Unit is the gateway for service.Main and service.Local.
func Unit(opts ...Option) service.Unit {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return service.Unit{
		Name:   Name,
		Config: &Config{},
		Schema: Schema(),
		New: func(ctx context.Context, b service.Base) (service.Service, error) {
			var cfg Config
			if err := config.Load(service.Prefix(Name), &cfg, b.Lookup); err != nil {
				return nil, err
			}
			s, err := build(ctx, cfg, b, o)
			if err != nil {
				return nil, err
			}
			return s, nil
		},
	}
}

// Schema is the service's own.
func Schema() postgres.Schema {
	return postgres.Schema{Name: store.Schema, Migrations: store.Migrations}
}

// Service is the gateway.
type Service struct {
	options
	cfg      Config
	log      *slog.Logger
	clk      clock.Clock
	peers    service.Peers
	certs    *certs.Source // of the internal listener
	public   *certs.Source
	db       *postgres.DB
	redis    *goredis.Client
	identity *identity.Service
	changes  *changes.Hub
	samples  *samples.Service
	apidoc   *apidoc.Service
	notes    *audit.Notes
	audit    *audit.Service
	edge     *edge.Edge

	drain    chan struct{} // closed when the edge shall serve no more
	draining sync.Once
	drained  chan struct{} // closed when the edge has served its last request
}

// build migrates the schema, where it may, and wires everything; nothing serves yet.
func build(ctx context.Context, cfg Config, b service.Base, o options) (_ *Service, err error) {
	s := &Service{options: o, cfg: cfg, log: b.Log, clk: b.Clock, peers: b.Peers, certs: b.Certs,
		drain: make(chan struct{}), drained: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := Schema().Prepare(ctx, cfg.Database); err != nil {
		return nil, err
	}
	if s.db, err = postgres.Open(ctx, cfg.Database, postgres.Options{Schema: store.Schema}); err != nil {
		return nil, err
	}
	if err := s.db.Register(b.Metrics, b.Clock); err != nil {
		return nil, fmt.Errorf("register metrics of the database: %w", err)
	}
	if s.redis, err = redis.Open(cfg.Redis); err != nil {
		return nil, err
	}
	if s.public, err = publicCertificate(cfg, b); err != nil {
		return nil, err
	}
	if err := s.public.Register(b.Metrics); err != nil {
		return nil, fmt.Errorf("register metrics of the public certificate: %w", err)
	}
	minter := token.NewMinter(b.Certs, b.Clock, 0)
	s.identity, err = identity.New(identity.Deps{
		DB: s.db, Clock: b.Clock, Log: b.Log, Metrics: b.Metrics, Minter: minter, Provision: s.provision, Remove: s.remove, Config: cfg.Identity,
	})
	if err != nil {
		return nil, err
	}
	s.samples, err = samples.New(samples.Deps{DB: s.db, Peers: b.Peers, Clock: b.Clock, Log: b.Log, Delegate: s.identity.Delegate})
	if err != nil {
		return nil, err
	}
	if s.apidoc, err = apidoc.New(edge.Document(), b.Peers.Conn("component-library")); err != nil {
		return nil, err
	}
	s.notes = audit.NewNotes(storedb.New(s.db.System()), b.Clock, b.Log)
	s.audit = audit.NewService(s.db, cfg.Identity.Pepper, b.Clock, b.Log)
	bus := broadcast.New(broadcast.Config{Postgres: s.db.SystemPool(), Redis: s.redis, Clock: b.Clock, Log: b.Log})
	if s.changes, err = changes.New(bus, b.Clock, b.Metrics); err != nil {
		return nil, err
	}
	ui, err := web.New()
	if err != nil {
		return nil, err
	}
	s.edge, err = edge.New(cfg.Config, edge.Deps{
		Log: b.Log, Metrics: b.Metrics, Tracing: b.Tracing, Clock: b.Clock, Peers: b.Peers, Services: service.Names(), Auth: s.identity,
		Minter: minter, Notes: s.notes, Changes: s.changes, Ready: s.Ready, Web: ui, TLS: s.public.ServerTLS(false), PublicURL: cfg.Identity.PublicURL, Redis: s.redis,
	})
	if err != nil {
		return nil, err
	}
	// The process's context ends when it begins to drain: load balancers shall notice before the edge stops.
	context.AfterFunc(ctx, s.edge.Withdraw)
	return s, nil
}

func publicCertificate(cfg Config, b service.Base) (*certs.Source, error) {
	if cfg.CertFile != "" {
		return certs.FromFiles("", cfg.CertFile, cfg.KeyFile, "", b.Clock)
	}
	u, err := url.Parse(cfg.Identity.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public url: %w", err)
	}
	return b.Certs.Edge(append([]string{u.Hostname()}, cfg.Hosts...)...)
}

// provision makes the place where a tenant's data lives.
func (s *Service) provision(ctx context.Context, tenant string) error {
	_, err := storagev1.NewTenantsClient(s.peers.Conn("storage")).ProvisionTenant(ctx, &storagev1.ProvisionTenantRequest{Tenant: tenant})
	return err
}

// remove removes what the services have of a tenant: first what acts, then what it acts on.
func (s *Service) remove(ctx context.Context, tenant string) error {
	for _, name := range []string{"workflow", "component-library", "storage"} {
		data := tenantsv1.NewTenantDataClient(s.peers.Conn(name))
		if _, err := data.DeleteTenantData(ctx, &tenantsv1.DeleteTenantDataRequest{Tenant: tenant}); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// Register adds what the gateway hosts.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	s.identity.Register(r)
	s.samples.Register(r)
	s.apidoc.Register(r)
	s.audit.Register(r)
}

// Ready returns nil when the database answers and certificates are in order.
func (s *Service) Ready(ctx context.Context) error {
	return errors.Join(s.db.Ready(ctx), s.certs.Ready(), s.public.Ready())
}

// Run serves the edge until ctx ends and its requests are done, and only then ends the work behind it, which they need.
func (s *Service) Run(ctx context.Context) error {
	var once sync.Once
	served := func() { once.Do(func() { close(s.drained) }) }
	defer served()
	lis := s.listener
	if lis == nil {
		var err error
		if lis, err = net.Listen("tcp", s.cfg.Listen); err != nil {
			return fmt.Errorf("listen: %w", err)
		}
	}
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	g, gctx := errgroup.WithContext(ctx)
	background := make(chan error, 1)
	go func() {
		group, ctx := errgroup.WithContext(work)
		group.Go(func() error { return s.identity.Run(ctx) })
		group.Go(func() error { return s.samples.Run(ctx) })
		group.Go(func() error { return s.changes.Run(ctx) })
		group.Go(func() error { return s.notes.Run(ctx) })
		group.Go(func() error {
			s.audit.Run(ctx)
			return nil
		})
		background <- group.Wait()
	}()
	g.Go(func() error {
		select {
		case err := <-background:
			background <- err
			if err == nil {
				err = errors.New("background work ended early")
			}
			return err
		case <-gctx.Done():
			return nil
		}
	})
	edgeCtx, stopEdge := context.WithCancel(gctx)
	defer stopEdge()
	g.Go(func() error {
		select {
		case <-s.drain:
			stopEdge()
		case <-gctx.Done():
		}
		return nil
	})
	g.Go(func() error {
		defer served()
		return s.edge.Serve(edgeCtx, lis)
	})
	g.Go(func() error { return s.greet(gctx, lis.Addr()) })
	err := g.Wait()
	stop()
	return errors.Join(err, <-background)
}

var (
	_ service.Service = (*Service)(nil)
	_ service.Drainer = (*Service)(nil)
)

// Drain lets the edge finish its requests while identity and samples, which they need, still answer.
func (s *Service) Drain(ctx context.Context) error {
	s.draining.Do(func() { close(s.drain) })
	select {
	case <-s.drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// healthPause is how long a service that is not there yet is left alone.
const healthPause = 200 * time.Millisecond

// greet says where the platform is, once all of it answers.
func (s *Service) greet(ctx context.Context, at net.Addr) error {
	for _, name := range service.Names() {
		for name != Name && !s.healthy(ctx, name) {
			if clock.Sleep(ctx, s.clk, healthPause) != nil {
				return nil // it was stopped before all were there
			}
		}
	}
	link, _ := s.identity.SetupLink(ctx)
	if ctx.Err() != nil {
		return nil
	}
	if s.announce != nil {
		s.announce(s.cfg.Identity.PublicURL, link)
		return nil
	}
	s.log.InfoContext(ctx, "platform is ready", "url", s.cfg.Identity.PublicURL, "address", at.String())
	if link != "" {
		// The one place where a secret is logged: it works once, and whoever installs must get it somehow.
		s.log.InfoContext(ctx, "make the first administrator with this link", "setup_link", link)
	}
	return nil
}

func (s *Service) healthy(ctx context.Context, name string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	res, err := grpc_health_v1.NewHealthClient(s.peers.Conn(name)).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	return err == nil && res.GetStatus() == grpc_health_v1.HealthCheckResponse_SERVING
}

// Close ends the connections to the database and to Redis.
func (s *Service) Close() error {
	if s.db != nil {
		s.db.Close()
	}
	if s.redis != nil {
		return s.redis.Close()
	}
	return nil
}
