// Package extractcollections is the step extract-collections: each element of a list becomes an item of its own.
package extractcollections

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/collection"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "extract-collections", Group: "Transformation", Title: "Extract collection",
		Summary: "Makes an item of each element of a list, which is processed and numbered on its own. The item that held it stays under parent, without the list; " +
			"an element that is no object becomes the field value.",
		Params: []*catalogv1.Param{
			{Name: "path", Title: "Path of the list", Kind: catalogv1.ParamKind_PARAM_KIND_FIELD, Required: true,
				Help: "A field, or several joined by points: order.lines. An item without the list gives none."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	path, element, ok := collection.Compile(c, "path", false)
	if ok {
		c.Output(path.ElementType(element, c.Item()))
	}
	return step.RunnerFunc(func(_ context.Context, _ *step.Env, in [][]step.Item) ([]step.Item, error) {
		return path.Items(in[0], true)
	})
}
