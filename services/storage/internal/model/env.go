package model

import (
	"slices"
	"sync"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
)

// compileExpressions prepares the environments; each is built when it is first needed.
func (r *Release) compileExpressions(c clock.Clock) {
	objects := make([]expr.Object, len(r.Components))
	for i, comp := range r.Components {
		objects[i] = expr.Object{ID: comp.ID, Name: comp.ID, Fields: comp.exprFields()}
	}
	for _, comp := range r.Components {
		entry := value.Field{Name: "entry", Type: value.RefOf(comp.ID)}
		user := value.Field{Name: "user", Type: objectmodel.User()}
		comp.Rules = sync.OnceValues(func() (*expr.Env, error) {
			return expr.NewEnv(expr.Model{Variables: []value.Field{entry, user}, Objects: objects}, expr.WithClock(c), expr.WithPrograms(64))
		})
		comp.Filters = sync.OnceValues(func() (*expr.Env, error) {
			// Fields whose name is a word of the language can be reached through entry only.
			vars := slices.DeleteFunc(comp.exprFields(), func(f value.Field) bool {
				return f.Name == "entry" || f.Name == "user" || expr.IsReserved(f.Name)
			})
			return expr.NewEnv(expr.Model{Variables: append(vars, entry, user), Objects: objects}, expr.WithClock(c), expr.WithPrograms(256))
		})
	}
}

// exprFields are the fields and system fields of an entry.
func (c *Component) exprFields() []value.Field {
	fields := objectmodel.SystemFields()
	for _, f := range c.Fields {
		if f.Stored() {
			fields = append(fields, value.Field{ID: f.GetId(), Name: f.GetName(), Type: f.Value})
		}
	}
	return fields
}
