// Package store runs the statements of storage on Postgres. Statements over entries run in the role of their tenant, which
// reaches that tenant's schema alone; control tables are kept apart by row-level security.
package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/schema"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// Migrations are the control tables.
//
//go:embed migrations/*.sql
var Migrations embed.FS

// Schema is the schema of the control tables.
const Schema = "storage"

// maxPlaces bounds the tenants whose place is remembered.
const maxPlaces = 10_000

// Store keeps everything in Postgres.
type Store struct {
	db   *postgres.DB
	keys *keys.Keyring

	mu     sync.Mutex
	places map[string]engine.Place // never changes for a tenant
}

// New makes a store on open connections, which it does not close.
func New(pg *postgres.DB, k *keys.Keyring) *Store {
	return &Store{db: pg, keys: k, places: map[string]engine.Place{}}
}

var _ engine.Store = (*Store)(nil)

// Place implements engine.Store.
func (s *Store) Place(ctx context.Context, tenant, release string) (engine.Place, error) {
	p, err := s.Home(ctx, tenant)
	if digits, ok := strings.CutPrefix(release, principal.PreviewPrefix); ok && err == nil {
		p.Preview, p.Schema = release, schema.PreviewOf(p.Schema, digits)
	}
	return p, err
}

// Home finds where the data of a tenant itself lives, or fails with TENANT_NOT_FOUND.
func (s *Store) Home(ctx context.Context, tenant string) (engine.Place, error) {
	s.mu.Lock()
	p, ok := s.places[tenant]
	s.mu.Unlock()
	if ok {
		return p, nil
	}
	row, err := db.New(s.db.Tenant(tenant)).TenantByID(ctx, tenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return engine.Place{}, fault.NotFound(faultv1.Reason_REASON_TENANT_NOT_FOUND, "the tenant has no place for data")
	}
	if err != nil {
		return engine.Place{}, fmt.Errorf("read tenant: %w", classify(err))
	}
	key, err := s.keys.Open(tenant, row.WrappedKey)
	if err != nil {
		return engine.Place{}, err
	}
	p = engine.Place{Tenant: tenant, Schema: row.SchemaName, Role: row.RoleName, Key: key}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.places) >= maxPlaces {
		clear(s.places)
	}
	s.places[tenant] = p
	return p, nil
}

// AddTenant records the place of a tenant, unless it has one, and returns it.
func (s *Store) AddTenant(ctx context.Context, tenant, schema string) (engine.Place, error) {
	wrapped, err := s.keys.New(tenant)
	if err != nil {
		return engine.Place{}, err
	}
	_, err = db.New(s.db.Tenant(tenant)).InsertTenant(ctx, db.InsertTenantParams{TenantID: tenant, SchemaName: schema, RoleName: schema, WrappedKey: wrapped})
	if err != nil {
		return engine.Place{}, fmt.Errorf("record tenant: %w", classify(err))
	}
	return s.Home(ctx, tenant)
}

// ForgetTenant deletes the record of a tenant, and with it the key that its values and files are encrypted with.
func (s *Store) ForgetTenant(ctx context.Context, tenant string) error {
	s.mu.Lock()
	delete(s.places, tenant)
	s.mu.Unlock()
	if err := db.New(s.db.Tenant(tenant)).DeleteTenant(ctx, tenant); err != nil {
		return fmt.Errorf("forget tenant: %w", classify(err))
	}
	return nil
}

// ForgetPreview deletes the history of the copies in a preview.
func (s *Store) ForgetPreview(ctx context.Context, tenant, preview string) error {
	if err := db.New(s.db.Tenant(tenant)).DeleteHoldsOf(ctx, db.DeleteHoldsOfParams{TenantID: tenant, Prefix: preview + "/"}); err != nil {
		return fmt.Errorf("forget preview: %w", classify(err))
	}
	for {
		n, err := db.New(s.db.Tenant(tenant)).DeleteChangesOf(ctx, db.DeleteChangesOfParams{TenantID: tenant, Prefix: preview + "/"})
		if err != nil {
			return fmt.Errorf("forget preview: %w", classify(err))
		}
		if n == 0 {
			return nil
		}
	}
}

// Tenants lists the tenants that have a place.
func (s *Store) Tenants(ctx context.Context) ([]string, error) {
	ids, err := db.New(s.db.System()).ListTenants(ctx)
	if err != nil {
		return nil, fmt.Errorf("list tenants: %w", classify(err))
	}
	return ids, nil
}

// Owner of the names that set_config takes.
const (
	setRole   = "SELECT set_config('role', $1, true)"
	resetRole = "SELECT set_config('role', 'none', true)"
)

