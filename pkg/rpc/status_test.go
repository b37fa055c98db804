package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/rpc"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func ours(t *testing.T, err error) *status.Status {
	t.Helper()
	st, derr := status.New(codes.NotFound, "entry not found").WithDetails(&errdetails.ErrorInfo{Reason: "ENTRY_NOT_FOUND", Domain: rpc.Domain})
	require.NoError(t, derr)
	require.Error(t, err)
	return st
}

func TestStatus(t *testing.T) {
	t.Parallel()
	peer := ours(t, io.EOF)
	for name, tc := range map[string]struct {
		err     error
		code    codes.Code
		reason  string
		message string
	}{
		"fault":                 {fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "entry not found", fault.Cause(io.EOF)), codes.NotFound, "ENTRY_NOT_FOUND", "entry not found"},
		"wrapped fault":         {fmt.Errorf("secret: %w", fault.Conflict(faultv1.Reason_REASON_ETAG_MISMATCH, "changed meanwhile")), codes.Aborted, "ETAG_MISMATCH", "changed meanwhile"},
		"unknown error":         {errors.New("SQLSTATE 42P01 secret"), codes.Internal, "INTERNAL", "internal error"},
		"deadline":              {fmt.Errorf("read: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "DEADLINE_EXCEEDED", "the time for this request ran out"},
		"canceled":              {fmt.Errorf("read: %w", context.Canceled), codes.Canceled, "CANCELED", "the request was canceled"},
		"fault beats context":   {fault.Unavailable(faultv1.Reason_REASON_OVERLOADED, "too much", fault.Cause(context.Canceled)), codes.Unavailable, "OVERLOADED", "too much"},
		"our status":            {peer.Err(), codes.NotFound, "ENTRY_NOT_FOUND", "entry not found"},
		"our status, wrapped":   {fmt.Errorf("secret: %w", peer.Err()), codes.NotFound, "ENTRY_NOT_FOUND", "entry not found"},
		"foreign status":        {status.Error(codes.NotFound, "secret"), codes.Internal, "INTERNAL", "internal error"},
		"foreign, wrapped":      {fmt.Errorf("x: %w", status.Error(codes.Unavailable, "secret")), codes.Internal, "INTERNAL", "internal error"},
		"text that is no UTF-8": {fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "bad \xff", fault.Meta("\xff", "\xff"), fault.Field("\xff", "\xff")), codes.InvalidArgument, "VALUE_INVALID", "bad \uFFFD"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := rpc.Status(tc.err)
			require.Equal(t, tc.code, st.Code())
			require.Equal(t, tc.message, st.Message())
			info, ok := st.Details()[0].(*errdetails.ErrorInfo)
			require.True(t, ok)
			require.Equal(t, tc.reason, info.GetReason())
			require.Equal(t, "aqtra.io", info.GetDomain())
			require.NotContains(t, st.Proto().String(), "secret")
		})
	}
	require.Equal(t, codes.OK, rpc.Status(nil).Code())
}

func TestStatusDetails(t *testing.T) {
	t.Parallel()
	opts := []fault.Option{fault.Meta("limit", "3"), fault.Retry(1500 * time.Millisecond)}
	for i := range 150 {
		opts = append(opts, fault.Field(fmt.Sprintf("f%d", i), "wrong"))
	}
	st := rpc.Status(fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "some fields are wrong", opts...))
	require.Len(t, st.Details(), 3)
	require.Equal(t, map[string]string{"limit": "3"}, st.Details()[0].(*errdetails.ErrorInfo).GetMetadata())
	bad := st.Details()[1].(*errdetails.BadRequest).GetFieldViolations()
	require.Len(t, bad, 100, "details travel in a header, which is bounded")
	require.Equal(t, "f0", bad[0].GetField())
	require.Equal(t, "wrong", bad[0].GetDescription())
	require.Equal(t, 1500*time.Millisecond, st.Details()[2].(*errdetails.RetryInfo).GetRetryDelay().AsDuration())
}
