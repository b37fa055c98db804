package wirejson

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	maxViolations = 50 // more are counted only
	maxNameLength = 64 // bytes of a name as it is repeated in a path
)

// twice is what is wrong with the second of two members of one name.
const twice = "given more than once"

type violation struct{ path, description string }

// violations gathers what is wrong with a text that is JSON.
type violations struct {
	list  []violation
	count int
	other bool // something else than an unknown field is wrong
}

// refuse notes that the value at the current path is not as it should be.
func (d *decoder) refuse(description string) {
	d.other = true
	d.note(description)
}

func (d *decoder) note(description string) {
	d.count++
	if len(d.list) < maxViolations {
		d.list = append(d.list, violation{path: d.where(), description: description})
	}
}

// mismatch notes what was expected where something else stands, and steps over it.
func (d *decoder) mismatch(want string) error {
	d.refuse("expected " + want)
	return d.skip()
}

// where writes the current path: fields.total, items[2].name, fields["two words"].
func (d *decoder) where() string {
	var b strings.Builder
	for _, s := range d.path {
		switch {
		case s.name == nil:
			b.WriteString("[" + strconv.Itoa(s.item) + "]")
		case !isWord(s.name):
			b.WriteString("[" + strconv.Quote(clip(s.name)) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(clip(s.name))
		}
	}
	return b.String()
}

func isWord(name []byte) bool {
	for _, c := range name {
		if c != '_' && c != '-' && c != '@' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(name) > 0
}

func clip(name []byte) string {
	if len(name) <= maxNameLength {
		return string(name)
	}
	end := maxNameLength
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return string(name[:end]) + "…"
}

// err makes one fault of the violations, or nil when there are none.
func (v *violations) err() error {
	if v.count == 0 {
		return nil
	}
	reason, message := faultv1.Reason_REASON_INVALID_FIELDS, "some fields are not valid"
	if !v.other {
		reason, message = faultv1.Reason_REASON_UNKNOWN_FIELD, "some fields are not known"
	}
	if more := v.count - len(v.list); more > 0 {
		message += "; the first " + strconv.Itoa(len(v.list)) + " are listed, " + strconv.Itoa(more) + " more are not"
	}
	opts := make([]fault.Option, 0, len(v.list))
	for _, one := range v.list {
		opts = append(opts, fault.Field(one.path, one.description))
	}
	return fault.Invalid(reason, message, opts...)
}
