package model

import (
	"slices"
	"sync"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/value"
)

// userType is what expressions know of the caller. It is a constant in all but the keyword.
var userType = value.MapOf(
	value.Field{Name: "id", Type: value.Type{Kind: value.Text}},
	value.Field{Name: "email", Type: value.Type{Kind: value.Text}},
	value.Field{Name: "name", Type: value.Type{Kind: value.Text}},
	value.Field{Name: "roles", Type: value.ListOf(value.Type{Kind: value.Text})},
)

// compileExpressions prepares the environments; each is built when it is first needed.
func (r *Release) compileExpressions(c clock.Clock) {
	objects := make([]expr.Object, len(r.Components))
	for i, comp := range r.Components {
		objects[i] = expr.Object{ID: comp.ID, Name: comp.ID, Fields: comp.exprFields()}
	}
	for _, comp := range r.Components {
		entry := value.Field{Name: "entry", Type: value.RefOf(comp.ID)}
		user := value.Field{Name: "user", Type: userType}
		comp.Rules = sync.OnceValues(func() (*expr.Env, error) {
			return expr.NewEnv(expr.Model{Variables: []value.Field{entry, user}, Objects: objects}, expr.WithClock(c), expr.WithPrograms(64))
		})
		comp.Filters = sync.OnceValues(func() (*expr.Env, error) {
			// Fields whose name is a word of the language can be reached through entry only.
			vars := slices.DeleteFunc(comp.exprFields(), func(f value.Field) bool {
				return f.Name == "entry" || f.Name == "user" || slices.Contains(words(), f.Name)
			})
			return expr.NewEnv(expr.Model{Variables: append(vars, entry, user), Objects: objects}, expr.WithClock(c), expr.WithPrograms(256))
		})
	}
}

// exprFields are the fields and system fields of an entry.
func (c *Component) exprFields() []value.Field {
	fields := slices.Clone(systemFields)
	for _, f := range c.Fields {
		if f.Stored() {
			fields = append(fields, value.Field{ID: f.GetId(), Name: f.GetName(), Type: f.Value})
		}
	}
	return fields
}

// words are the words that CEL keeps for itself.
func words() []string {
	return []string{"as", "break", "const", "continue", "else", "false", "for", "function", "if", "import", "in", "let", "loop",
		"package", "namespace", "null", "return", "true", "var", "void", "while"}
}
