package workflow

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/service"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/peers"
	"github.com/aqtra/aqtra/services/workflow/internal/rpc"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

// Name is the name of the service.
const Name = "workflow"

// Config is what the service is told.
type Config struct {
	Database postgres.Config
	Engine   engine.Config
}

// Unit is the service for service.Main and service.Local.
func Unit() service.Unit {
	return service.Unit{
		Name:   Name,
		Config: &Config{},
		New: func(ctx context.Context, b service.Base) (service.Service, error) {
			var cfg Config
			if err := config.Load(service.Prefix(Name), &cfg, b.Lookup); err != nil {
				return nil, err
			}
			return New(ctx, cfg, b)
		},
	}
}

// Service is the workflow service.
type Service struct {
	db     *postgres.DB
	engine *engine.Engine
	kinds  dsl.Kinds
}

// New migrates the schema, if it is told the owner, and wires the service. It starts nothing.
func New(ctx context.Context, cfg Config, b service.Base) (*Service, error) {
	if cfg.Database.OwnerURL != "" {
		if err := postgres.Migrate(ctx, cfg.Database.OwnerURL, store.Schema, store.Migrations()); err != nil {
			return nil, fmt.Errorf("migrate: %w", err)
		}
	}
	kinds, err := tasks.All(b.Peers)
	if err != nil {
		return nil, err
	}
	db, err := postgres.Open(ctx, cfg.Database, postgres.Options{Schema: store.Schema, Application: "aqtra-" + Name})
	if err != nil {
		return nil, err
	}
	e, err := engine.New(cfg.Engine, engine.Deps{
		Store: store.New(db), Kinds: kinds, Clock: b.Clock, Log: b.Log,
		Releases: peers.Releases{Client: libraryv1.NewReleasesClient(b.Peers.Conn("component-library"))},
		Identity: peers.NewIdentity(identityv1.NewDelegationClient(b.Peers.Conn("gateway")), b.Clock),
	})
	if err != nil {
		db.Close()
		return nil, err
	}
	return &Service{db: db, engine: e, kinds: kinds}, nil
}

// Register implements service.Service.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	workflowv1.RegisterRunsServer(r, &rpc.Runs{Engine: s.engine})
	workflowv1.RegisterTasksServer(r, &rpc.Tasks{Engine: s.engine})
	workflowv1.RegisterTriggersServer(r, &rpc.Triggers{Engine: s.engine})
	workflowv1.RegisterDefinitionsServer(r, &rpc.Definitions{Engine: s.engine, Kinds: s.kinds})
	workflowv1.RegisterCatalogServer(r, &rpc.Catalog{Kinds: s.kinds})
}

// Ready implements service.Service.
func (s *Service) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Run implements service.Service.
func (s *Service) Run(ctx context.Context) error { return s.engine.Run(ctx) }

// Close closes the connections to the database.
func (s *Service) Close() error {
	s.db.Close()
	return nil
}
