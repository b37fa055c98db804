package postgres

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config names a service's database and bounds what it may take of it.
type Config struct {
	// URL connects as the application role. Over TCP it must say sslmode=verify-full, and usually sslrootcert=<file>.
	// The files it names are read again for every new connection, so a rotated certificate needs no restart.
	URL string `secret:"true" doc:"Postgres URL of the application role; over TCP with sslmode=verify-full and sslrootcert"`
	// OwnerURL connects as the schema's owner, to migrate. Empty means that something else migrates.
	OwnerURL string `secret:"true" doc:"Postgres URL of the schema's owner, used to migrate; empty: do not migrate"`
	// MaxConns bounds the connections that serve tenants.
	MaxConns int `default:"8" doc:"most connections for the work of tenants"`
	// SystemMaxConns bounds the connections of work across tenants.
	SystemMaxConns int `default:"4" doc:"most connections for work across tenants"`
	// ConnectTimeout bounds one attempt to connect.
	ConnectTimeout time.Duration `default:"5s" doc:"longest attempt to connect"`
	// StatementTimeout bounds each statement; the database ends a longer one.
	StatementTimeout time.Duration `default:"30s" doc:"longest statement"`
	// LockTimeout bounds each wait for a lock.
	LockTimeout time.Duration `default:"5s" doc:"longest wait for a lock"`
	// IdleTxTimeout bounds how long a transaction may sit idle; the database closes its connection then.
	IdleTxTimeout time.Duration `default:"60s" doc:"longest idle time within a transaction"`
	// MaxConnLifetime is how old a connection gets; it bounds how long a rotated password or certificate stays in use.
	MaxConnLifetime time.Duration `default:"30m" doc:"age at which a connection is replaced"`
	// MaxConnIdleTime is how long an unused connection is kept.
	MaxConnIdleTime time.Duration `default:"5m" doc:"idle time after which a connection is closed"`
}

// Validate reports every bad field at once, by name.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, field, need string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s %s", field, need))
		}
	}
	if c.URL == "" {
		check(false, "URL", "is required")
	} else if _, err := parse(c.URL); err != nil {
		errs = append(errs, fmt.Errorf("URL: %w", err))
	}
	if c.OwnerURL != "" {
		if _, err := parse(c.OwnerURL); err != nil {
			errs = append(errs, fmt.Errorf("OwnerURL: %w", err))
		}
	}
	check(c.MaxConns >= 0 && c.MaxConns <= 1000, "MaxConns", "must be within 0 (default) and 1000")
	check(c.SystemMaxConns >= 0 && c.SystemMaxConns <= 1000, "SystemMaxConns", "must be within 0 (default) and 1000")
	for field, d := range map[string]time.Duration{
		"ConnectTimeout": c.ConnectTimeout, "StatementTimeout": c.StatementTimeout, "LockTimeout": c.LockTimeout,
		"IdleTxTimeout": c.IdleTxTimeout, "MaxConnLifetime": c.MaxConnLifetime, "MaxConnIdleTime": c.MaxConnIdleTime,
	} {
		check(d >= 0, field, "must not be negative")
	}
	return errors.Join(errs...)
}

// withDefaults fills what a Config made by hand left out, with the values of the struct tags.
func (c Config) withDefaults() Config {
	def := func(v *time.Duration, d time.Duration) {
		if *v == 0 {
			*v = d
		}
	}
	if c.MaxConns == 0 {
		c.MaxConns = 8
	}
	if c.SystemMaxConns == 0 {
		c.SystemMaxConns = 4
	}
	def(&c.ConnectTimeout, 5*time.Second)
	def(&c.StatementTimeout, 30*time.Second)
	def(&c.LockTimeout, 5*time.Second)
	def(&c.IdleTxTimeout, time.Minute)
	def(&c.MaxConnLifetime, 30*time.Minute)
	def(&c.MaxConnIdleTime, 5*time.Minute)
	return c
}

var identifier = regexp.MustCompile(`^[a-z][a-z0-9_]{0,47}$`)

// errURL stands for whatever a URL parser has to say: its text may quote the password.
var errURL = errors.New("not a valid Postgres URL")

// parse reads a connection string and demands TLS 1.3 with a verified name for every host that is not a unix socket.
func parse(dsn string) (*pgxpool.Config, error) {
	pc, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		// A missing or broken certificate file is worth naming, and carries no password.
		if pathErr := (*os.PathError)(nil); errors.As(err, &pathErr) {
			return nil, fmt.Errorf("certificate file: %w", pathErr)
		}
		return nil, errURL
	}
	cc := pc.ConnConfig
	if err := requireTLS(cc.Host, cc.TLSConfig); err != nil {
		return nil, err
	}
	for _, fb := range cc.Fallbacks {
		if err := requireTLS(fb.Host, fb.TLSConfig); err != nil {
			return nil, err
		}
	}
	cc.DefaultQueryExecMode = pgx.QueryExecModeCacheStatement
	return pc, nil
}

func requireTLS(host string, cfg *tls.Config) error {
	if strings.HasPrefix(host, "/") {
		return nil
	}
	// InsecureSkipVerify is how pgx expresses every mode weaker than verify-full; no TLS at all is nil.
	if cfg == nil || cfg.InsecureSkipVerify {
		return fmt.Errorf("connection to %s must use sslmode=verify-full", host)
	}
	cfg.MinVersion = tls.VersionTLS13
	return nil
}

// refreshTLS reads the files named by dsn again, so that a new connection uses certificates as they are now.
func refreshTLS(dsn string) func(context.Context, *pgx.ConnConfig) error {
	return func(_ context.Context, cc *pgx.ConnConfig) error {
		fresh, err := parse(dsn)
		if err != nil {
			return err
		}
		cc.TLSConfig, cc.Fallbacks = fresh.ConnConfig.TLSConfig, fresh.ConnConfig.Fallbacks
		return nil
	}
}

// session gives the settings that every connection of a service starts with.
func session(c Config, schema string, params map[string]string) {
	params["search_path"] = schema + ", pg_temp"
	params["timezone"] = "UTC"
	params["statement_timeout"] = millis(c.StatementTimeout)
	params["lock_timeout"] = millis(c.LockTimeout)
	params["idle_in_transaction_session_timeout"] = millis(c.IdleTxTimeout)
}

func millis(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
