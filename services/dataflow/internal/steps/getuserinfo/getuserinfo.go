// Package getuserinfo is the step get-user-info: who calls is added to the item.
package getuserinfo

import (
	"context"

	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "get-user-info", Group: "Users", Title: "User of the call",
		Summary: "Adds the id, e-mail, name and roles of the user who calls, or null when nobody is known.",
		Params: []*catalogv1.Param{
			{Name: "resultField", Title: "Result field", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD,
				Default: &typev1.Value{Kind: &typev1.Value_Text{Text: "user"}}},
		},
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	name := c.ResultField("resultField", "user")
	c.Output(c.Extended(value.Field{Name: name, Type: objectmodel.User()}))
	return step.RunnerFunc(func(_ context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		var user any
		if len(env.User) > 0 {
			known := map[string]any{}
			for _, f := range objectmodel.User().Fields {
				known[f.Name] = env.User[f.Name]
			}
			user = known
		}
		out := make([]step.Item, len(in[0]))
		for i, item := range in[0] {
			out[i] = item.With(map[string]any{name: user})
		}
		return out, nil
	})
}
