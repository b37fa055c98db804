package key_test

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/dataflow/internal/key"
	"github.com/stretchr/testify/require"
)

// Two values in a row have the same text exactly when both are equal, for all pairs of values that could run into each other.
func TestTextsAreEqualWhenValuesAre(t *testing.T) {
	t.Parallel()
	day, err := value.ParseDate("2026-01-31")
	require.NoError(t, err)
	noon, err := value.ParseTime("12:00")
	require.NoError(t, err)
	values := []any{
		nil, true, false, int64(1), int64(11), int64(-1), value.MustDecimal("1.0"), value.MustDecimal("1.5"), "", "t", "tt", "1", "1:", "t1:t", "n",
		[]byte("t"), value.File("t"), day, noon, day.Start(), []any{}, []any{"t"}, []any{[]any{}}, []any{nil}, []any{nil, nil},
		[]any{[]any{}, nil}, []any{[]any{nil}}, map[string]any{}, map[string]any{"t": "t"}, map[string]any{"tt": ""}, map[string]any{"t": nil, "a": nil},
	}
	type pair struct {
		a, b any
		text string
	}
	var pairs []pair
	for _, a := range values {
		for _, b := range values {
			pairs = append(pairs, pair{a, b, string(key.Append(key.Append(nil, a), b))})
		}
	}
	for _, p := range pairs {
		for _, q := range pairs {
			if same := value.Equal(p.a, q.a) && value.Equal(p.b, q.b); same != (p.text == q.text) {
				t.Fatalf("%v, %v and %v, %v: equal is %v, their texts are %q and %q", p.a, p.b, q.a, q.b, same, p.text, q.text)
			}
		}
	}
}

func TestReferenceIsItsID(t *testing.T) {
	t.Parallel()
	require.Equal(t, key.Append(nil, "c1"), key.Append(nil, value.Ref("c1")))
	require.NotEqual(t, key.Append(nil, "c1"), key.Append(nil, value.File("c1")))
}

func TestAbsentFieldsAreNull(t *testing.T) {
	t.Parallel()
	require.Equal(t, key.AppendFields(nil, map[string]any{"a": "b"}), key.AppendFields(nil, map[string]any{"a": "b", "c": nil}))
	require.NotEqual(t, key.AppendFields(nil, map[string]any{"a": "b"}), key.AppendFields(nil, map[string]any{"b": "a"}))
}
