// Package fault holds the errors of the domain: what went wrong, in a form that programs can act on and that is safe to show.
// It knows neither gRPC nor HTTP; pkg/rpc gives a fault its look on the wire. An error that is not a fault is an internal
// error: it is logged once and shown to nobody.
package fault

import (
	"errors"
	"time"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// Kind is the broad class of a fault; it decides the status code.
type Kind int

// The kinds of fault.
const (
	// KindInvalid is a request that is wrong in itself.
	KindInvalid Kind = iota + 1
	// KindNotFound is a thing that is missing, or that the caller may not know of.
	KindNotFound
	// KindAlreadyExists is a thing that is there already.
	KindAlreadyExists
	// KindConflict is a change that crossed another one, such as a stale etag.
	KindConflict
	// KindFailedPrecondition is a request that the present state does not allow.
	KindFailedPrecondition
	// KindPermissionDenied is a caller that is known, and not allowed.
	KindPermissionDenied
	// KindUnauthenticated is a caller that is not known.
	KindUnauthenticated
	// KindExhausted is a quota or a rate that is used up.
	KindExhausted
	// KindUnavailable is something that may work when tried again.
	KindUnavailable
	// KindDeadlineExceeded is work that did not end in time.
	KindDeadlineExceeded
	// KindCanceled is work that the caller gave up.
	KindCanceled
	// KindUnimplemented is something that this installation cannot do.
	KindUnimplemented
)

// Error is one fault. Message and everything but the cause may be shown to the caller.
type Error struct {
	Kind   Kind
	Reason faultv1.Reason
	// Message is a lower-case sentence for people, free of internals.
	Message string
	// Meta holds named details for programs.
	Meta map[string]string
	// Violations name the fields that are wrong.
	Violations []Violation
	// RetryAfter is how long to wait before trying again; zero when nothing is known.
	RetryAfter time.Duration

	cause error
}

// Violation is one wrong field of a request.
type Violation struct {
	// Field is the path of the field, such as "entry.values.amount".
	Field string
	// Description says what is wrong with it.
	Description string
}

// Error returns the message and the chain of causes: for logs, not for callers.
func (e *Error) Error() string {
	if e.cause == nil {
		return e.Message
	}
	return e.Message + ": " + e.cause.Error()
}

// Unwrap returns the cause, which is never shown to callers.
func (e *Error) Unwrap() error { return e.cause }

// Option adds a detail to a fault.
type Option func(*Error)

// Cause keeps the underlying error for the log.
func Cause(err error) Option { return func(e *Error) { e.cause = err } }

// Field adds the violation of one field; it may be given several times.
func Field(path, description string) Option {
	return func(e *Error) { e.Violations = append(e.Violations, Violation{path, description}) }
}

// Meta adds a named detail for programs.
func Meta(key, value string) Option {
	return func(e *Error) {
		if e.Meta == nil {
			e.Meta = make(map[string]string, 1)
		}
		e.Meta[key] = value
	}
}

// Retry says how long to wait before trying again.
func Retry(after time.Duration) Option { return func(e *Error) { e.RetryAfter = after } }

// New makes a fault of any kind; the constructors below read better where the kind is fixed.
func New(kind Kind, reason faultv1.Reason, message string, opts ...Option) *Error {
	e := &Error{Kind: kind, Reason: reason, Message: message}
	for _, opt := range opts {
		opt(e)
	}
	return e
}

// Invalid is a request that is wrong in itself.
func Invalid(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindInvalid, reason, message, opts...)
}

// NotFound is a thing that is missing, or that the caller may not know of.
func NotFound(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindNotFound, reason, message, opts...)
}

// AlreadyExists is a thing that is there already.
func AlreadyExists(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindAlreadyExists, reason, message, opts...)
}

// Conflict is a change that crossed another one, such as a stale etag.
func Conflict(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindConflict, reason, message, opts...)
}

// FailedPrecondition is a request that the present state does not allow.
func FailedPrecondition(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindFailedPrecondition, reason, message, opts...)
}

// PermissionDenied is a caller that is known, and not allowed.
func PermissionDenied(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindPermissionDenied, reason, message, opts...)
}

// Unauthenticated is a caller that is not known.
func Unauthenticated(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindUnauthenticated, reason, message, opts...)
}

// Exhausted is a quota or a rate that is used up.
func Exhausted(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindExhausted, reason, message, opts...)
}

// Unavailable is something that may work when tried again.
func Unavailable(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindUnavailable, reason, message, opts...)
}

// DeadlineExceeded is work that did not end in time.
func DeadlineExceeded(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindDeadlineExceeded, reason, message, opts...)
}

// Canceled is work that the caller gave up.
func Canceled(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindCanceled, reason, message, opts...)
}

// Unimplemented is something that this installation cannot do.
func Unimplemented(reason faultv1.Reason, message string, opts ...Option) *Error {
	return New(KindUnimplemented, reason, message, opts...)
}

// As finds the fault in the chain of err.
func As(err error) (*Error, bool) { return errors.AsType[*Error](err) }

// Has reports whether err is a fault with this reason.
func Has(err error, reason faultv1.Reason) bool {
	e, ok := As(err)
	return ok && e.Reason == reason
}
