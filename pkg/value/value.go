// Package value is the Go form of aqtra.type.v1.Value, the typed value that crosses every wire.
//
// A value is an any whose dynamic type is one of a closed set:
//
//	nil             known to be empty (null)
//	bool
//	int64           64-bit signed integer
//	Decimal         exact decimal number
//	string          text in UTF-8
//	[]byte
//	Date            calendar day
//	Time            time of day without zone
//	time.Time       instant, UTC, microseconds, years 1 to 9999 (see Datetime)
//	Ref             id of an entry
//	File            id of a stored file
//	[]any           list of values
//	map[string]any  named values
//
// Absence is not a value: a field that is absent is a key that the map does not have. There is no floating point
// anywhere: a number that is not an int64 is a Decimal.
package value

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"
)

// MaxDepth is how deep lists and maps may be nested; everything that reads values refuses more.
const MaxDepth = 64

// Ref is the id of an entry.
type Ref string

// File is the id of a stored file.
type File string

// Of tells the kind of a value, and false when v is none of the types that a value may have.
func Of(v any) (Kind, bool) {
	switch v.(type) {
	case nil:
		return Null, true
	case bool:
		return Bool, true
	case int64:
		return Int, true
	case Decimal:
		return DecimalKind, true
	case string:
		return Text, true
	case []byte:
		return Bytes, true
	case Date:
		return DateKind, true
	case Time:
		return TimeKind, true
	case time.Time:
		return DatetimeKind, true
	case Ref:
		return RefKind, true
	case File:
		return FileKind, true
	case []any:
		return List, true
	case map[string]any:
		return Map, true
	}
	return Any, false
}

// Equal reports whether a and b are the same value. Numbers are compared by value, so int 1 equals decimal 1; otherwise
// values of different kinds are never equal.
func Equal(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && bytes.Equal(a, b)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !Equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for name, x := range a {
			if y, ok := b[name]; !ok || !Equal(x, y) {
				return false
			}
		}
		return true
	case nil:
		return b == nil
	case Ref:
		b, ok := b.(Ref)
		return ok && a == b
	case File:
		b, ok := b.(File)
		return ok && a == b
	}
	c, err := Compare(a, b)
	return err == nil && c == 0
}

// Compare orders two values of one kind: numbers by value in every mix of int and decimal, false before true, text by
// code point (the order of the "C" collation), bytes, references and files byte by byte, dates, times and datetimes by
// time. Null, lists, maps and values of different kinds have no order: that is an error.
func Compare(a, b any) (int, error) {
	switch x := a.(type) {
	case bool:
		if y, ok := b.(bool); ok {
			return compareBool(x, y), nil
		}
	case int64:
		switch y := b.(type) {
		case int64:
			return cmp.Compare(x, y), nil
		case Decimal:
			return NewDecimal(x).Cmp(y), nil
		}
	case Decimal:
		switch y := b.(type) {
		case int64:
			return x.Cmp(NewDecimal(y)), nil
		case Decimal:
			return x.Cmp(y), nil
		}
	case string:
		if y, ok := b.(string); ok {
			return strings.Compare(x, y), nil
		}
	case []byte:
		if y, ok := b.([]byte); ok {
			return bytes.Compare(x, y), nil
		}
	case Date:
		if y, ok := b.(Date); ok {
			return x.Compare(y), nil
		}
	case Time:
		if y, ok := b.(Time); ok {
			return x.Compare(y), nil
		}
	case time.Time:
		if y, ok := b.(time.Time); ok {
			return x.Compare(y), nil
		}
	case Ref:
		if y, ok := b.(Ref); ok {
			return strings.Compare(string(x), string(y)), nil
		}
	case File:
		if y, ok := b.(File); ok {
			return strings.Compare(string(x), string(y)), nil
		}
	}
	return 0, fmt.Errorf("%s and %s cannot be ordered", name(a), name(b))
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// name is the word for the kind of v in messages.
func name(v any) string {
	if k, ok := Of(v); ok {
		return k.String()
	}
	return fmt.Sprintf("%T", v)
}
