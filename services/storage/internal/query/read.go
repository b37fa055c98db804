package query

import (
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// Columns is what a SELECT returns, in order: the system columns, then the fields.
type Columns struct {
	Component *model.Component
	Fields    []*model.Field
	// Extra is how many boolean columns follow.
	Extra int
	// Hidden tells which fields, by name, are read only to sort by; nil for none.
	Hidden func(string) bool
}

// SystemColumns are the columns that every SELECT of entries starts with, in this order.
func SystemColumns() []string {
	return []string{model.ID, model.Name, model.CreatorSubject, model.UpdateSubject, model.CreateTime, model.UpdateTime, model.DeleteTime, model.Version}
}

// StoredFields are all fields of a component that are kept.
func StoredFields(c *model.Component) []*model.Field {
	fields := make([]*model.Field, 0, len(c.Fields))
	for _, f := range c.Fields {
		if f.Stored() {
			fields = append(fields, f)
		}
	}
	return fields
}

func (b *builder) selectList(fields []*model.Field, alias string) string {
	var parts []string
	for _, name := range SystemColumns() {
		parts = append(parts, alias+"."+name)
	}
	for _, f := range fields {
		if f.IsArray() {
			parts = append(parts, b.items(f, alias))
			continue
		}
		parts = append(parts, alias+"."+quote(f.Column))
	}
	return strings.Join(parts, ", ")
}

// items gives the list of an array field.
func (b *builder) items(f *model.Field, alias string) string {
	return fmt.Sprintf("ARRAY(SELECT l.target FROM %s AS l WHERE l.entry = %s.id ORDER BY l.position)", b.link(f), alias)
}

// List is a page of entries, or all that match.
type List struct {
	Component *model.Component
	// Filter is an expression over the fields; empty matches all.
	Filter string
	// Search are words that searchable fields must have; empty matches all.
	Search string
	Sight  Sight
	Fields []*model.Field
	Orders []Order
	// After are the values of the orders' fields in the last row of the page before; nil for the first page.
	After []any
	// Limit is the most rows; 0 is all.
	Limit int
	// Deleted includes entries that are marked for deletion.
	Deleted bool
}

// Select makes the statement of a page.
func (s Scope) Select(l List) (Statement, Columns, error) {
	b := newBuilder(s)
	where, err := b.matching(l)
	if err != nil {
		return Statement{}, Columns{}, err
	}
	from := b.from(l.Component)
	columns := Columns{Component: l.Component, Fields: l.Fields}
	order := orderSQL(l.Orders, "e")
	limit := ""
	if l.Limit > 0 {
		limit = fmt.Sprintf(" LIMIT %d", l.Limit)
	}
	list := b.selectList(l.Fields, "e")
	if l.After == nil {
		stmt, err := b.statement("SELECT " + list + from + where + order + limit)
		return stmt, columns, err
	}
	// The ids of the page first, each branch from its own place in the index, then the rows.
	var branches []string
	for _, after := range b.after(l.Orders, l.After, "e") {
		branches = append(branches, "(SELECT e.*"+from+where+" AND "+after+order+limit+")")
	}
	if len(branches) == 0 { // nothing follows an entry whose every field is last
		branches = []string{"(SELECT e.*" + from + " WHERE false)"}
	}
	stmt, err := b.statement("SELECT " + list + " FROM (" + strings.Join(branches, " UNION ALL ") + ") AS e" + order + limit)
	return stmt, columns, err
}

// Count makes the statement that counts what Select would list on all pages.
func (s Scope) Count(l List) (Statement, error) {
	b := newBuilder(s)
	where, err := b.matching(l)
	if err != nil {
		return Statement{}, err
	}
	return b.statement("SELECT count(*)" + b.from(l.Component) + where)
}

// matching gives WHERE. It follows references, so FROM comes after it.
func (b *builder) matching(l List) (string, error) {
	where := " WHERE true"
	if !l.Deleted {
		where = " WHERE e.delete_time IS NULL"
	}
	seen, err := b.sight(l.Component, l.Sight, "e")
	if err != nil {
		return "", err
	}
	if seen != "true" {
		where += " AND " + seen
	}
	if l.Filter != "" {
		env, err := l.Component.Filters()
		if err != nil {
			return "", fmt.Errorf("filters of %s: %w", l.Component.ID, err)
		}
		cond, err := b.caller().condition(l.Component, env, l.Filter, "e")
		if err != nil {
			return "", err
		}
		where += " AND " + cond
	}
	if l.Search != "" {
		document, ok := Document(l.Component, "e.")
		if !ok {
			return "", fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the component cannot be searched",
				fault.Field("search", "no field of "+l.Component.ID+" is searchable"))
		}
		where += " AND " + document + " @@ storage.prefixes(" + b.bind(l.Search, "text") + ")"
	}
	return where, nil
}

