package pythonrunner

import (
	"context"
	"errors"
	"time"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/releases"
	"github.com/aqtra/aqtra/pkg/service"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/python-runner/internal/broker"
	"github.com/aqtra/aqtra/services/python-runner/internal/rpc"
	"github.com/aqtra/aqtra/services/python-runner/internal/sandbox"
)

// Name is the name of the service.
const Name = "python-runner"

// Config tunes the service.
type Config struct {
	Sandbox sandbox.Config
	// Releases is how many releases are kept in memory.
	Releases int `default:"64" doc:"releases kept in memory"`
	// Timeout bounds a script that a caller runs directly.
	Timeout time.Duration `default:"10s" doc:"longest run of a script that is called directly"`
}

// Validate reports every bad field at once.
func (c Config) Validate() error {
	if c.Releases <= 0 || c.Timeout <= 0 {
		return errors.New("Releases and Timeout must be positive")
	}
	return nil
}

// Unit is what the skeleton runs.
func Unit() service.Unit {
	return service.Unit{Name: Name, Config: &Config{}, New: func(_ context.Context, b service.Base) (service.Service, error) {
		var cfg Config
		if err := config.Load(service.Prefix(Name), &cfg, b.Lookup); err != nil {
			return nil, err
		}
		return New(cfg, b)
	}}
}

// Service runs Python.
type Service struct {
	supervisor *sandbox.Supervisor
	scripts    *rpc.Scripts
	runner     *rpc.Runner
}

var _ service.Service = (*Service)(nil)

// New builds the service. It starts nothing.
func New(cfg Config, b service.Base) (*Service, error) {
	supervisor, err := sandbox.New(cfg.Sandbox, b.Log, b.Clock, b.Metrics)
	if err != nil {
		return nil, err
	}
	library := b.Peers.Conn("component-library")
	conn := b.Peers.Conn("storage")
	entries, files := storagev1.NewEntriesClient(conn), storagev1.NewFilesClient(conn)
	brokers := rpc.Brokers{
		Live: broker.New(entries, files, dataflowv1.NewDataflowsClient(b.Peers.Conn("dataflow"))),
		Try:  broker.Trying(entries, files),
	}
	return &Service{
		supervisor: supervisor,
		scripts:    rpc.NewScripts(supervisor, releases.New(library, cfg.Releases, rpc.Compile), libraryv1.NewReleasesClient(library), brokers, cfg.Timeout),
		runner:     rpc.NewRunner(supervisor, brokers),
	}, nil
}

// Register implements service.Service.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	pythonv1.RegisterScriptsServer(r, s.scripts)
	pythonv1.RegisterRunnerServer(r, s.runner)
}

// Ready implements service.Service: scripts can be confined here.
func (s *Service) Ready(context.Context) error { return s.supervisor.Available() }

// Run implements service.Service.
func (s *Service) Run(ctx context.Context) error { return s.supervisor.Run(ctx) }
