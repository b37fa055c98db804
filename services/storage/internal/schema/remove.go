package schema

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Remove drops the tables, the schema and the role of a tenant, or no role when it is empty. It may be repeated, and goes on where it was cut off.
func (c *Changer) Remove(ctx context.Context, schema, role string) error {
	return c.locked(ctx, schema, func(conn *pgxpool.Conn) error {
		rows, err := conn.Query(ctx, `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = $1`, schema)
		if err != nil {
			return fmt.Errorf("list tables: %w", err)
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return fmt.Errorf("list tables: %w", err)
		}
		// One at a time: all at once would hold more locks than the database has room for.
		statements := make([]string, 0, len(tables)+1)
		for _, table := range tables {
			statements = append(statements, "DROP TABLE IF EXISTS "+table+" CASCADE")
		}
		statements = append(statements, "DROP SCHEMA IF EXISTS "+quote(schema)+" CASCADE")
		var there bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&there); err != nil {
			return fmt.Errorf("look for role: %w", err)
		}
		if there {
			// Its privileges on what is not its own, such as the functions of expressions, keep a role from going.
			statements = append(statements, "REVOKE USAGE ON SCHEMA storage FROM "+quote(role), "DROP ROLE IF EXISTS "+quote(role))
		}
		for _, sql := range statements {
			if err := c.retry(ctx, func() error {
				_, err := conn.Exec(ctx, sql)
				return err
			}); err != nil {
				return fmt.Errorf("remove: %s: %w", sql, err)
			}
		}
		return nil
	})
}
