// Package service is the one skeleton of all services. A service brings its constructor; Main runs it as a process of its own,
// Local runs several in one process. Either way it is the same code behind the same interceptors, deadlines and status codes:
// only the wire between the services differs.
package service

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
)

// Names returns the services of the platform, in the order in which they start; they stop in reverse, so that the gateway's
// edge closes while all that it needs still runs.
func Names() []string {
	return []string{"storage", "component-library", "python-runner", "dataflow", "workflow", "gateway"}
}

// Prefix is what the names of a service's settings begin with: AQTRA_PYTHON_RUNNER for python-runner.
func Prefix(service string) string { return "AQTRA_" + config.UpperSnake(service) }

// Base is what every service is given.
type Base struct {
	Name string
	Log  *slog.Logger
	// Metrics is the service's own: names need not be unique among services.
	Metrics prometheus.Registerer
	Tracing trace.TracerProvider
	Clock   clock.Clock
	Peers   Peers
	// Lookup reads the settings; services pass it to config.Load.
	Lookup config.Lookup
	Certs  *certs.Source
}

// Peers are the other services.
type Peers interface {
	// Conn returns the connection to a service, always the same one. It never fails: calls do when the service is away,
	// with a fault of kind Unavailable.
	Conn(service string) grpc.ClientConnInterface
}

// Service is one running service. One that is also an io.Closer is closed last, even when it never ran.
type Service interface {
	// Register adds the gRPC services; every method needs an authorization rule.
	Register(grpc.ServiceRegistrar)
	// Ready returns nil when the service can serve. It is asked often, and must answer within 2 s.
	Ready(context.Context) error
	// Run does background work until ctx ends, then returns nil within the drain time. An error ends the process.
	Run(context.Context) error
}

// Drainer is a service with work that comes in by a way of its own and needs the service's gRPC methods until it is done,
// such as the gateway's edge.
type Drainer interface {
	// Drain stops taking work and returns when what runs is done, or ctx ends. It is called before the gRPC server stops.
	Drain(ctx context.Context) error
}

// Unit is what a service's package exports for Main and Local.
type Unit struct {
	Name string
	// New loads the configuration, builds the service and starts nothing.
	New func(context.Context, Base) (Service, error)
	// Config is a pointer to the service's empty configuration, from which --help prints the settings. May be nil.
	Config any
	// Schema is what the commands migrate and await-schema work on, nil for a service without a database. Its settings are those
	// of a postgres.Config in the field Database.
	Schema Schema
}

// Schema is a database schema that a service owns.
type Schema interface {
	// Migrate brings the schema to the version that the binary knows, with the setting prefix_OWNER_URL.
	Migrate(ctx context.Context, prefix string, lookup config.Lookup) error
	// Await returns when the schema is at that version, with the setting prefix_URL. What it waits for goes to report.
	Await(ctx context.Context, prefix string, lookup config.Lookup, report func(waiting string)) error
}

func (u Unit) validate() error {
	if !slices.Contains(Names(), u.Name) {
		return fmt.Errorf("service %q is not one of %v", u.Name, Names())
	}
	if u.New == nil {
		return fmt.Errorf("service %s has no constructor", u.Name)
	}
	return nil
}
