// Package getemptymodel is the step get-empty-model: a dataflow begins with nothing.
package getemptymodel

import (
	"context"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "get-empty-model", Group: "Input", Title: "Empty model",
		Summary: "Begins with one item that has no fields, for dataflows that need no data: reports, regular work.",
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	c.Output(step.ItemType())
	return step.RunnerFunc(func(context.Context, *step.Env, [][]step.Item) ([]step.Item, error) {
		return step.ItemsOf(nil), nil
	})
}
