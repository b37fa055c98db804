// Package key makes texts of values, so that equal values have equal texts and others have not: for distinct, groups and joins.
package key

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
)

// Append appends the text of a value. Values are equal as value.Equal has it, so int 1 is decimal 1; besides, a reference is
// equal to the text of its id, as in expressions.
func Append(dst []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, 'n')
	case bool:
		return strconv.AppendBool(append(dst, 'b'), v)
	case int64:
		return append(strconv.AppendInt(append(dst, '#'), v, 10), ';')
	case value.Decimal: // in canonical text, so a whole number looks like an int
		return append(v.Append(append(dst, '#')), ';')
	case string:
		return appendText(append(dst, 't'), v)
	case value.Ref:
		return appendText(append(dst, 't'), string(v))
	case value.File:
		return appendText(append(dst, 'f'), string(v))
	case []byte:
		return appendText(append(dst, 'y'), string(v))
	case value.Date:
		return appendText(append(dst, 'd'), v.String())
	case value.Time:
		return appendText(append(dst, 'h'), v.String())
	case time.Time:
		return append(strconv.AppendInt(append(dst, 'i'), v.UnixMicro(), 10), ';')
	case []any:
		dst = append(strconv.AppendInt(append(dst, 'l'), int64(len(v)), 10), ':')
		for _, item := range v {
			dst = Append(dst, item)
		}
		return dst
	case map[string]any:
		dst = append(strconv.AppendInt(append(dst, 'm'), int64(len(v)), 10), ':')
		for _, name := range slices.Sorted(maps.Keys(v)) {
			dst = Append(appendText(dst, name), v[name])
		}
		return dst
	default:
		return append(dst, '?') // not a value
	}
}

// appendText writes the length first, so that no text runs into the next.
func appendText(dst []byte, text string) []byte {
	return append(append(strconv.AppendInt(dst, int64(len(text)), 10), ':'), text...)
}

// AppendFields appends the text of an item's fields, of which absent ones are null.
func AppendFields(dst []byte, fields map[string]any) []byte {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if fields[name] != nil {
			dst = Append(appendText(dst, name), fields[name])
		}
	}
	return dst
}
