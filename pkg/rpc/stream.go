package rpc

import (
	"context"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
)

type serverStream struct {
	grpc.ServerStream
	ctx context.Context
}

func (s *serverStream) Context() context.Context { return s.ctx }

func (s *serverStream) RecvMsg(m any) error { return wireFault(s.ServerStream.RecvMsg(m)) }

func (s *serverStream) SendMsg(m any) error { return wireFault(s.ServerStream.SendMsg(m)) }

// wireFault names what gRPC itself refuses on a stream, so that a caller who hung up is no internal error.
func wireFault(err error) error {
	switch status.Code(err) {
	case codes.Canceled, codes.Unavailable:
		return canceledFault(err)
	case codes.DeadlineExceeded:
		return deadlineFault(err)
	case codes.ResourceExhausted:
		return tooLarge(err)
	}
	return err
}

// guardedStream serves a caller whose permission is limited to components: nothing is sent before a message has named one of
// them, and no later message may name another.
type guardedStream struct {
	serverStream
	rule *authzv1.Rule

	mu     sync.Mutex
	opened bool
	err    error
}

func (s *guardedStream) RecvMsg(m any) error {
	if err := s.serverStream.RecvMsg(m); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	if s.opened && componentOf(m, s.rule.GetComponentField()) == "" {
		return nil
	}
	s.err = judgeRequest(s.ctx, s.rule, m)
	s.opened = s.err == nil
	return s.err
}

func (s *guardedStream) SendMsg(m any) error {
	if err := s.closed(); err != nil {
		return err
	}
	return s.serverStream.SendMsg(m)
}

func (s *guardedStream) closed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil && !s.opened {
		return denial(s.rule.GetPermission())
	}
	return s.err
}

// result is the outcome of the stream: the denial, whatever the handler made of it.
func (s *guardedStream) result(err error) error {
	if closed := s.closed(); closed != nil {
		return closed
	}
	return err
}
