package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DBTX runs single statements. It is the interface that sqlc generates its queries against.
type DBTX interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Options says whose connections these are.
type Options struct {
	// Schema is the service's schema, the only one on the search path.
	Schema string
	// Application is shown in pg_stat_activity; the schema's name when empty.
	Application string
}

// DB is a service's connections. It is safe for concurrent use.
type DB struct {
	app    *pgxpool.Pool
	system *pgxpool.Pool
}

// Open makes the connection pools. It connects lazily, so it succeeds while Postgres is away; use Ready to wait for it.
// It fails when the configuration is wrong.
func Open(ctx context.Context, cfg Config, opts Options) (*DB, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("postgres configuration: %w", err)
	}
	cfg = cfg.withDefaults()
	app, err := newPool(ctx, cfg, opts, cfg.URL, cfg.MaxConns, "", nil)
	if err != nil {
		return nil, err
	}
	system, err := newPool(ctx, cfg, opts, cfg.URL, cfg.SystemMaxConns, "-system", map[string]string{"aqtra.scope": "system"})
	if err != nil {
		app.Close()
		return nil, err
	}
	return &DB{app: app, system: system}, nil
}

// OpenOwner makes a small pool of the schema's owner, for a service that makes tables while it runs. Statements there
// have no time limit, as DDL and validation may take long; waits for locks keep theirs.
func OpenOwner(ctx context.Context, cfg Config, opts Options) (*pgxpool.Pool, error) {
	if cfg.OwnerURL == "" {
		return nil, errors.New("postgres configuration: OwnerURL is required")
	}
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("postgres configuration: %w", err)
	}
	cfg = cfg.withDefaults()
	cfg.StatementTimeout = 0
	return newPool(ctx, cfg, opts, cfg.OwnerURL, 2, "-owner", nil)
}

func newPool(ctx context.Context, cfg Config, opts Options, dsn string, size int, suffix string, params map[string]string) (*pgxpool.Pool, error) {
	if !identifier.MatchString(opts.Schema) {
		return nil, fmt.Errorf("postgres schema %q is not a plain identifier", opts.Schema)
	}
	pc, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	cc := pc.ConnConfig
	session(cfg, opts.Schema, cc.RuntimeParams)
	app := opts.Application
	if app == "" {
		app = opts.Schema
	}
	cc.RuntimeParams["application_name"] = app + suffix
	for k, v := range params {
		cc.RuntimeParams[k] = v
	}
	cc.ConnectTimeout = cfg.ConnectTimeout
	pc.MaxConns = int32(size)
	pc.MinConns = 0
	pc.MinIdleConns = 0
	pc.MaxConnLifetime = cfg.MaxConnLifetime
	pc.MaxConnLifetimeJitter = cfg.MaxConnLifetime / 10
	pc.MaxConnIdleTime = cfg.MaxConnIdleTime
	pc.BeforeConnect = refreshTLS(dsn)
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("open postgres pool: %w", err)
	}
	return pool, nil
}

// System runs statements across tenants, on connections that row-level security lets see every row.
func (db *DB) System() DBTX { return db.system }

// SystemPool is the pool behind System, for what needs a connection of its own, such as LISTEN.
func (db *DB) SystemPool() *pgxpool.Pool { return db.system }

// Pool is the pool behind Tenant. Its connections carry neither tenant nor scope: control tables look empty on them.
func (db *DB) Pool() *pgxpool.Pool { return db.app }

// Ready returns nil when Postgres can be reached. Both pools go to the same server, so one answers for both.
func (db *DB) Ready(ctx context.Context) error {
	if err := db.app.Ping(ctx); err != nil {
		return fmt.Errorf("reach postgres: %w", err)
	}
	return nil
}

// Close closes all connections; it waits for those in use.
func (db *DB) Close() {
	db.app.Close()
	db.system.Close()
}
