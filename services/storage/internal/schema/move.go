package schema

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// Tables makes the tables of a release without their indexes and keys, for rows that arrive together. Expand makes the rest, and
// refuses rows that do not fit.
func (c *Changer) Tables(ctx context.Context, schema string, release *model.Release) error {
	return c.locked(ctx, schema, func(conn *pgxpool.Conn) error {
		p, err := plan(ctx, conn, schema, release)
		if err != nil {
			return err
		}
		tables := slices.DeleteFunc(p.Changes, func(ch Change) bool { return !strings.HasPrefix(ch.SQL, "CREATE TABLE ") })
		return c.apply(ctx, conn, tables, func(Progress) error { return nil })
	})
}
