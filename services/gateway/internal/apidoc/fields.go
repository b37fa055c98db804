package apidoc

import (
	"fmt"
	"strings"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// fieldsSchema describes the fields of a component's entries, as answers have them.
func fieldsSchema(c *libraryv1.Component) object {
	properties := object{}
	for _, f := range c.GetModel().GetFields() {
		if !f.GetIsVirtual() {
			properties[f.GetName()] = fieldSchema(f)
		}
	}
	return object{
		"type": "object", "properties": properties, "additionalProperties": false,
		"description": "Fields of " + c.GetId() + ". An absent one was not asked for; null is empty.",
	}
}

// newEntry describes what makes an entry: the fields, with those that must be there.
func newEntry(c *libraryv1.Component) object {
	fields := object{"$ref": schemaRef + c.GetId() + ".Fields"}
	var required []any
	for _, f := range c.GetModel().GetFields() {
		if !f.GetIsVirtual() && (f.GetRequired() || f.GetPrimaryKey()) {
			required = append(required, f.GetName())
		}
	}
	if len(required) > 0 {
		fields["required"] = required
	}
	return object{
		"type": "object", "properties": object{"fields": fields}, "required": []any{"fields"}, "additionalProperties": false,
		"description": "A new entry of " + c.GetId() + ".",
	}
}

// decimal is a number as it travels: a text without an exponent.
const decimal = `^-?[0-9]+(\.[0-9]+)?$`

// fieldSchema is the type of a field in JSON, with the rules that JSON schema can say.
func fieldSchema(f *libraryv1.Field) object {
	s := object{}
	about := []string{f.GetTitle(), f.GetDescription()}
	kind := "string"
	switch f.GetType() {
	case libraryv1.FieldType_FIELD_TYPE_STRING:
		r := f.GetString_()
		if r.GetMinLength() > 0 {
			s["minLength"] = r.GetMinLength()
		}
		if r.GetMaxLength() > 0 {
			s["maxLength"] = r.GetMaxLength()
		}
		if r.GetPattern() != "" {
			s["pattern"] = "^(?:" + r.GetPattern() + ")$"
		}
	case libraryv1.FieldType_FIELD_TYPE_URI:
		s["format"] = "uri"
	case libraryv1.FieldType_FIELD_TYPE_INTEGER:
		kind = "integer"
		s["format"] = "int64"
		r := f.GetInteger()
		if r != nil && r.Min != nil {
			s["minimum"] = r.GetMin()
		}
		if r != nil && r.Max != nil {
			s["maximum"] = r.GetMax()
		}
		about = append(about, options(s, r.GetOptions(), f.GetRequired()))
	case libraryv1.FieldType_FIELD_TYPE_NUMBER:
		s["format"], s["pattern"] = "decimal", decimal
		about = append(about, numberRules(f.GetNumber()))
	case libraryv1.FieldType_FIELD_TYPE_BOOLEAN:
		kind = "boolean"
	case libraryv1.FieldType_FIELD_TYPE_DATE:
		s["format"] = "date"
	case libraryv1.FieldType_FIELD_TYPE_TIME:
		s["pattern"] = `^[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?$`
	case libraryv1.FieldType_FIELD_TYPE_DATETIME:
		s["format"] = "date-time"
	case libraryv1.FieldType_FIELD_TYPE_FILE:
		about = append(about, "Id of a file.")
	case libraryv1.FieldType_FIELD_TYPE_CATALOG:
		about = append(about, "Id of an entry of "+f.GetCatalog().GetComponent()+".")
	case libraryv1.FieldType_FIELD_TYPE_ARRAY:
		// An empty list is a list.
		return described(object{"type": "array", "items": object{"type": "string"}},
			append(about, "Ids of entries of "+f.GetArray().GetComponent()+"."))
	}
	s["type"] = kind
	if !f.GetRequired() && !f.GetPrimaryKey() {
		s["type"] = []any{kind, "null"}
	}
	return described(s, about)
}

// options puts the values of an enumeration into a schema and returns what they mean.
func options(s object, all []*libraryv1.EnumOption, required bool) string {
	if len(all) == 0 {
		return ""
	}
	var values []any
	meaning := make([]string, len(all))
	for i, o := range all {
		values = append(values, o.GetValue())
		meaning[i] = fmt.Sprintf("%d: %s", o.GetValue(), o.GetLabel())
	}
	if !required {
		values = append(values, nil)
	}
	s["enum"] = values
	return strings.Join(meaning, ", ")
}

func numberRules(r *libraryv1.NumberRules) string {
	var out []string
	if r.GetMin() != "" {
		out = append(out, "at least "+r.GetMin())
	}
	if r.GetMax() != "" {
		out = append(out, "at most "+r.GetMax())
	}
	if r != nil && r.Precision != nil {
		out = append(out, fmt.Sprintf("%d digits after the point", r.GetPrecision()))
	}
	return strings.Join(out, ", ")
}

// described adds what there is to say.
func described(s object, about []string) object {
	var lines []string
	for _, line := range about {
		if line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) > 0 {
		s["description"] = strings.Join(lines, "\n\n")
	}
	return s
}
