package fault_test

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func TestFaultCarriesEverything(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("save: %w", fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "some fields are wrong",
		fault.Field("a", "too long"), fault.Field("b.c", "missing"), fault.Meta("limit", "3"), fault.Retry(time.Second), fault.Cause(io.EOF)))

	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, fault.KindInvalid, f.Kind)
	require.Equal(t, faultv1.Reason_REASON_INVALID_FIELDS, f.Reason)
	require.Equal(t, "some fields are wrong", f.Message)
	require.Equal(t, []fault.Violation{{Field: "a", Description: "too long"}, {Field: "b.c", Description: "missing"}}, f.Violations)
	require.Equal(t, map[string]string{"limit": "3"}, f.Meta)
	require.Equal(t, time.Second, f.RetryAfter)
	require.ErrorIs(t, err, io.EOF)
	require.EqualError(t, err, "save: some fields are wrong: EOF")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_INVALID_FIELDS))
	require.False(t, fault.Has(err, faultv1.Reason_REASON_INTERNAL))
}

func TestOtherErrorsAreNoFaults(t *testing.T) {
	t.Parallel()
	for _, err := range []error{nil, io.EOF, errors.Join(io.EOF, io.ErrClosedPipe)} {
		_, ok := fault.As(err)
		require.False(t, ok)
		require.False(t, fault.Has(err, faultv1.Reason_REASON_UNSPECIFIED))
	}
}

func TestConstructorsSetTheirKind(t *testing.T) {
	t.Parallel()
	type constructor = func(faultv1.Reason, string, ...fault.Option) *fault.Error
	for kind, make := range map[fault.Kind]constructor{
		fault.KindInvalid:            fault.Invalid,
		fault.KindNotFound:           fault.NotFound,
		fault.KindAlreadyExists:      fault.AlreadyExists,
		fault.KindConflict:           fault.Conflict,
		fault.KindFailedPrecondition: fault.FailedPrecondition,
		fault.KindPermissionDenied:   fault.PermissionDenied,
		fault.KindUnauthenticated:    fault.Unauthenticated,
		fault.KindExhausted:          fault.Exhausted,
		fault.KindUnavailable:        fault.Unavailable,
		fault.KindDeadlineExceeded:   fault.DeadlineExceeded,
		fault.KindCanceled:           fault.Canceled,
		fault.KindUnimplemented:      fault.Unimplemented,
	} {
		require.Equal(t, kind, make(faultv1.Reason_REASON_INTERNAL, "x").Kind)
	}
}
