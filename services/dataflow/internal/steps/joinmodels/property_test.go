package joinmodels_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/joinmodels"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A join gives the pairs that two nested loops give, in their order.
func TestJoinAgainstNestedLoops(t *testing.T) {
	t.Parallel()
	fields := []value.Field{{Name: "k"}, {Name: "i", Type: value.Type{Kind: value.Int}}}
	keys := rapid.SliceOfN(rapid.SampledFrom([]any{nil, int64(1), value.MustDecimal("1"), value.MustDecimal("1.5"), "1", "", true, []any{"a"}}), 0, 20)
	rapid.Check(t, func(r *rapid.T) {
		left, right := keys.Draw(r, "left"), keys.Draw(r, "right")
		kind := rapid.SampledFrom([]string{"inner", "left"}).Draw(r, "kind")
		want := [][2]any{}
		for i, a := range left {
			found := false
			for j, b := range right {
				if a != nil && value.Equal(a, b) {
					found = true
					want = append(want, [2]any{int64(i), int64(j)})
				}
			}
			if !found && kind == "left" {
				want = append(want, [2]any{int64(i), nil})
			}
		}
		runner := steptest.Compile(r, joinmodels.New(), map[string]any{
			"leftKey": "left.k", "rightKey": "right.k", "join": kind, "map": map[string]any{"l": "left.i", "r": "right.i"},
		}, value.MapOf(fields...), value.MapOf(fields...))
		out, err := runner.Run(t.Context(), steptest.Env(), [][]step.Item{items(left), items(right)})
		require.NoError(r, err)
		got := [][2]any{}
		for _, item := range out {
			got = append(got, [2]any{item.Fields["l"], item.Fields["r"]})
		}
		require.Equal(r, want, got)
	})
}

func items(keys []any) []step.Item {
	fields := make([]map[string]any, len(keys))
	for i, k := range keys {
		fields[i] = map[string]any{"k": k, "i": int64(i)}
	}
	return steptest.Items(fields...)
}
