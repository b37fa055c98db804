// Package formaction is the step form-action: the calling page is asked to do something.
package formaction

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxActions is how many actions one run may ask for.
const maxActions = 100

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "form-action", Group: "Output", Title: "Form action",
		Summary: "Asks the calling page to do something, once for every item: no item, no action.",
		Params: []*catalogv1.Param{
			{Name: "action", Title: "Action", Kind: catalogv1.ParamKind_PARAM_KIND_ENUM, Required: true, Options: []string{
				"run-script", "open-page", "open-component", "open-sidebar", "open-modal", "open-file", "close",
			}},
			{Name: "params", Title: "Parameters", Help: "What the action needs, such as component and page.", Kind: catalogv1.ParamKind_PARAM_KIND_MAPPING},
		},
		MinSources: 1, MaxSources: 1,
	}
}

// needs lists the parameters that an action cannot do without.
func needs(action string) []string {
	switch action {
	case "run-script":
		return []string{"script"}
	case "open-page", "open-sidebar", "open-modal":
		return []string{"page"}
	case "open-component":
		return []string{"component"}
	case "open-file":
		return []string{"file"}
	default:
		return nil
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	action := c.Text("action")
	mapped := c.Mapping("params", c.Vars())
	given := c.Step.GetParams()["params"].GetMap().GetFields()
	for _, name := range needs(action) {
		if given[name] == nil {
			c.Problem("params", "missing-param", "%s needs the parameter %q", action, name)
		}
	}
	checkTargets(c, action)
	c.Output(c.Item())
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		for _, item := range in[0] {
			if len(env.Result.Actions) >= maxActions {
				return nil, fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
					fmt.Sprintf("a dataflow may ask the page for %d actions at most", maxActions))
			}
			params, err := step.EvalMapping(ctx, env, mapped, env.Vars(map[string]any{"item": item.Fields}))
			if err != nil {
				return nil, err
			}
			env.Result.Actions = append(env.Result.Actions, step.Action{Type: action, Params: params})
		}
		return in[0], nil
	})
}
