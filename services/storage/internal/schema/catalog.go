package schema

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// catalog is what a tenant's schema really holds.
type catalog map[string]*table

type table struct {
	columns     map[string]column
	indexes     map[string]index
	constraints map[string]constraint
	hasRows     bool
}

type column struct{ typ string }

type index struct{ valid, plain bool }

type constraint struct {
	valid bool
	// target is the table that a foreign key refers to; empty for others.
	target string
}

const (
	tablesQuery = `
SELECT c.relname
FROM pg_class c WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'`

	columnsQuery = `
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped`

	// An index that carries a constraint is dropped with it, not by itself.
	indexesQuery = `
SELECT c.relname, i.relname, x.indisvalid AND x.indisready, NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.oid AND k.contype IN ('p', 'u', 'x'))
FROM pg_class c JOIN pg_index x ON x.indrelid = c.oid JOIN pg_class i ON i.oid = x.indexrelid
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'`

	constraintsQuery = `
SELECT c.relname, k.conname, k.convalidated, coalesce(t.relname, '')
FROM pg_class c JOIN pg_constraint k ON k.conrelid = c.oid LEFT JOIN pg_class t ON t.oid = k.confrelid
WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r' AND k.contype = 'f'`
)

// querier runs queries; a connection or a pool.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Begin(ctx context.Context) (pgx.Tx, error)
}

// readCatalog looks at a tenant's schema as it is now.
func readCatalog(ctx context.Context, q querier, schema string) (catalog, error) {
	cat := catalog{}
	var name, part, a string
	var yes, also bool
	// A table that another change has just made is left out: it is not in the first answer, and the later ones must not name it.
	of := func(f func(t *table)) func() {
		return func() {
			if t := cat[name]; t != nil {
				f(t)
			}
		}
	}
	each := func(sql string, scan []any, f func()) error {
		rows, err := q.Query(ctx, sql, schema)
		if err != nil {
			return err
		}
		_, err = pgx.ForEachRow(rows, scan, func() error { f(); return nil })
		return err
	}
	steps := []func() error{
		func() error {
			return each(tablesQuery, []any{&name}, func() {
				cat[name] = &table{columns: map[string]column{}, indexes: map[string]index{}, constraints: map[string]constraint{}}
			})
		},
		func() error {
			return each(columnsQuery, []any{&name, &part, &a}, of(func(t *table) { t.columns[part] = column{typ: a} }))
		},
		func() error {
			return each(indexesQuery, []any{&name, &part, &yes, &also}, of(func(t *table) { t.indexes[part] = index{valid: yes, plain: also} }))
		},
		func() error {
			return each(constraintsQuery, []any{&name, &part, &yes, &a}, of(func(t *table) { t.constraints[part] = constraint{valid: yes, target: a} }))
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return nil, fmt.Errorf("read catalog of %s: %w", schema, err)
		}
	}
	for name, t := range cat {
		sql := fmt.Sprintf("SELECT EXISTS (SELECT FROM %s)", quote(schema, name))
		if err := q.QueryRow(ctx, sql).Scan(&t.hasRows); err != nil {
			return nil, fmt.Errorf("look into %s: %w", name, err)
		}
	}
	return cat, nil
}

func quote(parts ...string) string { return pgx.Identifier(parts).Sanitize() }
