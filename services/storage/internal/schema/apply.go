package schema

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/postgres"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

const (
	// lockTimeout bounds how long a statement queues for a table, because everybody else queues behind it.
	lockTimeout = 2 * time.Second
	attempts    = 15
	firstWait   = 200 * time.Millisecond
	// conflictIDs is how many rows of a conflict are named.
	conflictIDs = 5
)

// Changer plans and makes changes with the rights of the owner of all tenants' schemas.
type Changer struct {
	pool  *pgxpool.Pool
	clock clock.Clock
}

// NewChanger makes a changer on the owner's pool, which it does not close.
func NewChanger(pool *pgxpool.Pool, c clock.Clock) *Changer { return &Changer{pool: pool, clock: c} }

// Plan compares a tenant's schema with a release.
func (c *Changer) Plan(ctx context.Context, schema string, release *model.Release) (*Plan, error) {
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect as owner: %w", err)
	}
	defer conn.Release()
	return plan(ctx, conn, schema, release)
}

// plan keeps only those losses and conflicts that have rows.
func plan(ctx context.Context, q querier, schema string, release *model.Release) (*Plan, error) {
	cat, err := readCatalog(ctx, q, schema)
	if err != nil {
		return nil, err
	}
	names, err := readLabels(ctx, q, schema)
	if err != nil {
		return nil, err
	}
	p, err := diff(schema, release, cat, names)
	if err != nil {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, err.Error())
	}
	for i := range p.Losses {
		if err := q.QueryRow(ctx, p.Losses[i].countSQL).Scan(&p.Losses[i].Rows); err != nil {
			return nil, fmt.Errorf("count %s: %w", p.Losses[i].Name, err)
		}
	}
	p.Losses = slices.DeleteFunc(p.Losses, func(l Loss) bool { return l.Rows == 0 })
	for i := range p.Conflicts {
		if err := p.Conflicts[i].look(ctx, q); err != nil {
			return nil, err
		}
	}
	p.Conflicts = slices.DeleteFunc(p.Conflicts, func(c Conflict) bool { return c.Rows == 0 })
	return p, nil
}

func (c *Conflict) look(ctx context.Context, q querier) error {
	sql := fmt.Sprintf("SELECT count(DISTINCT x), coalesce((array_agg(DISTINCT x))[1:%d], '{}') FROM (%s) AS found (x)", conflictIDs, c.sql)
	if err := q.QueryRow(ctx, sql, c.args...).Scan(&c.Rows, &c.Entries); err != nil {
		return fmt.Errorf("look for conflicts of %s.%s: %w", c.Component, c.Field, err)
	}
	return nil
}

// Progress tells how far a change is.
type Progress struct {
	Done, Total int
	Message     string
}

// Expand makes what a release needs. It may be repeated, also after it was cut off. It refuses when rows do not fit.
func (c *Changer) Expand(ctx context.Context, schema string, release *model.Release, report func(Progress) error) error {
	return c.locked(ctx, schema, func(conn *pgxpool.Conn) error {
		p, err := plan(ctx, conn, schema, release)
		if err != nil {
			return err
		}
		if len(p.Conflicts) > 0 {
			opts := make([]fault.Option, len(p.Conflicts))
			for i, k := range p.Conflicts {
				opts[i] = fault.Field(k.Component+"."+k.Field, fmt.Sprintf("%s (%d rows)", k.Message, k.Rows))
			}
			return fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, "existing entries do not fit the release", opts...)
		}
		if err := writeLabels(ctx, conn, schema, p.labels); err != nil {
			return err
		}
		return c.apply(ctx, conn, slices.DeleteFunc(p.Changes, func(ch Change) bool { return ch.Contract }), report)
	})
}

// Contract drops what the release does not need, if nothing is lost or the loss was accepted. It may be repeated.
func (c *Changer) Contract(ctx context.Context, schema string, release *model.Release, accepted []string, report func(Progress) error) error {
	return c.locked(ctx, schema, func(conn *pgxpool.Conn) error {
		p, err := plan(ctx, conn, schema, release)
		if err != nil {
			return err
		}
		keep := map[string]bool{}
		for _, l := range p.Losses {
			keep[l.Name] = !slices.Contains(accepted, l.Name)
		}
		return c.apply(ctx, conn, slices.DeleteFunc(p.Changes, func(ch Change) bool { return !ch.Contract || keep[ch.loss] }), report)
	})
}

