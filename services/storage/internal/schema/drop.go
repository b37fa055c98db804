package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// changeType plans the change of a column's type, when every value converts.
func (d *differ) changeType(c *model.Component, f *model.Field, have column) {
	want := columnType(f)
	if have.typ == want {
		return
	}
	col, on := quote(f.Column), quote(d.schema, c.Table())
	// The conversions that keep every value; texts are canonical, as package value writes them.
	using := map[[2]string]string{
		{"bigint", "numeric"}:                col + "::numeric",
		{"bigint", "text"}:                   col + "::text",
		{"boolean", "text"}:                  col + "::text",
		{"date", "text"}:                     col + "::text",
		{"time without time zone", "text"}:   col + "::text",
		{"numeric", "text"}:                  "trim_scale(" + col + ")::text",
		{"timestamp with time zone", "text"}: `rtrim(rtrim(to_char(` + col + ` AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), '0'), '.') || 'Z'`,
		{"date", "timestamp with time zone"}: col + "::timestamp AT TIME ZONE 'UTC'",
	}[[2]string{have.typ, want}]
	if using == "" {
		using = "NULL"
		d.plan.Conflicts = append(d.plan.Conflicts, Conflict{
			Component: c.ID, Field: f.GetName(), Message: fmt.Sprintf("the values cannot be turned from %s into %s: remove them first, or make a new field", have.typ, want),
			sql: fmt.Sprintf("SELECT id FROM %s WHERE %s IS NOT NULL", on, col),
		})
	}
	d.columns = append(d.columns, Change{Component: c.ID, Lock: exclusive, Scans: d.cat[c.Table()].hasRows,
		Summary: fmt.Sprintf("%s.%s becomes %s", c.ID, f.GetName(), want),
		SQL:     fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s TYPE %s USING %s", on, col, declared(want), using)})
}

// required plans the look for entries that lack what they must have.
func (d *differ) required(c *model.Component, f *model.Field, have *table) {
	if !f.GetRequired() && !f.GetPrimaryKey() || !f.Stored() || !have.hasRows {
		return
	}
	on := quote(d.schema, c.Table())
	lacking := "true"
	if f.IsArray() {
		if d.cat[f.Link] != nil {
			lacking = fmt.Sprintf("NOT EXISTS (SELECT FROM %s l WHERE l.entry = t.id)", quote(d.schema, f.Link))
		}
	} else if _, there := have.columns[f.Column]; there {
		lacking = "t." + quote(f.Column) + " IS NULL"
	}
	d.plan.Conflicts = append(d.plan.Conflicts, Conflict{
		Component: c.ID, Field: f.GetName(), Message: "the field is required, and some entries do not have it",
		sql: fmt.Sprintf("SELECT t.id FROM %s t WHERE t.delete_time IS NULL AND %s", on, lacking),
	})
}

// loosenTable drops indexes and foreign keys that the release does not have. A rule that no longer holds must not refuse
// what the release allows, so this is part of Expand.
func (d *differ) loosenTable(component, name string, have *table, indexes, keys map[string]bool) {
	for _, k := range slices.Sorted(maps.Keys(have.constraints)) {
		if !keys[k] {
			d.loosen = append(d.loosen, Change{Component: component, Lock: exclusive, Summary: "foreign key no longer needed",
				SQL: fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s", quote(d.schema, name), quote(k))})
		}
	}
	for _, ix := range slices.Sorted(maps.Keys(have.indexes)) {
		if have.indexes[ix].plain && !indexes[ix] {
			d.loosen = append(d.loosen, Change{Component: component, Lock: updateExclusive, Summary: "index no longer needed",
				SQL: "DROP INDEX CONCURRENTLY IF EXISTS " + quote(d.schema, ix)})
		}
	}
}

// dropColumns plans the end of columns without a field.
func (d *differ) dropColumns(c *model.Component, have *table) {
	wanted := map[string]bool{}
	for _, f := range c.Fields {
		wanted[f.Column] = true
	}
	on := quote(d.schema, c.Table())
	for _, name := range slices.Sorted(maps.Keys(have.columns)) {
		if wanted[name] || !strings.HasPrefix(name, "f_") {
			continue
		}
		loss := c.ID + "." + d.labels.of(c.Table(), name)
		d.plan.Losses = append(d.plan.Losses, Loss{Name: loss, countSQL: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NOT NULL", on, quote(name))})
		d.drop = append(d.drop, Change{Component: c.ID, Contract: true, Lock: exclusive, Summary: "column of the removed field " + loss, loss: loss,
			SQL: fmt.Sprintf("ALTER TABLE %s DROP COLUMN IF EXISTS %s", on, quote(name))})
	}
}

// dropTables plans the end of tables that no component has. Link tables go first, as they refer to the others, and so do
// foreign keys between tables that all go.
func (d *differ) dropTables() {
	var links, tables, keys []Change
	for _, name := range slices.Sorted(maps.Keys(d.cat)) {
		have := d.cat[name]
		isLink := strings.HasPrefix(name, "l_")
		if d.wanted[name] || !isLink && !strings.HasPrefix(name, "c_") {
			continue
		}
		loss, count := d.labels.of(name, ""), "count(*)"
		if isLink {
			count = "count(DISTINCT entry)"
		}
		component, _, _ := strings.Cut(loss, ".")
		d.plan.Losses = append(d.plan.Losses, Loss{Name: loss, countSQL: fmt.Sprintf("SELECT %s FROM %s", count, quote(d.schema, name))})
		for _, k := range slices.Sorted(maps.Keys(have.constraints)) {
			keys = append(keys, Change{Component: component, Contract: true, Lock: exclusive, Summary: "foreign key of " + loss, loss: loss,
				SQL: fmt.Sprintf("ALTER TABLE IF EXISTS %s DROP CONSTRAINT IF EXISTS %s", quote(d.schema, name), quote(k))})
		}
		ch := Change{Component: component, Contract: true, Lock: exclusive, Summary: "table of the removed " + loss, loss: loss,
			SQL: "DROP TABLE IF EXISTS " + quote(d.schema, name)}
		if isLink {
			links = append(links, ch)
		} else {
			tables = append(tables, ch)
		}
	}
	d.drop = append(d.drop, slices.Concat(keys, links, tables)...)
}
