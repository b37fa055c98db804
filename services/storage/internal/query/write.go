package query

import (
	"fmt"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/value"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// Stamp is who changes an entry, and when.
type Stamp struct {
	Subject string
	Time    time.Time
}

// Insert makes the statements that store a new entry. Values are those of fields by name; sensitive ones come sealed.
func (s Scope) Insert(c *model.Component, id, name string, values map[string]any, at Stamp) ([]Statement, error) {
	b := newBuilder(s)
	cols := []string{"id", "name", "creator_subject", "update_subject", "create_time", "update_time"}
	who, when := b.bind(at.Subject, "text"), b.bind(at.Time, "timestamptz")
	vals := []string{b.bind(id, "text"), b.bind(name, "text"), who, who, when, when}
	for _, f := range c.Fields {
		if v, given := values[f.GetName()]; given && f.Column != "" && v != nil {
			cols = append(cols, quote(f.Column))
			vals = append(vals, b.bind(Encode(v), fieldTypeName(f)))
		}
	}
	stmt, err := b.statement("INSERT INTO " + b.table(c) + " (" + strings.Join(cols, ", ") + ") VALUES (" + strings.Join(vals, ", ") + ")")
	if err != nil {
		return nil, err
	}
	return s.links([]Statement{stmt}, c, id, values, true)
}

// Update makes the statements that change fields of an entry, which must still have the version.
func (s Scope) Update(c *model.Component, id, name string, version int64, values map[string]any, at Stamp) ([]Statement, error) {
	b := newBuilder(s)
	sets := []string{
		"name = " + b.bind(name, "text"), "update_subject = " + b.bind(at.Subject, "text"),
		"update_time = " + b.bind(at.Time, "timestamptz"), "version = version + 1",
	}
	for _, f := range c.Fields {
		if v, given := values[f.GetName()]; given && f.Column != "" {
			sets = append(sets, quote(f.Column)+" = "+b.bind(Encode(v), fieldTypeName(f)))
		}
	}
	stmt, err := b.statement("UPDATE " + b.table(c) + " SET " + strings.Join(sets, ", ") +
		" WHERE id = " + b.bind(id, "text") + " AND version = " + b.bind(version, "bigint"))
	if err != nil {
		return nil, err
	}
	return s.links([]Statement{stmt}, c, id, values, false)
}

// links appends the statements that replace the lists of references that are given.
func (s Scope) links(stmts []Statement, c *model.Component, id string, values map[string]any, fresh bool) ([]Statement, error) {
	for _, f := range c.Fields {
		v, given := values[f.GetName()]
		if !given || f.Link == "" {
			continue
		}
		if !fresh {
			b := newBuilder(s)
			stmts = append(stmts, Statement{SQL: "DELETE FROM " + b.link(f) + " WHERE entry = " + b.bind(id, "text"), Args: *b.args})
		}
		items, _ := v.([]any) // null empties the list
		if len(items) == 0 {
			continue
		}
		targets := make([]string, len(items))
		for i, item := range items {
			targets[i] = encodeText(item)
		}
		b := newBuilder(s)
		stmt, err := b.statement(fmt.Sprintf("INSERT INTO %s (entry, position, target) SELECT %s, t.n, t.target FROM unnest(%s) WITH ORDINALITY AS t (target, n)",
			b.link(f), b.bind(id, "text"), b.bind(targets, "text[]")))
		if err != nil {
			return nil, err
		}
		stmts = append(stmts, stmt)
	}
	return stmts, nil
}

// Mark makes the statement that sets or takes away the mark for deletion.
func (s Scope) Mark(c *model.Component, id string, version int64, deleted bool, at Stamp) (Statement, error) {
	b := newBuilder(s)
	when := b.bind(at.Time, "timestamptz")
	mark := "NULL"
	if deleted {
		mark = when
	}
	return b.statement("UPDATE " + b.table(c) + " SET delete_time = " + mark + ", update_time = " + when + ", update_subject = " +
		b.bind(at.Subject, "text") + ", version = version + 1 WHERE id = " + b.bind(id, "text") + " AND version = " + b.bind(version, "bigint"))
}

// Purge makes the statement that removes up to limit marked entries within the sight which nothing refers to.
func (s Scope) Purge(c *model.Component, sight Sight, limit int) (Statement, error) {
	b := newBuilder(s)
	seen, err := b.sight(c, sight, "e")
	if err != nil {
		return Statement{}, err
	}
	where := "e.delete_time IS NOT NULL AND " + seen
	for _, other := range s.Release.Components {
		for _, f := range other.Fields {
			switch {
			case f.Target != c.ID || !f.Stored() || f.GetSensitive():
			case f.IsArray():
				where += fmt.Sprintf(" AND NOT EXISTS (SELECT FROM %s AS r WHERE r.target = e.id)", b.link(f))
			default:
				where += fmt.Sprintf(" AND NOT EXISTS (SELECT FROM %s AS r WHERE r.%s = e.id)", b.table(other), quote(f.Column))
			}
		}
	}
	return b.statement(fmt.Sprintf("DELETE FROM %s WHERE id IN (SELECT e.id FROM %[1]s AS e%s WHERE %s LIMIT %d FOR UPDATE OF e SKIP LOCKED)",
		b.table(c), b.joins.sql.String(), where, limit))
}

// CountMarked makes the statement that counts marked entries within the sight.
func (s Scope) CountMarked(c *model.Component, sight Sight) (Statement, error) {
	b := newBuilder(s)
	seen, err := b.sight(c, sight, "e")
	if err != nil {
		return Statement{}, err
	}
	return b.statement("SELECT count(*) FROM " + b.table(c) + " AS e" + b.joins.sql.String() + " WHERE e.delete_time IS NOT NULL AND " + seen)
}

// RefersToFile makes the statements that each return a row when an entry of some component refers to the file.
func (s Scope) RefersToFile(file string) []Statement {
	var stmts []Statement
	for _, c := range s.Release.Components {
		for _, f := range c.Fields {
			if f.Column == "" || f.GetSensitive() || f.Value.Kind != value.FileKind {
				continue
			}
			b := newBuilder(s)
			stmts = append(stmts, Statement{
				SQL:  "SELECT 1 FROM " + b.table(c) + " WHERE " + quote(f.Column) + " = " + b.bind(file, `text COLLATE "C"`) + " LIMIT 1",
				Args: *b.args,
			})
		}
	}
	return stmts
}
