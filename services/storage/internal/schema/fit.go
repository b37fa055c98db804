package schema

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// Misfits looks for stored values that the rules of a field do not allow. A field whose column is not there yet, or is of
// another type, has none.
func (c *Changer) Misfits(ctx context.Context, schema string, component *model.Component, f *model.Field) ([]Conflict, error) {
	if !f.Stored() || f.IsArray() || f.GetSensitive() {
		return nil, nil
	}
	var typ string
	err := c.pool.QueryRow(ctx, `SELECT coalesce((SELECT format_type(a.atttypid, a.atttypmod) FROM pg_attribute a
WHERE a.attrelid = to_regclass($1) AND a.attname = $2 AND NOT a.attisdropped), '')`, quote(schema, component.Table()), f.Column).Scan(&typ)
	if err != nil {
		return nil, fmt.Errorf("look for column of %s.%s: %w", component.ID, f.GetName(), err)
	}
	if typ != columnType(f) {
		return nil, nil
	}
	var out []Conflict
	for _, r := range ruled(f) {
		k := Conflict{Component: component.ID, Field: f.GetName(), Message: r.message, args: []any{r.arg},
			sql: fmt.Sprintf("SELECT id FROM %s WHERE delete_time IS NULL AND (%s)", quote(schema, component.Table()), fmt.Sprintf(r.where, quote(f.Column)))}
		if err := k.look(ctx, c.pool); err != nil {
			return nil, err
		}
		if k.Rows > 0 {
			out = append(out, k)
		}
	}
	if f.Pattern == nil {
		return out, nil
	}
	k := Conflict{Component: component.ID, Field: f.GetName(), Message: "some entries have text that is not of the form " + f.GetString_().GetPattern()}
	// The database's own patterns are of another kind, so they are compared here.
	rows, err := c.pool.Query(ctx, fmt.Sprintf("SELECT id, %s FROM %s WHERE delete_time IS NULL AND %[1]s <> '' ORDER BY id",
		quote(f.Column), quote(schema, component.Table())))
	if err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", component.ID, f.GetName(), err)
	}
	var id, text string
	if _, err := pgx.ForEachRow(rows, []any{&id, &text}, func() error {
		if f.Pattern.MatchString(text) {
			return nil
		}
		if k.Rows++; len(k.Entries) < conflictIDs {
			k.Entries = append(k.Entries, id)
		}
		return nil
	}); err != nil {
		return nil, fmt.Errorf("read %s.%s: %w", component.ID, f.GetName(), err)
	}
	if k.Rows > 0 {
		out = append(out, k)
	}
	return out, nil
}

// rule is what a value may not be, as a condition over the column and a bound value, and why, in words.
type rule struct {
	where   string
	arg     any
	message string
}

// ruled lists the rules that the database can check.
func ruled(f *model.Field) []rule {
	var out []rule
	if s := f.GetString_(); f.Value.Kind == value.Text && s != nil {
		if n := s.GetMaxLength(); n > 0 {
			out = append(out, rule{"char_length(%s) > $1", n, fmt.Sprintf("at most %d characters are allowed, and some entries have more", n)})
		}
		if n := s.GetMinLength(); n > 0 {
			out = append(out, rule{"char_length(nullif(%s, '')) < $1", n, fmt.Sprintf("at least %d characters are needed, and some entries have fewer", n)})
		}
	}
	if i := f.GetInteger(); i != nil && f.GetType() == libraryv1.FieldType_FIELD_TYPE_INTEGER {
		if i.Min != nil {
			out = append(out, rule{"%s < $1", i.GetMin(), fmt.Sprintf("at least %d is needed, and some entries have less", i.GetMin())})
		}
		if i.Max != nil {
			out = append(out, rule{"%s > $1", i.GetMax(), fmt.Sprintf("at most %d is allowed, and some entries have more", i.GetMax())})
		}
		if len(i.GetOptions()) > 0 {
			var values []int64
			for _, o := range i.GetOptions() {
				values = append(values, o.GetValue())
			}
			out = append(out, rule{"%s <> ALL ($1)", values, "some entries have a value that is not among the options"})
		}
	}
	if n := f.GetNumber(); n != nil && f.GetType() == libraryv1.FieldType_FIELD_TYPE_NUMBER {
		least, most := f.Bounds()
		if least != nil {
			out = append(out, rule{"%s < $1", least.String(), fmt.Sprintf("at least %s is needed, and some entries have less", least)})
		}
		if most != nil {
			out = append(out, rule{"%s > $1", most.String(), fmt.Sprintf("at most %s is allowed, and some entries have more", most)})
		}
		if n.Precision != nil {
			out = append(out, rule{"scale(trim_scale(%s)) > $1", n.GetPrecision(), fmt.Sprintf("at most %d digits after the point are allowed, and some entries have more", n.GetPrecision())})
		}
	}
	return out
}
