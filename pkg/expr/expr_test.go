package expr_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"cel.dev/cel-go/common/ast"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/stretchr/testify/require"
)

func orderModel() expr.Model {
	text, number := value.Type{Kind: value.Text}, value.Type{Kind: value.DecimalKind}
	return expr.Model{
		Variables: []expr.Field{
			{ID: "v1", Name: "order", Type: value.RefOf("order")},
			{ID: "v2", Name: "note", Type: text},
			{ID: "v3", Name: "nums", Type: value.ListOf(value.Type{Kind: value.Int})},
		},
		Objects: []expr.Object{
			{ID: "order", Name: "Order", Fields: []expr.Field{
				{ID: "f1", Name: "amount", Type: number},
				{ID: "f2", Name: "customer", Type: value.RefOf("customer")},
				{ID: "f3", Name: "lines", Type: value.ListOf(value.MapOf(expr.Field{ID: "l1", Name: "qty", Type: number}))},
			}},
			{ID: "customer", Name: "Customer", Fields: []expr.Field{{ID: "c1", Name: "name", Type: text}}},
		},
	}
}

func newEnv(t testing.TB, opts ...expr.Option) *expr.Env {
	t.Helper()
	env, err := expr.NewEnv(orderModel(), opts...)
	require.NoError(t, err)
	return env
}

func compile(t testing.TB, env *expr.Env, text string) *expr.Program {
	t.Helper()
	p, err := env.Compile(text)
	require.NoError(t, err)
	return p
}

func reason(t testing.TB, err error) faultv1.Reason {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "not a fault: %v", err)
	return f.Reason
}

func TestNewEnvRefusesBadModels(t *testing.T) {
	t.Parallel()
	tests := map[string]expr.Model{
		"variable twice":      {Variables: []expr.Field{{Name: "a"}, {Name: "a"}}},
		"variable with blank": {Variables: []expr.Field{{Name: "a b"}}},
		"reserved word":       {Variables: []expr.Field{{Name: "in"}}},
		"object twice":        {Objects: []expr.Object{{ID: "a"}, {ID: "a"}}},
		"object without id":   {Objects: []expr.Object{{Name: "a"}}},
		"field twice":         {Objects: []expr.Object{{ID: "a", Fields: []expr.Field{{Name: "x"}, {Name: "x"}}}}},
		"field without name":  {Variables: []expr.Field{{Name: "a", Type: value.MapOf(expr.Field{})}}},
	}
	for name, m := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := expr.NewEnv(m)
			require.Error(t, err)
		})
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	checked, problems := newEnv(t).Check("order.lines.exists(l, has(l.qty) && l.qty > 1) &&\n  order.customer.name == note")
	require.Empty(t, problems)
	var got []string
	for _, r := range checked.Refs {
		got = append(got, fmt.Sprintf("%d:%d %s %s.%s %s", r.Line, r.Column, r.Path, r.Object, r.ID, r.Type))
	}
	require.Equal(t, []string{
		"1:1 order .v1 ref(order)",
		"1:7 order.lines order.f3 list(map(qty: decimal))",
		"1:29 order.lines[].qty .l1 decimal",
		"1:39 order.lines[].qty .l1 decimal",
		"2:3 order .v1 ref(order)",
		"2:9 order.customer order.f2 ref(customer)",
		"2:18 order.customer.name customer.c1 text",
		"2:26 note .v2 text",
	}, got)
	require.Equal(t, "bool", checked.Type.String())
}

func TestRewriteFollowsIDs(t *testing.T) {
	t.Parallel()
	env := newEnv(t)
	names := map[string]string{"f1": "total", "c1": "full name", "v2": "remark"}
	rename := func(r expr.Reference) string {
		if name, ok := names[r.ID]; ok {
			return name
		}
		return r.Path[strings.LastIndexByte(r.Path, '.')+1:]
	}
	tests := []struct{ text, want string }{
		{"order . amount > 1 // amount", "order . total > 1 // amount"},
		{"'ä amount' + order.customer.name + note", "'ä amount' + order.customer.`full name` + remark"},
		{"has(order.amount) ? order.`amount` : 0", "has(order.total) ? order.total : 0"},
		{"order.lines.map(note, note.qty)", "order.lines.map(note, note.qty)"},
		{"order.lines[0].qty", "order.lines[0].qty"},
		{"order. // amount\n amount", "order. // amount\n total"},
	}
	for _, tt := range tests {
		checked, problems := env.Check(tt.text)
		require.Empty(t, problems, tt.text)
		got, err := checked.Rewrite(rename)
		require.NoError(t, err)
		require.Equal(t, tt.want, got)
	}

	checked, problems := env.Check("order. /* it\n*/ amount")
	require.NotEmpty(t, problems, "CEL has line comments only")
	require.Nil(t, checked)
}

