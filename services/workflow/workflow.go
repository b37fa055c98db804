package workflow

import (
	"context"
	"errors"
	"fmt"

	goredis "github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/egress"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	notifyv1 "github.com/aqtra/aqtra/proto/gen/aqtra/notify/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/backlog"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/notify"
	"github.com/aqtra/aqtra/services/workflow/internal/peers"
	"github.com/aqtra/aqtra/services/workflow/internal/retention"
	"github.com/aqtra/aqtra/services/workflow/internal/rpc"
	"github.com/aqtra/aqtra/services/workflow/internal/schedule"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

// Name is the name of the service.
const Name = "workflow"

// Config is what the service is told.
type Config struct {
	Database  postgres.Config
	Redis     redis.Config
	Engine    engine.Config
	Egress    egress.Config
	Mail      notify.Config
	Retention retention.Config
}

// Unit is the service for service.Main and service.Local.
func Unit() service.Unit {
	return service.Unit{
		Name:   Name,
		Config: &Config{},
		Schema: Schema(),
		New: func(ctx context.Context, b service.Base) (service.Service, error) {
			var cfg Config
			if err := config.Load(service.Prefix(Name), &cfg, b.Lookup); err != nil {
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

// Service is the workflow service.
type Service struct {
	db     *postgres.DB
	redis  *goredis.Client
	bus    *broadcast.Bus
	engine *engine.Engine
	// scheduler starts runs by the clock.
	scheduler *schedule.Scheduler
	// desk takes notices, post mails them.
	desk *notify.Desk
	post *notify.Post
	// sweeper removes old runs.
	sweeper *retention.Sweeper
	kinds   dsl.Kinds
}

// New migrates the schema, if it is told the owner, and wires the service. It starts nothing.
func New(ctx context.Context, cfg Config, b service.Base) (_ *Service, err error) {
	s := &Service{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if err := Schema().Prepare(ctx, cfg.Database); err != nil {
		return nil, err
	}
	if s.db, err = postgres.Open(ctx, cfg.Database, postgres.Options{Schema: store.Schema, Application: "aqtra-" + Name}); err != nil {
		return nil, err
	}
	if err := s.db.Register(b.Metrics, b.Clock); err != nil {
		return nil, fmt.Errorf("register metrics of the database: %w", err)
	}
	runs := store.New(s.db)
	if err := b.Metrics.Register(backlog.New(runs, b.Clock, b.Log)); err != nil {
		return nil, fmt.Errorf("register metrics of the backlog: %w", err)
	}
	if s.redis, err = redis.Open(cfg.Redis); err != nil {
		return nil, err
	}
	s.bus = broadcast.New(broadcast.Config{Postgres: s.db.SystemPool(), Redis: s.redis, Clock: b.Clock, Log: b.Log})
	identity := peers.NewIdentity(identityv1.NewDelegationClient(b.Peers.Conn("gateway")), b.Clock)
	s.desk = notify.NewDesk(runs, identity, news{s.bus}, b.Clock, b.Log, cfg.Mail)
	if s.post, err = notify.NewPost(s.desk, b.Metrics); err != nil {
		return nil, err
	}
	if s.sweeper, err = retention.New(cfg.Retention, runs, b.Clock, b.Log, b.Metrics); err != nil {
		return nil, err
	}
	if s.kinds, err = tasks.All(b.Peers, cfg.Egress.Client(), s.desk); err != nil {
		return nil, err
	}
	releases := peers.Releases{Client: libraryv1.NewReleasesClient(b.Peers.Conn("component-library"))}
	s.engine, err = engine.New(cfg.Engine, engine.Deps{
		Store: runs, Kinds: s.kinds, News: news{s.bus}, Clock: b.Clock, Log: b.Log,
		Releases: releases, Identity: identity,
	})
	if err != nil {
		return nil, err
	}
	s.scheduler = schedule.New(runs, s.engine, releases, b.Clock, b.Log)
	return s, nil
}

// news tells everybody what the engine changed.
type news struct{ bus *broadcast.Bus }

func (n news) RunChanged(tenant, component, run string) {
	n.bus.Publish(broadcast.Message{Tenant: tenant, Kind: changesv1.Kind_KIND_RUN, Component: component, ID: run})
}

func (n news) TaskChanged(t engine.Task) {
	n.bus.Publish(broadcast.Message{
		Tenant: t.Tenant, Kind: changesv1.Kind_KIND_TASK, Component: t.Component, ID: t.ID, Users: t.Users, Roles: t.Roles,
	})
}

func (n news) NoticeChanged(tenant, user, id string) {
	n.bus.Publish(broadcast.Message{Tenant: tenant, Kind: changesv1.Kind_KIND_NOTICE, ID: id, Users: []string{user}})
}

// Register implements service.Service.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	workflowv1.RegisterRunsServer(r, &rpc.Runs{Engine: s.engine})
	workflowv1.RegisterTasksServer(r, &rpc.Tasks{Engine: s.engine})
	workflowv1.RegisterTriggersServer(r, &rpc.Triggers{Engine: s.engine})
	workflowv1.RegisterDefinitionsServer(r, &rpc.Definitions{Engine: s.engine, Kinds: s.kinds})
	workflowv1.RegisterSchedulesServer(r, &rpc.Schedules{Scheduler: s.scheduler})
	workflowv1.RegisterScheduleSyncServer(r, &rpc.ScheduleSync{Scheduler: s.scheduler})
	notifyv1.RegisterNoticesServer(r, &rpc.Notices{Desk: s.desk})
	workflowv1.RegisterCatalogServer(r, &rpc.Catalog{Kinds: s.kinds})
	tenantsv1.RegisterTenantDataServer(r, &tenantdata.Server{Steps: []tenantdata.Step{tenantdata.Rows(s.db, store.Schema)}})
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Run implements service.Service.
func (s *Service) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return s.bus.Run(ctx) })
	g.Go(func() error { return s.engine.Run(ctx) })
	g.Go(func() error { return s.scheduler.Run(ctx) })
	g.Go(func() error { return s.post.Run(ctx) })
	g.Go(func() error { return s.sweeper.Run(ctx) })
	return g.Wait()
}

// Close closes the connections to the database and to Redis.
func (s *Service) Close() error {
	if s.db != nil {
		s.db.Close()
	}
	if s.redis != nil {
		return s.redis.Close()
	}
	return nil
}
