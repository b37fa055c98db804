package step

import (
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/value"
)

// ParseType reads a type as people write it: "text", "decimal", "list(text)", "ref(customer)". Nesting is bounded by
// value.MaxDepth.
func ParseType(text string) (value.Type, error) { return parseType(strings.TrimSpace(text), 0) }

func parseType(text string, depth int) (value.Type, error) {
	if depth > value.MaxDepth {
		return value.Type{}, value.ErrDepth
	}
	word, inner, nested := strings.Cut(text, "(")
	var kind value.Kind
	if err := kind.UnmarshalText([]byte(strings.TrimSpace(word))); err != nil {
		return value.Type{}, fmt.Errorf("%w; types are text, int, decimal, bool, date, time, datetime, file, bytes, any, map, list(text), ref(component)", err)
	}
	if !nested {
		return value.Type{Kind: kind}, nil
	}
	inner, closed := strings.CutSuffix(strings.TrimSpace(inner), ")")
	if !closed {
		return value.Type{}, fmt.Errorf("type %q lacks its closing parenthesis", text)
	}
	switch kind {
	case value.List, value.Map:
		elem, err := parseType(strings.TrimSpace(inner), depth+1)
		if err != nil {
			return value.Type{}, err
		}
		return value.Type{Kind: kind, Elem: &elem}, nil
	case value.RefKind:
		return value.RefOf(strings.TrimSpace(inner)), nil
	default:
		return value.Type{}, fmt.Errorf("type %s takes nothing in parentheses", kind)
	}
}
