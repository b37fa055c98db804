package expr

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/aqtra/aqtra/pkg/value"
)

// Checked is an expression that is right by the model.
type Checked struct {
	// AST is the checked syntax tree: every node has a CEL type. Decimal literals are literals whose Value() is a
	// value.Decimal; operators have CEL's names (operators.Equals and so on). It must not be changed.
	AST *ast.AST
	// Type is the type of the result; any when it is known only at evaluation.
	Type value.Type
	// Refs are the variables and fields that the expression uses, in the order of the text.
	Refs []Reference

	env  *Env
	text string
}

// Constant is the value of a literal node of a checked AST.
func Constant(literal ref.Val) (any, error) {
	budget := maxValues
	return fromCEL(literal, 0, &budget)
}

// TypeOf is the type of a node of the AST, and false for those that no value has, such as durations.
func (c *Checked) TypeOf(id int64) (value.Type, bool) {
	return c.env.shapes.valueType(c.AST.GetType(id))
}

// Position is where a node of the AST starts: line and column, counted from 1 in code points.
func (c *Checked) Position(id int64) (line, column int) { return position(c.AST, id) }

// Check parses an expression and checks it against the model. It returns either a checked expression or at least one
// problem; an expression that is too long or too deeply nested is a problem as well.
func (e *Env) Check(text string) (*Checked, []Problem) {
	switch {
	case len(text) > MaxLength:
		return nil, []Problem{{Message: fmt.Sprintf("the expression is longer than %d bytes", MaxLength)}}
	case !utf8.ValidString(text):
		return nil, []Problem{{Message: "the expression is not UTF-8 text"}}
	case strings.TrimSpace(text) == "":
		return nil, []Problem{{Message: "the expression is empty"}}
	}
	parsed, issues := e.cel.Parse(text)
	if len(issues.Errors()) > 0 { // Err() would print the whole text for each
		return nil, e.celProblems(issues)
	}
	if aggregates(ast.NavigateAST(parsed.NativeRep())) > maxAggregates {
		return nil, []Problem{{Message: fmt.Sprintf("lists, maps and loops are nested deeper than %d levels", maxAggregates)}}
	}
	literals, problems := takeForms(parsed.NativeRep(), []rune(text))
	if len(problems) > 0 {
		return nil, problems
	}
	checked, problems := e.checkTypes(parsed)
	if checked == nil {
		return nil, problems
	}
	putForms(checked, literals)
	w := &walker{env: e, ast: checked, text: []rune(text)}
	w.walk(checked.Expr(), nil)
	t := w.resultType(checked.Expr())
	problems = append(problems, w.problems...)
	if len(problems) > 0 {
		slices.SortStableFunc(problems, func(a, b Problem) int {
			if a.Line != b.Line {
				return a.Line - b.Line
			}
			return a.Column - b.Column
		})
		return nil, slices.CompactFunc(problems, func(a, b Problem) bool { return a == b })
	}
	slices.SortStableFunc(w.refs, func(a, b Reference) int { return a.start - b.start })
	return &Checked{AST: checked, Type: t, Refs: w.refs, env: e, text: text}, nil
}

// maxRounds bounds how often checkTypes goes on after errors.
const maxRounds = 10

// checkTypes runs CEL's checker. To find as much as it can, it replaces each wrong node by a value of any type and checks
// again; it returns the tree, perhaps with replaced nodes, and the problems of all rounds.
func (e *Env) checkTypes(parsed *cel.Ast) (*ast.AST, []Problem) {
	var problems []Problem
	for rounds := 0; rounds < maxRounds; {
		checked, issues := e.cel.Check(parsed)
		if len(issues.Errors()) == 0 {
			return checked.NativeRep(), problems
		}
		wrong := map[int64]bool{}
		for _, err := range issues.Errors() {
			wrong[err.ExprID] = true
		}
		if mixNumbers(parsed.NativeRep(), wrong) {
			continue // at most as often as there are ?:
		}
		rounds++
		problems = append(problems, e.celProblems(issues)...)
		replaced := false
		ast.PostOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(n ast.Expr) {
			if wrong[n.ID()] && !(n.Kind() == ast.IdentKind && n.AsIdent() == unknownVariable) {
				n.SetKindCase(ast.NewExprFactory().NewIdent(n.ID(), unknownVariable))
				replaced = true
			}
		}))
		if !replaced {
			break
		}
	}
	return nil, problems
}

// mixNumbers lets the wrong ones among the plain ?: of a tree mix int and decimal, and reports whether there were any.
func mixNumbers(a *ast.AST, wrong map[int64]bool) bool {
	found := false
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		if wrong[n.ID()] && n.Kind() == ast.CallKind && n.AsCall().FunctionName() == operators.Conditional {
			n.SetKindCase(ast.NewExprFactory().NewCall(n.ID(), ifNumber, n.AsCall().Args()...))
			found = true
		}
	}))
	return found
}

