package groupby_test

import (
	"math/big"
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/groupby"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

type row struct {
	key string
	n   int64
}

// Groups and their totals are those that one pass over the rows for each key gives.
func TestGroupsAgainstOnePassPerKey(t *testing.T) {
	t.Parallel()
	typ := value.MapOf(value.Field{Name: "k", Type: value.Type{Kind: value.Text}}, value.Field{Name: "n", Type: value.Type{Kind: value.Int}})
	params := map[string]any{
		"fields": []any{"k"}, "resultField": "rows",
		"aggregates": map[string]any{
			"count": map[string]any{"op": "count"},
			"sum":   map[string]any{"op": "sum", "of": "item.n"},
			"least": map[string]any{"op": "min", "of": "item.n"},
			"most":  map[string]any{"op": "max", "of": "item.n"},
			"mean":  map[string]any{"op": "avg", "of": "item.n"},
		},
	}
	rapid.Check(t, func(r *rapid.T) {
		rows := rapid.SliceOf(rapid.Custom(func(r *rapid.T) row {
			return row{rapid.SampledFrom([]string{"a", "b", "c", ""}).Draw(r, "key"), rapid.Int64Range(-1000, 1000).Draw(r, "n")}
		})).Draw(r, "rows")
		var fields []map[string]any
		for _, one := range rows {
			fields = append(fields, map[string]any{"k": one.key, "n": one.n})
		}
		runner := steptest.Compile(r, groupby.New(), params, typ)
		out, err := runner.Run(t.Context(), steptest.Env(), [][]step.Item{steptest.Items(fields...)})
		require.NoError(r, err)
		want := naive(rows)
		require.Len(r, out, len(want))
		for i, item := range out {
			require.True(r, value.Equal(want[i], item.Fields), "want %v, got %v", want[i], item.Fields)
		}
	})
}

func naive(rows []row) []map[string]any {
	var groups []map[string]any
	for i, first := range rows {
		seen := false
		for _, before := range rows[:i] {
			seen = seen || before.key == first.key
		}
		if seen {
			continue
		}
		var members []any
		sum, least, most := int64(0), first.n, first.n
		for _, one := range rows {
			if one.key == first.key {
				members = append(members, map[string]any{"k": one.key, "n": one.n})
				sum, least, most = sum+one.n, min(least, one.n), max(most, one.n)
			}
		}
		mean := new(big.Rat).SetFrac64(sum, int64(len(members))).FloatString(value.Scale) // rounds half away from zero
		groups = append(groups, map[string]any{
			"k": first.key, "count": int64(len(members)), "sum": sum, "least": least, "most": most, "mean": value.MustDecimal(mean), "rows": members,
		})
	}
	return groups
}