// locked lets one change of a schema run at a time, on whatever replica.
func (c *Changer) locked(ctx context.Context, schema string, f func(*pgxpool.Conn) error) error {
	conn, err := c.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connect as owner: %w", err)
	}
	// The lock and the time-out belong to the session, so the session ends with them.
	defer func() {
		raw := conn.Hijack()
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = raw.Close(ctx) // a lost connection is closed as well
	}()
	h := fnv.New64a()
	_, _ = h.Write([]byte("aqtra storage schema " + schema))
	if err := c.retry(ctx, func() error {
		_, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(h.Sum64()))
		return err
	}); err != nil {
		return fmt.Errorf("lock schema %s: %w", schema, err)
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf("SET lock_timeout = %d", lockTimeout.Milliseconds())); err != nil {
		return fmt.Errorf("set lock timeout: %w", err)
	}
	return f(conn)
}

func (c *Changer) apply(ctx context.Context, conn *pgxpool.Conn, changes []Change, report func(Progress) error) error {
	for i, ch := range changes {
		err := c.retry(ctx, func() error { return execute(ctx, conn, ch.SQL) })
		if err != nil {
			if postgres.IsLockTimeout(err) {
				return fault.Unavailable(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, "a table of "+ch.Component+" is in use for too long",
					fault.Cause(err), fault.Retry(10*time.Second))
			}
			return fmt.Errorf("%s: %w", ch.Summary, err)
		}
		if err := report(Progress{Done: i + 1, Total: len(changes), Message: ch.Summary}); err != nil {
			return err
		}
	}
	if len(changes) == 0 {
		return report(Progress{Message: "nothing to do"})
	}
	return nil
}

// execute runs one statement. A concurrent build that failed leaves an index of no use, which IF NOT EXISTS would take for
// done, so it is dropped at once.
func execute(ctx context.Context, conn *pgxpool.Conn, sql string) error {
	_, err := conn.Exec(ctx, sql)
	if err == nil || !strings.Contains(sql, " CONCURRENTLY IF NOT EXISTS ") {
		return err
	}
	_, rest, _ := strings.Cut(sql, " IF NOT EXISTS ")
	name, on, _ := strings.Cut(rest, " ON ")
	namespace, _, _ := strings.Cut(on, ".")
	_, derr := conn.Exec(ctx, fmt.Sprintf("DROP INDEX CONCURRENTLY IF EXISTS %s.%s", namespace, name))
	return errors.Join(err, derr)
}

// retry repeats what could not get a lock, with growing pauses in which others get through.
func (c *Changer) retry(ctx context.Context, f func() error) error {
	wait := firstWait
	for attempt := 1; ; attempt++ {
		err := f()
		if err == nil || attempt == attempts || !postgres.IsLockTimeout(err) && !postgres.IsRetryable(err) {
			return err
		}
		if err := clock.Sleep(ctx, c.clock, wait); err != nil {
			return err
		}
		wait = min(2*wait, 5*time.Second)
	}
}

// Provision makes the schema and the role of a tenant. It may be repeated.
func (c *Changer) Provision(ctx context.Context, schema, role, appRole string) error {
	var there bool
	if err := c.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&there); err != nil {
		return fmt.Errorf("look for role: %w", err)
	}
	if !there {
		if _, err := c.pool.Exec(ctx, "CREATE ROLE "+quote(role)+" NOLOGIN"); err != nil && !isDuplicate(err) {
			return fmt.Errorf("create role: %w", err)
		}
	}
	return pgx.BeginFunc(ctx, c.pool, func(tx pgx.Tx) error {
		for _, sql := range []string{
			"SELECT pg_advisory_xact_lock(hashtextextended('aqtra storage provision', 0))",
			"CREATE SCHEMA IF NOT EXISTS " + quote(schema),
			fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", quote(schema), quote(role)),
			fmt.Sprintf("GRANT USAGE ON SCHEMA storage TO %s", quote(role)), // for the functions of expressions; tables there stay closed
			fmt.Sprintf("ALTER DEFAULT PRIVILEGES IN SCHEMA %s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s", quote(schema), quote(role)),
			fmt.Sprintf("GRANT %s TO %s", quote(role), quote(appRole)),
			// The application prepares statements before it takes the role. That needs the names, not the tables.
			fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", quote(schema), quote(appRole)),
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return fmt.Errorf("provision: %w", err)
			}
		}
		return nil
	})
}

// isDuplicate recognises a role that somebody else made at the same time.
func isDuplicate(err error) bool {
	_, unique := postgres.IsUnique(err)
	return unique || strings.Contains(err.Error(), "SQLSTATE 42710")
}
