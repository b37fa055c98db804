// Package groupby is the step group-by: items with equal keys become one, with totals.
package groupby

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
	"github.com/aqtra/aqtra/services/dataflow/internal/key"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "group-by", Group: "Transformation", Title: "Group by",
		Summary: "Makes one item of all that have equal keys, in the order in which the keys first come. Without keys, all items make one group.",
		Params: []*catalogv1.Param{
			{Name: "fields", Title: "Key fields", Kind: catalogv1.ParamKind_PARAM_KIND_FIELDS,
				Help: "Fields of the item that are keys under their own names."},
			{Name: "keys", Title: "Computed keys", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING},
			{Name: "aggregates", Title: "Aggregates", Kind: catalogv1.ParamKind_PARAM_KIND_JSON,
				Help: "By name: op (" + strings.Join(aggregate.Ops(), ", ") + ") and of, an expression over each item; count needs none. " +
					"Nulls are passed over."},
			{Name: "resultField", Title: "Items under", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD,
				Help: "Keeps the items of the group as a list under this name."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	g := &grouping{keys: c.NewFields("keys", c.Vars()), fields: c.Texts("fields"), itemsUnder: c.ResultField("resultField", "")}
	var out []value.Field
	taken := map[string]bool{}
	add := func(param, name string, t value.Type) {
		if taken[name] {
			c.Problem(param, "duplicate-field", "two fields of the group have the name %q", name)
			return
		}
		taken[name] = true
		out = append(out, value.Field{Name: name, Type: t})
	}
	for i, name := range g.fields {
		t, _ := c.ItemField(fmt.Sprintf("fields/%d", i), name)
		add("fields", name, t)
		if from, ok := c.Item().Field(name); ok && len(out) > 0 {
			out[len(out)-1].ID = from.ID
		}
	}
	for _, f := range step.MappingFields(g.keys) {
		add("keys/"+f.Name, f.Name, f.Type)
	}
	g.compileAggregates(c, add)
	if g.itemsUnder != "" {
		add("resultField", g.itemsUnder, value.ListOf(c.Item()))
	}
	if len(out) == 0 && len(c.Problems) == 0 {
		c.Problem("fields", "missing-param", "group-by needs keys, aggregates or a field for the items")
	}
	c.Output(step.ItemType(out...))
	return g
}

type grouping struct {
	fields     []string
	keys       []step.Mapped
	aggregates []total
	itemsUnder string
}

type total struct {
	name string
	op   aggregate.Op
	of   *step.Expr // nil counts items
	typ  value.Type
}

func (g *grouping) compileAggregates(c *step.Compiler, add func(param, name string, t value.Type)) {
	raw, given := c.Raw("aggregates")
	settings, ok := raw.(map[string]any)
	if given && !ok {
		c.Problem("aggregates", "invalid-param", "aggregates are an object: a name, and under it op and of")
	}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		param := "aggregates/" + name
		setting, _ := settings[name].(map[string]any)
		opName, _ := setting["op"].(string)
		of, isText := setting["of"].(string)
		for other := range setting {
			if other != "op" && other != "of" {
				c.Problem(param, "unknown-param", "an aggregate has op and of, not %q", other)
			}
		}
		if !c.NewName(param, name) {
			continue
		}
		if !slices.Contains(aggregate.Ops(), opName) {
			p := c.Problem(param, "invalid-param", "op must be one of %s", strings.Join(aggregate.Ops(), ", "))
			p.Suggestion = near.Name(opName, aggregate.Ops())
			continue
		}
		t := total{name: name, op: aggregate.Op(opName)}
		if !isText || of == "" {
			if t.op != aggregate.Count || setting["of"] != nil {
				c.Problem(param, "missing-param", "%s needs an expression under of", opName)
				continue
			}
		} else if t.of = c.Compile(param+"/of", of, c.Vars()); t.of == nil {
			continue
		}
		var operand value.Type
		if t.of != nil {
			operand = t.of.Type()
		}
		typ, err := t.op.Type(operand)
		if err != nil {
			c.Problem(param+"/of", "wrong-type", "%v", err)
			continue
		}
		t.typ = typ
		g.aggregates = append(g.aggregates, t)
		add(param, name, typ)
	}
}

