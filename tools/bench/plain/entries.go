package plain

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// pageSize is how many entries a list has.
const pageSize = 20

// entry is a row, as JSON in the platform's form.
type entry struct {
	ID             string    `json:"id"`
	Fields         invoice   `json:"fields"`
	Name           string    `json:"name"`
	CreatorSubject string    `json:"creatorSubject"`
	UpdateSubject  string    `json:"updateSubject"`
	CreateTime     time.Time `json:"createTime"`
	UpdateTime     time.Time `json:"updateTime"`
	Version        int64     `json:"etag,string"`
}

type invoice struct {
	Number string         `json:"InvoiceNumber"`
	Name   string         `json:"InvoiceName"`
	Due    time.Time      `json:"InvoiceDueDate"`
	Total  pgtype.Numeric `json:"InvoiceTotalValue"`
	State  int32          `json:"InvoiceState"`
}

const (
	table = `CREATE TABLE invoices (
		id text COLLATE "C" PRIMARY KEY, name text NOT NULL, creator_subject text NOT NULL, update_subject text NOT NULL,
		create_time timestamptz NOT NULL, update_time timestamptz NOT NULL, version bigint NOT NULL,
		"InvoiceNumber" text NOT NULL, "InvoiceName" text NOT NULL, due timestamptz NOT NULL, total numeric NOT NULL, state int NOT NULL)`
	fill = `INSERT INTO invoices SELECT id, 'Cloud hosting', $2, $2, now(), now(), 1,
		'FILL-' || lpad(n::text, 7, '0'), 'Cloud hosting', '2026-12-15T00:00:00Z', 655.20, 0
		FROM unnest($1::text[]) WITH ORDINALITY AS rows(id, n)`
	columns = `SELECT id, name, creator_subject, update_subject, create_time, update_time, version,
		"InvoiceNumber", "InvoiceName", due, total, state FROM invoices `
	byID  = columns + `WHERE id = $1`
	first = columns + `ORDER BY id LIMIT $1`
)

// Fill makes the table of an empty database, with a row for each id.
func Fill(ctx context.Context, db *pgx.Conn, ids []string) error {
	if _, err := db.Exec(ctx, table); err != nil {
		return fmt.Errorf("make the table: %w", err)
	}
	if _, err := db.Exec(ctx, fill, ids, "01900000-0000-7000-8000-000000000000"); err != nil {
		return fmt.Errorf("fill the table: %w", err)
	}
	// Nothing is left for the background to do while others are measured.
	_, err := db.Exec(ctx, "VACUUM (FREEZE, ANALYZE) invoices")
	return err
}

// entries reads the table.
type entries struct{ pool *pgxpool.Pool }

// get returns an entry, or pgx.ErrNoRows.
func (e entries) get(ctx context.Context, id string) (entry, error) {
	return scan(e.pool.QueryRow(ctx, byID, id))
}

// list returns the first entries by id.
func (e entries) list(ctx context.Context) ([]entry, error) {
	rows, err := e.pool.Query(ctx, first, pageSize)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make([]entry, 0, pageSize)
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

func scan(row pgx.Row) (entry, error) {
	var e entry
	f := &e.Fields
	err := row.Scan(&e.ID, &e.Name, &e.CreatorSubject, &e.UpdateSubject, &e.CreateTime, &e.UpdateTime, &e.Version,
		&f.Number, &f.Name, &f.Due, &f.Total, &f.State)
	return e, err
}
