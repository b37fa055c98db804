package query

import (
	"fmt"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"

	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

// term translates any node.
func (t *translator) term(n ast.Expr) (term, error) {
	switch n.Kind() {
	case ast.LiteralKind:
		v, err := expr.Constant(n.AsLiteral())
		if err != nil {
			return term{}, t.refuse(n, "this constant has no form in the database")
		}
		return t.literal(n, v)
	case ast.IdentKind:
		return t.ident(n)
	case ast.SelectKind:
		return t.selection(n)
	case ast.ListKind:
		list := term{kind: value.List, null: never}
		for _, e := range n.AsList().Elements() {
			item, err := t.term(e)
			if err != nil {
				return term{}, err
			}
			list.items = append(list.items, item)
		}
		return list, nil
	case ast.CallKind:
		return t.call(n)
	case ast.ComprehensionKind:
		return term{}, t.refuse(n, "loops over lists cannot be evaluated by the database")
	}
	return term{}, t.refuse(n, "this form cannot be evaluated by the database")
}

func (t *translator) literal(n ast.Expr, v any) (term, error) {
	kind, _ := value.Of(v)
	switch kind {
	case value.Null:
		return term{sql: "NULL", kind: value.Null, null: isValue, literal: true}, nil
	case value.List, value.Map, value.Any:
		return term{}, t.refuse(n, "this constant has no form in the database")
	case value.Text:
		for _, r := range v.(string) {
			if r == 0 {
				return term{}, t.refuse(n, "the database keeps no character 0")
			}
		}
	}
	return term{sql: t.bind(Encode(v), pgType(kind)), kind: kind, null: never, constant: v, literal: true}, nil
}

// ident translates a variable. Bare fields are those of the entry.
func (t *translator) ident(n ast.Expr) (term, error) {
	switch name := n.AsIdent(); name {
	case "entry":
		return term{sql: t.alias + ".id", kind: value.RefKind, null: never, target: t.component}, nil
	case "user":
		return term{kind: value.Map, null: never}, nil
	default:
		return t.column(n, t.component, t.alias, name)
	}
}

func (t *translator) selection(n ast.Expr) (term, error) {
	sel := n.AsSelect()
	operand, err := t.term(sel.Operand())
	if err != nil {
		return term{}, err
	}
	var v term
	switch {
	case operand.kind == value.Map:
		v, err = t.user(n, sel.FieldName())
	case operand.kind == value.RefKind && operand.target != nil:
		alias := t.alias
		if operand.sql != t.alias+".id" {
			if alias, err = t.follow(operand.target, operand.sql); err != nil {
				return term{}, err
			}
		}
		v, err = t.column(n, operand.target, alias, sel.FieldName())
	default:
		return term{}, t.refuse(n, "fields of this cannot be read by the database")
	}
	if err != nil || !sel.IsTestOnly() {
		return v, err
	}
	return term{sql: isNull(v, true), kind: value.Bool, null: never}, nil
}

// user translates what is known of the caller.
func (t *translator) user(n ast.Expr, name string) (term, error) {
	u := t.scope.User
	switch name {
	case "id":
		return t.literal(n, u.ID)
	case "email":
		return t.literal(n, u.Email)
	case "name":
		return t.literal(n, u.Name)
	case "roles":
		roles := u.Roles
		if roles == nil {
			roles = []string{}
		}
		return term{kind: value.List, null: never, bound: roles}, nil
	}
	return term{}, t.refuse(n, "there is no such field of user")
}

// column translates a field of the entry at alias. Beyond the first entry everything may be null.
func (t *translator) column(n ast.Expr, c *model.Component, alias, name string) (term, error) {
	if typ, ok := objectmodel.SystemField(name); ok {
		null := never
		if alias != t.alias {
			null = isValue
		}
		return term{sql: alias + "." + quote(name), kind: typ.Kind, null: null}, nil
	}
	f, ok := c.Field(name)
	switch {
	case !ok || !f.Stored():
		return term{}, t.refuse(n, fmt.Sprintf("the field %s is not stored", name))
	case f.GetSensitive():
		return term{}, t.refuse(n, fmt.Sprintf("the field %s is kept encrypted and cannot be looked into", name))
	case f.IsArray():
		return term{kind: value.List, null: isValue, link: f, owner: alias + ".id"}, nil
	}
	v := term{sql: alias + "." + quote(f.Column), kind: f.Value.Kind, null: isValue}
	if f.Value.Kind == value.RefKind {
		if v.target, ok = t.scope.Release.Component(f.Target); !ok {
			return term{}, t.refuse(n, fmt.Sprintf("there is no component %s", f.Target))
		}
	}
	return v, nil
}

// call translates operators and functions of any type.
func (t *translator) call(n ast.Expr) (term, error) {
	call := n.AsCall()
	name := call.FunctionName()
	switch name {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot, operators.Equals, operators.NotEquals, operators.In:
		sql, err := t.predicate(n, true)
		return term{sql: sql, kind: value.Bool, null: isError}, err
	case operators.Conditional:
		return t.conditional(n)
	case "now":
		return t.literal(n, t.scope.Now.UTC().Truncate(time.Microsecond))
	case "today":
		return t.literal(n, value.DateOf(t.scope.Now.UTC()))
	}
	var args []term
	if call.IsMemberFunction() {
		target, err := t.term(call.Target())
		if err != nil {
			return term{}, err
		}
		args = append(args, target)
	}
	for _, a := range call.Args() {
		arg, err := t.term(a)
		if err != nil {
			return term{}, err
		}
		args = append(args, arg)
	}
	v, err := t.function(n, name, args)
	if err == nil && len(v.sql) > maxSQL/4 {
		err = t.refuse(n, "the expression is too large for the database")
	}
	return v, err
}

func (t *translator) conditional(n ast.Expr) (term, error) {
	args := n.AsCall().Args()
	cond, err := t.predicate(args[0], true)
	if err != nil {
		return term{}, err
	}
	a, err := t.term(args[1])
	if err != nil {
		return term{}, err
	}
	b, err := t.term(args[2])
	if err != nil {
		return term{}, err
	}
	kind := a.kind
	if kind == value.Null || b.kind == value.DecimalKind {
		kind = b.kind
	}
	null := isError
	for _, v := range []term{a, b} {
		if v.kind == value.Null || v.kind == value.List || v.kind == value.Map {
			return term{}, t.refuse(n, "a branch of ?: must have a plain value here")
		}
		if v.null == isValue || v.null == isEither {
			null = isEither
		}
	}
	if a.kind != b.kind && (!comparables(a.kind, b.kind) || kind != value.DecimalKind) {
		return term{}, t.refuse(n, "both branches of ?: must have the same type")
	}
	cast := ""
	if kind == value.DecimalKind {
		cast = "::numeric"
	}
	return term{sql: fmt.Sprintf("(CASE %s WHEN true THEN %s%s WHEN false THEN %s%[3]s END)", cond, a.sql, cast, b.sql), kind: kind, null: null}, nil
}
