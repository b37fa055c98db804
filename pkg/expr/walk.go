package expr

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/overloads"
	"cel.dev/cel-go/common/types"
	"github.com/aqtra/aqtra/pkg/value"
)

// walker goes over a type-checked expression, checks what CEL's checker leaves open and collects the references.
type walker struct {
	env      *Env
	ast      *ast.AST
	text     []rune
	declared map[int64]Field // what the nodes that name a variable or field were declared as
	problems []Problem
	refs     []Reference
}

// scope is the chain of loop variables around a node, innermost first.
type scope struct {
	name, path string
	outer      *scope
}

func (s *scope) find(name string) (*scope, bool) {
	for ; s != nil; s = s.outer {
		if s.name == name {
			return s, true
		}
	}
	return nil, false
}

// walk visits a node and returns its path; empty when it is not a variable or something within one.
func (w *walker) walk(n ast.Expr, s *scope) string {
	switch n.Kind() {
	case ast.IdentKind:
		return w.ident(n, s)
	case ast.SelectKind:
		return w.selection(n, s)
	case ast.CallKind:
		return w.call(n, s)
	case ast.ListKind:
		for _, e := range n.AsList().Elements() {
			w.walk(e, s)
		}
	case ast.MapKind:
		for _, entry := range n.AsMap().Entries() {
			w.walk(entry.AsMapEntry().Key(), s)
			w.walk(entry.AsMapEntry().Value(), s)
		}
	case ast.ComprehensionKind:
		c := n.AsComprehension()
		path := w.walk(c.IterRange(), s)
		if path != "" {
			path += "[]"
		}
		w.walk(c.AccuInit(), s)
		s = &scope{name: c.AccuVar(), outer: s}
		inner := &scope{name: c.IterVar(), path: path, outer: s}
		w.walk(c.LoopCondition(), inner)
		w.walk(c.LoopStep(), inner)
		w.walk(c.Result(), s)
	}
	return ""
}

func (w *walker) ident(n ast.Expr, s *scope) string {
	name := n.AsIdent()
	if local, ok := s.find(name); ok {
		return local.path
	}
	f, ok := w.env.variables[name]
	if !ok {
		if w.ast.GetType(n.ID()).Kind() == types.TypeKind {
			w.problem(n, fmt.Sprintf("`%s` is the name of a type, not a value", name), "")
		}
		return ""
	}
	at, _ := w.ast.SourceInfo().GetOffsetRange(n.ID())
	w.refer(n, Reference{Path: name, ID: f.ID, Type: f.Type}, f.Field, int(at.Start))
	return name
}

func (w *walker) selection(n ast.Expr, s *scope) string {
	sel := n.AsSelect()
	path := w.walk(sel.Operand(), s)
	name := sel.FieldName()
	if path == "" {
		path = name
	} else {
		path += "." + name
	}
	sh, ok := w.env.shapes.byName[w.ast.GetType(sel.Operand().ID()).TypeName()]
	if !ok {
		return path
	}
	start := w.nameStart(n)
	f, ok := sh.fields[name]
	if !ok {
		line, column := w.position(n, start)
		w.problems = append(w.problems, unknownField(sh, name, line, column))
		return path
	}
	w.refer(n, Reference{Path: path, Object: sh.object, ID: f.ID, Type: f.Type}, f.Field, start)
	return path
}

func unknownField(sh *shape, name string, line, column int) Problem {
	if !sh.known {
		return Problem{Message: fmt.Sprintf("unknown field `%s`: the fields of %s are not known here", name, sh.typ), Line: line, Column: column}
	}
	message, suggestion := didYouMean(fmt.Sprintf("unknown field `%s`", name), name, sh.names)
	return Problem{Message: message, Line: line, Column: column, Suggestion: suggestion}
}

// refer records the use of a variable or field whose name starts at a code point; -1 when that is not known.
func (w *walker) refer(n ast.Expr, r Reference, f Field, start int) {
	if w.declared == nil {
		w.declared = map[int64]Field{}
	}
	if n.Kind() != ast.SelectKind || !n.AsSelect().IsTestOnly() {
		w.declared[n.ID()] = f
	}
	r.Line, r.Column = w.position(n, start)
	r.start, r.end = w.span(start, f.Name)
	w.refs = append(w.refs, r)
}

