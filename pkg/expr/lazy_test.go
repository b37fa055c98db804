package expr_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func anyEnv(t testing.TB, opts ...expr.Option) *expr.Env {
	t.Helper()
	env, err := expr.NewEnv(expr.Model{Variables: []expr.Field{
		{Name: "x"}, {Name: "y"},
		{Name: "prices", Type: value.ListOf(value.ListOf(value.Type{Kind: value.DecimalKind}))},
		{Name: "rec", Type: value.MapOf(expr.Field{Name: "who", Type: value.RefOf("customer")})},
	}}, opts...)
	require.NoError(t, err)
	return env
}

// plainValues draws values of every kind, lists and maps up to a depth.
func plainValues(depth int) *rapid.Generator[any] {
	day, err := value.ParseDate("2026-01-31")
	if err != nil {
		panic(err)
	}
	clock, err := value.ParseTime("13:05")
	if err != nil {
		panic(err)
	}
	scalars := []any{
		nil, true, false, int64(0), int64(1), int64(-7), value.MustDecimal("1"), value.MustDecimal("0.5"), "", "a", "ä", []byte("a"),
		day, clock, time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), value.Ref("r1"), value.File("f1"),
	}
	if depth == 0 {
		return rapid.SampledFrom(scalars)
	}
	inner := plainValues(depth - 1)
	return rapid.Custom(func(t *rapid.T) any {
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return rapid.SliceOfN(inner, 0, 4).Draw(t, "list")
		case 1:
			return rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), inner, 0, 4).Draw(t, "map")
		}
		return inner.Draw(t, "value")
	})
}

// TestValuesOfAnyType holds lists and maps that are converted when they are read to what pkg/value says of them.
func TestValuesOfAnyType(t *testing.T) {
	t.Parallel()
	env := anyEnv(t)
	eval := func(t *rapid.T, text string, x, y any) any {
		p, err := env.Compile(text)
		require.NoError(t, err)
		got, err := p.Eval(context.Background(), map[string]any{"x": x, "y": y})
		require.NoError(t, err, text)
		return got
	}
	rapid.Check(t, func(t *rapid.T) {
		x, y := plainValues(3).Draw(t, "x"), plainValues(3).Draw(t, "y")
		got := eval(t, "x", x, y)
		require.IsType(t, x, got)
		require.True(t, value.Equal(x, got), "want %v, got %v", x, got)
		require.Equal(t, true, eval(t, "x == x && !(x != x)", x, y))
		same := value.Equal(x, y) || x == value.Ref("r1") && y == "r1"
		require.Equal(t, same, eval(t, "x == y", x, y))
		require.Equal(t, same, eval(t, "y == x", x, y))
		require.Equal(t, same, eval(t, "x in [y]", x, y))
		require.Equal(t, same, eval(t, "{'k': x} == {'k': y}", x, y))
		switch x := x.(type) {
		case []any:
			require.Equal(t, int64(len(x)), eval(t, "size(x)", x, y))
			require.True(t, value.Equal(x, eval(t, "x.map(i, i)", x, y)))
			require.True(t, value.Equal(append(append([]any{}, x...), x...), eval(t, "x + x", x, y)))
			require.Equal(t, true, eval(t, "x.all(i, i in x)", x, y))
			for i, item := range x {
				require.True(t, value.Equal(item, eval(t, fmt.Sprintf("x[%d]", i), x, y)))
			}
		case map[string]any:
			require.Equal(t, int64(len(x)), eval(t, "size(x)", x, y))
			require.Equal(t, true, eval(t, "x.all(k, k in x) && x.map(k, k).size() == x.size()", x, y))
			for _, name := range []string{"a", "b", "z"} {
				item, there := x[name]
				require.True(t, value.Equal(item, eval(t, "x."+name, x, y)))
				require.True(t, value.Equal(item, eval(t, "x['"+name+"']", x, y)))
				require.Equal(t, there, eval(t, "'"+name+"' in x", x, y))
				require.Equal(t, item != nil, eval(t, "has(x."+name+")", x, y))
			}
		}
	})
}

func TestDeclaredItemsAreConverted(t *testing.T) {
	t.Parallel()
	prices := []any{[]any{int64(1), value.MustDecimal("2.5")}, nil}
	got, err := compile(t, anyEnv(t), "prices").Eval(context.Background(), map[string]any{"prices": prices})
	require.NoError(t, err)
	require.Equal(t, []any{[]any{value.NewDecimal(1), value.MustDecimal("2.5")}, nil}, got)
	require.Equal(t, int64(1), prices[0].([]any)[0], "the input is not changed")
}

