package getactionmodel

import (
	"errors"
	"fmt"
	"regexp"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// rule is what the model demands of one field.
type rule struct {
	field   *libraryv1.Field
	typ     value.Type
	pattern *regexp.Regexp
	min     *value.Decimal
	max     *value.Decimal
}

func newRule(f *libraryv1.Field, t value.Type) (*rule, error) {
	r := &rule{field: f, typ: t}
	if text := f.GetString_().GetPattern(); text != "" {
		re, err := regexp.Compile(`\A(?:` + text + `)\z`)
		if err != nil {
			return nil, errors.New("the pattern is not a regular expression")
		}
		r.pattern = re
	}
	for text, bound := range map[string]**value.Decimal{f.GetNumber().GetMin(): &r.min, f.GetNumber().GetMax(): &r.max} {
		if text == "" {
			continue
		}
		d, err := value.ParseDecimal(text)
		if err != nil {
			return nil, fmt.Errorf("bound %q: %w", text, err)
		}
		*bound = &d
	}
	return r, nil
}

// check says what is wrong with a value of the field's type, or "".
func (r *rule) check(v any) string {
	if list, ok := v.([]any); v == nil || v == "" || ok && len(list) == 0 {
		if r.field.GetRequired() || r.field.GetPrimaryKey() {
			return "the field is required"
		}
		return ""
	}
	switch v := v.(type) {
	case string:
		return r.checkText(v)
	case int64:
		if low := r.field.GetInteger().Min; low != nil && v < *low {
			return fmt.Sprintf("must be at least %d", *low)
		}
		if high := r.field.GetInteger().Max; high != nil && v > *high {
			return fmt.Sprintf("must be at most %d", *high)
		}
	case value.Decimal:
		return r.checkNumber(v)
	}
	return ""
}

func (r *rule) checkText(s string) string {
	rules, length := r.field.GetString_(), int32(min(utf8.RuneCountInString(s), 1<<30))
	switch {
	case length < rules.GetMinLength():
		return fmt.Sprintf("must have at least %d characters", rules.GetMinLength())
	case rules.GetMaxLength() > 0 && length > rules.GetMaxLength():
		return fmt.Sprintf("must have at most %d characters", rules.GetMaxLength())
	case r.pattern != nil && !r.pattern.MatchString(s):
		return "must match the pattern " + rules.GetPattern()
	}
	return ""
}

func (r *rule) checkNumber(d value.Decimal) string {
	if r.min != nil && d.Cmp(*r.min) < 0 {
		return "must be at least " + r.min.String()
	}
	if r.max != nil && d.Cmp(*r.max) > 0 {
		return "must be at most " + r.max.String()
	}
	if places := r.field.GetNumber().Precision; places != nil {
		rounded, err := d.Round(int(*places))
		if err != nil || rounded.Cmp(d) != 0 {
			return fmt.Sprintf("must have at most %d digits after the point", *places)
		}
	}
	return ""
}