// span is where a name stands that starts at a code point, with the backquotes around it; -1 when it does not stand there.
func (w *walker) span(start int, name string) (from, to int) {
	if start < 0 || start >= len(w.text) {
		return -1, -1
	}
	written := []rune(name)
	if w.text[start] == '`' {
		written = []rune("`" + name + "`")
	}
	if rest := w.text[start:]; len(rest) < len(written) || !slices.Equal(rest[:len(written)], written) {
		return -1, -1
	}
	return start, start + len(written)
}

// nameStart is the code point at which the field name of a selection starts; the node itself starts at the point before it.
func (w *walker) nameStart(n ast.Expr) int {
	id := n.ID()
	if macro, ok := w.ast.SourceInfo().GetMacroCall(id); ok && n.AsSelect().IsTestOnly() && len(macro.AsCall().Args()) == 1 {
		id = macro.AsCall().Args()[0].ID() // has(x.f): the node stands for the whole call
	}
	at, ok := w.ast.SourceInfo().GetOffsetRange(id)
	if !ok || int(at.Start) >= len(w.text) || w.text[at.Start] != '.' {
		return -1
	}
	i := w.pastSpace(int(at.Start) + 1)
	if from, _ := w.span(i, n.AsSelect().FieldName()); from < 0 {
		return -1
	}
	return i
}

// pastSpace is the code point after the white space and comments that begin at one.
func (w *walker) pastSpace(i int) int {
	comment := false
	for ; i < len(w.text); i++ {
		switch {
		case comment:
			comment = w.text[i] != '\n'
		case strings.HasPrefix(string(w.text[i:min(i+2, len(w.text))]), "//"):
			comment = true
		case !strings.ContainsRune(" \t\r\n\f", w.text[i]):
			return i
		}
	}
	return i
}

func (w *walker) call(n ast.Expr, s *scope) string {
	call := n.AsCall()
	if call.IsMemberFunction() {
		w.walk(call.Target(), s)
	}
	var first string
	for i, arg := range call.Args() {
		if path := w.walk(arg, s); i == 0 {
			first = path
		}
	}
	switch {
	case call.FunctionName() == operators.Index:
		if first != "" {
			return first + "[]"
		}
	case !call.IsMemberFunction() && len(call.Args()) == 2 && takesNoNull(call.FunctionName()) &&
		(isNull(call.Args()[0]) || isNull(call.Args()[1])):
		symbol, _ := operators.FindReverse(call.FunctionName())
		w.problem(n, fmt.Sprintf("%s cannot be applied to %s and %s", symbol, w.word(call.Args()[0]), w.word(call.Args()[1])), "")
	case isComparison(call.FunctionName()):
		w.comparison(n, call.Args()[0], call.Args()[1])
	case call.FunctionName() == operators.In:
		w.membership(n, call.Args()[0], call.Args()[1])
	case call.FunctionName() == overloads.Matches:
		w.pattern(call.Args()[len(call.Args())-1])
	}
	return ""
}

// comparison refuses == and != that can never hold, and numbers that an enumeration does not have.
func (w *walker) comparison(n, left, right ast.Expr) {
	l, lok := w.env.shapes.valueType(w.ast.GetType(left.ID()))
	r, rok := w.env.shapes.valueType(w.ast.GetType(right.ID()))
	if (!lok || !rok) && !w.ast.GetType(left.ID()).IsExactType(w.ast.GetType(right.ID())) || lok && rok && !comparable(l, r) {
		w.problem(n, fmt.Sprintf("%s and %s can never be equal",
			w.word(left), w.word(right)), "")
		return
	}
	w.enumeration(left, right)
	w.enumeration(right, left)
}

// takesNoNull reports whether an operator fails on null; CEL's checker lets the literal null pass for a decimal or date.
func takesNoNull(function string) bool {
	switch function {
	case operators.Add, operators.Subtract, operators.Multiply, operators.Divide, operators.Modulo,
		operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		return true
	}
	return false
}

// word is how the type of a node is called in messages.
func (w *walker) word(n ast.Expr) string {
	t := w.ast.GetType(n.ID())
	if known, ok := w.env.shapes.valueType(t); ok {
		return known.String()
	}
	return w.env.words(t.TypeName())
}