// ByID makes the statement that reads entries by their ids, with one boolean column for each sight. With lock set the rows
// stay as they are until the transaction ends.
func (s Scope) ByID(c *model.Component, ids []string, fields []*model.Field, lock bool, sights ...Sight) (Statement, Columns, error) {
	b := newBuilder(s)
	if len(ids) == 1 { // a plan for it serves every id; one for a list depends on its length, and is made anew each time
		return b.found(c, "e.id = "+b.bind(ids[0], "text"), fields, lock, sights)
	}
	return b.found(c, "e.id = ANY("+b.bind(ids, "text[]")+")", fields, lock, sights)
}

// ByKey makes the statement that finds live entries by their primary keys. Each key has the values of c.Key in order.
func (s Scope) ByKey(c *model.Component, keys [][]any, fields []*model.Field, lock bool, sights ...Sight) (Statement, Columns, error) {
	b := newBuilder(s)
	columns := make([]string, len(c.Key))
	arrays := make([]string, len(c.Key))
	for i, f := range c.Key {
		texts := make([]string, len(keys))
		for j, k := range keys {
			texts[j] = encodeText(k[i])
		}
		columns[i] = "e." + quote(f.Column)
		arrays[i] = b.bind(texts, "text[]") + "::" + fieldTypeName(f) + "[]"
	}
	where := fmt.Sprintf("e.delete_time IS NULL AND (%s) IN (SELECT * FROM ROWS FROM (unnest(%s)) AS k)", strings.Join(columns, ", "), strings.Join(arrays, "), unnest("))
	return b.found(c, where, fields, lock, sights)
}

func fieldTypeName(f *model.Field) string { return strings.TrimSuffix(fieldType(f), ` COLLATE "C"`) }

func (b *builder) found(c *model.Component, where string, fields []*model.Field, lock bool, sights []Sight) (Statement, Columns, error) {
	list := b.selectList(fields, "e")
	for _, s := range sights {
		cond, err := b.sight(c, s, "e")
		if err != nil {
			return Statement{}, Columns{}, err
		}
		list += ", coalesce(" + cond + ", false)"
	}
	sql := "SELECT " + list + " FROM " + b.table(c) + " AS e" + b.joins.sql.String() + " WHERE " + where + " ORDER BY e.id"
	if lock {
		sql += " FOR UPDATE OF e"
	}
	stmt, err := b.statement(sql)
	return stmt, Columns{Component: c, Fields: fields, Extra: len(sights)}, err
}

// Visible makes the statement that returns which of the ids are live entries within the sight, and keeps them from being
// purged until the transaction ends.
func (s Scope) Visible(c *model.Component, ids []string, sight Sight) (Statement, error) {
	b := newBuilder(s)
	seen, err := b.sight(c, sight, "e")
	if err != nil {
		return Statement{}, err
	}
	return b.statement("SELECT e.id FROM " + b.table(c) + " AS e" + b.joins.sql.String() +
		" WHERE e.delete_time IS NULL AND e.id = ANY(" + b.bind(ids, "text[]") + ") AND " + seen + " ORDER BY e.id FOR KEY SHARE OF e")
}

// Check makes the statement that tells for each of the ids which conditions over "entry" are true. A condition that cannot
// be translated makes an error.
func (s Scope) Check(c *model.Component, ids []string, conditions []Sight) (Statement, error) {
	b := newBuilder(s)
	parts := []string{"e.id"}
	for _, sight := range conditions {
		cond, err := b.sight(c, sight, "e")
		if err != nil {
			return Statement{}, err
		}
		parts = append(parts, "coalesce("+cond+", false)")
	}
	return b.statement("SELECT " + strings.Join(parts, ", ") + " FROM " + b.table(c) + " AS e" + b.joins.sql.String() +
		" WHERE e.id = ANY(" + b.bind(ids, "text[]") + ")")
}

// Nothing is a statement that selects no entries, for a count without a page.
func Nothing() Statement { return Statement{SQL: "SELECT WHERE false"} }
