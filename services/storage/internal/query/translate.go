package query

import (
	"fmt"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// durationKind is the kind of durations, which no value has.
const durationKind = value.Kind(200)

// nullness says what null means in the SQL of a term.
type nullness int

const (
	never    nullness = iota // it is never null
	isValue                  // the value is null, as that of a field
	isError                  // the evaluation failed
	isEither                 // one or the other
)

// term is a translated operand.
type term struct {
	sql  string
	kind value.Kind
	null nullness
	// target is the component of a reference.
	target *model.Component
	// items are the parts of a list of constants and terms; link is the array field that a list comes from, of the entry at
	// owner.
	items []term
	link  *model.Field
	owner string
	// bound is the list of texts that user.roles is.
	bound []string
	// constant is the value of a literal.
	constant any
	literal  bool
}

// translator turns one checked expression into SQL.
type translator struct {
	*builder
	checked   *expr.Checked
	component *model.Component
	alias     string
}

// refuse says that a part of the expression has no exact form in SQL.
func (t *translator) refuse(n ast.Expr, why string) error {
	line, column := t.checked.Position(n.ID())
	return fault.Invalid(faultv1.Reason_REASON_EXPRESSION_NOT_TRANSLATABLE, "the database cannot evaluate this expression",
		fault.Field("expression", expr.Problem{Message: why, Line: line, Column: column}.String()))
}

// predicate translates a boolean node. Where exact is false, null may stand for false.
func (t *translator) predicate(n ast.Expr, exact bool) (string, error) {
	if n.Kind() == ast.CallKind {
		call := n.AsCall()
		switch name := call.FunctionName(); name {
		case operators.LogicalAnd, operators.LogicalOr:
			l, err := t.predicate(call.Args()[0], exact)
			if err != nil {
				return "", err
			}
			r, err := t.predicate(call.Args()[1], exact)
			if err != nil {
				return "", err
			}
			op := " AND "
			if name == operators.LogicalOr {
				op = " OR "
			}
			return "(" + l + op + r + ")", nil
		case operators.LogicalNot:
			inner, err := t.predicate(call.Args()[0], true)
			return "(NOT " + inner + ")", err
		case operators.Equals, operators.NotEquals:
			return t.equality(n, name == operators.NotEquals, exact)
		case operators.In:
			return t.membership(n, exact)
		}
	}
	v, err := t.term(n)
	if err != nil {
		return "", err
	}
	if v.kind == value.Null {
		return "NULL::boolean", nil
	}
	if v.kind != value.Bool {
		return "", t.refuse(n, "expected a condition")
	}
	return v.sql, nil
}

// equality translates == and !=.
func (t *translator) equality(n ast.Expr, negated, exact bool) (string, error) {
	args := n.AsCall().Args()
	l, err := t.term(args[0])
	if err != nil {
		return "", err
	}
	r, err := t.term(args[1])
	if err != nil {
		return "", err
	}
	return t.equal(n, l, r, negated, exact)
}

func (t *translator) equal(n ast.Expr, l, r term, negated, exact bool) (string, error) {
	if l.kind == value.Null {
		l, r = r, l
	}
	if l.null == isEither || r.null == isEither {
		return "", t.refuse(n, "a branch of ?: may be null, so it cannot be compared here")
	}
	if r.kind == value.Null {
		return isNull(l, negated), nil
	}
	if !comparables(l.kind, r.kind) || l.kind == value.List {
		return "", t.refuse(n, fmt.Sprintf("%s and %s cannot be compared here", kindName(l.kind), kindName(r.kind)))
	}
	op, distinct := "=", "IS NOT DISTINCT FROM"
	if negated {
		op, distinct = "<>", "IS DISTINCT FROM"
	}
	plain := l.null != isValue && r.null != isValue // then null can only be a failure, which = passes on
	if plain || !exact && !negated && (l.null != isValue || r.null != isValue) {
		return "(" + l.sql + " " + op + " " + r.sql + ")", nil
	}
	sql := "(" + l.sql + " " + distinct + " " + r.sql + ")"
	for _, v := range []term{l, r} {
		if v.null == isError {
			sql = "(CASE WHEN " + v.sql + " IS NOT NULL THEN " + sql + " END)"
		}
	}
	if len(sql) > maxSQL/4 {
		return "", t.refuse(n, "the expression is too large for the database")
	}
	return sql, nil
}

// isNull compares a term with null.
func isNull(v term, negated bool) string {
	op := "IS NULL"
	if negated {
		op = "IS NOT NULL"
	}
	switch {
	case v.kind == value.Null:
		return fmt.Sprint(!negated)
	case v.null == isValue && v.link == nil:
		return "(" + v.sql + " " + op + ")"
	case v.null == isError: // not null, unless it failed
		return fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN %t END)", v.sql, negated)
	case v.link != nil: // a list is null only where its entry is
		return "(" + v.owner + " " + op + ")"
	}
	return fmt.Sprint(negated)
}

