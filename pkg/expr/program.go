package expr

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Program is a compiled expression. It is safe for use by several goroutines.
type Program struct {
	*Checked

	program cel.Program
}

// Compile checks an expression and makes it ready to run; programs are kept, so compiling the same text again is cheap.
// It fails with the fault EXPRESSION_INVALID, whose violations of the field "expression" are the problems.
func (e *Env) Compile(text string) (*Program, error) {
	if p, ok := e.programs.get(text); ok {
		return p, nil
	}
	checked, problems := e.Check(text)
	if len(problems) > 0 {
		return nil, Invalid("expression", problems)
	}
	program, err := e.cel.PlanProgram(plan(checked.AST),
		cel.CostLimit(e.cost), cel.CostTracking(costs{e.cost}), cel.InterruptCheckFrequency(64))
	if err != nil {
		return nil, fmt.Errorf("plan expression: %w", err)
	}
	p := &Program{Checked: checked, program: program}
	e.programs.put(p)
	return p, nil
}

// Invalid is the fault EXPRESSION_INVALID for an expression in a field of a request.
func Invalid(field string, problems []Problem) error {
	opts := make([]fault.Option, len(problems))
	for i, p := range problems {
		opts[i] = fault.Field(field, p.String())
	}
	return fault.Invalid(faultv1.Reason_REASON_EXPRESSION_INVALID, "the expression is invalid", opts...)
}

// Eval evaluates with the values of the variables, which are values of pkg/value or an Entry; a variable that is not given is
// null. Entries must come loaded: reading through a reference that is not fails. It fails with the fault EXPRESSION_FAILED
// when the values do not allow it (division by zero, a null operand), EXPRESSION_COST when it takes more than the limit,
// and DEADLINE_EXCEEDED or CANCELED when ctx ends.
func (p *Program) Eval(ctx context.Context, vars map[string]any) (any, error) {
	return p.EvalWith(ctx, vars, nil)
}

// EvalWith is Eval with a resolver for references that are not loaded, asked once per entry and for 1,000 entries at
// most. Its errors are returned wrapped.
func (p *Program) EvalWith(ctx context.Context, vars map[string]any, resolver Resolver) (any, error) {
	r := &run{ctx: ctx, env: p.env, resolver: resolver, vars: vars, values: make(map[string]ref.Val, 4)}
	out, _, err := p.program.ContextEval(ctx, r)
	if err != nil {
		return nil, evalError(ctx, err)
	}
	budget := maxValues
	v, err := fromCEL(out, 0, &budget)
	if err != nil {
		return nil, evalError(ctx, types.WrapErr(err).(*types.Err))
	}
	return lift(v, p.Type), nil
}

// lift makes decimals of the ints that stand where the type says decimal, also in lists: a branch of ?:, the sum of an
// empty list.
func lift(v any, t value.Type) any {
	switch v := v.(type) {
	case int64:
		if t.Kind == value.DecimalKind {
			return value.NewDecimal(v)
		}
	case []any:
		if t.Elem != nil {
			for i := range v {
				v[i] = lift(v[i], *t.Elem)
			}
		}
	}
	return v
}

func evalError(ctx context.Context, err error) error {
	var cancelled interpreter.EvalCancelledError
	var celErr *types.Err
	var resolve resolveError
	switch {
	case errors.As(err, &resolve):
		return fmt.Errorf("load entry: %w", resolve.err)
	case errors.As(err, &cancelled) && cancelled.Cause != interpreter.ContextCancelled, errors.Is(err, errTooMany):
		return fault.Invalid(faultv1.Reason_REASON_EXPRESSION_COST, "the expression takes too much work or memory", fault.Cause(err))
	case errors.Is(err, interpreter.InterruptError{}) || errors.As(err, &cancelled):
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return fault.DeadlineExceeded(faultv1.Reason_REASON_DEADLINE_EXCEEDED, "the expression did not end in time", fault.Cause(err))
		}
		return fault.Canceled(faultv1.Reason_REASON_CANCELED, "the evaluation was canceled", fault.Cause(err))
	case errors.As(err, &celErr):
		return fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, failure(celErr))
	}
	return fmt.Errorf("evaluate expression: %w", err)
}

