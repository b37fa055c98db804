package aggregate_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
	"github.com/stretchr/testify/require"
)

func TestResults(t *testing.T) {
	t.Parallel()
	d := value.MustDecimal
	tests := []struct {
		name   string
		op     aggregate.Op
		values []any
		want   any
	}{
		{"count passes over null", aggregate.Count, []any{int64(1), nil, "a"}, int64(2)},
		{"count of nothing", aggregate.Count, nil, int64(0)},
		{"sum of ints", aggregate.Sum, []any{int64(1), int64(2)}, int64(3)},
		{"sum with a decimal", aggregate.Sum, []any{int64(1), d("0.5"), nil}, d("1.5")},
		{"sum of nothing", aggregate.Sum, []any{nil}, nil},
		{"average of ints", aggregate.Avg, []any{int64(1), int64(2), nil}, d("1.5")},
		{"average beyond ints", aggregate.Avg, []any{int64(9223372036854775807), int64(9223372036854775807)}, d("9223372036854775807")},
		{"average of nothing", aggregate.Avg, nil, nil},
		{"least", aggregate.Min, []any{int64(2), nil, d("1.5"), int64(3)}, d("1.5")},
		{"greatest", aggregate.Max, []any{"a", "c", "b"}, "c"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := aggregate.State{Op: tt.op}
			for _, v := range tt.values {
				require.NoError(t, s.Add(v))
			}
			got, err := s.Result()
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

func TestRefusedValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		op     aggregate.Op
		values []any
	}{
		{"sum of text", aggregate.Sum, []any{"a"}},
		{"average of bool", aggregate.Avg, []any{true}},
		{"least of lists", aggregate.Min, []any{[]any{}}},
		{"greatest of different kinds", aggregate.Max, []any{int64(1), "a"}},
		{"too large", aggregate.Sum, []any{int64(9223372036854775807), int64(1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := aggregate.State{Op: tt.op}
			var err error
			for _, v := range tt.values {
				err = s.Add(v)
			}
			require.True(t, fault.Has(err, faultv1.Reason_REASON_EXPRESSION_FAILED), "%v", err)
		})
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		op       aggregate.Op
		of, want value.Kind
	}{
		{aggregate.Count, value.Map, value.Int}, {aggregate.Sum, value.Int, value.Int}, {aggregate.Sum, value.Any, value.Any},
		{aggregate.Avg, value.Int, value.DecimalKind}, {aggregate.Min, value.DateKind, value.DateKind},
	} {
		got, err := tt.op.Type(value.Type{Kind: tt.of})
		require.NoError(t, err)
		require.Equal(t, tt.want, got.Kind)
	}
	_, err := aggregate.Op("median").Type(value.Type{})
	require.EqualError(t, err, `there is no operation "median"`)
	_, err = aggregate.Max.Type(value.Type{Kind: value.List})
	require.EqualError(t, err, "max needs values with an order, this is list")
}