func TestEntriesWithinARecordAreReferencesInTheResult(t *testing.T) {
	t.Parallel()
	vars := map[string]any{"rec": map[string]any{"who": expr.Entry{ID: "c1", Fields: map[string]any{"name": "Ann"}}}}
	got, err := compile(t, anyEnv(t), "rec").Eval(context.Background(), vars)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"who": value.Ref("c1")}, got)
}

func TestForeignValueWithinAListIsRefused(t *testing.T) {
	t.Parallel()
	env := anyEnv(t)
	vars := map[string]any{"x": map[string]any{"list": []any{int64(1), 1.5}}}
	for _, text := range []string{"x", "x.list[1]", "x.list.map(i, i)", "x.list.exists(i, i == 3)"} {
		_, err := compile(t, env, text).Eval(context.Background(), vars)
		require.Error(t, err, text)
	}
	got, err := compile(t, env, "x.list[0]").Eval(context.Background(), vars)
	require.NoError(t, err)
	require.Equal(t, int64(1), got)
}

func TestResultsDoNotShareTheInput(t *testing.T) {
	t.Parallel()
	env := anyEnv(t)
	vars := map[string]any{"x": []any{map[string]any{"a": int64(1)}}}
	got, err := compile(t, env, "x").Eval(context.Background(), vars)
	require.NoError(t, err)
	got.([]any)[0].(map[string]any)["a"] = int64(2)
	require.Equal(t, map[string]any{"x": []any{map[string]any{"a": int64(1)}}}, vars)
}

// TestReadingALittleCostsLittle fails when an evaluation goes through all of an input of which it reads one value.
func TestReadingALittleCostsLittle(t *testing.T) { // not parallel: it counts the allocations of the process
	env := anyEnv(t)
	for _, text := range []string{
		"x.limit > 1", "has(x.limit)", "x.lines[3].qty == 3", "size(x.lines) > 1", "'limit' in x && size(x) == 2", "has(x.lines[7].qty)",
	} {
		p := compile(t, env, text)
		allocations := func(lines int) float64 {
			vars := map[string]any{"x": benchInput(lines)}
			return testing.AllocsPerRun(50, func() {
				if _, err := p.Eval(context.Background(), vars); err != nil {
					t.Fatal(err)
				}
			})
		}
		require.InDelta(t, allocations(10), allocations(5000), 3, text)
	}
}

// TestSizeOfALargeListFits: the cost of size() does not grow with the list, that of == does.
func TestSizeOfALargeListFits(t *testing.T) {
	t.Parallel()
	env := anyEnv(t, expr.WithCost(100))
	vars := map[string]any{"x": benchInput(5000)}
	for _, text := range []string{"size(x.lines) == 5000", "'lines' in x", "x.lines[4999].qty == 4999"} {
		got, err := compile(t, env, text).Eval(context.Background(), vars)
		require.NoError(t, err)
		require.Equal(t, true, got)
	}
	for _, text := range []string{"x.lines == []", "{} in x.lines", "x == 1", "x.lines.all(l, true)"} {
		_, err := compile(t, env, text).Eval(context.Background(), vars)
		require.Equal(t, faultv1.Reason_REASON_EXPRESSION_COST, reason(t, err), text)
	}
}

// TestResolverThatEvaluates: an evaluation within another one has values of its own.
func TestResolverThatEvaluates(t *testing.T) {
	t.Parallel()
	env := newEnv(t)
	inner := compile(t, env, "note + '!'")
	load := resolver(func(string, value.Ref) (map[string]any, error) {
		name, err := inner.Eval(context.Background(), map[string]any{"note": "inner"})
		return map[string]any{"name": name}, err
	})
	vars := map[string]any{"note": "outer", "order": expr.Entry{ID: "o1", Fields: map[string]any{"customer": value.Ref("c1")}}}
	got, err := compile(t, env, "note + order.customer.name + note").EvalWith(context.Background(), vars, load)
	require.NoError(t, err)
	require.Equal(t, "outerinner!outer", got)
	got, err = compile(t, env, "note == null && order == null").Eval(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, true, got, "nothing is left of the evaluation before")
}