// comparables reports whether values of two kinds can be equal.
func comparables(a, b value.Kind) bool {
	number := func(k value.Kind) bool { return k == value.Int || k == value.DecimalKind }
	id := func(k value.Kind) bool { return k == value.RefKind || k == value.Text }
	return a == b && a != value.Any || number(a) && number(b) || id(a) && id(b)
}

func kindName(k value.Kind) string {
	if k == durationKind {
		return "duration"
	}
	return k.String()
}

// membership translates "x in list".
func (t *translator) membership(n ast.Expr, exact bool) (string, error) {
	args := n.AsCall().Args()
	item, err := t.term(args[0])
	if err != nil {
		return "", err
	}
	list, err := t.term(args[1])
	if err != nil {
		return "", err
	}
	switch {
	case item.null == isEither:
		return "", t.refuse(n, "a branch of ?: may be null, so it cannot be looked for here")
	case list.link != nil:
		return t.inLink(n, item, list)
	case list.bound != nil:
		if item.kind != value.Text && item.kind != value.RefKind {
			return "", t.refuse(n, "only text can be looked for here")
		}
		return t.any(item, t.bind(list.bound, `text[]`)+` COLLATE "C"`, exact), nil
	case list.kind != value.List:
		return "", t.refuse(n, "the list of `in` must be written out, a list field or user.roles")
	}
	var texts []string
	var parts []string
	kind := item.kind
	for _, v := range list.items {
		if v.literal && v.kind != value.Null && comparables(item.kind, v.kind) {
			texts = append(texts, encodeText(v.constant))
			if v.kind == value.DecimalKind {
				kind = value.DecimalKind
			}
			continue
		}
		part, err := t.equal(n, item, v, false, exact)
		if err != nil {
			return "", err
		}
		parts = append(parts, part)
	}
	if len(texts) > 0 {
		typ := strings.TrimSuffix(pgType(kind), ` COLLATE "C"`)
		parts = append(parts, t.any(item, t.bind(texts, "text[]")+"::"+typ+"[]", exact))
	}
	if len(parts) == 0 {
		if item.null == isError {
			return "(CASE WHEN " + item.sql + " IS NOT NULL THEN false END)", nil
		}
		return "false", nil
	}
	sql := "(" + strings.Join(parts, " OR ") + ")"
	if len(sql) > maxSQL/4 {
		return "", t.refuse(n, "the expression is too large for the database")
	}
	return sql, nil
}

func (t *translator) any(item term, list string, exact bool) string {
	sql := "(" + item.sql + " = ANY(" + list + "))"
	if exact && item.null == isValue {
		sql = "coalesce(" + sql + ", false)"
	}
	return sql
}

// inLink looks for an entry in a list of references.
func (t *translator) inLink(n ast.Expr, item, list term) (string, error) {
	if item.kind != value.RefKind && item.kind != value.Text {
		return "", t.refuse(n, "a list of references holds entries only")
	}
	sql := fmt.Sprintf("EXISTS (SELECT FROM %s AS l WHERE l.entry = %s AND l.target = %s)", t.builder.link(list.link), list.owner, item.sql)
	sql = fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN %s END)", list.owner, sql)
	if item.null == isError {
		sql = fmt.Sprintf("(CASE WHEN %s IS NOT NULL THEN %s END)", item.sql, sql)
	}
	return sql, nil
}
