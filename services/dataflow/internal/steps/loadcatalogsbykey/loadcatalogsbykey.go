// Package loadcatalogsbykey is the step load-catalogs-by-key: it loads the entries behind references.
package loadcatalogsbykey

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "load-catalogs-by-key", Group: "Transformation", Title: "Load catalogs by key",
		Summary: "Puts the entries themselves in the place of references, for one entry or a list of them. A reference to what is gone becomes " +
			"null, or is left out of the list.",
		Params: []*catalogv1.Param{
			{Name: "fields", Title: "Fields", Help: "Fields of the item that hold references.", Kind: catalogv1.ParamKind_PARAM_KIND_FIELDS, Required: true},
		},
		MinSources: 1, MaxSources: 1,
	}
}

// catalog is a field that holds references to entries of a component.
type catalog struct {
	field, component string
}

func (kind) Compile(c *step.Compiler) step.Runner {
	var catalogs []catalog
	var loaded []value.Field
	for i, name := range c.Texts("fields") {
		t, ok := c.ItemField(fmt.Sprintf("fields/%d", i), name)
		if !ok {
			continue
		}
		reference, list := t, t.Kind == value.List
		if list {
			reference = t.Item()
		}
		component, known := c.Scope.Find(reference.Component)
		if reference.Kind != value.RefKind || !known {
			c.Problem("fields", "wrong-type", "%q must hold references to a component, it is %s", name, t)
			continue
		}
		entry := objectmodel.Entry(component)
		if list {
			entry = value.ListOf(entry)
		}
		field, _ := c.Item().Field(name) // the same one, with another value
		loaded = append(loaded, value.Field{ID: field.ID, Name: name, Type: entry})
		catalogs = append(catalogs, catalog{name, component.GetId()})
	}
	c.Output(c.Extended(loaded...))
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		out := append([]step.Item(nil), in[0]...)
		for _, cat := range catalogs {
			if err := load(ctx, env, cat, out); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

func load(ctx context.Context, env *step.Env, cat catalog, items []step.Item) error {
	var ids []string
	for _, item := range items {
		list, ok := item.Fields[cat.field].([]any)
		if !ok {
			list = []any{item.Fields[cat.field]}
		}
		for _, v := range list {
			id, err := step.IDText(v)
			if err != nil {
				return step.InField(cat.field, err)
			}
			ids = append(ids, id)
		}
	}
	found, err := step.LoadAll(ctx, env.Entries, cat.component, ids)
	if err != nil {
		return err
	}
	next := 0
	for i, item := range items {
		list, ok := item.Fields[cat.field].([]any)
		if !ok {
			var entry any
			if e := found[ids[next]]; e != nil {
				entry = e.Fields
			}
			next++
			items[i] = item.With(map[string]any{cat.field: entry})
			continue
		}
		entries := make([]any, 0, len(list))
		for range list {
			if e := found[ids[next]]; e != nil {
				entries = append(entries, e.Fields)
			}
			next++
		}
		items[i] = item.With(map[string]any{cat.field: entries})
	}
	return nil
}
