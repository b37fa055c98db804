package queryentitybyfilter

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/aqtra/aqtra/services/dataflow/internal/steptest"
)

// TestText shows what storage is asked: it knows the entry alone, so everything else is a value.
func TestText(t *testing.T) {
	t.Parallel()
	item := step.Item{Fields: map[string]any{
		"n": int64(5), "d": value.MustDecimal("-1.5"), "who": "a\" || true || \"", "ids": []any{"x", "y"}, "none": nil,
	}}
	for text, want := range map[string]string{
		`total > item.n`: `total > 5`,
		`total > item.n + 1 && total < input.max`: `total > 6 && total < 100`,
		`code == item.who`:                        `code == "a\" || true || \""`,
		`code in item.ids`:                        `code in ["x", "y"]`,
		`total - item.d == 1e2`:                   `total - decimal("-1.5") == 1e2`,
		`code == user.id || code == null`:         `code == "u1" || code == null`,
		`code != item.none`:                       `code != null`,
		`has(entry_of.code) && entry_of.code.startsWith(item.ids[0])`: `has(entry_of.code) && entry_of.code.startsWith("x")`,
		`["a", "b"].exists(x, x == code && item.ids.size() > 1)`:      `["a", "b"].exists(x, x == code && true)`,
		`item.n > 3`:                               `true`,
		`total > 12345678901234567.89`:             `total > 12345678901234567.89`,
		`day < date("2026-01-31").addDays(item.n)`: `day < date("2026-02-05")`,
	} {
		c := compiler(t, text)
		f := newFilter(c, "filter", []value.Field{
			{Name: "code", Type: value.Type{Kind: value.Text}}, {Name: "total", Type: value.Type{Kind: value.DecimalKind}},
			{Name: "day", Type: value.Type{Kind: value.DateKind}},
			{Name: "entry_of", Type: value.MapOf(value.Field{Name: "code", Type: value.Type{Kind: value.Text}})},
		})
		require.Empty(t, c.Problems, text)
		env := steptest.Env()
		env.Input = map[string]any{"max": int64(100)}
		got, err := f.text(t.Context(), env, item)
		require.NoError(t, err, text)
		require.Equal(t, want, got)
	}
}

func compiler(t *testing.T, filter string) *step.Compiler {
	t.Helper()
	params, err := value.MapToProto(map[string]any{"component": "test", "filter": filter})
	require.NoError(t, err)
	s := &libraryv1.Step{Id: "step", Type: "query-entity-by-filter", Params: params}
	return step.NewCompiler(steptest.Scope(), s, New().Spec(), []value.Type{{}})
}
