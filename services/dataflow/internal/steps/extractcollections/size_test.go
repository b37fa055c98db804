package extractcollections_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/extractcollections"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
)

func sizes(items []step.Item) int64 {
	size := int64(0)
	for _, item := range items {
		size += step.Size(item.Fields)
	}
	return size
}

// Were the list kept with each of its elements, a list of some thousand would be more than a run may hold.
func TestSizeGrowsWithTheListAndNotItsSquare(t *testing.T) {
	t.Parallel()
	runner := steptest.Compile(t, extractcollections.New(), map[string]any{"path": "lines"}, value.Type{})
	run := func(length int) ([]step.Item, error) {
		lines := make([]any, length)
		for i := range lines {
			lines[i] = map[string]any{"n": int64(i)}
		}
		return runner.Run(t.Context(), steptest.Env(), [][]step.Item{steptest.Items(map[string]any{"no": int64(1), "lines": lines})})
	}
	one, err := run(1)
	require.NoError(t, err)
	many, err := run(10_000)
	require.NoError(t, err)
	require.Len(t, many, 10_000)
	require.Equal(t, sizes(one)*10_000, sizes(many))

	_, err = run(step.MaxItems + 1)
	require.ErrorContains(t, err, "a step may make 100000 items")
}
