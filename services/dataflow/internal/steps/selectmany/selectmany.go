// Package selectmany is the step select-many: the lists within items become one flat list of items.
package selectmany

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
		Type: "select-many", Group: "Transformation", Title: "Select many",
		Summary: "Makes one flat list of the lists within the items. The values of the item stay under parent, without the list, and its line as well; " +
			"an element that is no object becomes the field value.",
		Params: []*catalogv1.Param{
			{Name: "path", Title: "Path of the list", Kind: catalogv1.ParamKind_PARAM_KIND_FIELD, Required: true,
				Help: "A field, or several joined by points; it may lead through lists: orders.lines. An item without the list gives none."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	path, element, ok := collection.Compile(c, "path", true)
	if ok {
		c.Output(path.ElementType(element, c.Item()))
	}
	return step.RunnerFunc(func(_ context.Context, _ *step.Env, in [][]step.Item) ([]step.Item, error) {
		return path.Items(in[0], false)
	})
}
