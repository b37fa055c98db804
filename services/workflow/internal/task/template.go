package task

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cel.dev/cel-go/common/ast"

	"github.com/aqtra/aqtra/pkg/expr"
)

// Template is a value of a definition in which texts of the form "${ expression }" are computed.
type Template struct {
	literal any
	program *expr.Program
	list    []*Template
	fields  map[string]*Template
}

// Literal reports whether the value is always the same, and which.
func (t *Template) Literal() (any, bool) {
	return t.literal, t.program == nil && t.list == nil && t.fields == nil
}

// Eval computes the value. Failures are *Error.
func (t *Template) Eval(ctx context.Context, vars map[string]any) (any, error) {
	v, err := t.eval(ctx, vars)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, ErrorOf(err)
	}
	if Measure(v) > MaxValue {
		return nil, NewError("runtime", "%s", errTooLarge)
	}
	return v, nil
}

func (t *Template) eval(ctx context.Context, vars map[string]any) (any, error) {
	switch {
	case t.program != nil:
		return t.program.Eval(ctx, vars)
	case t.list != nil:
		out := make([]any, len(t.list))
		for i, item := range t.list {
			v, err := item.eval(ctx, vars)
			if err != nil {
				return nil, err
			}
			out[i] = v
		}
		return out, nil
	case t.fields != nil:
		out := make(map[string]any, len(t.fields))
		for name, item := range t.fields {
			v, err := item.eval(ctx, vars)
			if err != nil {
				return nil, err
			}
			out[name] = v
		}
		return out, nil
	default:
		return t.literal, nil
	}
}

// Bool computes a condition; anything but true is false, except what is not a truth value, which is an error.
func (t *Template) Bool(ctx context.Context, vars map[string]any) (bool, error) {
	v, err := t.Eval(ctx, vars)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok && v != nil {
		return false, NewError("expression", "a condition must be true or false")
	}
	return b, nil
}

// Text computes a text of at most limit bytes.
func (t *Template) Text(ctx context.Context, vars map[string]any, name string, limit int) (string, error) {
	if t == nil {
		return "", nil
	}
	v, err := t.Eval(ctx, vars)
	if err != nil || v == nil {
		return "", err
	}
	s, ok := TextOf(v)
	if !ok || !Storable(s) {
		return "", NewError("validation", "%s must be a text", name)
	}
	if len(s) > limit {
		return "", NewError("validation", "%s is longer than %d bytes", name, limit)
	}
	return s, nil
}

// Duration computes a duration.
func (t *Template) Duration(ctx context.Context, vars map[string]any) (time.Duration, error) {
	v, err := t.Eval(ctx, vars)
	if err != nil {
		return 0, err
	}
	d, err := ParseDuration(v)
	if err != nil {
		return 0, NewError("validation", "%s", err)
	}
	return d, nil
}

// TextOf gives what may stand where a text or an id is wanted.
func TextOf(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case fmt.Stringer:
		return v.String(), true
	default:
		return refText(v)
	}
}

// Storable reports whether a database can keep s as a text: valid UTF-8 without zero bytes.
func Storable(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// isVolatile reports whether an expression asks for the time.
func isVolatile(p *expr.Program) bool {
	found := false
	ast.PostOrderVisit(p.AST.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.CallKind {
			switch e.AsCall().FunctionName() {
			case "now", "today":
				found = true
			}
		}
	}))
	return found
}
