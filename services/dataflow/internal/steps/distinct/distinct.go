// Package distinct is the step distinct: of items with equal keys the first goes on.
package distinct

import (
	"context"
	"fmt"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/key"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "distinct", Group: "Transformation", Title: "Distinct",
		Summary: "Lets the first of several equal items go on.",
		Params: []*catalogv1.Param{
			{Name: "keys", Title: "Keys", Kind: catalogv1.ParamKind_PARAM_KIND_FIELDS,
				Help: "Fields that make items equal; without any, all fields. An absent field is null, and null equals null."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	keys := c.Texts("keys")
	for i, name := range keys {
		c.ItemField(fmt.Sprintf("keys/%d", i), name)
	}
	c.Output(c.Item())
	return step.RunnerFunc(func(_ context.Context, _ *step.Env, in [][]step.Item) ([]step.Item, error) {
		seen := make(map[string]bool, len(in[0]))
		var out []step.Item
		var buf []byte
		for _, item := range in[0] {
			buf = buf[:0]
			for _, name := range keys {
				buf = key.Append(buf, item.Fields[name])
			}
			if len(keys) == 0 {
				buf = key.AppendFields(buf, item.Fields)
			}
			if !seen[string(buf)] {
				seen[string(buf)] = true
				out = append(out, item)
			}
		}
		return out, nil
	})
}
