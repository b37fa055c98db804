package step

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/value"
)

func TestParseType(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]value.Type{
		"text":                 {Kind: value.Text},
		" list( ref(car) ) ":   value.ListOf(value.RefOf("car")),
		"map(decimal)":         value.DictOf(value.Type{Kind: value.DecimalKind}),
		"list(list(datetime))": value.ListOf(value.ListOf(value.Type{Kind: value.DatetimeKind})),
		"any":                  {},
	} {
		got, err := ParseType(text)
		require.NoError(t, err, text)
		require.True(t, want.Equal(got), "%s is %s", text, got)
	}
	for _, text := range []string{"", "integer", "list(", "text(int)", "list()", "list(x)"} {
		_, err := ParseType(text)
		require.Error(t, err, text)
	}
}

func FuzzParseType(f *testing.F) {
	f.Add("list(ref(car))")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := ParseType(text); err == nil && got.Component == "" {
			again, err := ParseType(got.String())
			require.NoError(t, err)
			require.True(t, got.Equal(again))
		}
	})
}

func TestChunksKeepAllWithinTheirBounds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		items := rapid.SliceOf(rapid.Int64Range(0, 50)).Draw(t, "items")
		count, size := rapid.IntRange(1, 10).Draw(t, "count"), rapid.Int64Range(1, 100).Draw(t, "size")
		var all []int64
		for _, chunk := range Chunks(items, count, size, func(n int64) int64 { return n }) {
			total := int64(0)
			for _, n := range chunk {
				total += n
			}
			require.NotEmpty(t, chunk)
			require.LessOrEqual(t, len(chunk), count)
			require.True(t, total <= size || len(chunk) == 1)
			all = append(all, chunk...)
		}
		require.Equal(t, len(items), len(all))
		require.ElementsMatch(t, items, all)
	})
}

// TestLiteralsAreValuesAgain: whatever a text holds, the literal is this text and nothing else.
func TestLiteralsAreValuesAgain(t *testing.T) {
	t.Parallel()
	env, err := expr.NewEnv(expr.Model{})
	require.NoError(t, err)
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.OneOf(
			rapid.Map(rapid.String(), func(s string) any { return s }),
			rapid.Map(rapid.Int64(), func(n int64) any { return n }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Map(rapid.Int64(), func(n int64) any { d, _ := value.NewDecimal(n).Quo(value.NewDecimal(1000)); return d }),
			rapid.Map(rapid.SliceOfN(rapid.String(), 1, 3), func(list []string) any {
				out := make([]any, len(list))
				for i, s := range list {
					out[i] = s
				}
				return out
			}),
		).Draw(t, "value")
		text, err := Literal(want)
		require.NoError(t, err)
		program, err := env.Compile(text)
		require.NoError(t, err, text)
		got, err := program.Eval(context.Background(), nil)
		require.NoError(t, err, text)
		require.True(t, value.Equal(want, got), "%s gives %v", text, got)
	})
}

func TestSizeGrowsWithTheContent(t *testing.T) {
	t.Parallel()
	small := Size(map[string]any{"a": "x", "b": []any{int64(1)}})
	large := Size(map[string]any{"a": string(make([]byte, 1000)), "b": []any{int64(1), value.NewDecimal(1), []byte("abc"), value.Ref("r"), value.File("f")}})
	require.Positive(t, small)
	require.Greater(t, large, small+1000)
}
