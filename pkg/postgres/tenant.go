package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// setTenant makes the rows of one tenant visible until the transaction ends.
const setTenant = "select set_config('aqtra.tenant', $1, true)"

// ErrNoTenant is returned when a statement of a tenant is asked for without saying which.
var ErrNoTenant = errors.New("postgres: no tenant")

// Tenant runs statements that see and touch only the rows of one tenant. Each statement is a transaction of its own and
// one round trip. Rows must be closed, or read to the end, before their connection is free again.
func (db *DB) Tenant(tenant string) DBTX { return tenantDB{pool: db.app, tenant: tenant} }

type tenantDB struct {
	pool   *pgxpool.Pool
	tenant string
}

var _ DBTX = tenantDB{}

// send puts set_config before the statement. Both end at one Sync, which makes them one implicit transaction.
func (t tenantDB) send(ctx context.Context, sql string, args []any) (pgx.BatchResults, error) {
	if t.tenant == "" {
		return nil, ErrNoTenant
	}
	b := &pgx.Batch{}
	b.Queue(setTenant, t.tenant)
	b.Queue(sql, args...)
	br := t.pool.SendBatch(ctx, b)
	if _, err := br.Exec(); err != nil {
		_ = br.Close() // the same error again
		return nil, err
	}
	return br, nil
}

func (t tenantDB) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	br, err := t.send(ctx, sql, args)
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	tag, err := br.Exec()
	// Close ends the implicit transaction: a deferred constraint fails only here.
	if cerr := br.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return pgconn.CommandTag{}, err
	}
	return tag, nil
}

func (t tenantDB) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	br, err := t.send(ctx, sql, args)
	if err != nil {
		return nil, err
	}
	rows, err := br.Query()
	if err != nil {
		_ = br.Close() // the same error again
		return nil, err
	}
	return &tenantRows{Rows: rows, br: br}, nil
}

func (t tenantDB) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := t.Query(ctx, sql, args...)
	return tenantRow{rows: rows, err: err}
}

// tenantRows gives the connection back when the rows end.
type tenantRows struct {
	pgx.Rows
	br     pgx.BatchResults
	err    error
	closed bool
}

func (r *tenantRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *tenantRows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.br.Close()
}

func (r *tenantRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

type tenantRow struct {
	rows pgx.Rows
	err  error
}

func (r tenantRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
