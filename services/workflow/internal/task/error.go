package task

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Error is what went wrong in a run, in the form of RFC 7807, as the Open Workflow DSL has it.
type Error struct {
	Type     string `json:"type"`
	Status   int    `json:"status"`
	Title    string `json:"title,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Instance string `json:"instance,omitempty"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%d): %s", e.Type, e.Status, e.Detail) }

// Value is the error as expressions see it.
func (e *Error) Value() map[string]any {
	return map[string]any{
		"type": e.Type, "status": int64(e.Status), "title": e.Title, "detail": e.Detail, "instance": e.Instance,
	}
}

// TypeBase begins the types of the standard's errors.
const TypeBase = "https://serverlessworkflow.io/spec/1.0.0/errors/"

// The standard's kinds of error with their status.
var standard = map[string]int{
	"configuration": 400, "validation": 400, "expression": 400, "authentication": 401, "authorization": 403,
	"timeout": 408, "communication": 500, "runtime": 500,
}

// NewError makes an error of one of the standard's kinds: configuration, validation, expression, authentication,
// authorization, timeout, communication or runtime.
func NewError(kind, format string, args ...any) *Error {
	return &Error{Type: TypeBase + kind, Status: standard[kind], Title: kind + " error", Detail: fmt.Sprintf(format, args...)}
}

// ErrorOf gives any error the standard's form. An error that is not a fault shows nothing of itself.
func ErrorOf(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	f, ok := fault.As(err)
	if !ok {
		return NewError("runtime", "internal error")
	}
	made := NewError("communication", "%s", f.Message)
	switch f.Kind {
	case fault.KindInvalid:
		made = NewError("validation", "%s", f.Message)
	case fault.KindUnauthenticated:
		made = NewError("authentication", "%s", f.Message)
	case fault.KindPermissionDenied:
		made = NewError("authorization", "%s", f.Message)
	case fault.KindDeadlineExceeded:
		made = NewError("timeout", "%s", f.Message)
	case fault.KindNotFound:
		made.Status = 404
	case fault.KindAlreadyExists, fault.KindConflict:
		made.Status = 409
	case fault.KindFailedPrecondition:
		made.Status = 412
	case fault.KindExhausted:
		made.Status = 429
	case fault.KindUnavailable:
		made.Status = 503
	case fault.KindUnimplemented:
		made.Status = 501
	}
	if f.Reason == faultv1.Reason_REASON_EXPRESSION_FAILED || f.Reason == faultv1.Reason_REASON_EXPRESSION_COST {
		made = NewError("expression", "%s", f.Message)
	}
	made.Title = strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(f.Reason.String(), "REASON_"), "_", " "))
	for _, v := range f.Violations {
		if len(made.Detail) < 2000 {
			made.Detail += fmt.Sprintf("; %s: %s", v.Field, v.Description)
		}
	}
	return made
}

// TooLarge is the error for a value beyond MaxValue.
var errTooLarge = fmt.Sprintf("a value is larger than %d bytes", MaxValue)

// MaxValue is how large a value may become within a run, in bytes, roughly.
const MaxValue = 1 << 20

// Measure counts what a value takes, in bytes, roughly; it stops counting beyond MaxValue. A value that contains the same
// list many times counts it every time, so growth by doubling ends here.
func Measure(v any) int { return measure(v, MaxValue) }

func measure(v any, left int) int {
	n := 8
	switch v := v.(type) {
	case string:
		n += len(v)
	case value.Ref:
		n += len(v)
	case value.File:
		n += len(v)
	case []byte:
		n += len(v)
	case []any:
		for _, item := range v {
			if n > left {
				break
			}
			n += measure(item, left-n)
		}
	case map[string]any:
		for name, item := range v {
			if n > left {
				break
			}
			n += len(name) + measure(item, left-n)
		}
	}
	return n
}
