package filtersource_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/filtersource"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Both forms of the filter keep what a loop over plain numbers keeps, in its order.
func TestFilterAgainstLoop(t *testing.T) {
	t.Parallel()
	typ := value.MapOf(value.Field{Name: "n", Type: value.Type{Kind: value.Int}})
	operators := []struct {
		name, symbol string
		holds        func(a, b int64) bool
	}{
		{"equal", "==", func(a, b int64) bool { return a == b }},
		{"not-equal", "!=", func(a, b int64) bool { return a != b }},
		{"greater", ">", func(a, b int64) bool { return a > b }},
		{"greater-or-equal", ">=", func(a, b int64) bool { return a >= b }},
		{"less", "<", func(a, b int64) bool { return a < b }},
		{"less-or-equal", "<=", func(a, b int64) bool { return a <= b }},
	}
	rapid.Check(t, func(r *rapid.T) {
		numbers := rapid.SliceOf(rapid.Int64Range(-3, 3)).Draw(r, "numbers")
		than := rapid.Int64Range(-3, 3).Draw(r, "than")
		op := operators[rapid.IntRange(0, len(operators)-1).Draw(r, "operator")]
		var fields []map[string]any
		want := []int64{}
		for i, n := range numbers {
			fields = append(fields, map[string]any{"n": n})
			if op.holds(n, than) {
				want = append(want, int64(i+1))
			}
		}
		literal, err := step.Literal(than)
		require.NoError(r, err)
		for _, params := range []map[string]any{
			{"field": "n", "operator": op.name, "value": than},
			{"condition": "item.n " + op.symbol + " " + literal},
		} {
			runner := steptest.Compile(r, filtersource.New(), params, typ)
			out, err := runner.Run(t.Context(), steptest.Env(), [][]step.Item{steptest.Items(fields...)})
			require.NoError(r, err)
			got := []int64{}
			for _, item := range out {
				got = append(got, item.Line)
			}
			require.Equal(r, want, got)
		}
	})
}
