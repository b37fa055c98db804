package expr

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/interpreter"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Program is a compiled expression. It is safe for use by several goroutines.
type Program struct {
	*Checked

	program cel.Program
	loops   bool
}

// Compile checks an expression and makes it ready to run; programs are kept, so compiling the same text again is cheap.
// It fails with the fault EXPRESSION_INVALID, whose violations of the field "expression" are the problems.
func (e *Env) Compile(text string) (*Program, error) {
	if p, ok := e.programs.Get(text); ok {
		return p, nil
	}
	checked, problems := e.Check(text)
	if len(problems) > 0 {
		return nil, Invalid("expression", problems)
	}
	program, err := e.cel.PlanProgram(plan(checked.AST),
		cel.CostLimit(e.cost), cel.CostTracking(newCosts(e.cost)), cel.InterruptCheckFrequency(64),
		cel.CustomDecoratorV2(e.ownNodes))
	if err != nil {
		return nil, fmt.Errorf("plan expression: %w", err)
	}
	p := &Program{Checked: checked, program: program, loops: hasLoop(checked.AST)}
	e.programs.Add(text, p, 1)
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
	r := p.env.newRun(ctx, vars, resolver)
	defer r.release()
	var out ref.Val
	var err error
	if p.loops {
		out, _, err = p.program.ContextEval(ctx, r)
	} else { // only loops look at the context, and making one that can be canceled takes longer than most expressions
		out, _, err = p.program.Eval(r)
	}
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
	switch message := err.Error(); {
	case strings.HasPrefix(message, "no such overload"):
		return "an operator or function was given a value of the wrong type, or null"
	case message == "modulus by zero":
		return value.ErrDivisionByZero.Error()
	case strings.HasSuffix(message, "expected iterable type"):
		return "a loop was given null or another value that is no list or map"
	default:
		return message
	}
}
