package distinct_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/distinct"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// distinct keeps what a comparison of each item with all before it keeps.
func TestDistinctAgainstComparingAll(t *testing.T) {
	t.Parallel()
	day, err := value.ParseDate("2026-01-31")
	require.NoError(t, err)
	some := rapid.SampledFrom([]any{
		nil, true, int64(1), int64(12), value.MustDecimal("1"), value.MustDecimal("1.5"), "", "t", "tt", "1", "12", "1;", "t1:1", []byte("1"), day,
		day.Start(), value.File("1"), []any{}, []any{"1", "2"}, []any{"12"}, map[string]any{}, map[string]any{"a": "1"},
		map[string]any{"a": int64(1), "b": nil},
	})
	rapid.Check(t, func(r *rapid.T) {
		pairs := rapid.SliceOfN(rapid.Custom(func(r *rapid.T) [2]any { return [2]any{some.Draw(r, "a"), some.Draw(r, "b")} }), 0, 30).Draw(r, "pairs")
		var fields []map[string]any
		var want []int64
		for i, p := range pairs {
			fields = append(fields, map[string]any{"a": p[0], "b": p[1], "i": int64(i)})
			first := true
			for _, before := range pairs[:i] {
				first = first && !(value.Equal(before[0], p[0]) && value.Equal(before[1], p[1]))
			}
			if first {
				want = append(want, int64(i+1))
			}
		}
		runner := steptest.Compile(r, distinct.New(), map[string]any{"keys": []any{"a", "b"}}, value.Type{})
		out, err := runner.Run(t.Context(), steptest.Env(), [][]step.Item{steptest.Items(fields...)})
		require.NoError(r, err)
		var got []int64
		for _, item := range out {
			got = append(got, item.Line)
		}
		require.Equal(r, want, got)
	})
}
