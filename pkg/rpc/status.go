package rpc

import (
	"context"
	"errors"
	"strings"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// reasonPrefix is on the names of the enum, not on the wire.
const reasonPrefix = "REASON_"

// maxViolations bounds the details of one status, which travel in a header.
const maxViolations = 100

// Status is how an error looks to the caller. A fault shows itself; the end of a context its kind; a status of a peer only if it
// carries our domain; everything else is Internal and says nothing.
func Status(err error) *status.Status {
	if err == nil {
		return status.New(codes.OK, "")
	}
	if f, ok := fault.As(err); ok {
		return faultStatus(f)
	}
	if s, ok := errors.AsType[statusError](err); ok && errorInfo(s.GRPCStatus()) != nil {
		return s.GRPCStatus()
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return faultStatus(deadlineFault(nil))
	case errors.Is(err, context.Canceled):
		return faultStatus(canceledFault(nil))
	}
	st := status.New(codes.Internal, "internal error")
	return withDetails(st, &errdetails.ErrorInfo{Reason: reasonText(faultv1.Reason_REASON_INTERNAL), Domain: Domain})
}

type statusError interface {
	error
	GRPCStatus() *status.Status
}

func deadlineFault(cause error) *fault.Error {
	return fault.DeadlineExceeded(faultv1.Reason_REASON_DEADLINE_EXCEEDED, "the time for this request ran out", fault.Cause(cause))
}

func canceledFault(cause error) *fault.Error {
	return fault.Canceled(faultv1.Reason_REASON_CANCELED, "the request was canceled", fault.Cause(cause))
}

func tooLarge(cause error) *fault.Error {
	return fault.Invalid(faultv1.Reason_REASON_REQUEST_TOO_LARGE, "a message is too large", fault.Cause(cause))
}

func faultStatus(f *fault.Error) *status.Status {
	info := &errdetails.ErrorInfo{Reason: reasonText(f.Reason), Domain: Domain}
	for k, v := range f.Meta {
		if info.Metadata == nil {
			info.Metadata = make(map[string]string, len(f.Meta))
		}
		info.Metadata[valid(k)] = valid(v)
	}
	details := []protoadapt.MessageV1{info}
	if len(f.Violations) > 0 {
		bad := &errdetails.BadRequest{}
		for _, v := range f.Violations[:min(len(f.Violations), maxViolations)] {
			bad.FieldViolations = append(bad.FieldViolations, &errdetails.BadRequest_FieldViolation{
				Field: valid(v.Field), Description: valid(v.Description),
			})
		}
		details = append(details, bad)
	}
	if f.RetryAfter > 0 {
		details = append(details, &errdetails.RetryInfo{RetryDelay: durationpb.New(f.RetryAfter)})
	}
	return withDetails(status.New(code(f.Kind), valid(f.Message)), details...)
}

// valid keeps bytes that are no UTF-8, which a message cannot hold, from costing the whole status.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

func withDetails(st *status.Status, details ...protoadapt.MessageV1) *status.Status {
	with, err := st.WithDetails(details...)
	if err != nil { // only for code OK, or a message that cannot be encoded
		return st
	}
	return with
}

func reasonText(r faultv1.Reason) string { return strings.TrimPrefix(r.String(), reasonPrefix) }

func code(k fault.Kind) codes.Code {
	switch k {
	case fault.KindInvalid:
		return codes.InvalidArgument
	case fault.KindNotFound:
		return codes.NotFound
	case fault.KindAlreadyExists:
		return codes.AlreadyExists
	case fault.KindConflict:
		return codes.Aborted
	case fault.KindFailedPrecondition:
		return codes.FailedPrecondition
	case fault.KindPermissionDenied:
		return codes.PermissionDenied
	case fault.KindUnauthenticated:
		return codes.Unauthenticated
	case fault.KindExhausted:
		return codes.ResourceExhausted
	case fault.KindUnavailable:
		return codes.Unavailable
	case fault.KindDeadlineExceeded:
		return codes.DeadlineExceeded
	case fault.KindCanceled:
		return codes.Canceled
	case fault.KindUnimplemented:
		return codes.Unimplemented
	}
	return codes.Internal
}

// kind is the reverse of code; zero for codes that no fault has.
func kind(c codes.Code) fault.Kind {
	for k := fault.KindInvalid; k <= fault.KindUnimplemented; k++ {
		if code(k) == c {
			return k
		}
	}
	return 0
}

func errorInfo(st *status.Status) *errdetails.ErrorInfo {
	for _, d := range st.Details() {
		if info, ok := d.(*errdetails.ErrorInfo); ok && info.GetDomain() == Domain {
			return info
		}
	}
	return nil
}

// faultOf returns the fault that a status of our domain stands for, nil for any other and for internal errors.
func faultOf(st *status.Status) *fault.Error {
	info, k := errorInfo(st), kind(st.Code())
	if info == nil || k == 0 {
		return nil
	}
	// A reason of a newer version reads as unspecified; kind and message still say enough.
	reason := faultv1.Reason(faultv1.Reason_value[reasonPrefix+info.GetReason()])
	f := fault.New(k, reason, st.Message())
	f.Meta = info.GetMetadata()
	for _, d := range st.Details() {
		switch d := d.(type) {
		case *errdetails.BadRequest:
			for _, v := range d.GetFieldViolations() {
				f.Violations = append(f.Violations, fault.Violation{Field: v.GetField(), Description: v.GetDescription()})
			}
		case *errdetails.RetryInfo:
			f.RetryAfter = d.GetRetryDelay().AsDuration()
		}
	}
	return f
}
