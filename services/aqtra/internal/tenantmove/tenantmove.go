// Package tenantmove takes a tenant with everything that it has out of an installation into an archive, and brings it into another one.
//
// It works beside running services, on the database itself: a tenant leaves as it was at one moment, and becomes visible where it
// arrives only when all of it is there.
package tenantmove

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	componentlibrary "github.com/aqtra/aqtra/services/component-library"
	"github.com/aqtra/aqtra/services/gateway"
	"github.com/aqtra/aqtra/services/storage"
	"github.com/aqtra/aqtra/services/workflow"
)

// Installation is where a tenant leaves or arrives.
type Installation struct {
	// AdminURL connects to the database as a superuser, or as a role that passes row-level security.
	AdminURL string
	// Lookup has the settings of the services.
	Lookup config.Lookup
	Clock  clock.Clock
	Log    *slog.Logger
	// Report is told what is being done, a line each.
	Report func(string)
}

const (
	peopleName = "people"
	entries    = "entries."
	// stayingShown is how many runs that do not travel are named.
	stayingShown = 5
	closeTimeout = 5 * time.Second
)

// schemas are those whose tables are read and written.
func schemas() []postgres.Schema {
	return []postgres.Schema{gateway.Schema(), componentlibrary.Schema(), storage.Schema(), workflow.Schema()}
}

// site is an installation that has been entered.
type site struct {
	Installation

	people *gateway.Mover
	data   *storage.Mover
	conn   *pgx.Conn
}

// enter connects, and refuses a database that is of another version: this program would change it under the services.
func (in Installation) enter(ctx context.Context) (_ *site, err error) {
	s := &site{Installation: in}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.conn, err = s.connect(ctx); err != nil {
		return nil, err
	}
	for _, schema := range schemas() {
		if err := schema.Check(ctx, s.conn); err != nil {
			return nil, fmt.Errorf("this program and the installation are of different versions: %w", err)
		}
	}
	if s.people, err = gateway.NewMover(in.Lookup); err != nil {
		return nil, err
	}
	s.data, err = storage.OpenMover(ctx, in.Lookup, in.Clock, in.Log)
	return s, err
}

func (s *site) connect(ctx context.Context) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(s.AdminURL)
	if err != nil {
		return nil, errors.New("the URL of the database is wrong") // the error would show it
	}
	cfg.RuntimeParams["application_name"] = "aqtra tenant"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	// What a role may not see is an error, and not left out.
	if _, err := conn.Exec(ctx, "SET row_security = off"); err != nil {
		return nil, errors.Join(fmt.Errorf("connect to the database: %w", err), conn.Close(ctx))
	}
	return conn, nil
}

func (s *site) close() error {
	var errs []error
	if s.data != nil {
		errs = append(errs, s.data.Close())
	}
	if s.conn != nil {
		errs = append(errs, disconnect(s.conn))
	}
	return errors.Join(errs...)
}

func disconnect(conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	return conn.Close(ctx)
}

// versions are those of the schemas, by name.
func versions() (map[string]int64, error) {
	out := map[string]int64{}
	for _, schema := range schemas() {
		v, err := schema.Newest()
		if err != nil {
			return nil, err
		}
		out[schema.Name] = v
	}
	return out, nil
}

// control are the tables that tenants share, in the order in which their rows refer to each other.
func control(home *storage.Home) []tenantdata.Table {
	tables := gateway.TenantTables()
	tables = append(tables, componentlibrary.TenantTables()...)
	tables = append(tables, home.ControlTables()...)
	return append(tables, workflow.TenantTables()...)
}
