// Package schema changes the tables of tenants to what a release needs. Every plan compares the release with the real
// catalog, so a change that was cut off anywhere is taken up again by making a new plan.
//
// Expand adds tables, columns, indexes and constraints, and loosens constraints that the release no longer has: the old and
// the new release both work afterwards. Contract drops tables and columns.
package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Change is one statement.
type Change struct {
	// Component is the id of the component; empty when it is not known any more.
	Component string
	SQL       string
	// Lock is the lock taken, in Postgres' words.
	Lock string
	// Scans tells that the whole table is rewritten or read.
	Scans bool
	// Contract tells that it runs after the release is live.
	Contract bool
	Summary  string

	loss string // the name of the loss that must be accepted before this runs
}

// Loss is stored data that Contract would remove.
type Loss struct {
	Name string
	Rows int64

	countSQL string
}

// Conflict says that existing rows do not fit a release.
type Conflict struct {
	Component, Field, Message string
	// Entries are the ids of a few of the Rows.
	Entries []string
	Rows    int64

	sql  string // selects the ids
	args []any
}

// Plan is what has to be done, and what stands in the way.
type Plan struct {
	Changes   []Change
	Losses    []Loss
	Conflicts []Conflict

	labels labels
}

// Locks, in Postgres' words.
const (
	exclusive       = "ACCESS EXCLUSIVE"
	updateExclusive = "SHARE UPDATE EXCLUSIVE"
	rowExclusive    = "SHARE ROW EXCLUSIVE"
)

// systemColumns are the columns of every table, see package model.
const systemColumns = `id text COLLATE "C" PRIMARY KEY, name text COLLATE "C" NOT NULL DEFAULT '', ` +
	`creator_subject text COLLATE "C" NOT NULL, update_subject text COLLATE "C" NOT NULL, ` +
	`create_time timestamptz NOT NULL, update_time timestamptz NOT NULL, delete_time timestamptz, version bigint NOT NULL DEFAULT 1`

const linkColumns = `entry text COLLATE "C" NOT NULL, position integer NOT NULL, target text COLLATE "C" NOT NULL, PRIMARY KEY (entry, position)`

// columnType is the type of a field's column, as format_type prints it.
func columnType(f *model.Field) string {
	if f.GetSensitive() {
		return "bytea"
	}
	switch f.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_INTEGER:
		return "bigint"
	case libraryv1.FieldType_FIELD_TYPE_NUMBER:
		return "numeric"
	case libraryv1.FieldType_FIELD_TYPE_BOOLEAN:
		return "boolean"
	case libraryv1.FieldType_FIELD_TYPE_DATE:
		return "date"
	case libraryv1.FieldType_FIELD_TYPE_TIME:
		return "time without time zone"
	case libraryv1.FieldType_FIELD_TYPE_DATETIME:
		return "timestamp with time zone"
	}
	return "text"
}

// declared is the type with the collation that orders text as expressions do.
func declared(typ string) string {
	if typ == "text" {
		return `text COLLATE "C"`
	}
	return typ
}

// differ builds a plan.
type differ struct {
	schema  string
	release *model.Release
	cat     catalog
	plan    Plan
	wanted  map[string]bool // tables
	labels  labels          // before this release

	tables, columns, indexes, keys, loosen, drop []Change
}

// diff compares a release with a catalog. Losses and conflicts carry the queries that count them.
func diff(schema string, release *model.Release, cat catalog, names labels) (*Plan, error) {
	d := &differ{schema: schema, release: release, cat: cat, labels: names, wanted: map[string]bool{}}
	d.plan.labels = names.kept(cat)
	for _, c := range release.Components {
		if len(c.Fields) == 0 {
			continue
		}
		if err := d.component(c); err != nil {
			return nil, fmt.Errorf("component %s: %w", c.ID, err)
		}
	}
	d.dropTables()
	d.plan.Changes = slices.Concat(d.loosen, d.tables, d.columns, d.indexes, d.keys, d.drop)
	return &d.plan, nil
}

