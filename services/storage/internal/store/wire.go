package store

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// Numbers of the fields of storage.v1.Entry, and of what is in its map.
const (
	entryID protowire.Number = iota + 1
	entryFields
	entryName
	entryCreator
	entryUpdater
	entryCreated
	entryUpdated
	entryDeleted
	entryEtag

	pairKey   protowire.Number = 1
	pairValue protowire.Number = 2
)

// usualPage is how many entries most lists have room for from the start: the default page, and the one that tells of a next.
const usualPage = 21

// encodeEntries turns rows as in readEntries into messages. Columns go from Postgres' binary form to protobuf's without a value
// in between: a page of entries costs a third of what it does by way of maps of values.
func encodeEntries(rows pgx.Rows, cols query.Columns, key *keys.DataKey) ([]engine.Encoded, error) {
	if err := rows.Err(); err != nil { // it has no columns then
		return nil, err
	}
	e := newEncoder(rows.FieldDescriptions(), cols, key)
	if conn := rows.Conn(); conn != nil {
		e.types = conn.TypeMap()
	}
	var entries []engine.Encoded
	for rows.Next() {
		if len(entries) == 1 { // not a single entry, so a list
			entries = slices.Grow(entries, usualPage-1)
		}
		entry, err := e.entry(rows.RawValues())
		if err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	return entries, rows.Err()
}

type encoder struct {
	cols    query.Columns
	key     *keys.DataKey
	types   *pgtype.Map
	columns []column
	scratch []byte
	room    int // bytes that an entry needed
}

// column is how one field is encoded.
type column struct {
	pgconn.FieldDescription
	field  *model.Field
	at     int // in the row
	name   []byte
	hidden bool
	direct appender
	cell   cell // for what has no direct way
}

func newEncoder(described []pgconn.FieldDescription, cols query.Columns, key *keys.DataKey) *encoder {
	e := &encoder{cols: cols, key: key, columns: make([]column, len(cols.Fields)), room: 256}
	system := len(described) - len(cols.Fields) - cols.Extra
	for i, f := range cols.Fields {
		c := column{FieldDescription: described[system+i], field: f, at: system + i}
		c.name = appendText(nil, pairKey, f.GetName())
		c.hidden = cols.Hidden != nil && cols.Hidden(f.GetName())
		if c.direct = directly(c.DataTypeOID, c.Format, f); c.direct == nil {
			c.cell = newCell(c.DataTypeOID)
		}
		e.columns[i] = c
	}
	// Sorted maps are written as JSON without sorting.
	slices.SortFunc(e.columns, func(a, b column) int { return cmp.Compare(a.field.GetName(), b.field.GetName()) })
	return e
}

func (e *encoder) entry(row [][]byte) (engine.Encoded, error) {
	var out engine.Encoded
	id := string(row[0])
	b := appendText(make([]byte, 0, e.room), entryID, id)
	for i := range e.columns {
		c := &e.columns[i]
		v, err := e.value(c, id, row[c.at])
		if err != nil {
			return out, fmt.Errorf("read field %s: %w", c.field.GetId(), err)
		}
		if c.hidden {
			out.Hidden = appendPair(out.Hidden, c.name, v)
		} else {
			b = appendPair(b, c.name, v)
		}
	}
	for i, number := range []protowire.Number{entryName, entryCreator, entryUpdater} {
		b = appendText(b, number, row[1+i])
	}
	for i, number := range []protowire.Number{entryCreated, entryUpdated, entryDeleted} {
		raw := row[4+i]
		if raw == nil {
			continue
		}
		seconds, nanos, ok := instant(raw)
		if !ok {
			return out, fmt.Errorf("system field %d is not an instant", number)
		}
		b = appendTimestamp(b, number, seconds, nanos)
	}
	version, ok := int64Of(row[7])
	if !ok {
		return out, fmt.Errorf("the version is not a number")
	}
	e.scratch = strconv.AppendInt(append(e.scratch[:0], 'v'), version, 10)
	out.Message = appendText(b, entryEtag, e.scratch)
	e.room = max(e.room, len(out.Message))
	for _, flag := range row[len(row)-e.cols.Extra:] {
		out.Flags = append(out.Flags, len(flag) == 1 && flag[0] == 1)
	}
	return out, nil
}

// value returns the encoded Value of a column; it is good until the next call.
func (e *encoder) value(c *column, id string, raw []byte) ([]byte, error) {
	if raw == nil && !c.field.IsArray() {
		return append(e.scratch[:0], 1<<3, 0), nil // Value.null
	}
	if c.direct != nil {
		if b, ok := c.direct(e.scratch[:0], raw); ok {
			e.scratch = b
			return b, nil
		}
		c.direct, c.cell = nil, newCell(c.DataTypeOID)
	}
	v, err := e.convert(c, id, raw)
	if err != nil {
		return nil, err
	}
	p, err := value.ToProto(v)
	if err != nil {
		return nil, err
	}
	e.scratch, err = proto.MarshalOptions{Deterministic: true}.MarshalAppend(e.scratch[:0], p)
	return e.scratch, err
}

// convert reads a column as readEntries does.
func (e *encoder) convert(c *column, id string, raw []byte) (any, error) {
	if err := e.types.Scan(c.DataTypeOID, c.Format, raw, c.cell.dest()); err != nil {
		return nil, err
	}
	v, err := c.cell.value()
	if err != nil {
		return nil, err
	}
	return fieldValue(v, e.cols.Component, c.field, id, e.key)
}

func appendPair(b, name, v []byte) []byte {
	b = protowire.AppendTag(b, entryFields, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(name)+protowire.SizeTag(pairValue)+protowire.SizeBytes(len(v))))
	b = append(b, name...)
	return protowire.AppendBytes(protowire.AppendTag(b, pairValue, protowire.BytesType), v)
}

// appendText writes a field of text, unless it is empty.
func appendText[T string | []byte](b []byte, number protowire.Number, text T) []byte {
	if len(text) == 0 {
		return b
	}
	return appendBytes(b, number, text)
}

func appendBytes[T string | []byte](b []byte, number protowire.Number, text T) []byte {
	b = protowire.AppendTag(b, number, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(len(text)))
	return append(b, text...)
}

func appendTimestamp(b []byte, number protowire.Number, seconds, nanos int64) []byte {
	size := 0
	if seconds != 0 {
		size += 1 + protowire.SizeVarint(uint64(seconds))
	}
	if nanos != 0 {
		size += 1 + protowire.SizeVarint(uint64(nanos))
	}
	b = protowire.AppendTag(b, number, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(size))
	if seconds != 0 {
		b = protowire.AppendVarint(append(b, 1<<3), uint64(seconds))
	}
	if nanos != 0 {
		b = protowire.AppendVarint(append(b, 2<<3), uint64(nanos))
	}
	return b
}
