package ctl

import (
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/status"
)

// said gives an error of the server in the server's words, with a line for each field that is wrong.
func said(err error) error {
	if err == nil {
		return nil
	}
	st, ok := status.FromError(err)
	if !ok {
		return err
	}
	errs := []error{errors.New(st.Message())}
	for _, d := range st.Details() {
		if bad, is := d.(*errdetails.BadRequest); is {
			for _, v := range bad.GetFieldViolations() {
				errs = append(errs, fmt.Errorf("  %s: %s", v.GetField(), v.GetDescription()))
			}
		}
	}
	return errors.Join(errs...)
}