func (d *differ) component(c *model.Component) error {
	name := c.Table()
	d.wanted[name] = true
	have := d.cat[name]
	if have == nil {
		have = &table{}
		var cols strings.Builder
		cols.WriteString(systemColumns)
		for _, f := range c.Fields {
			if f.Column != "" {
				fmt.Fprintf(&cols, ", %s %s", quote(f.Column), declared(columnType(f)))
			}
		}
		d.tables = append(d.tables, Change{Component: c.ID, Lock: exclusive, Summary: "new table for " + c.ID,
			SQL: fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)", quote(d.schema, name), cols.String())})
	}
	d.plan.labels.set(name, "", c.ID)
	indexes, keys := map[string]bool{}, map[string]bool{}
	if len(c.Key) > 0 {
		indexes[c.KeyIndex()] = true
		cols := make([]string, len(c.Key))
		for i, f := range c.Key {
			cols[i] = quote(f.Column)
		}
		d.uniqueIndex(c, c.Key, name, c.KeyIndex(), strings.Join(cols, ", "), " WHERE delete_time IS NULL", have)
	}
	for _, f := range c.Fields {
		switch {
		case !f.Stored():
		case f.IsArray():
			if err := d.link(c, f); err != nil {
				return err
			}
		default:
			if err := d.field(c, f, have, indexes, keys); err != nil {
				return err
			}
		}
		d.required(c, f, have)
	}
	if document, ok := query.Document(c, ""); ok {
		indexes[c.SearchIndex()] = true
		d.index(c.ID, name, c.SearchIndex(), "gin", document, "", have)
	}
	d.loosenTable(c.ID, name, have, indexes, keys)
	d.dropColumns(c, have)
	return nil
}

func (d *differ) field(c *model.Component, f *model.Field, have *table, indexes, keys map[string]bool) error {
	name := c.Table()
	if col, there := have.columns[f.Column]; there {
		d.changeType(c, f, col)
	} else if have.columns != nil {
		d.columns = append(d.columns, Change{Component: c.ID, Lock: exclusive, Summary: fmt.Sprintf("new column for %s.%s", c.ID, f.GetName()),
			SQL: fmt.Sprintf("ALTER TABLE %s ADD COLUMN IF NOT EXISTS %s %s", quote(d.schema, name), quote(f.Column), declared(columnType(f)))})
	}
	d.plan.labels.set(name, f.Column, f.GetName())
	if f.GetSensitive() {
		return nil
	}
	catalogField := f.GetType() == libraryv1.FieldType_FIELD_TYPE_CATALOG
	if f.GetQuery() || catalogField || f.GetType() == libraryv1.FieldType_FIELD_TYPE_FILE {
		indexes[c.QueryIndex(f)] = true
		// With the id behind it, the index also gives the order of pages.
		d.index(c.ID, name, c.QueryIndex(f), "INDEX", quote(f.Column)+", id", "", have)
	}
	if !catalogField {
		return nil
	}
	if f.GetCatalog().GetUnique() {
		indexes[c.UniqueIndex(f)] = true
		d.uniqueIndex(c, []*model.Field{f}, name, c.UniqueIndex(f), quote(f.Column), " WHERE delete_time IS NULL", have)
	}
	keys[c.ForeignKey(f)] = true
	return d.foreignKey(c, f, name, f.Column, have)
}

// link plans the link table of an array field.
func (d *differ) link(c *model.Component, f *model.Field) error {
	d.wanted[f.Link] = true
	have := d.cat[f.Link]
	if have == nil {
		have = &table{}
		d.tables = append(d.tables, Change{Component: c.ID, Lock: exclusive, Summary: fmt.Sprintf("new table for the list %s.%s", c.ID, f.GetName()),
			SQL: fmt.Sprintf("CREATE TABLE IF NOT EXISTS %s (%s)", quote(d.schema, f.Link), linkColumns)})
	}
	d.plan.labels.set(f.Link, "", c.ID+"."+f.GetName())
	indexes := map[string]bool{c.QueryIndex(f): true}
	d.index(c.ID, f.Link, c.QueryIndex(f), "INDEX", "target", "", have)
	if f.GetArray().GetExclusive() {
		indexes[c.UniqueIndex(f)] = true
		d.uniqueIndex(c, []*model.Field{f}, f.Link, c.UniqueIndex(f), "target", "", have)
	}
	d.addKey(c.ID, f.Link, c.EntryKey(f), fmt.Sprintf("FOREIGN KEY (entry) REFERENCES %s (id) ON DELETE CASCADE", quote(d.schema, c.Table())), have)
	keys := map[string]bool{c.EntryKey(f): true, c.ForeignKey(f): true}
	err := d.foreignKey(c, f, f.Link, "target", have)
	d.loosenTable(c.ID, f.Link, have, indexes, keys)
	return err
}

func (d *differ) index(component, table, name, kind, columns, where string, have *table) {
	ix, there := have.indexes[name]
	if there && ix.valid {
		return
	}
	if there { // a build that was cut off leaves an index that is of no use
		d.loosen = append(d.loosen, Change{Component: component, Lock: updateExclusive, Summary: "unfinished index",
			SQL: "DROP INDEX CONCURRENTLY IF EXISTS " + quote(d.schema, name)})
	}
	ch := Change{Component: component, Lock: "SHARE", Summary: "index on " + table}
	using := ""
	if kind == "gin" {
		kind, using = "INDEX", "USING gin "
	}
	how := kind
	if have.hasRows {
		how, ch.Lock, ch.Scans = kind+" CONCURRENTLY", updateExclusive, true
	}
	ch.SQL = fmt.Sprintf("CREATE %s IF NOT EXISTS %s ON %s %s(%s)%s", how, quote(name), quote(d.schema, table), using, columns, where)
	d.indexes = append(d.indexes, ch)
}

func (d *differ) uniqueIndex(c *model.Component, fields []*model.Field, table, name, columns, where string, have *table) {
	if have.indexes[name].valid {
		return
	}
	d.index(c.ID, table, name, "UNIQUE INDEX", columns, where, have)
	if !have.hasRows {
		return
	}
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.GetName()
		if _, there := have.columns[f.Column]; !there && f.Column != "" {
			return // a new column is empty everywhere, and empty is never equal
		}
	}
	id, filter := "id", where
	if fields[0].IsArray() {
		id = "entry" // and target is never null
	}
	for _, f := range fields {
		if f.Column != "" { // equal keys with an empty part do not collide
			filter += " AND " + quote(f.Column) + " IS NOT NULL"
		}
	}
	d.plan.Conflicts = append(d.plan.Conflicts, Conflict{
		Component: c.ID, Field: names[0], Message: "several entries have the same " + strings.Join(names, ", "),
		sql: fmt.Sprintf("SELECT %s FROM (SELECT %[1]s, count(*) OVER (PARTITION BY %s) AS n FROM %s%s) AS d WHERE n > 1",
			id, columns, quote(d.schema, table), filter),
	})
}

