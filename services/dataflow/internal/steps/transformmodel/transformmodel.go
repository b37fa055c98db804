// Package transformmodel is the step transform-model: fields are renamed, dropped and computed.
package transformmodel

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "transform-model", Group: "Transformation", Title: "Transform model",
		Summary: "Makes the fields of each item anew: computes, renames and drops.",
		Params: []*catalogv1.Param{
			{Name: "fields", Title: "Fields", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING,
				Help: "The new fields; expressions see the item as it was, so that fields may change places."},
			{Name: "keep", Title: "Keep the others", Kind: catalogv1.ParamKind_PARAM_KIND_BOOL,
				Help: "Keep the fields of the item that are not made anew."},
			{Name: "drop", Title: "Drop", Kind: catalogv1.ParamKind_PARAM_KIND_FIELDS,
				Help: "Fields to leave out; all others are kept."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	t := transform{fields: c.NewFields("fields", c.Vars()), drop: c.Texts("drop")}
	t.keep = c.Bool("keep") || len(t.drop) > 0
	for i, name := range t.drop {
		c.ItemField(fmt.Sprintf("drop/%d", i), name)
	}
	if !t.keep && len(c.Step.GetParams()["fields"].GetMap().GetFields()) == 0 {
		c.Problem("fields", "missing-param", "transform-model needs fields to make, or fields to drop")
	}
	c.Output(t.outputType(c))
	return t
}

type transform struct {
	fields []step.Mapped
	drop   []string
	keep   bool
}

func (t transform) outputType(c *step.Compiler) value.Type {
	made := step.MappingFields(t.fields)
	if !t.keep {
		return step.ItemType(made...)
	}
	out := c.Extended(made...)
	out.Fields = slices.DeleteFunc(out.Fields, func(f value.Field) bool {
		return slices.Contains(t.drop, f.Name) && !slices.ContainsFunc(made, func(m value.Field) bool { return m.Name == f.Name })
	})
	return out
}

func (t transform) Run(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
	out := make([]step.Item, len(in[0]))
	vars := env.Vars(nil)
	for i, item := range in[0] {
		vars["item"] = item.Fields
		fields, err := step.EvalMapping(ctx, env, t.fields, vars)
		if err != nil {
			return nil, step.InItem(item, err)
		}
		if t.keep {
			kept := maps.Clone(item.Fields)
			for _, name := range t.drop {
				delete(kept, name)
			}
			maps.Copy(kept, fields)
			fields = kept
		}
		out[i] = step.Item{Fields: fields, Line: item.Line}
	}
	return out, nil
}
