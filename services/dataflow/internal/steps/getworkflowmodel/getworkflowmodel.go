// Package getworkflowmodel is the step get-workflow-model: a dataflow begins with the data of the calling workflow.
package getworkflowmodel

import (
	"context"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "get-workflow-model", Group: "Input", Title: "Workflow model",
		Summary: "Begins with the data that the calling workflow gives: " +
			"an item of an object, or of each element of a list; what is no object becomes the field value.",
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	c.Output(value.Type{}) // known only when it is there
	return step.RunnerFunc(func(_ context.Context, env *step.Env, _ [][]step.Item) ([]step.Item, error) {
		return step.ItemsOf(env.Input), nil
	})
}
