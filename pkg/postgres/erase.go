package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// eraseRows is how many rows one statement of EraseTenant deletes: few enough that it holds its locks for a moment only.
const eraseRows = 5000

// eraseTables finds what a service keeps by tenant: every table that has the column. Partitions are reached through their
// parents.
const eraseTables = `
SELECT format('%I.%I', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY c.relname`

// EraseTenant deletes the rows of a tenant from all tables of a service's schema that have a tenant_id, so that a table that
// is added later is not forgotten. It may be repeated, and goes on where it was cut off.
func (db *DB) EraseTenant(ctx context.Context, schema, tenant string) error {
	if tenant == "" {
		return ErrNoTenant
	}
	rows, err := db.app.Query(ctx, eraseTables, schema)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	// A table whose rows others refer to waits for these: each round empties at least one, or there is something wrong.
	for len(tables) > 0 {
		var waiting []string
		var errs []error
		for _, table := range tables {
			err := db.eraseTable(ctx, table, tenant)
			if pe, ok := errors.AsType[*pgconn.PgError](err); ok && pe.Code == "23503" {
				waiting, errs = append(waiting, table), append(errs, err)
			} else if err != nil {
				return fmt.Errorf("erase %s: %w", table, err)
			}
		}
		if len(waiting) == len(tables) {
			return fmt.Errorf("erase %v: %w", waiting, errors.Join(errs...))
		}
		tables = waiting
	}
	return nil
}

func (db *DB) eraseTable(ctx context.Context, table, tenant string) error {
	// The name comes from the catalogue, quoted by the database.
	sql := fmt.Sprintf("DELETE FROM %s WHERE (tableoid, ctid) IN (SELECT tableoid, ctid FROM %[1]s WHERE tenant_id = $1 LIMIT %d)", table, eraseRows)
	for {
		tag, err := db.Tenant(tenant).Exec(ctx, sql, tenant)
		if err != nil || tag.RowsAffected() == 0 {
			return err
		}
	}
}
