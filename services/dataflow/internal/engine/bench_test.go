package engine_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/filtersource"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/getrawmodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/groupby"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/transformmodel"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
)

// BenchmarkTenRecords runs ten records through filter, transform and group by, compiled before: in a declared form, and in one
// that is not known.
func BenchmarkTenRecords(b *testing.B) {
	b.Run("typed", func(b *testing.B) { tenRecords(b, typed{getrawmodel.New()}) })
	b.Run("raw", func(b *testing.B) { tenRecords(b, getrawmodel.New()) })
}

// typed is get-raw-model with a declared form.
type typed struct{ step.Kind }

func (k typed) Compile(c *step.Compiler) step.Runner {
	runner := k.Kind.Compile(c)
	c.Output(step.ItemType(
		value.Field{Name: "n", Type: value.Type{Kind: value.Int}},
		value.Field{Name: "price", Type: value.Type{Kind: value.DecimalKind}},
		value.Field{Name: "city", Type: value.Type{Kind: value.Text}},
	))
	return runner
}

func tenRecords(b *testing.B, reader step.Kind) {
	kinds, err := catalog.New(reader, filtersource.New(), transformmodel.New(), groupby.New())
	require.NoError(b, err)
	scope := steptest.Scope()
	scope.Dataflow.Steps = []*libraryv1.Step{
		benchStep(b, "read", "get-raw-model", "", nil),
		benchStep(b, "filter", "filter-source", "read", map[string]any{"condition": "item.n > 2"}),
		benchStep(b, "map", "transform-model", "filter", map[string]any{"fields": map[string]any{
			"city": "item.city", "total": "item.n * item.price",
		}}),
		benchStep(b, "group", "group-by", "map", map[string]any{
			"fields": []any{"city"}, "aggregates": map[string]any{"total": map[string]any{"op": "sum", "of": "item.total"}},
		}),
	}
	checked := engine.Compile(kinds, scope)
	require.Empty(b, checked.Problems)
	var input []any
	for i := range 10 {
		input = append(input, map[string]any{
			"n": int64(i), "price": value.MustDecimal("1.25"), "city": []string{"Bern", "Basel", "Genf"}[i%3],
		})
	}
	env := *steptest.Env()
	env.Input = input
	b.ReportAllocs()
	for b.Loop() {
		_, reports, err := checked.Graph.Run(b.Context(), env, steptest.Now)
		if err != nil || reports[3].RowsOut != 3 {
			b.Fatal(err)
		}
	}
}

func benchStep(b *testing.B, id, kind, source string, params map[string]any) *libraryv1.Step {
	b.Helper()
	settings, err := value.MapToProto(params)
	require.NoError(b, err)
	s := &libraryv1.Step{Id: id, Type: kind, Params: settings}
	if source != "" {
		s.Sources = []string{source}
	}
	return s
}
