package tenantdata

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
)

// MaxRow is the most bytes that a row may have when it travels.
const MaxRow = 256 << 20

// Table tells how the rows that a tenant has in a table travel to another installation. Its texts are constants: nothing of
// them comes from an archive.
type Table struct {
	Schema, Name string
	// Owned tells that the whole table is the tenant's; in others its rows are those with its tenant_id.
	Owned bool
	// Stays says why rows do not travel; empty when they do.
	Stays string
	// Only is a condition on rows t that travel, and that rows which arrive must meet.
	Only string
	// Without are columns that do not travel. Those named tenant_id and those that the database counts up never do.
	Without []string
	// Columns are those of an owned table, and Order what its rows are sorted by; of others the database knows both.
	Columns, Order []string
	// People are columns that name users, or lists of them.
	People []string
	// Leave and Arrive change rows on the way out and in; nil leaves them as they are.
	Leave  func(*Row) error
	Arrive func(r *Row, people map[string]string) error
}

// Key names the table in an archive.
func (t Table) Key() string {
	if t.Owned {
		return "entries." + t.Name
	}
	return t.Schema + "." + t.Name
}

func (t Table) identifier() string { return pgx.Identifier{t.Schema, t.Name}.Sanitize() }

// Complete returns an error unless tables names every table of the schemas that has rows of tenants, so that a table that is
// added later is not forgotten.
func Complete(ctx context.Context, tx pgx.Tx, tables []Table) error {
	known := map[string]bool{}
	var schemas []string
	for _, t := range tables {
		known[t.Key()] = true
		schemas = append(schemas, t.Schema)
	}
	rows, err := tx.Query(ctx, `
SELECT n.nspname || '.' || c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
WHERE n.nspname = ANY($1) AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1`, schemas)
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("list tables: %w", err)
	}
	for _, name := range found {
		if !known[name] {
			return fmt.Errorf("nobody says how the rows of %s travel", name)
		}
	}
	return nil
}

// shape asks the database for what travels of a table that tenants share, and for the order: that of the primary key, or of
// the column that is counted up when the key does not have it.
func (t Table) shape(ctx context.Context, tx pgx.Tx) (columns, order []string, err error) {
	if t.Owned {
		return t.Columns, t.Order, nil
	}
	rows, err := tx.Query(ctx, `
SELECT a.attname, a.attidentity <> '', coalesce(array_position(i.indkey::smallint[], a.attnum), -1), a.attcollation <> 0
FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attname`, t.identifier())
	if err != nil {
		return nil, nil, fmt.Errorf("read columns of %s: %w", t.Key(), err)
	}
	var name, counted string
	var identity, text bool
	var position int
	keys := map[int]string{}
	_, err = pgx.ForEachRow(rows, []any{&name, &identity, &position, &text}, func() error {
		by := pgx.Identifier{name}.Sanitize()
		if text { // the same everywhere
			by += ` COLLATE "C"`
		}
		switch {
		case name == "tenant_id":
		case position >= 0:
			keys[position] = by
		case identity:
			counted = by
		}
		if name != "tenant_id" && !identity && !slices.Contains(t.Without, name) {
			columns = append(columns, name)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read columns of %s: %w", t.Key(), err)
	}
	if len(columns) == 0 {
		return nil, nil, fmt.Errorf("there is no table %s", t.Key())
	}
	for i := range 32 { // a key has no more columns
		if by, ok := keys[i]; ok {
			order = append(order, by)
		}
	}
	if counted != "" {
		order = []string{counted}
	}
	return columns, order, nil
}

func list(columns []string) string {
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = pgx.Identifier{c}.Sanitize()
	}
	return strings.Join(quoted, ", ")
}

// only is the condition on the tenant's rows. COPY takes no arguments, so the tenant is a setting of the transaction.
func (t Table) only() string {
	var conditions []string
	if !t.Owned {
		conditions = append(conditions, "t.tenant_id = current_setting('aqtra.tenant')")
	}
	if t.Only != "" {
		conditions = append(conditions, "("+t.Only+")")
	}
	if len(conditions) == 0 {
		return "true"
	}
	return strings.Join(conditions, " AND ")
}

// Enter makes the transaction one that is about a tenant, and in which values are written the same way everywhere.
func Enter(ctx context.Context, tx pgx.Tx, tenant string) error {
	_, err := tx.Exec(ctx, `SELECT set_config('aqtra.tenant', $1, true), set_config('datestyle', 'ISO, YMD', true), set_config('timezone', 'UTC', true),
	set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true), set_config('intervalstyle', 'postgres', true)`, tenant)
	return err
}

// Out passes the rows of a table on, in their order, as lines with their ends. The transaction has been entered.
func (t Table) Out(ctx context.Context, tx pgx.Tx, begin func(columns []string) error, emit func(line []byte) error) error {
	columns, order, err := t.shape(ctx, tx)
	if err != nil {
		return err
	}
	if err := begin(columns); err != nil {
		return err
	}
	by := ""
	if len(order) > 0 {
		by = " ORDER BY " + strings.Join(order, ", ")
	}
	sql := fmt.Sprintf("COPY (SELECT %s FROM %s t WHERE %s%s) TO STDOUT", list(columns), t.identifier(), t.only(), by)
	row := Row{columns: columns}
	var buffer []byte
	w := &lines{each: func(line []byte) error {
		if t.Leave == nil {
			return emit(line)
		}
		if err := row.set(line[:len(line)-1]); err != nil {
			return err
		}
		if err := t.Leave(&row); err != nil {
			return err
		}
		buffer = row.appendTo(buffer[:0])
		return emit(buffer)
	}}
	if _, err := tx.Conn().PgConn().CopyTo(ctx, w, sql); err != nil {
		return fmt.Errorf("read %s: %w", t.Key(), err)
	}
	if len(w.rest) > 0 {
		return fmt.Errorf("read %s: %w", t.Key(), io.ErrUnexpectedEOF)
	}
	return nil
}

// lines cuts what is written to it.
type lines struct {
	each func(line []byte) error
	rest []byte
}

func (l *lines) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		if end < 0 {
			l.rest = append(l.rest, p...)
			break
		}
		line := p[:end+1]
		if len(l.rest) > 0 {
			l.rest = append(l.rest, line...)
			line = l.rest
		}
		if len(line) > MaxRow {
			return 0, fmt.Errorf("a row has more than %d bytes", MaxRow)
		}
		if err := l.each(line); err != nil {
			return 0, err
		}
		l.rest, p = l.rest[:0], p[end+1:]
	}
	return n, nil
}

