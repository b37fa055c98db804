package expr_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/value"
	"github.com/stretchr/testify/require"
)

func BenchmarkNewEnv(b *testing.B) {
	m := orderModel()
	for b.Loop() {
		if _, err := expr.NewEnv(m); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCheck(b *testing.B) {
	env := newEnv(b)
	for b.Loop() {
		if _, problems := env.Check("order.amount * 1.19 > 100.0 && order.customer.name != ''"); len(problems) > 0 {
			b.Fatal(problems)
		}
	}
}

func BenchmarkCompileNew(b *testing.B) {
	env := newEnv(b)
	n := 0
	for b.Loop() {
		n++
		compile(b, env, fmt.Sprintf("order.amount * 1.19 > %d.0 && order.customer.name != ''", n))
	}
}

// benchModel has an item of 20 declared fields, one of any type, and an input of any type.
func benchModel() expr.Model {
	fields := []expr.Field{
		{ID: "f1", Name: "total", Type: value.Type{Kind: value.DecimalKind}},
		{ID: "f2", Name: "count", Type: value.Type{Kind: value.Int}},
		{ID: "f3", Name: "customer", Type: value.MapOf(expr.Field{ID: "c1", Name: "name", Type: value.Type{Kind: value.Text}})},
	}
	for i := range 17 {
		fields = append(fields, expr.Field{ID: fmt.Sprintf("x%d", i), Name: fmt.Sprintf("field_%d", i), Type: value.Type{Kind: value.Text}})
	}
	return expr.Model{Variables: []expr.Field{
		{ID: "v1", Name: "item", Type: value.MapOf(fields...)},
		{ID: "v2", Name: "loose", Type: value.Type{}},
		{ID: "v3", Name: "input", Type: value.Type{}},
	}}
}

// benchInput is an input of n lines with 10 fields each.
func benchInput(n int) map[string]any {
	lines := make([]any, n)
	for i := range lines {
		line := map[string]any{"qty": int64(i), "price": value.MustDecimal("1.25")}
		for f := range 8 {
			line[fmt.Sprintf("field_%d", f)] = "text"
		}
		lines[i] = line
	}
	return map[string]any{"lines": lines, "limit": int64(100)}
}

func BenchmarkEval(b *testing.B) {
	env, err := expr.NewEnv(benchModel())
	require.NoError(b, err)
	item := map[string]any{
		"total": value.MustDecimal("99.50"), "count": int64(7), "customer": map[string]any{"name": "Ann"}, "field_3": "text",
	}
	benchmarks := []struct {
		name, text string
		lines      int // of the input
	}{
		{"typed", "item.total > 100", 0},
		{"typed int", "item.count > 100", 0},
		{"typed nested", "item.total * 1.19 > 100.0 && item.customer.name != ''", 0},
		{"any", "loose.total > 100", 0},
		{"any nested", "loose.total * 1.19 > 100.0 && loose.customer.name != ''", 0},
		{"limit of an input of 10 lines", "loose.total > input.limit", 10},
		{"limit of an input of 1000 lines", "loose.total > input.limit", 1000},
		{"sum over 1000 lines", "input.lines.map(l, l.qty * l.price).sum() > 0", 1000},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			p := compile(b, env, bb.text)
			vars := map[string]any{"item": item, "loose": item, "input": benchInput(bb.lines)}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(context.Background(), vars); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkEvalItems filters the lines of an input one by one, as a step of a dataflow does.
func BenchmarkEvalItems(b *testing.B) {
	for _, n := range []int{10, 100, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			env, err := expr.NewEnv(benchModel())
			require.NoError(b, err)
			p := compile(b, env, "loose.qty < input.limit")
			input := benchInput(n)
			for b.Loop() {
				for _, line := range input["lines"].([]any) {
					if _, err := p.Eval(context.Background(), map[string]any{"loose": line, "input": input}); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

func BenchmarkEvalReference(b *testing.B) {
	env := newEnv(b)
	p := compile(b, env, "order.amount * 1.19 > 100.0 && order.customer.name != ''")
	vars := map[string]any{"order": map[string]any{
		"amount": value.MustDecimal("99.50"), "customer": expr.Entry{ID: "c1", Fields: map[string]any{"name": "Ann"}},
	}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := p.Eval(context.Background(), vars); err != nil {
			b.Fatal(err)
		}
	}
}