// Entries implements engine.Store. The role and the statements go in one round trip.
func (s *Store) Entries(ctx context.Context, p engine.Place, stmt query.Statement, cols query.Columns, count *query.Statement) ([]engine.Encoded, int64, error) {
	var entries []engine.Encoded
	var total int64
	err := again(func() error {
		entries, total = nil, 0
		batch := &pgx.Batch{}
		batch.Queue(setRole, p.Role)
		batch.Queue(stmt.SQL, stmt.Args...).Query(func(rows pgx.Rows) error {
			var err error
			entries, err = encodeEntries(rows, cols, p.Key)
			return err
		})
		if count != nil {
			batch.Queue(count.SQL, count.Args...).QueryRow(func(row pgx.Row) error { return row.Scan(&total) })
		}
		return s.db.Pool().SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read entries: %w", classify(err))
	}
	return entries, total, nil
}

// again repeats what met a table whose columns have just changed: the statement was prepared for the old ones.
func again(f func() error) error {
	err := f()
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code == "0A000" && strings.Contains(pe.Message, "cached plan") {
		return f()
	}
	return err
}

// Write implements engine.Store.
func (s *Store) Write(ctx context.Context, p engine.Place, f func(engine.Tx) error) error {
	return again(func() error {
		err := s.db.TenantTx(ctx, p.Tenant, func(pgtx pgx.Tx) error { return f(&tx{tx: pgtx, place: p, q: db.New(pgtx)}) })
		return classify(err)
	})
}

// insertChange is InsertChanges for one, which can go along with other statements.
const insertChange = `INSERT INTO storage.entry_changes (tenant_id, component_uid, entry, change_time, subject, operation, before_values, after_values, release)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`

// Create implements engine.Store. All statements of a batch are one transaction.
func (s *Store) Create(ctx context.Context, p engine.Place, stmts []query.Statement, about engine.Origin, ch engine.Change) error {
	err := again(func() error {
		batch := &pgx.Batch{}
		batch.Queue("SELECT set_config('aqtra.tenant', $1, true), set_config('role', $2, true)", p.Tenant, p.Role)
		for _, stmt := range stmts {
			batch.Queue(stmt.SQL, stmt.Args...)
		}
		batch.Queue(resetRole)
		batch.Queue(insertChange, p.Tenant, p.Own(about.Component.UID), ch.Entry, about.Stamp.Time, about.Stamp.Subject, ch.Operation, ch.Before, ch.After, about.Release)
		return s.db.Pool().SendBatch(ctx, batch).Close()
	})
	if name, ok := postgres.IsUnique(err); ok {
		return &engine.Violation{Constraint: name, Unique: true, Cause: err}
	}
	if name, ok := postgres.IsForeignKey(err); ok {
		return &engine.Violation{Constraint: name, Cause: err}
	}
	if err != nil {
		return fmt.Errorf("create entry: %w", classify(err))
	}
	return nil
}

// Changes implements engine.Store.
func (s *Store) Changes(ctx context.Context, tenant, componentUID, entry string, before int64, limit int32) ([]engine.Change, error) {
	rows, err := db.New(s.db.Tenant(tenant)).ListChanges(ctx, db.ListChangesParams{
		TenantID: tenant, ComponentUid: componentUID, Entry: entry, BeforeID: before, PageSize: limit,
	})
	if err != nil {
		return nil, fmt.Errorf("list changes: %w", classify(err))
	}
	changes := make([]engine.Change, len(rows))
	for i, r := range rows {
		changes[i] = engine.Change{ID: r.ID, Entry: entry, Time: r.ChangeTime, Subject: r.Subject, Operation: r.Operation,
			Before: r.BeforeValues, After: r.AfterValues, Release: r.Release}
	}
	return changes, nil
}

// classify gives failures that are nobody's fault here the form that callers can act on.
func classify(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := fault.As(err); ok {
		return err
	}
	if pe, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch {
		case pe.Code[:2] == "22": // overflow, a date out of range and the like: expressions can do that
			return fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, "a value in the expression is out of range", fault.Cause(err))
		case pe.Code == "57014":
			return fault.DeadlineExceeded(faultv1.Reason_REASON_DEADLINE_EXCEEDED, "the database took too long", fault.Cause(err))
		case pe.Code == "42P01", pe.Code == "42703": // no such table or column
			return fault.FailedPrecondition(faultv1.Reason_REASON_RELEASE_NOT_FOUND, "the tables of this release are not there any more, or not yet", fault.Cause(err))
		}
	}
	if postgres.IsLockTimeout(err) || postgres.IsUnavailable(err) || postgres.IsRetryable(err) {
		return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is busy", fault.Cause(err))
	}
	return err
}
