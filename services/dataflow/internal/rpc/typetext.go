package rpc

import (
	"regexp"
	"strings"

	"github.com/aqtra/aqtra/pkg/value"
)

// identifier is a name that needs no quotes.
var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// typeText writes a type as aqtra.library.v1.StepType has it.
func typeText(t value.Type) string {
	switch {
	case t.Kind == value.RefKind && t.Component != "":
		return "ref(" + t.Component + ")"
	case t.Elem != nil:
		return t.Kind.String() + "(" + typeText(*t.Elem) + ")"
	case t.Kind == value.Map && len(t.Fields) > 0:
		parts := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			name := f.Name
			if !identifier.MatchString(name) {
				name = "`" + strings.ReplaceAll(name, "`", "") + "`"
			}
			parts[i] = name + ": " + typeText(f.Type)
		}
		return "object{" + strings.Join(parts, ", ") + "}"
	}
	return t.Kind.String()
}