// takeForms prepares a parsed tree for CEL's checker, which knows no other literals than its own: it puts a variable of type
// decimal in the place of each number with a point or an exponent, read from the text, so that no digit is lost. It gives
// a ?: with a null branch a name of its own, makes null in a list or map a value of any type (the checker would make a
// list of a date and null a list of nulls), and refuses what the language has not.
func takeForms(a *ast.AST, text []rune) (map[int64]ref.Val, []Problem) {
	literals := map[int64]ref.Val{}
	var problems []Problem
	problem := func(n ast.Expr, message string) {
		line, column := position(a, n.ID())
		problems = append(problems, Problem{Message: message, Line: line, Column: column})
	}
	takeNull := func(n ast.Expr) {
		if isNull(n) {
			literals[n.ID()] = types.NullValue
			n.SetKindCase(ast.NewExprFactory().NewIdent(n.ID(), unknownVariable))
		}
	}
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		switch n.Kind() {
		case ast.ListKind:
			for _, item := range n.AsList().Elements() {
				takeNull(item)
			}
		case ast.MapKind:
			// Other keys would let types grow exponentially, and no other evaluator has them.
			for _, entry := range n.AsMap().Entries() {
				takeNull(entry.AsMapEntry().Value())
				if key := entry.AsMapEntry().Key(); key.Kind() != ast.LiteralKind || key.AsLiteral().Type() != types.StringType {
					problem(key, "the keys of a map must be literal texts")
				}
			}
		case ast.StructKind:
			problem(n, "messages are not part of the language; write a map: {'name': value}")
		case ast.LiteralKind:
			switch n.AsLiteral().(type) {
			case types.Uint:
				problem(n, "unsigned numbers are not part of the language; leave out the u")
			case types.Double:
				at, _ := a.SourceInfo().GetOffsetRange(n.ID())
				d, err := value.ParseDecimal(numberAt(text, int(at.Start)))
				if err != nil {
					problem(n, err.Error())
				}
				literals[n.ID()] = decimalVal(d)
				n.SetKindCase(ast.NewExprFactory().NewIdent(n.ID(), literalVariable))
			}
		case ast.CallKind:
			if call := n.AsCall(); call.FunctionName() == operators.Conditional {
				form := operators.Conditional
				if isNull(call.Args()[2]) {
					form = ifNullRight
				} else if isNull(call.Args()[1]) {
					form = ifNullLeft
				}
				n.SetKindCase(ast.NewExprFactory().NewCall(n.ID(), form, call.Args()...))
			}
		}
	}))
	return literals, problems
}

// numberAt is the text of the number that starts at a code point, in the form that value.ParseDecimal reads.
func numberAt(text []rune, start int) string {
	var b strings.Builder
	for i := start; i < len(text); i++ {
		r := text[i]
		afterE := strings.HasSuffix(b.String(), "e") || strings.HasSuffix(b.String(), "E")
		switch {
		case r >= '0' && r <= '9', r == '.', r == 'e', r == 'E', (r == '+' || r == '-') && afterE, r == '-' && b.Len() == 0:
			if r == '.' && strings.Trim(b.String(), "-") == "" {
				b.WriteByte('0') // CEL takes ".5"
			}
			b.WriteRune(r)
		case r == ' ' && strings.Trim(b.String(), "-") == "": // CEL takes "- 5.0"
		default:
			return b.String()
		}
	}
	return b.String()
}

// aggregates is how deep lists, maps and loops are nested. The checker's work grows with the cube of it, because it is the
// depth of types as well.
func aggregates(n ast.NavigableExpr) int {
	deepest := 0
	for _, child := range n.Children() {
		deepest = max(deepest, aggregates(child))
	}
	switch n.Kind() {
	case ast.ListKind, ast.MapKind, ast.ComprehensionKind:
		deepest++
	}
	return deepest
}

func isNull(n ast.Expr) bool { return n.Kind() == ast.LiteralKind && n.AsLiteral() == types.NullValue }

// putForms undoes in the checked tree what takeForms and mixNumbers did.
func putForms(a *ast.AST, literals map[int64]ref.Val) {
	fac := ast.NewExprFactory()
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		switch n.Kind() {
		case ast.IdentKind:
			if v, ok := literals[n.ID()]; ok {
				n.SetKindCase(fac.NewLiteral(n.ID(), v))
				delete(a.ReferenceMap(), n.ID())
			}
		case ast.CallKind:
			switch n.AsCall().FunctionName() {
			case ifNullLeft, ifNullRight, ifNumber:
				n.SetKindCase(fac.NewCall(n.ID(), operators.Conditional, n.AsCall().Args()...))
				a.SetReference(n.ID(), ast.NewFunctionReference(overloads.Conditional))
			}
		}
	}))
}

// typeOf is the type of a node in the checked tree: a plain field keeps what its declaration says, and a map literal has
// its keys as fields. It is false for what no value has.
func (w *walker) typeOf(n ast.Expr) (value.Type, bool) {
	if f, ok := w.declared[n.ID()]; ok {
		return f.Type, true
	}
	if isNull(n) {
		return value.Type{Kind: value.Null}, true
	}
	if n.Kind() == ast.MapKind && len(n.AsMap().Entries()) > 0 {
		fields := make([]value.Field, len(n.AsMap().Entries()))
		for i, entry := range n.AsMap().Entries() {
			name, _ := entry.AsMapEntry().Key().AsLiteral().Value().(string) // takeForms let no other key pass
			t, ok := w.typeOf(entry.AsMapEntry().Value())
			if !ok {
				return value.Type{}, false
			}
			fields[i] = value.Field{Name: name, Type: t}
		}
		return value.MapOf(fields...), true
	}
	return w.env.shapes.valueType(w.ast.GetType(n.ID()))
}

// resultType is the type of the whole expression.
func (w *walker) resultType(root ast.Expr) value.Type {
	t, ok := w.typeOf(root)
	if !ok {
		w.problem(root, "the result must be a value, not a "+w.word(root), "")
	}
	return t
}

// isComparison reports whether a function is == or !=.
func isComparison(function string) bool {
	return function == operators.Equals || function == operators.NotEquals
}
