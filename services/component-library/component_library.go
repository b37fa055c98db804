// Package componentlibrary is the core engine of the platform: it keeps the definitions of which the tenants' apps consist,
// checks them and makes them live.
//
// A component is a document with stable ids. Every save is a revision with an etag, and a save over a revision that
// somebody else replaced is refused. What is live is a release, an immutable set of revisions; the release pointer of a
// tenant says which. A publication makes the next release in steps that survive the death of the process at any point:
// storage expands the tables, the pointer flips in one transaction, requests settle, storage contracts. Before the flip
// nothing of it is live, after it everything is.
//
// internal/engine is the domain, internal/check finds problems and references, internal/store keeps it all in Postgres,
// internal/rpc speaks gRPC in both directions.
package componentlibrary

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	goredis "github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/check"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/rpc"
	"github.com/aqtra/aqtra/services/component-library/internal/store"
)

// Config tunes the component library.
type Config struct {
	Database    postgres.Config
	Redis       redis.Config
	Publication Publication
}

// Publication tunes the worker that makes releases live.
type Publication struct {
	Lease         time.Duration `default:"15s" doc:"how long a publication belongs to a process; the death of one delays it this long"`
	Poll          time.Duration `default:"30s" doc:"how often to look for publications of processes that are gone"`
	ReleaseSettle time.Duration `default:"600ms" doc:"how long after the flip every request sees the new release; more than the edge keeps the pointer"`
	Patience      time.Duration `default:"2m" doc:"how long a publication waits for a service that does not answer"`
	SchemaTimeout time.Duration `default:"30m" doc:"longest change of a tenant's tables"`
	Parallel      int           `default:"4" doc:"publications, of different tenants, that one process advances at once"`
}

// Validate reports every bad field at once, by name.
func (p Publication) Validate() error {
	var errs []error
	for name, d := range map[string]time.Duration{
		"Lease": p.Lease, "Poll": p.Poll, "ReleaseSettle": p.ReleaseSettle, "Patience": p.Patience, "SchemaTimeout": p.SchemaTimeout,
	} {
		if d <= 0 {
			errs = append(errs, fmt.Errorf("%s must be positive", name))
		}
	}
	if p.Parallel < 1 || p.Parallel > 100 {
		errs = append(errs, errors.New("Parallel must be within 1 and 100"))
	}
	return errors.Join(errs...)
}

// Unit is the service for pkg/service.
func Unit() service.Unit {
	return service.Unit{
		Name:   "component-library",
		Config: &Config{},
		Schema: Schema(),
		New: func(ctx context.Context, b service.Base) (service.Service, error) {
			var cfg Config
			if err := config.Load(service.Prefix("component-library"), &cfg, b.Lookup); err != nil {
				return nil, err
			}
			return New(ctx, cfg, b)
		},
	}
}

// Schema is the service's own.
func Schema() postgres.Schema {
	return postgres.Schema{Name: store.Schema, Migrations: store.Migrations()}
}

// Service is the component library.
type Service struct {
	db     *postgres.DB
	redis  *goredis.Client
	bus    *broadcast.Bus
	engine *engine.Engine
}

// New brings the database schema up to date, when the owner's URL is configured, and wires the service.
func New(ctx context.Context, cfg Config, b service.Base) (_ *Service, err error) {
	svc := &Service{}
	defer func() {
		if err != nil {
			err = errors.Join(err, svc.Close())
		}
	}()
	if err := Schema().Prepare(ctx, cfg.Database); err != nil {
		return nil, err
	}
	if svc.db, err = postgres.Open(ctx, cfg.Database, postgres.Options{Schema: store.Schema, Application: b.Name}); err != nil {
		return nil, err
	}
	if err := svc.db.Register(b.Metrics, b.Clock); err != nil {
		return nil, fmt.Errorf("register metrics of the database: %w", err)
	}
	if svc.redis, err = redis.Open(cfg.Redis); err != nil {
		return nil, err
	}
	svc.bus = broadcast.New(broadcast.Config{Postgres: svc.db.SystemPool(), Redis: svc.redis, Clock: b.Clock, Log: b.Log})
	finished := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "aqtra_publications_total", Help: "Publications that ended, by their last state.",
	}, []string{"state"})
	if err := b.Metrics.Register(finished); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	s, peers := store.New(svc.db), rpc.NewPeers(b.Peers.Conn)
	p := cfg.Publication
	const prefix = "PUBLICATION_STATE_"
	svc.engine = engine.New(engine.Deps{
		Components: s, Index: s, Releases: s, Publications: s, Leases: s, Previews: s, Copies: peers,
		Checker: check.New(peers, b.Log), Schema: peers, Runs: peers, News: news{svc.bus}, Clock: b.Clock, Log: b.Log,
		Tuning: engine.Tuning{
			Lease: p.Lease, Poll: p.Poll, Settle: p.ReleaseSettle, Patience: p.Patience, SchemaTimeout: p.SchemaTimeout, Parallel: p.Parallel,
		},
		Finished: func(state libraryv1.PublicationState) {
			finished.WithLabelValues(strings.ToLower(strings.TrimPrefix(state.String(), prefix))).Inc()
		},
	})
	return svc, nil
}

// news tells everybody what the engine changed.
type news struct{ bus *broadcast.Bus }

func (n news) ComponentChanged(tenant, component string) {
	n.bus.Publish(broadcast.Message{Tenant: tenant, Kind: changesv1.Kind_KIND_COMPONENT, Component: component, ID: component})
}

func (n news) PublicationMoved(tenant, publication string) {
	n.bus.Publish(broadcast.Message{Tenant: tenant, Kind: changesv1.Kind_KIND_PUBLICATION, ID: publication})
}

func (n news) ReleaseLive(tenant string) {
	n.bus.Publish(broadcast.Message{Tenant: tenant, Kind: changesv1.Kind_KIND_PUBLICATION})
}

// Register implements service.Service.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	rpc.Register(r, s.engine)
	tenantsv1.RegisterTenantDataServer(r, &tenantdata.Server{Steps: []tenantdata.Step{tenantdata.Rows(s.db, store.Schema)}})
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Run drives publications and tells of changes until ctx ends.
func (s *Service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.bus.Run(ctx) })
	g.Go(func() error { return s.engine.Run(ctx) })
	g.Go(func() error {
		s.engine.SweepPreviews(ctx)
		return nil
	})
	return g.Wait()
}

// Close implements io.Closer.
func (s *Service) Close() error {
	if s.db != nil {
		s.db.Close()
	}
	if s.redis != nil {
		return s.redis.Close()
	}
	return nil
}
