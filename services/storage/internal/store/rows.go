package store

import (
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
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
	system := len(query.SystemColumns())
	for rows.Next() {
		row, err := rows.Values()
		if err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		e := engine.Entry{
			ID: text(row[0]), Name: text(row[1]), CreatorSubject: text(row[2]), UpdateSubject: text(row[3]),
			CreateTime: instant(row[4]), UpdateTime: instant(row[5]), Version: row[7].(int64),
			Fields: make(map[string]any, len(cols.Fields)),
		}
		if row[6] != nil {
			t := instant(row[6])
			e.DeleteTime = &t
		}
		for i, f := range cols.Fields {
			v, err := decode(row[system+i], rows.FieldDescriptions()[system+i].DataTypeOID, f)
			if err == nil && f.GetSensitive() {
				sealed, _ := v.([]byte)
				v, err = engine.Unseal(key, cols.Component, f, e.ID, sealed)
			}
			if err != nil {
				return nil, fmt.Errorf("read field %s: %w", f.GetId(), err)
			}
			e.Fields[f.GetName()] = v
		}
		for _, flag := range row[system+len(cols.Fields):] {
			yes, _ := flag.(bool)
			e.Flags = append(e.Flags, yes)
		}
		entries = append(entries, e)
	}
	return entries, rows.Err()
}

func text(v any) string { s, _ := v.(string); return s }

func instant(v any) time.Time { t, _ := v.(time.Time); return t.UTC() }

// decode gives a column's value the type that its field declares. While a publication runs, a column may already have the
// type of the next release, so the value is converted when it must be.
func decode(v any, oid uint32, f *model.Field) (any, error) {
	if t, ok := v.(time.Time); ok && oid == pgtype.DateOID {
		return value.DateOf(t), nil
	}
	v, err := plain(v)
	if err != nil || f.GetSensitive() {
		return v, err
	}
	return value.Convert(v, f.Value)
}

// plain gives what pgx decodes the form of package value.
func plain(v any) (any, error) {
	switch v := v.(type) {
	case pgtype.Numeric:
		if v.NaN || v.InfinityModifier != pgtype.Finite || v.Int == nil {
			return nil, fmt.Errorf("not a finite number")
		}
		return value.ParseDecimal(fmt.Sprintf("%se%d", v.Int, v.Exp))
	case pgtype.Time:
		return value.NewTime(time.Duration(v.Microseconds) * time.Microsecond)
	case time.Time:
		return value.Datetime(v)
	case []any:
		items := make([]any, len(v))
		for i, item := range v {
			items[i] = value.Ref(text(item))
		}
		return items, nil
	case string, bool, int64, nil, []byte:
		return v, nil
	}
	return nil, fmt.Errorf("unexpected type %T of a column", v)
}
