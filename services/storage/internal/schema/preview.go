package schema

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

const (
	// previewRows are how many entries of a table are copied, the newest, besides those that they refer to.
	previewRows = 200
	// maxPreviewRows bounds all of them together.
	maxPreviewRows = 20_000
)

// Preview makes a schema with the tables of another one and some of their rows, and expands it to a release: what would
// happen to the tables themselves happens to the copies. It returns how many entries were copied.
func (c *Changer) Preview(ctx context.Context, from, to string, release *model.Release, report func(Progress) error) (int64, error) {
	var copied int64
	err := c.locked(ctx, to, func(conn *pgxpool.Conn) error {
		return pgx.BeginTxFunc(ctx, conn, pgx.TxOptions{IsoLevel: pgx.RepeatableRead}, func(tx pgx.Tx) error {
			var err error
			copied, err = clone(ctx, tx, from, to)
			return err
		})
	})
	if err != nil {
		return 0, fmt.Errorf("copy tables: %w", err)
	}
	return copied, c.Expand(ctx, to, release, report)
}

// RemovePreviews drops the preview schemas of a tenant, which are named by a pattern.
func (c *Changer) RemovePreviews(ctx context.Context, pattern string) error {
	rows, err := c.pool.Query(ctx, "SELECT nspname FROM pg_namespace WHERE nspname ~ $1", pattern)
	if err != nil {
		return fmt.Errorf("list previews: %w", err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list previews: %w", err)
	}
	for _, name := range names {
		if err := c.Remove(ctx, name, ""); err != nil {
			return err
		}
	}
	return nil
}

// reference is a foreign key between the tables of a schema.
type reference struct{ table, column, target string }

func clone(ctx context.Context, tx pgx.Tx, from, to string) (int64, error) {
	keys, err := columns(ctx, tx, from)
	if err != nil {
		return 0, err
	}
	references, err := referencesIn(ctx, tx, from)
	if err != nil {
		return 0, err
	}
	chosen, err := choose(ctx, tx, from, keys, references)
	if err != nil {
		return 0, err
	}
	var copied int64
	for _, table := range slices.Sorted(maps.Keys(keys)) {
		old, fresh, key := quote(from, table), quote(to, table), keys[table]
		ids := chosen[table]
		primary := "id"
		if key == "entry" { // a link table: its rows come with their entry
			primary = "entry, position"
			for _, r := range references {
				if r.table == table && r.column == "entry" {
					ids = chosen[r.target]
				}
			}
		}
		for _, sql := range []string{
			fmt.Sprintf("CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)", fresh, old),
			fmt.Sprintf("ALTER TABLE %s ADD PRIMARY KEY (%s)", fresh, primary),
		} {
			if _, err := tx.Exec(ctx, sql); err != nil {
				return 0, err
			}
		}
		tag, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT * FROM %s WHERE %s = ANY($1)", fresh, old, key), slices.Sorted(maps.Keys(ids)))
		if err != nil {
			return 0, err
		}
		if key == "id" {
			copied += tag.RowsAffected()
		}
	}
	return copied, nil
}

// columns finds the tables of a schema, and the column by which their rows are chosen: id of an entry, or entry of a link.
func columns(ctx context.Context, tx pgx.Tx, schema string) (map[string]string, error) {
	rows, err := tx.Query(ctx, `SELECT table_name, column_name FROM information_schema.columns
		WHERE table_schema = $1 AND column_name IN ('id', 'entry')`, schema)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	var table, column string
	_, err = pgx.ForEachRow(rows, []any{&table, &column}, func() error {
		out[table] = column
		return nil
	})
	return out, err
}

func referencesIn(ctx context.Context, tx pgx.Tx, schema string) ([]reference, error) {
	rows, err := tx.Query(ctx, `SELECT t.relname, a.attname, f.relname FROM pg_constraint k
		JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_class f ON f.oid = k.confrelid
		JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
		WHERE k.contype = 'f' AND n.nspname = $1`, schema)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r reference, err error) {
		return r, row.Scan(&r.table, &r.column, &r.target)
	})
}

// choose finds the newest entries of each table, and what they refer to, until nothing is missing.
func choose(ctx context.Context, tx pgx.Tx, schema string, keys map[string]string, references []reference) (map[string]map[string]bool, error) {
	chosen, fresh := map[string]map[string]bool{}, map[string][]string{}
	total := 0
	add := func(table string, ids []string) {
		if chosen[table] == nil {
			chosen[table] = map[string]bool{}
		}
		for _, id := range ids {
			if !chosen[table][id] {
				chosen[table][id] = true
				fresh[table] = append(fresh[table], id)
				total++
			}
		}
	}
	list := func(sql string, args ...any) ([]string, error) {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	for _, table := range slices.Sorted(maps.Keys(keys)) {
		if keys[table] != "id" {
			continue
		}
		ids, err := list(fmt.Sprintf("SELECT id FROM %s ORDER BY id DESC LIMIT %d", quote(schema, table), previewRows))
		if err != nil {
			return nil, err
		}
		add(table, ids)
	}
	// By whose rows a reference is followed: an entry's own, or those of a link table that begin at the entry.
	owner := map[string]string{}
	for _, r := range references {
		if owner[r.table] == "" && keys[r.table] == "id" {
			owner[r.table] = r.table
		}
		if keys[r.table] == "entry" && r.column == "entry" {
			owner[r.table] = r.target
		}
	}
	for len(fresh) > 0 {
		if total > maxPreviewRows {
			return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED,
				fmt.Sprintf("the newest entries refer to more than %d others, too many for a preview", maxPreviewRows))
		}
		round := fresh
		fresh = map[string][]string{}
		for _, r := range references {
			ids := round[owner[r.table]]
			if len(ids) == 0 || keys[r.table] == "entry" && r.column == "entry" {
				continue
			}
			column := quote(r.column)
			targets, err := list(fmt.Sprintf("SELECT DISTINCT %s FROM %s WHERE %s = ANY($1) AND %[1]s IS NOT NULL",
				column, quote(schema, r.table), keys[r.table]), ids)
			if err != nil {
				return nil, err
			}
			add(r.target, targets)
		}
	}
	return chosen, nil
}

// PreviewPattern matches the schemas of the previews of a tenant whose schema begins with t_.
func PreviewPattern(schema string) string {
	return "^" + previewPrefix(schema) + "[0-9a-f]{16}$"
}

// PreviewOf names the schema of a preview: no tenant's own begins so. The id has 16 hexadecimal digits after its prefix.
func PreviewOf(schema, digits string) string { return previewPrefix(schema) + digits }

func previewPrefix(schema string) string { return "p_" + strings.TrimPrefix(schema, "t_") + "_" }
