package store

import (
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/aqtra/aqtra/pkg/value"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// readEntries reads rows whose columns are query.SystemColumns, the fields, and conditions.
func readEntries(rows pgx.Rows, cols query.Columns, key *keys.DataKey) ([]engine.Entry, error) {
	var entries []engine.Entry
	err := eachEntry(rows, cols, key, func(e engine.Entry) error {
		entries = append(entries, e)
		return nil
	})
	return entries, err
}

// eachEntry reads rows as readEntries does, one by one.
func eachEntry(rows pgx.Rows, cols query.Columns, key *keys.DataKey, f func(engine.Entry) error) error {
	if err := rows.Err(); err != nil { // it has no columns then
		return err
	}
	r := newReader(rows.FieldDescriptions(), cols)
	for rows.Next() {
		if err := rows.Scan(r.dest...); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
		e := r.entry()
		for i, field := range cols.Fields {
			v, err := r.cells[i].value()
			if err == nil {
				v, err = fieldValue(v, cols.Component, field, e.ID, key)
			}
			if err != nil {
				return fmt.Errorf("read field %s: %w", field.GetId(), err)
			}
			e.Fields[field.GetName()] = v
		}
		if err := f(e); err != nil {
			return err
		}
	}
	return rows.Err()
}

// fieldValue is what a column says of a field. While a publication runs, a column may already have the type of the next release.
func fieldValue(v any, c *model.Component, f *model.Field, entry string, key *keys.DataKey) (any, error) {
	if f.GetSensitive() {
		sealed, _ := v.([]byte)
		return engine.Unseal(key, c, f, entry, sealed)
	}
	return value.Convert(v, f.Value)
}

// reader is where the columns of a row are read to, again for every row.
type reader struct {
	id, name, creator, updater pgtype.Text
	created, updated, deleted  pgtype.Timestamptz
	version                    int64
	cells                      []cell
	flags                      []pgtype.Bool
	dest                       []any
}

func newReader(columns []pgconn.FieldDescription, cols query.Columns) *reader {
	r := &reader{cells: make([]cell, len(cols.Fields)), flags: make([]pgtype.Bool, cols.Extra), dest: make([]any, 0, len(columns))}
	r.dest = append(r.dest, &r.id, &r.name, &r.creator, &r.updater, &r.created, &r.updated, &r.deleted, &r.version)
	system := len(r.dest)
	for i := range r.cells {
		r.cells[i] = newCell(columns[system+i].DataTypeOID)
		r.dest = append(r.dest, r.cells[i].dest())
	}
	for i := range r.flags {
		r.dest = append(r.dest, &r.flags[i])
	}
	return r
}

// entry is the row that was read last, without its fields.
func (r *reader) entry() engine.Entry {
	e := engine.Entry{
		ID: r.id.String, Name: r.name.String, CreatorSubject: r.creator.String, UpdateSubject: r.updater.String,
		CreateTime: r.created.Time.UTC(), UpdateTime: r.updated.Time.UTC(), Version: r.version, Fields: make(map[string]any, len(r.cells)),
	}
	if r.deleted.Valid {
		t := r.deleted.Time.UTC()
		e.DeleteTime = &t
	}
	for _, f := range r.flags {
		e.Flags = append(e.Flags, f.Bool)
	}
	return e
}
