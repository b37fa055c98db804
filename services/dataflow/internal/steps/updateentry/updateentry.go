// Package updateentry is the step update-entry: every item becomes an entry, all of them or none.
package updateentry

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/entrywrite"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxWrites is how many entries one step writes: they are one transaction of storage.
const maxWrites = 10_000

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "update-entry", Group: "Output", Title: "Update entry",
		Summary: "Stores every item as an entry, or marks the entry for deletion. All items are stored, or none: an error ends the dataflow.",
		Params: append(entrywrite.Params(), &catalogv1.Param{
			Name: "resultField", Title: "Result field", Help: "Gets a reference to the entry.", Kind: catalogv1.ParamKind_PARAM_KIND_RESULT_FIELD,
		}),
		MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	plan := entrywrite.Compile(c)
	if plan == nil {
		return nil
	}
	result := c.ResultField("resultField", "")
	c.Output(c.Item())
	if result != "" {
		c.Output(c.Extended(value.Field{Name: result, Type: value.RefOf(plan.Component)}))
	}
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		return run(ctx, env, plan, result, in[0])
	})
}

func run(ctx context.Context, env *step.Env, plan *entrywrite.Plan, result string, items []step.Item) ([]step.Item, error) {
	if len(items) == 0 {
		return items, nil
	}
	if len(items) > maxWrites {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
			fmt.Sprintf("%d entries cannot be stored at once, at most %d; use deferred-update-entry", len(items), maxWrites))
	}
	planned, faults, err := plan.Writes(ctx, env, items)
	if err != nil {
		return nil, err
	}
	writes := make([]step.Write, len(planned))
	for i, w := range planned {
		if faults[i] != nil && len(items) > 1 {
			return nil, step.InItem(items[i], faults[i])
		}
		if faults[i] != nil {
			return nil, faults[i]
		}
		writes[i] = *w
	}
	written, _, err := env.Entries.Write(ctx, plan.Component, writes, false, env.RequestID("0"))
	if err != nil {
		return nil, err
	}
	if result == "" {
		return items, nil
	}
	out := make([]step.Item, len(items))
	for i, item := range items {
		out[i] = item.With(map[string]any{result: value.Ref(written[i].ID)})
	}
	return out, nil
}
