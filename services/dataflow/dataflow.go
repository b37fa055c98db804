// Package dataflow is the service that runs dataflows: graphs of steps over typed records.
//
// A dataflow is compiled once per release: its steps are put in order, their settings decoded and their expressions checked
// against the types of the items that reach them. A run then takes the items from step to step, in memory and within bounds.
// The service keeps nothing: entries and files are storage's, scripts run in the Python runner, and all of it as the caller,
// whose token every call carries. Now and then it records a run, has storage keep the recording, and plays it again when
// somebody plans a publication.
//
// Each kind of step has a folder of its own in internal/steps; internal/step is what they share, internal/engine compiles and
// runs graphs, internal/live keeps the releases, internal/peers reaches the other services, internal/rpc speaks gRPC.
package dataflow

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/services/dataflow/internal/live"
	"github.com/aqtra/aqtra/services/dataflow/internal/peers"
	"github.com/aqtra/aqtra/services/dataflow/internal/recording"
	"github.com/aqtra/aqtra/services/dataflow/internal/rpc"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/all"
)

// Config tunes the dataflow service.
type Config struct {
	MaxRuns      int           `default:"256" doc:"requests that one process runs at once; more are refused and may be repeated"`
	ReleaseCache config.Size   `default:"128MiB" doc:"definitions of releases that are kept in memory"`
	RecordEvery  time.Duration `default:"1m" doc:"how often a run of each dataflow is recorded, so that a publication can tell what it would do differently; kept for 7 days, encrypted; 0 records none"`
}

// Validate reports every bad field at once, by name.
func (c Config) Validate() error {
	var errs []error
	if c.MaxRuns < 1 || c.MaxRuns > 100_000 {
		errs = append(errs, errors.New("MaxRuns must be within 1 and 100,000"))
	}
	if c.ReleaseCache < 1<<20 {
		errs = append(errs, errors.New("ReleaseCache must be 1MiB or more"))
	}
	if c.RecordEvery < 0 {
		errs = append(errs, errors.New("RecordEvery must be 0 or more"))
	}
	return errors.Join(errs...)
}

// Unit is the service for pkg/service.
func Unit() service.Unit {
	return service.Unit{
		Name:   "dataflow",
		Config: &Config{},
		New: func(_ context.Context, b service.Base) (service.Service, error) {
			var cfg Config
			if err := config.Load(service.Prefix("dataflow"), &cfg, b.Lookup); err != nil {
				return nil, err
			}
			return New(cfg, b)
		},
	}
}

// Service is the dataflow service.
type Service struct {
	engine  *live.Engine
	kinds   *catalog.Registry[step.Kind]
	scripts *peers.Scripts
	clock   clock.Clock
	log     *slog.Logger
}

// New wires the service.
func New(cfg Config, b service.Base) (*Service, error) {
	kinds, err := all.Registry()
	if err != nil {
		return nil, fmt.Errorf("list steps: %w", err)
	}
	storage, scripts := b.Peers.Conn("storage"), peers.NewScripts(b.Peers.Conn("python-runner"))
	entries := peers.NewEntries(storage)
	engine := live.New(live.Deps{
		Library: b.Peers.Conn("component-library"), Kinds: kinds, Clock: b.Clock,
		Reach: recording.Reach{
			Entries: entries, Files: peers.NewFiles(storage), Scripts: scripts, Workflows: peers.NewWorkflows(b.Peers.Conn("workflow")),
		},
		Recordings: peers.NewRecordings(storage), RecordEvery: cfg.RecordEvery,
		Tries:        live.Tries{Entries: entries.Trying(), Scripts: scripts.Trying()},
		ReleaseBytes: int64(cfg.ReleaseCache), MaxRuns: cfg.MaxRuns,
	})
	return &Service{engine: engine, kinds: kinds, scripts: scripts, clock: b.Clock, log: b.Log}, nil
}

// Register implements service.Service.
func (s *Service) Register(r grpc.ServiceRegistrar) {
	rpc.Register(r, s.engine, s.kinds, s.scripts, s.clock)
}

// Ready implements service.Service. The service needs nothing of its own; a peer that is away shows in the calls to it.
func (s *Service) Ready(context.Context) error { return nil }

// Run implements service.Service: it has recorded runs kept.
func (s *Service) Run(ctx context.Context) error {
	s.engine.KeepRecordings(ctx, s.log)
	return nil
}
