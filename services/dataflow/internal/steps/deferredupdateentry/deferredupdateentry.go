// Package deferredupdateentry is the step deferred-update-entry: it turns items into writes for apply-deferred-update-operations.
package deferredupdateentry

import (
	"context"
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/entrywrite"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// New is the kind of step.
func New() step.Kind { return kind{} }

type kind struct{}

func (kind) Spec() *catalogv1.Spec {
	return &catalogv1.Spec{
		Type: "deferred-update-entry", Group: "Output", Title: "Deferred update entry",
		Summary: "Collects writes that apply-deferred-update-operations stores in bulk. Items that cannot be written are reported, the " +
			"others go on.",
		Params: entrywrite.Params(), MinSources: 1, MaxSources: 1,
	}
}

func (kind) Compile(c *step.Compiler) step.Runner {
	plan := entrywrite.Compile(c)
	c.Output(entrywrite.OperationType())
	return step.RunnerFunc(func(ctx context.Context, env *step.Env, in [][]step.Item) ([]step.Item, error) {
		writes, faults, err := plan.Writes(ctx, env, in[0])
		if err != nil {
			return nil, err
		}
		out := make([]step.Item, 0, len(writes))
		for i, w := range writes {
			if f, ok := fault.As(faults[i]); ok {
				field := f.Meta["field"]
				env.Report.Refuse(step.RowError{
					Line: in[0][i].Line, Field: field, Message: strings.TrimPrefix(f.Message, fmt.Sprintf("field %q: ", field)),
				})
				continue
			}
			out = append(out, step.Item{Fields: entrywrite.Operation(plan.Component, *w), Line: in[0][i].Line})
		}
		return out, nil
	})
}
