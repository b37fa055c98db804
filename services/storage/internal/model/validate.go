package model

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

const (
	// MaxText is the most bytes of one text.
	MaxText = 1 << 20
	// MaxTargets is the most items of one list of references.
	MaxTargets = 10_000
	maxURI     = 2048
)

// FieldError is what is wrong with one field of an entry.
type FieldError struct {
	Reason faultv1.Reason
	// Field is the name of the field, empty when none is at fault.
	Field string
	// Message is a sentence for the person who gave the value.
	Message string
}

// Validate gives the values their declared types and checks the rules of their fields. Values that are not stored are
// dropped. With complete set, required fields must be there; otherwise they must not be emptied. References and files are
// checked by whoever can look at them.
func (c *Component) Validate(values map[string]any, complete bool) (map[string]any, []FieldError) {
	var errs []FieldError
	refuse := func(field, message string) {
		errs = append(errs, FieldError{faultv1.Reason_REASON_VALUE_INVALID, field, message})
	}
	out := make(map[string]any, len(values))
	for name := range values {
		if _, ok := c.byName[name]; !ok {
			errs = append(errs, FieldError{faultv1.Reason_REASON_UNKNOWN_FIELD, name, "there is no such field"})
		}
	}
	for _, f := range c.Fields {
		name := f.GetName()
		v, given := values[name]
		if !given {
			if f.MustHave() && complete {
				refuse(name, errRequired.Error())
			}
			continue
		}
		v, err := f.Take(v)
		if err != nil {
			refuse(name, err.Error())
		} else if f.Stored() {
			out[name] = v
		}
	}
	return out, errs
}

var errRequired = errors.New("this field is required")

// Take gives a value the type of the field and checks it by the field's rules. Its error is a sentence for the person who gave it.
func (f *Field) Take(v any) (any, error) {
	v, err := value.Convert(v, f.Value)
	if err == nil {
		err = f.check(v)
	}
	if err == nil && f.MustHave() && isEmpty(v) {
		err = errRequired
	}
	return v, err
}

// MustHave reports whether an entry cannot be without the field.
func (f *Field) MustHave() bool { return (f.GetRequired() || f.GetPrimaryKey()) && f.Stored() }

// isEmpty reports whether a required field would still be missing.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	}
	return false
}

// check applies the rules of the field to a value of its type.
func (f *Field) check(v any) error {
	if v == nil {
		return nil
	}
	switch v := v.(type) {
	case string:
		return f.checkText(v)
	case int64:
		return f.checkInteger(v)
	case value.Decimal:
		return f.checkNumber(v)
	case value.Ref:
		return checkID(string(v))
	case value.File:
		return checkID(string(v))
	case []any:
		return f.checkTargets(v)
	}
	return nil
}

func (f *Field) checkText(v string) error {
	if len(v) > MaxText {
		return fmt.Errorf("at most %d bytes are allowed", MaxText)
	}
	if !utf8.ValidString(v) || strings.ContainsRune(v, 0) {
		return fmt.Errorf("expected text without control character 0")
	}
	if f.GetType() == libraryv1.FieldType_FIELD_TYPE_URI && v != "" {
		u, err := url.Parse(v)
		if err != nil || !u.IsAbs() || len(v) > maxURI {
			return fmt.Errorf("expected an address like https://example.com/page")
		}
		// The address is shown as a link: a script in it would run in the reader's session.
		switch strings.ToLower(u.Scheme) {
		case "javascript", "data", "vbscript":
			return fmt.Errorf("addresses of this kind are not allowed")
		}
	}
	rules, n := f.GetString_(), utf8.RuneCountInString(v)
	if rules == nil || v == "" { // whether it may be empty is for "required" to say
		return nil
	}
	if least := int(rules.GetMinLength()); n < least {
		return fmt.Errorf("at least %d characters are needed, there are %d", least, n)
	}
	if most := int(rules.GetMaxLength()); most > 0 && n > most {
		return fmt.Errorf("at most %d characters are allowed, there are %d", most, n)
	}
	if f.Pattern != nil && !f.Pattern.MatchString(v) {
		return fmt.Errorf("expected text of the form %s", rules.GetPattern())
	}
	return nil
}

func (f *Field) checkInteger(v int64) error {
	rules := f.GetInteger()
	if rules != nil && rules.Min != nil && v < rules.GetMin() {
		return fmt.Errorf("expected at least %d, got %d", rules.GetMin(), v)
	}
	if rules != nil && rules.Max != nil && v > rules.GetMax() {
		return fmt.Errorf("expected at most %d, got %d", rules.GetMax(), v)
	}
	return nil
}

func (f *Field) checkNumber(v value.Decimal) error {
	if f.min != nil && v.Cmp(*f.min) < 0 {
		return fmt.Errorf("expected at least %s, got %s", f.min, v)
	}
	if f.max != nil && v.Cmp(*f.max) > 0 {
		return fmt.Errorf("expected at most %s, got %s", f.max, v)
	}
	if rules := f.GetNumber(); rules != nil && rules.Precision != nil {
		// The canonical text has no trailing zeros.
		if _, fraction, _ := strings.Cut(v.String(), "."); len(fraction) > int(rules.GetPrecision()) {
			return fmt.Errorf("at most %d digits after the point are allowed, got %s", rules.GetPrecision(), v)
		}
	}
	return nil
}

func (f *Field) checkTargets(items []any) error {
	if len(items) > MaxTargets {
		return fmt.Errorf("at most %d items are allowed", MaxTargets)
	}
	seen := make(map[value.Ref]bool, len(items))
	for i, item := range items {
		target, ok := item.(value.Ref)
		if !ok {
			return fmt.Errorf("item %d is empty", i+1)
		}
		if err := checkID(string(target)); err != nil {
			return err
		}
		if seen[target] {
			return fmt.Errorf("item %d is there twice", i+1)
		}
		seen[target] = true
	}
	return nil
}

// checkID bounds what is looked up as an id.
func checkID(id string) error {
	if id == "" || len(id) > 100 || !utf8.ValidString(id) || strings.ContainsRune(id, 0) {
		return fmt.Errorf("expected an id")
	}
	return nil
}

// CheckFile checks a stored file against the rules of a file field.
func (f *Field) CheckFile(contentType string, size int64) error {
	rules := f.GetFile()
	if most := rules.GetMaxBytes(); most > 0 && size > most {
		return fmt.Errorf("the file is too large: at most %d bytes are allowed", most)
	}
	if len(rules.GetAcceptedTypes()) == 0 {
		return nil
	}
	media, _, _ := strings.Cut(contentType, ";")
	for _, accepted := range rules.GetAcceptedTypes() {
		family, any := strings.CutSuffix(accepted, "/*")
		if strings.EqualFold(accepted, media) || any && strings.HasPrefix(media, family+"/") {
			return nil
		}
	}
	return fmt.Errorf("files of this type are not accepted: expected %s", strings.Join(rules.GetAcceptedTypes(), ", "))
}

// CheckReference gives the error of a reference to an entry that is not there, or that the caller may not see.
func (f *Field) CheckReference(missing []string) FieldError {
	return FieldError{faultv1.Reason_REASON_REFERENCE_NOT_FOUND, f.GetName(),
		fmt.Sprintf("there is no such entry of %s: %s", f.Target, strings.Join(missing[:min(len(missing), 3)], ", "))}
}
