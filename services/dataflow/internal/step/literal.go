package step

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
)

// Literal writes a value as a CEL literal, so that filters can be made of values without any of them becoming code.
func Literal(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case bool:
		return strconv.FormatBool(v), nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case value.Decimal:
		return "decimal(" + quote(v.String()) + ")", nil
	case string:
		return quote(v), nil
	case value.Ref:
		return quote(string(v)), nil
	case value.File:
		return quote(string(v)), nil
	case value.Date:
		return "date(" + quote(v.String()) + ")", nil
	case value.Time:
		return "time(" + quote(v.String()) + ")", nil
	case time.Time:
		return "datetime(" + quote(value.FormatDatetime(v)) + ")", nil
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			text, err := Literal(item)
			if err != nil {
				return "", err
			}
			parts[i] = text
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	default:
		kind, _ := value.Of(v)
		return "", fmt.Errorf("a value of type %s cannot be compared in a filter", kind)
	}
}

// quote writes a CEL string literal: everything that is not plain is escaped.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < 0x20 || r == 0x7f:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// KeyFilter is the filter that finds the entries whose fields have these values, fields in the given order.
func KeyFilter(fields []string, values map[string]any) (string, error) {
	parts := make([]string, 0, len(fields))
	for _, name := range fields {
		text, err := Literal(values[name])
		if err != nil {
			return "", fmt.Errorf("field %q: %w", name, err)
		}
		parts = append(parts, name+" == "+text)
	}
	return strings.Join(parts, " && "), nil
}