// Grouping implements step.Grouped: storage makes groups of fields and of totals over fields, and keeps no items.
func (g *grouping) Grouping() (step.Grouping, bool) {
	var out step.Grouping
	if g.itemsUnder != "" {
		return out, false
	}
	for _, name := range g.fields {
		out.Keys = append(out.Keys, step.GroupKey{Name: name, Field: name})
	}
	for _, m := range g.keys {
		field, ok := m.Expr.ItemField()
		if !ok {
			return out, false
		}
		out.Keys = append(out.Keys, step.GroupKey{Name: m.Name, Field: field})
	}
	for _, t := range g.aggregates {
		total := step.GroupTotal{Name: t.name, Op: t.op, Type: t.typ}
		if t.of != nil {
			var ok bool
			if total.Field, ok = t.of.ItemField(); !ok {
				return out, false
			}
		}
		out.Totals = append(out.Totals, total)
	}
	return out, true
}

// group is one item on its way.
type group struct {
	fields map[string]any
	line   int64
	totals []aggregate.State
	items  []any
}

func (g *grouping) newGroup(fields map[string]any, line int64) *group {
	made := &group{fields: fields, line: line, totals: make([]aggregate.State, len(g.aggregates))}
	for i, t := range g.aggregates {
		made.totals[i].Op = t.op
	}
	return made
}

// Run gives the groups; each has the line of its first item.
func (g *grouping) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	byKey := map[string]*group{}
	var order []*group
	if len(g.fields) == 0 && len(g.keys) == 0 {
		whole := g.newGroup(map[string]any{}, 1) // is there without any item as well, as in SQL
		byKey[""] = whole
		order = append(order, whole)
	}
	vars := env.Vars(nil)
	var buf []byte
	for _, item := range in[0] {
		vars["item"] = item.Fields
		fields, err := step.EvalMapping(ctx, env, g.keys, vars)
		if err != nil {
			return nil, step.InItem(item, err)
		}
		buf = buf[:0]
		for _, m := range g.keys {
			buf = key.Append(buf, fields[m.Name])
		}
		for _, name := range g.fields {
			fields[name] = item.Fields[name]
			buf = key.Append(buf, fields[name])
		}
		at := byKey[string(buf)]
		if at == nil {
			at = g.newGroup(fields, item.Line)
			byKey[string(buf)] = at
			order = append(order, at)
		}
		if err := g.add(ctx, env, at, item, vars); err != nil {
			return nil, step.InItem(item, err)
		}
	}
	out := make([]step.Item, len(order))
	for i, at := range order {
		item, err := g.finish(at)
		if err != nil {
			return nil, err
		}
		out[i] = item
	}
	return out, nil
}

func (g *grouping) add(ctx context.Context, env *step.Env, to *group, item step.Item, vars map[string]any) error {
	for i, t := range g.aggregates {
		var v any = true // an item without an expression counts
		if t.of != nil {
			var err error
			if v, err = t.of.Eval(ctx, env, vars); err != nil {
				return step.InField(t.name, err)
			}
		}
		if err := to.totals[i].Add(v); err != nil {
			return step.InField(t.name, err)
		}
	}
	if g.itemsUnder != "" {
		to.items = append(to.items, item.Fields)
	}
	return nil
}

func (g *grouping) finish(made *group) (step.Item, error) {
	for i, t := range g.aggregates {
		v, err := made.totals[i].Result()
		if err != nil {
			return step.Item{}, step.InField(t.name, err)
		}
		made.fields[t.name] = v
	}
	if g.itemsUnder != "" {
		if made.items == nil {
			made.items = []any{}
		}
		made.fields[g.itemsUnder] = made.items
	}
	return step.Item{Fields: made.fields, Line: made.line}, nil
}