func TestCheckedTreeForTranslators(t *testing.T) {
	t.Parallel()
	checked, problems := newEnv(t).Check("order.amount > 0.1 ? 1 : 2.5")
	require.Empty(t, problems)
	calls := map[string]string{}
	var constants []any
	ast.PostOrderVisit(checked.AST.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		typ, ok := checked.TypeOf(n.ID())
		require.True(t, ok)
		switch n.Kind() {
		case ast.CallKind:
			calls[n.AsCall().FunctionName()] = typ.String()
		case ast.LiteralKind:
			v, err := expr.Constant(n.AsLiteral())
			require.NoError(t, err)
			constants = append(constants, v)
		}
	}))
	require.Equal(t, map[string]string{"_>_": "bool", "_?_:_": "decimal"}, calls)
	require.Len(t, constants, 3)
	require.True(t, value.Equal([]any{value.MustDecimal("0.1"), int64(1), value.MustDecimal("2.5")}, constants))
	line, column := checked.Position(checked.AST.Expr().ID())
	require.Equal(t, []int{1, 20}, []int{line, column})
}

func TestAllProblemsAtOnce(t *testing.T) {
	t.Parallel()
	_, err := newEnv(t).Compile("order.amout + 'x' > nte && order.customer.nmae == 1")
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, faultv1.Reason_REASON_EXPRESSION_INVALID, f.Reason)
	require.Equal(t, []fault.Violation{
		{Field: "expression", Description: "1:7: unknown field `amout`, did you mean `amount`?"},
		{Field: "expression", Description: "1:21: unknown name `nte`, did you mean `note`?"},
		{Field: "expression", Description: "1:43: unknown field `nmae`, did you mean `name`?"},
	}, f.Violations)
	_, problems := newEnv(t).Check("order.amout")
	require.Equal(t, "amount", problems[0].Suggestion)
}

func TestCompileKeepsPrograms(t *testing.T) {
	t.Parallel()
	env := newEnv(t, expr.WithPrograms(2))
	first := compile(t, env, "1 + 1")
	require.Same(t, first, compile(t, env, "1 + 1"))
	compile(t, env, "1 + 2")
	compile(t, env, "1 + 1") // used again, so 1 + 2 is the oldest
	compile(t, env, "1 + 3")
	require.Same(t, first, compile(t, env, "1 + 1"))
	compile(t, env, "1 + 4")
	compile(t, env, "1 + 5")
	require.NotSame(t, first, compile(t, env, "1 + 1"))
}