func (d *differ) foreignKey(c *model.Component, f *model.Field, table, column string, have *table) error {
	target, ok := d.release.Component(f.Target)
	if !ok || len(target.Fields) == 0 {
		return fmt.Errorf("field %s refers to %q, which has no entries", f.GetName(), f.Target)
	}
	name := c.ForeignKey(f)
	if k, there := have.constraints[name]; there && k.target != target.Table() {
		d.loosen = append(d.loosen, Change{Component: c.ID, Lock: exclusive, Summary: fmt.Sprintf("%s.%s refers to another component", c.ID, f.GetName()),
			SQL: fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", quote(d.schema, table), quote(name))})
		have.constraints = maps.Clone(have.constraints)
		delete(have.constraints, name)
	}
	if k, there := have.constraints[name]; have.hasRows && (!there || !k.valid) && (f.IsArray() || have.columns[column].typ == "text") {
		where := "true"
		if d.cat[target.Table()] != nil {
			where = fmt.Sprintf("NOT EXISTS (SELECT FROM %s r WHERE r.id = t.%s)", quote(d.schema, target.Table()), quote(column))
		}
		id := "t.id"
		if f.IsArray() {
			id = "t.entry"
		}
		d.plan.Conflicts = append(d.plan.Conflicts, Conflict{Component: c.ID, Field: f.GetName(), Message: "some values are not entries of " + f.Target,
			sql: fmt.Sprintf("SELECT %s FROM %s t WHERE t.%s IS NOT NULL AND %s", id, quote(d.schema, table), quote(column), where)})
	}
	d.addKey(c.ID, table, name, fmt.Sprintf("FOREIGN KEY (%s) REFERENCES %s (id)", quote(column), quote(d.schema, target.Table())), have)
	return nil
}

// addKey adds a constraint without a scan under a lock, and validates it afterwards under a weak one.
func (d *differ) addKey(component, table, name, definition string, have *table) {
	k, there := have.constraints[name]
	on := quote(d.schema, table)
	if !there {
		d.keys = append(d.keys, Change{Component: component, Lock: rowExclusive, Summary: "foreign key of " + table,
			SQL: fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s %s NOT VALID", on, quote(name), definition)})
	}
	if !there || !k.valid {
		d.keys = append(d.keys, Change{Component: component, Lock: updateExclusive, Scans: have.hasRows, Summary: "check of the foreign key of " + table,
			SQL: fmt.Sprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", on, quote(name))})
	}
}
