package expr

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/value"
)

// Model is what expressions may name.
type Model struct {
	// Variables are the names an expression starts from.
	Variables []Field
	// Objects are the components whose entries can be read through a reference.
	Objects []Object
}

// Field is a named, typed thing with an id that is stable over renames.
type Field = value.Field

// Object is the form of a component's entries. Every object has a field "id" of type text unless it declares one itself.
type Object struct {
	// ID is the component, as in value.RefOf(ID).
	ID     string
	Name   string
	Fields []Field
}

// Entry is a loaded entry, as the value of a variable or field of type ref. A plain map may stand in its place when the id
// does not matter.
type Entry struct {
	ID     value.Ref
	Fields map[string]any
}

// Resolver loads the entries that an expression reads through references.
type Resolver interface {
	// Resolve gives the fields of an entry. An error ends the evaluation and is returned by Eval, wrapped.
	Resolve(ctx context.Context, component string, id value.Ref) (map[string]any, error)
}

// Problem is one thing wrong with an expression.
type Problem struct {
	// Message is a lower-case sentence for the author.
	Message string
	// Line and Column are where it is, counted from 1 in code points; 0 when it concerns the whole expression.
	Line, Column int
	// Suggestion is a name to put in the place of the wrong one; empty when there is no near one.
	Suggestion string
}

func (p Problem) String() string {
	if p.Line == 0 {
		return p.Message
	}
	return fmt.Sprintf("%d:%d: %s", p.Line, p.Column, p.Message)
}

// Reference is one use of a variable or field in an expression.
type Reference struct {
	// Path is what stands there: "order.customer.name". Items of a list are "[]"; what is reached through the result of a
	// call has no path before its own name.
	Path string
	// Object is the id of the object whose field it is; empty for variables and fields of records.
	Object string
	// ID is the id of the variable or field; empty where the model has none.
	ID string
	// Type is the declared type.
	Type value.Type
	// Line and Column are where the name stands, counted from 1 in code points.
	Line, Column int

	start, end int // of the name in the text, in code points
}

// Span is where the name stands in the text, with the backquotes around it: offset and length in code points. The length is 0 when
// that is not known.
func (r Reference) Span() (offset, length int) {
	if r.start < 0 {
		return 0, 0
	}
	return r.start, r.end - r.start
}