// In stores rows that next gives as lines with their ends, until io.EOF, and returns how many. The columns are those that the rows
// have; each must be one that travels, and the database gives the others their defaults. people are names that changed.
// The transaction has been entered.
func (t Table) In(ctx context.Context, tx pgx.Tx, tenant string, columns []string, people map[string]string, next func() ([]byte, error)) (int64, error) {
	known, _, err := t.shape(ctx, tx)
	if err != nil {
		return 0, err
	}
	for i, c := range columns {
		if !slices.Contains(known, c) || slices.Contains(columns[:i], c) {
			return 0, fmt.Errorf("%s has no column %q that could arrive", t.Key(), c)
		}
	}
	names := list(columns)
	var lead []byte
	if !t.Owned {
		own := Row{columns: []string{"tenant_id"}, cells: make([][]byte, 1)}
		if err := own.SetText("tenant_id", tenant); err != nil {
			return 0, err
		}
		names, lead = `tenant_id, `+names, append(own.cells[0], '\t')
	}
	rows := &arriving{table: t, row: Row{columns: columns}, people: people, lead: lead, next: next}
	tag, err := tx.Conn().PgConn().CopyFrom(ctx, bufio.NewReaderSize(rows, 64<<10), fmt.Sprintf("COPY %s (%s) FROM STDIN", t.identifier(), names))
	if rows.err != nil {
		err = rows.err
	}
	if err == nil && tag.RowsAffected() != rows.n {
		err = errCells
	}
	if err != nil {
		return 0, fmt.Errorf("store %s: %w", t.Key(), err)
	}
	return rows.n, nil
}

// Check returns an error when rows arrived that do not meet the table's condition.
func (t Table) Check(ctx context.Context, tx pgx.Tx) error {
	if t.Only == "" || t.Stays != "" {
		return nil
	}
	var bad bool
	sql := fmt.Sprintf("SELECT EXISTS (SELECT FROM %s t WHERE t.tenant_id = current_setting('aqtra.tenant') AND (%s) IS NOT TRUE)", t.identifier(), t.Only)
	if err := tx.QueryRow(ctx, sql).Scan(&bad); err != nil {
		return fmt.Errorf("look at %s: %w", t.Key(), err)
	}
	if bad {
		return fmt.Errorf("%s has rows that cannot arrive", t.Key())
	}
	return nil
}

// arriving reads rows as COPY takes them.
type arriving struct {
	table  Table
	row    Row
	people map[string]string
	lead   []byte
	next   func() ([]byte, error)
	line   []byte
	left   []byte
	n      int64
	err    error
}

func (a *arriving) Read(p []byte) (int, error) {
	if len(a.left) == 0 {
		if err := a.fill(); err != nil {
			if !errors.Is(err, io.EOF) {
				a.err = err
			}
			return 0, err
		}
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	return n, nil
}

func (a *arriving) fill() error {
	line, err := a.next()
	if err != nil {
		return err
	}
	if err := a.row.set(line[:max(len(line)-1, 0)]); err != nil {
		return err
	}
	if len(a.people) > 0 {
		for _, column := range a.table.People {
			if err := a.row.rename(column, a.people); err != nil {
				return err
			}
		}
	}
	if a.table.Arrive != nil {
		if err := a.table.Arrive(&a.row, a.people); err != nil {
			return err
		}
	}
	a.line = a.row.appendTo(append(a.line[:0], a.lead...))
	a.left = a.line
	a.n++
	return nil
}
