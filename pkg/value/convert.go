package value

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MismatchError says that a value does not have its declared type.
type MismatchError struct {
	// Path leads to the value inside the converted one ("lines[2].amount"); empty is the whole value.
	Path string
	// Message is a sentence for the person who gave the value; it quotes at most 40 characters of it.
	Message string
}

func (e *MismatchError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	return e.Path + ": " + e.Message
}

// Convert gives a value read from JSON its declared type: text becomes a date, time, datetime, decimal, big int,
// reference, file or bytes (base64), an int becomes a decimal, a decimal without fraction an int; items and fields
// likewise. A value that has the type already is kept. Null has every type. The error is a *MismatchError. v is not
// changed.
func Convert(v any, to Type) (any, error) { return convert(v, to, 0) }

func convert(v any, to Type, depth int) (any, error) {
	if depth > MaxDepth {
		return nil, &MismatchError{Message: ErrDepth.Error()}
	}
	kind, ok := Of(v)
	if !ok {
		return nil, mismatch(to, v)
	}
	switch {
	case v == nil || to.Kind == Any:
		return v, nil
	case to.Kind == List && kind == List:
		return convertList(v.([]any), to.Item(), depth)
	case to.Kind == Map && kind == Map:
		return convertMap(v.(map[string]any), to, depth)
	case to.Kind == Int:
		return convertInt(v, to)
	case kind == to.Kind:
		return v, nil
	}
	switch v := v.(type) {
	case int64:
		if to.Kind == DecimalKind {
			return NewDecimal(v), nil
		}
	case string:
		return convertText(v, to)
	}
	return nil, mismatch(to, v)
}

func convertInt(v any, to Type) (any, error) {
	var n int64
	var ok bool
	switch v := v.(type) {
	case int64:
		n, ok = v, true
	case Decimal:
		n, ok = v.Int64()
	case string:
		n, ok = ParseInt(v)
	}
	if !ok {
		return nil, mismatch(to, v)
	}
	if len(to.Enum) > 0 && !slices.ContainsFunc(to.Enum, func(o Option) bool { return o.Value == n }) {
		return nil, mismatch(to, v)
	}
	return n, nil
}

func convertText(text string, to Type) (any, error) {
	var v any
	var err error
	switch to.Kind {
	case DecimalKind:
		v, err = ParseDecimal(text)
	case DateKind:
		v, err = ParseDate(text)
	case TimeKind:
		v, err = ParseTime(text)
	case DatetimeKind:
		v, err = ParseDatetime(text)
	case Bytes:
		v, err = base64.StdEncoding.DecodeString(text)
	case RefKind:
		v = Ref(text)
	case FileKind:
		v = File(text)
	default:
		return nil, mismatch(to, text)
	}
	if errors.Is(err, ErrDecimalRange) || errors.Is(err, ErrDecimalScale) {
		return nil, &MismatchError{Message: fmt.Sprintf("%v: %s", err, quote(text))}
	}
	if err != nil || (to.Kind == RefKind || to.Kind == FileKind) && text == "" {
		return nil, mismatch(to, text)
	}
	return v, nil
}

func convertList(items []any, elem Type, depth int) (any, error) {
	out := make([]any, len(items))
	for i, item := range items {
		var err error
		if out[i], err = convert(item, elem, depth+1); err != nil {
			return nil, within("["+strconv.Itoa(i)+"]", err)
		}
	}
	return out, nil
}

func convertMap(m map[string]any, to Type, depth int) (any, error) {
	out := make(map[string]any, len(m))
	for name, v := range m {
		elem := to.Item()
		if len(to.Fields) > 0 {
			f, ok := to.Field(name)
			if !ok {
				return nil, &MismatchError{Path: name, Message: "there is no such field"}
			}
			elem = f.Type
		}
		var err error
		if out[name], err = convert(v, elem, depth+1); err != nil {
			return nil, within(name, err)
		}
	}
	return out, nil
}

// within puts the place in front of the path of a mismatch found there.
func within(place string, err error) error {
	var m *MismatchError
	if !errors.As(err, &m) {
		return err
	}
	path := place + "." + m.Path
	if m.Path == "" || m.Path[0] == '[' {
		path = place + m.Path
	}
	return &MismatchError{Path: path, Message: m.Message}
}

func mismatch(to Type, v any) error {
	return &MismatchError{Message: "expected " + expected(to) + ", got " + describe(v)}
}

// expected says in words what a type wants.
func expected(t Type) string {
	switch t.Kind {
	case Bool:
		return "true or false"
	case Int:
		if len(t.Enum) == 0 {
			return "a whole number"
		}
		options := make([]string, len(t.Enum))
		for i, o := range t.Enum {
			options[i] = fmt.Sprintf("%d (%s)", o.Value, o.Label)
		}
		return "one of " + strings.Join(options, ", ")
	case DecimalKind:
		return "a number"
	case Text:
		return "text"
	case Bytes:
		return "bytes in base64"
	case DateKind:
		return "a date like 2026-01-31"
	case TimeKind:
		return "a time of day like 13:05:00"
	case DatetimeKind:
		return "a date and time like 2026-01-31T13:05:00Z"
	case RefKind:
		return "the id of an entry"
	case FileKind:
		return "the id of a file"
	case List:
		return "a list"
	case Map:
		return "a map of fields"
	}
	return t.String()
}

// describe says in words what a value is, with the beginning of a short one.
func describe(v any) string {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v)
	case int64:
		return "the number " + strconv.FormatInt(v, 10)
	case Decimal:
		return "the number " + v.String()
	case string:
		return "the text " + quote(v)
	case Date:
		return "the date " + v.String()
	case Time:
		return "the time " + v.String()
	case time.Time:
		return "the date and time " + FormatDatetime(v)
	case Ref:
		return "an entry id"
	case File:
		return "a file id"
	case []any:
		return "a list"
	case map[string]any:
		return "a map of fields"
	}
	return name(v)
}

// quote shows at most 40 characters of a text.
func quote(s string) string {
	const limit = 40
	if utf8.RuneCountInString(s) > limit {
		s = string([]rune(s)[:limit]) + "…"
	}
	return strconv.Quote(s)
}
