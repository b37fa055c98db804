package step

import (
	"strings"

	"github.com/aqtra/aqtra/pkg/value"
)

// direct is an expression that only names a field, such as item.total. Most lines of mappings are, and looking the field up
// costs a fiftieth of an evaluation.
type direct struct {
	variable, field string
	kind            value.Kind
}

// newDirect recognizes a correct expression over these variables; it gives nil for all others. Fields of a variable without a
// declared form are not direct, because absent ones are an error there; neither are those declared with parts of their own.
func newDirect(text string, vars []value.Field) *direct {
	variable, field, _ := strings.Cut(strings.TrimSpace(text), ".")
	for _, v := range vars {
		if v.Name != variable || v.Type.Kind != value.Map {
			continue
		}
		f, ok := v.Type.Field(field)
		if !ok {
			return nil
		}
		switch f.Type.Kind {
		case value.Any, value.Bool, value.Int, value.DecimalKind, value.Text, value.DateKind, value.TimeKind, value.DatetimeKind, value.FileKind:
			return &direct{variable: variable, field: field, kind: f.Type.Kind}
		}
		return nil
	}
	return nil
}

// eval gives what evaluating would, and false when that is to be asked.
func (d *direct) eval(vars map[string]any) (any, bool) {
	fields, ok := vars[d.variable].(map[string]any)
	if !ok {
		return nil, false
	}
	v := fields[d.field]
	if n, isInt := v.(int64); isInt && d.kind == value.DecimalKind {
		return value.NewDecimal(n), true
	}
	return v, true
}
