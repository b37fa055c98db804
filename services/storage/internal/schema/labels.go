package schema

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/jackc/pgx/v5"
)

// labels are what tables and columns are called in the newest release that was expanded, to name losses after a removal. They
// are kept beside the tables, so that a rename is no change of the schema.
type labels map[string]string

// labelKey names a table, or one of its columns.
func labelKey(table, column string) string {
	if column == "" {
		return table
	}
	return table + "." + column
}

// of is what a table or column is called; its own name when that is not known.
func (l labels) of(table, column string) string {
	if name := l[labelKey(table, column)]; name != "" {
		return name
	}
	if column != "" {
		return column
	}
	return table
}

func (l labels) set(table, column, name string) { l[labelKey(table, column)] = name }

// kept are the labels of what is there still.
func (l labels) kept(cat catalog) labels {
	out := maps.Clone(l)
	maps.DeleteFunc(out, func(key, _ string) bool {
		name, part, isColumn := strings.Cut(key, ".")
		t := cat[name]
		if t == nil || !isColumn {
			return t == nil
		}
		_, there := t.columns[part]
		return !there
	})
	return out
}

// asSystem lets the statements of f see the control tables of all tenants.
func asSystem(ctx context.Context, q querier, f func(pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, q, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT set_config('aqtra.scope', 'system', true)"); err != nil {
			return err
		}
		return f(tx)
	})
}

func readLabels(ctx context.Context, q querier, schema string) (labels, error) {
	out := labels{}
	err := asSystem(ctx, q, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `
SELECT key, value FROM storage.tenants JOIN storage.labels USING (tenant_id), jsonb_each_text(labels) WHERE schema_name = $1`, schema)
		if err != nil {
			return err
		}
		var key, name string
		_, err = pgx.ForEachRow(rows, []any{&key, &name}, func() error { out[key] = name; return nil })
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the names of the tables of %s: %w", schema, err)
	}
	return out, nil
}

func writeLabels(ctx context.Context, q querier, schema string, l labels) error {
	err := asSystem(ctx, q, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `
INSERT INTO storage.labels AS l (tenant_id, labels) SELECT tenant_id, $2 FROM storage.tenants WHERE schema_name = $1
ON CONFLICT (tenant_id) DO UPDATE SET labels = EXCLUDED.labels WHERE l.labels IS DISTINCT FROM EXCLUDED.labels`, schema, l)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the names of the tables of %s: %w", schema, err)
	}
	return nil
}
