package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/near"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
)

const (
	// maxHops is the most references of a path to a field.
	maxHops = 4
	// maxNamed is how many names a refusal lists.
	maxNamed = 40
)

// operand is a column at the end of a path.
type operand struct {
	sql  string
	kind value.Kind
}

// path finds a field such as "customer.region", with the caller's eyes; where is its place in the request.
func (b *builder) path(c *model.Component, text, where string) (operand, error) {
	alias, names := "e", strings.Split(text, ".")
	if len(names) > maxHops+1 {
		return operand{}, Unknown(where, fmt.Sprintf("at most %d references", maxHops))
	}
	for i, name := range names {
		last := i == len(names)-1
		if typ, ok := objectmodel.SystemField(name); ok && last {
			return operand{sql: alias + "." + quote(name), kind: typ.Kind}, nil
		}
		f, ok := c.Field(name)
		ok = ok && f.Column != "" && !f.GetSensitive()
		if last && ok {
			return operand{sql: alias + "." + quote(f.Column), kind: f.Value.Kind}, nil
		}
		if !ok || f.Value.Kind != value.RefKind {
			return operand{}, UnknownName(where, name, c, func(f *model.Field) bool {
				return f.Column != "" && !f.GetSensitive() && (last || f.Value.Kind == value.RefKind)
			}, last)
		}
		target, ok := b.scope.Release.Component(f.Target)
		if !ok {
			return operand{}, Unknown(where, "there is no component "+f.Target)
		}
		var err error
		if alias, err = b.caller().follow(target, alias+"."+quote(f.Column)); err != nil {
			return operand{}, err
		}
		c = target
	}
	return operand{}, Unknown(where, "expected a field")
}

// Unknown refuses a name in a request.
func Unknown(where, why string) error {
	return fault.Invalid(faultv1.Reason_REASON_UNKNOWN_FIELD, "a field of the request is not known", fault.Field(where, why))
}

// UnknownName refuses the name of a field with those that could stand there, and the nearest of them.
func UnknownName(where, name string, c *model.Component, allowed func(*model.Field) bool, system bool) error {
	var names []string
	for _, f := range c.Fields {
		if allowed(f) {
			names = append(names, f.GetName())
		}
	}
	if system {
		for _, f := range objectmodel.SystemFields() {
			names = append(names, f.Name)
		}
	}
	return notAmong(where, "there is no such field here: "+quoteName(name)+" of "+c.ID, name, names)
}

func notAmong(where, why, name string, names []string) error {
	slices.Sort(names)
	if suggestion := near.Name(name, names); suggestion != "" {
		why += ", did you mean " + suggestion + "?"
	}
	if len(names) > maxNamed {
		names = append(names[:maxNamed:maxNamed], "…")
	}
	return Unknown(where, why+" Allowed: "+strings.Join(names, ", "))
}
