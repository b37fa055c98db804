package number_test

import (
	"math"
	"math/big"
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/number"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestTable(t *testing.T) {
	t.Parallel()
	d := value.MustDecimal
	tests := []struct {
		name      string
		op        func(a, b any) (any, error)
		a, b      any
		want      any
		wantError string
	}{
		{"int and int", number.Add, int64(1), int64(2), int64(3), ""},
		{"int and decimal", number.Add, int64(1), d("0.5"), d("1.5"), ""},
		{"decimal and decimal", number.Mul, d("1.5"), d("1.5"), d("2.25"), ""},
		{"whole division truncates", number.Quo, int64(-7), int64(2), int64(-3), ""},
		{"division of decimals", number.Quo, d("7"), int64(2), d("3.5"), ""},
		{"by zero", number.Quo, int64(1), int64(0), nil, "division by zero"},
		{"by decimal zero", number.Quo, int64(1), d("0"), nil, "division by zero"},
		{"text", number.Sub, "a", int64(1), nil, "text is not a number"},
		{"list", number.Sub, d("1"), []any{}, nil, "list is not a number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := tt.op(tt.a, tt.b)
			if tt.wantError != "" {
				require.EqualError(t, err, tt.wantError)
				return
			}
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestOverflowAgainstBigNumbers(t *testing.T) {
	t.Parallel()
	edge := rapid.OneOf(rapid.Int64(), rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, -1, 0, 1, math.MaxInt64}))
	rapid.Check(t, func(t *rapid.T) {
		a, b := edge.Draw(t, "a"), edge.Draw(t, "b")
		x, y := big.NewInt(a), big.NewInt(b)
		check := func(name string, op func(a, b any) (any, error), exact *big.Int) {
			got, err := op(a, b)
			if exact.IsInt64() {
				require.NoError(t, err, "%d %s %d", a, name, b)
				require.Equal(t, exact.Int64(), got, "%d %s %d", a, name, b)
				return
			}
			require.ErrorIs(t, err, number.ErrOverflow, "%d %s %d", a, name, b)
		}
		check("+", number.Add, new(big.Int).Add(x, y))
		check("-", number.Sub, new(big.Int).Sub(x, y))
		check("*", number.Mul, new(big.Int).Mul(x, y))
		if b != 0 {
			check("/", number.Quo, new(big.Int).Quo(x, y))
		}
	})
}
