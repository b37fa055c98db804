// Package writeresponse is the step write-response: the result for the caller.
package writeresponse

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// The forms of a response.
const (
	formAuto   = "auto"
	formObject = "object"
	formList   = "list"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "write-response", Group: "Output", Title: "Write response",
		Summary: "Gives the items, or what is mapped of them, to the caller. The last one that runs counts.",
		Params: []*catalogv1.Param{
			{Name: "fields", Title: "Fields", Help: "What to give; without it the whole item.", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING},
			{Name: "form", Title: "Form", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Options: []string{formAuto, formObject, formList},
				Default: &typev1.Value{Kind: &typev1.Value_Text{Text: formAuto}},
				Help:    "object gives the first item or null, list always a list, auto an object for one item and a list for any other number."},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	mapped := c.Mapping("fields", c.Vars())
	form := c.Text("form")
	c.Output(c.Item())
	if len(mapped) > 0 {
		c.Output(step.ItemType(step.MappingFields(mapped)...))
	}
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		items := in[0]
		if form == formObject && len(items) > 1 {
			items = items[:1]
		}
		out := make([]step.Item, len(items))
		list := make([]any, len(items))
		for i, item := range items {
			fields := item.Fields
			if len(mapped) > 0 {
				var err error
				if fields, err = step.EvalMapping(ctx, env, mapped, env.Vars(map[string]any{"item": item.Fields})); err != nil {
					return nil, err
				}
			}
			out[i] = step.Item{Fields: fields, Line: item.Line}
			list[i] = fields
		}
		switch {
		case form == formList || form == formAuto && len(list) != 1:
			env.Result.Output = list
		case len(list) == 0:
			env.Result.Output = nil
		default:
			env.Result.Output = list[0]
		}
		return out, nil
	})
}
