package broker

import (
	"fmt"
	"sort"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// arguments reads the arguments of one question and collects what is wrong with them.
type arguments struct {
	method string
	given  map[string]any
	used   map[string]bool
	wrong  []fault.Option
}

func (a *arguments) refuse(name, description string) {
	a.wrong = append(a.wrong, fault.Field(name, description))
}

func (a *arguments) any(name string) any {
	a.used[name] = true
	return a.given[name]
}

// text reads a text, a reference or a file id that must be there.
func (a *arguments) text(name string) string {
	s, ok := asText(a.any(name))
	if !ok || s == "" {
		a.refuse(name, "must be a text")
	}
	return s
}

func (a *arguments) optionalText(name string) string {
	v := a.any(name)
	s, ok := asText(v)
	if v != nil && !ok {
		a.refuse(name, "must be a text")
	}
	return s
}

func asText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case value.Ref:
		return string(v), true
	case value.File:
		return string(v), true
	default:
		return "", false
	}
}

func (a *arguments) optionalInt(name string, fallback, most int64) int64 {
	v := a.any(name)
	n, ok := v.(int64)
	switch {
	case v == nil:
		return fallback
	case !ok || n < 1 || n > most:
		a.refuse(name, fmt.Sprintf("must be a number from 1 to %d", most))
	}
	return n
}

func (a *arguments) fields(name string) map[string]any {
	m, ok := a.any(name).(map[string]any)
	if !ok {
		a.refuse(name, "must be a dict of field names and values")
	}
	return m
}

// done reports everything that is wrong, unknown arguments included.
func (a *arguments) done() error {
	unknown := make([]string, 0)
	for name := range a.given {
		if !a.used[name] {
			unknown = append(unknown, name)
		}
	}
	sort.Strings(unknown)
	for _, name := range unknown {
		a.refuse(name, "is not an argument of "+a.method)
	}
	if len(a.wrong) == 0 {
		return nil
	}
	return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "wrong arguments of "+a.method, a.wrong...)
}