func (w *walker) membership(n, item, container ast.Expr) {
	t := w.ast.GetType(container.ID())
	if t.Kind() != types.ListKind && t.Kind() != types.MapKind {
		return // known at evaluation
	}
	l, lok := w.env.shapes.valueType(w.ast.GetType(item.ID()))
	r, rok := w.env.shapes.valueType(t.Parameters()[0])
	if lok && rok && !comparable(l, r) {
		w.problem(n, fmt.Sprintf("%s can never be in %s", w.word(item), w.word(container)), "")
		return
	}
	if container.Kind() == ast.ListKind {
		for _, e := range container.AsList().Elements() {
			w.enumeration(item, e)
		}
	}
}

// comparable reports whether a value of one type can equal one of the other.
func comparable(a, b value.Type) bool {
	number := func(t value.Type) bool { return t.Kind == value.Int || t.Kind == value.DecimalKind }
	switch {
	case a.Kind == value.Any || b.Kind == value.Any || a.Kind == value.Null || b.Kind == value.Null:
		return true
	case number(a) && number(b):
		return true
	case a.Kind == value.RefKind && b.Kind == value.Text || a.Kind == value.Text && b.Kind == value.RefKind:
		return true
	case a.Kind != b.Kind:
		return false
	case a.Kind == value.RefKind:
		return a.Component == "" || b.Component == "" || a.Component == b.Component
	case a.Kind == value.List:
		return comparable(a.Item(), b.Item())
	}
	return true
}

// enumeration refuses a literal number that the enumeration of a field does not have.
func (w *walker) enumeration(field, literal ast.Expr) {
	f, ok := w.declared[field.ID()]
	if !ok || len(f.Type.Enum) == 0 || literal.Kind() != ast.LiteralKind {
		return
	}
	number, ok := decimalOf(literal.AsLiteral())
	if !ok || slices.ContainsFunc(f.Type.Enum, func(o value.Option) bool { return number.Cmp(value.NewDecimal(o.Value)) == 0 }) {
		return
	}
	options := make([]string, len(f.Type.Enum))
	for i, o := range f.Type.Enum {
		options[i] = fmt.Sprintf("%d (%s)", o.Value, o.Label)
	}
	w.problem(literal, fmt.Sprintf("`%s` is never %s, it is one of %s", f.Name, number, strings.Join(options, ", ")), "")
}

// pattern refuses a literal regular expression that cannot be compiled.
func (w *walker) pattern(n ast.Expr) {
	if n.Kind() != ast.LiteralKind {
		return
	}
	if text, ok := n.AsLiteral().(types.String); ok {
		if _, _, err := pattern(string(text)); err != nil {
			w.problem(n, err.Error(), "")
		}
	}
}

func (w *walker) problem(n ast.Expr, message, suggestion string) {
	line, column := position(w.ast, n.ID())
	w.problems = append(w.problems, Problem{Message: message, Line: line, Column: column, Suggestion: suggestion})
}

// position is that of a code point of the text, or of the node when it is -1.
func (w *walker) position(n ast.Expr, start int) (line, column int) {
	if start < 0 {
		return position(w.ast, n.ID())
	}
	at := w.ast.SourceInfo().GetLocationByOffset(int32(start))
	return at.Line(), at.Column() + 1
}

func position(a *ast.AST, id int64) (line, column int) {
	at := a.SourceInfo().GetStartLocation(id)
	return max(at.Line(), 0), max(at.Column()+1, 0)
}

// Rewrite gives the text of the expression with names replaced: rename is asked for each reference and returns the name to
// stand there, the present one to keep it. The caller checks the result again, because a new name may be taken.
func (c *Checked) Rewrite(rename func(Reference) string) (string, error) {
	text := []rune(c.text)
	var b strings.Builder
	done := 0
	for _, r := range c.Refs {
		old := r.Path[strings.LastIndexByte(r.Path, '.')+1:]
		name := rename(r)
		if name == old {
			continue
		}
		if r.start < done {
			return "", fmt.Errorf("cannot rewrite `%s` at %d:%d", r.Path, r.Line, r.Column)
		}
		if !isIdentifier(name) {
			name = "`" + name + "`"
		}
		b.WriteString(string(text[done:r.start]))
		b.WriteString(name)
		done = r.end
	}
	b.WriteString(string(text[done:]))
	return b.String(), nil
}

// names are the names that an expression may start with or call, for suggestions.
func (e *Env) names() []string {
	names := slices.Collect(maps.Keys(e.variables))
	for name := range e.cel.Functions() {
		if isIdentifier(name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
