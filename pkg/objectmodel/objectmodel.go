// Package objectmodel gives the types of a component's fields and entries, so that every service reads a definition alike.
package objectmodel

import (
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// FieldType is the type of a field's values. It reports false for a field without a known type.
func FieldType(f *libraryv1.Field) (value.Type, bool) {
	switch f.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_STRING, libraryv1.FieldType_FIELD_TYPE_URI:
		return value.Type{Kind: value.Text}, true
	case libraryv1.FieldType_FIELD_TYPE_INTEGER:
		t := value.Type{Kind: value.Int}
		for _, o := range f.GetInteger().GetOptions() {
			t.Enum = append(t.Enum, value.Option{Value: o.GetValue(), Label: o.GetLabel()})
		}
		return t, true
	case libraryv1.FieldType_FIELD_TYPE_NUMBER:
		return value.Type{Kind: value.DecimalKind}, true
	case libraryv1.FieldType_FIELD_TYPE_BOOLEAN:
		return value.Type{Kind: value.Bool}, true
	case libraryv1.FieldType_FIELD_TYPE_DATE:
		return value.Type{Kind: value.DateKind}, true
	case libraryv1.FieldType_FIELD_TYPE_TIME:
		return value.Type{Kind: value.TimeKind}, true
	case libraryv1.FieldType_FIELD_TYPE_DATETIME:
		return value.Type{Kind: value.DatetimeKind}, true
	case libraryv1.FieldType_FIELD_TYPE_FILE:
		return value.Type{Kind: value.FileKind}, true
	case libraryv1.FieldType_FIELD_TYPE_CATALOG:
		return value.RefOf(f.GetCatalog().GetComponent()), true
	case libraryv1.FieldType_FIELD_TYPE_ARRAY:
		return value.ListOf(value.RefOf(f.GetArray().GetComponent())), true
	default:
		return value.Type{}, false
	}
}

// SystemFields are the fields that every entry has; people never write them.
func SystemFields() []value.Field {
	return []value.Field{
		{Name: "id", Type: value.Type{Kind: value.Text}},
		{Name: "name", Type: value.Type{Kind: value.Text}},
		{Name: "creator_subject", Type: value.Type{Kind: value.Text}},
		{Name: "update_subject", Type: value.Type{Kind: value.Text}},
		{Name: "create_time", Type: value.Type{Kind: value.DatetimeKind}},
		{Name: "update_time", Type: value.Type{Kind: value.DatetimeKind}},
	}
}

// SystemField gives the type of a system field; false when the name is none of theirs.
func SystemField(name string) (value.Type, bool) {
	for _, f := range SystemFields() {
		if f.Name == name {
			return f.Type, true
		}
	}
	return value.Type{}, false
}

// Fields are the fields of a component's model, without the system fields; those without a known type are left out.
func Fields(c *libraryv1.Component) []value.Field {
	fields := make([]value.Field, 0, len(c.GetModel().GetFields()))
	for _, f := range c.GetModel().GetFields() {
		if t, ok := FieldType(f); ok {
			fields = append(fields, value.Field{ID: f.GetId(), Name: f.GetName(), Type: t})
		}
	}
	return fields
}

// Entry is the type of an entry as expressions see it: its fields beside the system fields.
func Entry(c *libraryv1.Component) value.Type {
	return value.MapOf(append(Fields(c), SystemFields()...)...)
}

// Objects are the components as expressions reach them through references.
func Objects(components []*libraryv1.Component) []expr.Object {
	objects := make([]expr.Object, 0, len(components))
	for _, c := range components {
		objects = append(objects, expr.Object{ID: c.GetId(), Name: c.GetId(), Fields: append(Fields(c), SystemFields()...)})
	}
	return objects
}

// User is the type of the variable "user", the signed-in person.
func User() value.Type {
	text := value.Type{Kind: value.Text}
	return value.MapOf(
		value.Field{Name: "id", Type: text},
		value.Field{Name: "email", Type: text},
		value.Field{Name: "name", Type: text},
		value.Field{Name: "roles", Type: value.ListOf(text)},
	)
}

// UserValue is the value of the variable "user" for somebody.
func UserValue(p principal.Principal) map[string]any {
	roles := make([]any, len(p.Roles))
	for i, role := range p.Roles {
		roles[i] = role
	}
	return map[string]any{"id": p.Subject, "email": p.Email, "name": p.DisplayName, "roles": roles}
}
