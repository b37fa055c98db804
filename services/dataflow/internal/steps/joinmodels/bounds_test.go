package joinmodels_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steps/joinmodels"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
	"github.com/stretchr/testify/require"
)

// One key on both sides makes as many pairs as the product of the two: the step stops before it has made them.
func TestTooManyPairs(t *testing.T) {
	t.Parallel()
	runner := steptest.Compile(t, joinmodels.New(), map[string]any{
		"leftKey": "1", "rightKey": "1", "map": map[string]any{"k": "left.k"},
	}, value.MapOf(value.Field{Name: "k"}), value.MapOf(value.Field{Name: "k"}))
	same := items(make([]any, step.MaxItems/10+1))
	_, err := runner.Run(t.Context(), steptest.Env(), [][]step.Item{same[:10], same})
	require.ErrorContains(t, err, "a step may make 100000 items")
}