func TestManyGoroutines(t *testing.T) {
	t.Parallel()
	env := newEnv(t, expr.WithPrograms(4))
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 50 {
				p, err := env.Compile(fmt.Sprintf("order.amount * %d + nums.map(x, x * 2).sum()", i%7))
				if err != nil {
					t.Error(err)
					return
				}
				got, err := p.Eval(context.Background(), map[string]any{
					"order": map[string]any{"amount": value.NewDecimal(int64(g))}, "nums": []any{int64(1), int64(2)},
				})
				if err != nil || !value.Equal(got, int64(g*(i%7)+6)) {
					t.Errorf("got %v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}

type resolver func(component string, id value.Ref) (map[string]any, error)

func (f resolver) Resolve(_ context.Context, component string, id value.Ref) (map[string]any, error) {
	return f(component, id)
}

func TestResolver(t *testing.T) {
	t.Parallel()
	env := newEnv(t)
	p := compile(t, env, "order.customer.name + order.customer.name")
	vars := map[string]any{"order": value.Ref("o1")}

	var loads []string
	got, err := p.EvalWith(context.Background(), vars, resolver(func(component string, id value.Ref) (map[string]any, error) {
		loads = append(loads, component+"/"+string(id))
		if component == "order" {
			return map[string]any{"customer": value.Ref("c1")}, nil
		}
		return map[string]any{"name": "Zoë"}, nil
	}))
	require.NoError(t, err)
	require.Equal(t, "ZoëZoë", got)
	require.Equal(t, []string{"order/o1", "customer/c1"}, loads)

	_, err = p.Eval(context.Background(), vars)
	require.Equal(t, faultv1.Reason_REASON_EXPRESSION_FAILED, reason(t, err))
	require.ErrorContains(t, err, "not loaded")

	broken := errors.New("connection lost")
	_, err = p.EvalWith(context.Background(), vars, resolver(func(string, value.Ref) (map[string]any, error) { return nil, broken }))
	require.ErrorIs(t, err, broken)
	_, isFault := fault.As(err)
	require.False(t, isFault)
}

func TestResolverIsAskedAThousandTimesAtMost(t *testing.T) {
	t.Parallel()
	m := expr.Model{
		Variables: []expr.Field{{Name: "list", Type: value.ListOf(value.RefOf("a"))}},
		Objects:   []expr.Object{{ID: "a", Fields: []expr.Field{{Name: "x", Type: value.Type{Kind: value.Int}}}}},
	}
	env, err := expr.NewEnv(m)
	require.NoError(t, err)
	list := make([]any, 1100)
	for i := range list {
		list[i] = value.Ref(fmt.Sprint(i))
	}
	loads := 0
	_, err = compile(t, env, "list.all(e, e.x == 1)").EvalWith(context.Background(), map[string]any{"list": list},
		resolver(func(string, value.Ref) (map[string]any, error) {
			loads++
			return map[string]any{"x": int64(1)}, nil
		}))
	require.Equal(t, faultv1.Reason_REASON_EXPRESSION_COST, reason(t, err))
	require.Equal(t, 1000, loads)
}

func TestOneEvaluationHasOneTime(t *testing.T) {
	t.Parallel()
	got, err := compile(t, newEnv(t), "now() == now() && date(now()) == today()").Eval(context.Background(), nil)
	require.NoError(t, err)
	require.Equal(t, true, got)
}

func TestContextEndsEvaluation(t *testing.T) {
	t.Parallel()
	p := compile(t, newEnv(t), "nums.map(a, nums.map(b, a * b)).size()")
	nums := make([]any, 100)
	for i := range nums {
		nums[i] = int64(i)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := p.Eval(ctx, map[string]any{"nums": nums})
	require.Equal(t, faultv1.Reason_REASON_CANCELED, reason(t, err))

	ctx, cancel = context.WithDeadline(context.Background(), time.Unix(0, 0))
	defer cancel()
	_, err = p.Eval(ctx, map[string]any{"nums": nums})
	require.Equal(t, faultv1.Reason_REASON_DEADLINE_EXCEEDED, reason(t, err))
}

func TestLoopOverAThousandItemsFits(t *testing.T) {
	t.Parallel()
	nums := make([]any, 5000)
	for i := range nums {
		nums[i] = int64(i)
	}
	got, err := compile(t, newEnv(t), "nums.filter(n, n % 2 == 0).map(n, n * 2).sum()").
		Eval(context.Background(), map[string]any{"nums": nums})
	require.NoError(t, err)
	require.Equal(t, int64(2*2500*2499), got)
}

func TestEntryAsResult(t *testing.T) {
	t.Parallel()
	p := compile(t, newEnv(t), "order")
	got, err := p.Eval(context.Background(), map[string]any{"order": expr.Entry{ID: "o1", Fields: map[string]any{}}})
	require.NoError(t, err)
	require.Equal(t, value.Ref("o1"), got)
	got, err = p.Eval(context.Background(), map[string]any{"order": map[string]any{"amount": int64(1)}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"amount": int64(1)}, got)
}

func TestForeignValueIsRefused(t *testing.T) {
	t.Parallel()
	_, err := compile(t, newEnv(t), "note == 'x'").Eval(context.Background(), map[string]any{"note": 1.5})
	require.Error(t, err)
}

func TestLimitsOfTheText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"too long":      {strings.Repeat(" ", expr.MaxLength) + "1", "the expression is longer than 8192 bytes"},
		"too deep":      {strings.Repeat("(", 300) + "1" + strings.Repeat(")", 300), "the expression is nested too deeply"},
		"too many":      {"[" + strings.Repeat("1,", 3000) + "1]", "the expression has more than 2000 parts"},
		"nested lists":  {strings.Repeat("[", 40) + strings.Repeat("]", 40), "lists, maps and loops are nested deeper than 32 levels"},
		"not UTF-8":     {"'\xff'", "the expression is not UTF-8 text"},
		"reserved word": {"for", "1:1: `for` is a reserved word"},
	}
	env := newEnv(t)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := env.Check(tt.text)
			require.NotEmpty(t, problems)
			require.Equal(t, tt.want, problems[0].String())
		})
	}
}

func TestCostLimitCanBeSet(t *testing.T) {
	t.Parallel()
	_, err := compile(t, newEnv(t, expr.WithCost(5)), "[1, 2, 3, 4].all(n, n > 0)").Eval(context.Background(), nil)
	require.Equal(t, faultv1.Reason_REASON_EXPRESSION_COST, reason(t, err))
}
