package queryentitybyfilter

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// placeholder stands in the template where a value goes.
const placeholder = "aqtra_value_"

// filter is a condition for storage, which knows the entry and nothing of the dataflow: the parts of it that are about the item,
// the input and the user are evaluated here, and their values written in as literals.
type filter struct {
	template string
	parts    []part
}

// part is what takes the place of one placeholder: the value of an expression, or a text.
type part struct {
	name string
	expr *step.Expr
	text string
}

// newFilter compiles a setting. It returns nil when the setting is absent, or wrong.
func newFilter(c *step.Compiler, param string, fields []value.Field) *filter {
	text := c.Text(param)
	if text == "" {
		return nil
	}
	flow := c.Vars()
	vars := slices.Clone(flow)
	for _, f := range fields {
		if !hasField(flow, f.Name) {
			vars = append(vars, f)
		}
	}
	if c.Condition(param, vars) == nil {
		return nil
	}
	if strings.Contains(text, placeholder) {
		c.Problem(param, "invalid-expression", "the name %s is taken", placeholder)
		return nil
	}
	// Macros stay calls, so that the text can be written again.
	env, err := cel.NewEnv(cel.ClearMacros(), cel.EnableIdentifierEscapeSyntax())
	if err != nil {
		c.Problem(param, "invalid-expression", "%v", err)
		return nil
	}
	parsed, issues := env.Parse(text)
	if issues.Err() != nil {
		c.Problem(param, "invalid-expression", "%v", issues.Err())
		return nil
	}
	f := &filter{}
	root := parsed.NativeRep()
	f.cut(c, param, text, root, root.Expr())
	if f.template, err = parser.Unparse(root.Expr(), root.SourceInfo()); err != nil {
		c.Problem(param, "invalid-expression", "%v", err)
	}
	return f
}

// cut puts a placeholder where a part begins that is about the dataflow alone. Decimals keep their text: read by CEL's own parser
// they are binary.
func (f *filter) cut(c *step.Compiler, param, text string, root *ast.AST, n ast.Expr) {
	replace := func(p part) {
		p.name = fmt.Sprintf("%s%d_", placeholder, len(f.parts))
		f.parts = append(f.parts, p)
		n.SetKindCase(ast.NewExprFactory().NewIdent(n.ID(), p.name))
	}
	if n.Kind() == ast.LiteralKind && n.AsLiteral().Type() == types.DoubleType {
		at, _ := root.SourceInfo().GetOffsetRange(n.ID())
		replace(part{text: decimalAt([]rune(text), int(at.Start))})
		return
	}
	if names := idents(n); len(names) > 0 && !slices.ContainsFunc(names, func(name string) bool { return !isFlow(name) }) {
		own, err := parser.Unparse(n, root.SourceInfo())
		if err != nil {
			c.Problem(param, "invalid-expression", "%v", err)
			return
		}
		if e := c.CompilePart(param, own, c.Vars()); e != nil {
			replace(part{expr: e})
		}
		return
	}
	switch n.Kind() {
	case ast.CallKind:
		if n.AsCall().IsMemberFunction() {
			f.cut(c, param, text, root, n.AsCall().Target())
		}
		for _, arg := range n.AsCall().Args() {
			f.cut(c, param, text, root, arg)
		}
	case ast.ListKind:
		for _, element := range n.AsList().Elements() {
			f.cut(c, param, text, root, element)
		}
	case ast.SelectKind:
		f.cut(c, param, text, root, n.AsSelect().Operand())
	}
}

func isFlow(name string) bool { return name == "item" || name == "input" || name == "user" }

func decimalAt(text []rune, start int) string {
	return regexp.MustCompile(`^-?[0-9]*\.?[0-9]*([eE][+-]?[0-9]+)?`).FindString(string(text[start:]))
}

// idents are the names that an expression starts from.
func idents(n ast.Expr) []string {
	var names []string
	ast.PostOrderVisit(n, ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() == ast.IdentKind {
			names = append(names, e.AsIdent())
		}
	}))
	return names
}

// text is the filter for one item; a nil filter lets everything through.
func (f *filter) text(ctx context.Context, env *step.Env, item step.Item) (string, error) {
	if f == nil {
		return "", nil
	}
	vars := env.Vars(map[string]any{"item": item.Fields})
	replacements := make([]string, 0, 2*len(f.parts))
	for _, p := range f.parts {
		literal := p.text
		if p.expr != nil {
			v, err := p.expr.Eval(ctx, env, vars)
			if err != nil {
				return "", err
			}
			if literal, err = step.Literal(v); err != nil {
				return "", fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, err.Error())
			}
		}
		replacements = append(replacements, p.name, literal)
	}
	return strings.NewReplacer(replacements...).Replace(f.template), nil
}
