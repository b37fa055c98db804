package expr

import (
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/interpreter"
)

// hasLoop reports whether a tree has a macro that loops.
func hasLoop(a *ast.AST) bool {
	found := false
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(n ast.Expr) { found = found || n.Kind() == ast.ComprehensionKind }))
	return found
}

// plan copies a checked tree and puts our own functions in the place of what CEL evaluates its own way: ==, !=, has(),
// [], fields of values whose type does not declare them, the ints of a ?: whose other branch is a decimal, and the time of the
// evaluation for now() and today().
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
			case operators.Index:
				a.SetReference(n.ID(), ast.NewFunctionReference(indexFunction))
				n.SetKindCase(fac.NewCall(n.ID(), indexFunction, call.Args()...))
			case operators.Conditional:
				if !a.GetType(n.ID()).IsExactType(decimalType) {
					return
				}
				args := slices.Clone(call.Args())
				for i, arg := range args[1:] {
					if a.GetType(arg.ID()).Kind() == types.IntKind {
						next++
						a.SetReference(next, ast.NewFunctionReference("lift"))
						args[i+1] = fac.NewCall(next, liftFunction, arg)
					}
				}
				n.SetKindCase(fac.NewCall(n.ID(), operators.Conditional, args...))
			case "now":
				n.SetKindCase(ident(n.ID()))
			case "today":
				next++
				a.SetReference(n.ID(), ast.NewFunctionReference("datetime_to_date"))
				n.SetKindCase(fac.NewCall(n.ID(), "date", ident(next)))
			}
		case ast.SelectKind:
			sel := n.AsSelect()
			if a.GetType(sel.Operand().ID()).Kind() != types.StructKind {
				function := fieldFunction
				if sel.IsTestOnly() {
					function = hasFunction
				}
				next++
				a.SetReference(n.ID(), ast.NewFunctionReference(function))
				n.SetKindCase(fac.NewCall(n.ID(), function, sel.Operand(), fac.NewLiteral(next, types.String(sel.FieldName()))))
				return
			}
			if !sel.IsTestOnly() {
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

// ownNodes puts nodes of this package in the place of CEL's for the operators on two values, and for what plan made of
// fields, has() and []. CEL's own node puts the values in a list for every call, to ask what it costs.
func (e *Env) ownNodes(i interpreter.InterpretableV2) (interpreter.InterpretableV2, error) {
	call, ok := i.(interpreter.InterpretableCall)
	if !ok {
		return i, nil
	}
	apply, ok := e.operators[call.Function()]
	if !ok {
		return i, nil
	}
	args := call.Args()
	return &operation{call, args[0], args[1], apply, isAccess(call.Function())}, nil
}

// operation is the call of an operator on two values.
type operation struct {
	interpreter.InterpretableCall
	left, right interpreter.InterpretableV2
	apply       func(l, r ref.Val) ref.Val
	access      bool // it only takes something out of a value, which costs 1 as in CEL
}

// Exec implements interpreter.InterpretableV2.
func (o *operation) Exec(frame *interpreter.ExecutionFrame) ref.Val {
	l := o.left.Exec(frame)
	if types.IsError(l) {
		return l
	}
	r := o.right.Exec(frame)
	if types.IsError(r) {
		return r
	}
	out := o.apply(l, r)
	if tracker := frame.CostTracker(); tracker != nil {
		if o.access || isLight(l) && isLight(r) && isLight(out) {
			tracker.Qualify(o.ID()) // adds 1
		} else {
			tracker.EvalBinary(frame, o.ID(), o, l, r, out)
		}
	}
	if err, failed := out.(*types.Err); failed {
		return types.LabelErrNode(o.ID(), err)
	}
	return out
}

// Eval implements interpreter.Interpretable.
func (o *operation) Eval(vars interpreter.Activation) ref.Val {
	return interpreter.EvalActivation(vars, o.Exec)
}

// isAccess reports whether an operator only takes something out of a value.
func isAccess(function string) bool {
	return function == fieldFunction || function == hasFunction || function == indexFunction
}

// fieldOf reads a field of a value whose type does not declare it: an absent one is null, and so is any of null.
func fieldOf(v, name ref.Val) ref.Val {
	if s, ok := name.(types.String); ok {
		switch v := v.(type) {
		case types.Null:
			return types.NullValue
		case *object:
			return v.named(string(s))
		case traits.Mapper:
			if item, found := v.Find(s); found {
				return item
			}
			return types.NullValue
		}
	}
	return types.NewErr("%s has no field %v", word(v), name.Value())
}

// hasField is has(): the field is there and not null. A value that has no fields has not this one.
func hasField(v, name ref.Val) ref.Val {
	switch v.(type) {
	case types.Null, *object, traits.Mapper:
		field := fieldOf(v, name)
		if types.IsError(field) {
			return field
		}
		return types.Bool(field != types.NullValue)
	}
	return types.False
}

// itemOf is []: an item of a list, which must be there, or what a key of a map has.
func itemOf(v, key ref.Val) ref.Val {
	switch k := key.(type) {
	case types.Int:
		if l, ok := v.(traits.Lister); ok {
			return l.Get(k)
		}
	case types.String:
		switch v.(type) {
		case types.Null, *object, traits.Mapper:
			return fieldOf(v, k)
		}
	}
	return noOperator("[]", v, key)
}