// failure is the message of an evaluation that failed, for the author of the expression.
func failure(err *types.Err) string {
	switch message := err.Error(); message {
	case "no such overload":
		return "an operator or function was given a value of the wrong type, or null"
	case "modulus by zero":
		return value.ErrDivisionByZero.Error()
	default:
		return message
	}
}

// plan copies a checked tree and puts our own functions in the place of what CEL evaluates its own way: ==, != and has() of
// a declared field, and the time of the evaluation for now() and today().
func plan(checked *ast.AST) *ast.AST {
	a := ast.Copy(checked)
	fac := ast.NewExprFactory()
	next := ast.MaxID(a)
	ident := func(id int64) ast.Expr {
		a.SetType(id, types.TimestampType)
		a.SetReference(id, ast.NewIdentReference(nowVariable, nil))
		return fac.NewIdent(id, nowVariable)
	}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		switch n.Kind() {
		case ast.CallKind:
			call := n.AsCall()
			switch call.FunctionName() {
			case operators.Equals:
				a.SetReference(n.ID(), ast.NewFunctionReference(equalFunction))
				n.SetKindCase(fac.NewCall(n.ID(), equalFunction, call.Args()...))
			case operators.NotEquals:
				a.SetReference(n.ID(), ast.NewFunctionReference(notEqualFunction))
				n.SetKindCase(fac.NewCall(n.ID(), notEqualFunction, call.Args()...))
			case "now":
				n.SetKindCase(ident(n.ID()))
			case "today":
				next++
				a.SetReference(n.ID(), ast.NewFunctionReference("datetime_to_date"))
				n.SetKindCase(fac.NewCall(n.ID(), "date", ident(next)))
			}
		case ast.SelectKind:
			sel := n.AsSelect()
			if !sel.IsTestOnly() || a.GetType(sel.Operand().ID()).Kind() != types.StructKind {
				return
			}
			// CEL's own test cannot fail, but loading the entry can.
			next += 2
			a.SetReference(n.ID(), ast.NewFunctionReference(notEqualFunction))
			n.SetKindCase(fac.NewCall(n.ID(), notEqualFunction,
				fac.NewSelect(next-1, sel.Operand(), sel.FieldName()), fac.NewLiteral(next, types.NullValue)))
		}
	}))
	return a
}

// costs is the cost of calls: 1, and 1 more for each 10 bytes of text and each value of a list or map that goes in or comes
// out.
type costs struct{ limit uint64 }

// CallCost implements CEL's cost estimator.
func (c costs) CallCost(function, overload string, args []ref.Val, result ref.Val) *uint64 {
	room := int(min(c.limit, math.MaxInt/20)+1) * 10
	size := 0
	if _, grows := result.(traits.MutableLister); grows && function == operators.Add {
		size = weight(args[1], room) // a loop adds to its result in place
	} else {
		size = weight(result, room)
		for _, arg := range args {
			size += weight(arg, room-size)
		}
	}
	cost := 1 + uint64(size)/10
	if strings.HasSuffix(overload, zoneSuffix) && types.IsError(result) {
		cost += 1000 // it was looked for in the file system
	}
	return &cost
}

// weight is the number of bytes of a text, or ten times the number of values in a list or map and their own weights; it
// stops counting at a limit.
func weight(v ref.Val, limit int) int {
	if limit <= 0 {
		return 0
	}
	switch v := v.(type) {
	case types.String:
		return len(v)
	case types.Bytes:
		return len(v)
	case traits.Lister:
		total := 0
		for it := v.Iterator(); it.HasNext() == types.True && total < limit; {
			total += 10 + weight(it.Next(), limit-total)
		}
		return total
	case traits.Mapper:
		total := 0
		for it := v.Iterator(); it.HasNext() == types.True && total < limit; {
			key := it.Next()
			total += 10 + weight(key, limit-total) + weight(v.Get(key), limit-total)
		}
		return total
	}
	return 0
}
