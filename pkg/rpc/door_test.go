package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// seen is all that a caller learns of a call.
type seen struct {
	Text            string
	Code            codes.Code // after our client chain
	Fault           string
	Header, Trailer []string
}

type leakKey struct{}

// Every case is done over the wire and through the door; both must look alike, and as they should.
func TestDoorIsLikeTheWire(t *testing.T) {
	t.Parallel()
	handle := func(f unaryHandler) option { return func(h *harness) { h.unary = f } }
	fail := func(err error) option { return answering(err) }
	background := func(h *harness) context.Context { return h.t.Context() }
	cases := map[string]struct {
		opt     option
		ctx     func(*harness) context.Context
		method  string // Public unless given
		request *typev1.Value
		opts    []grpc.CallOption
		before  func(*harness)
		want    seen
	}{
		"answer":              {want: seen{Text: "hello"}},
		"messages given away": {opts: []grpc.CallOption{rpc.GiveAway()}, want: seen{Text: "hello"}},
		"error after a message was given away": {
			opt: fail(fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "no such entry")), opts: []grpc.CallOption{rpc.GiveAway()},
			want: seen{Code: codes.NotFound, Fault: "REASON_ENTRY_NOT_FOUND no such entry map[] [] 0s"},
		},
		"who calls": {
			opt: handle(func(ctx context.Context, _ *typev1.Value) (*typev1.Value, error) {
				p, _ := principal.From(ctx)
				caller, _ := rpc.Caller(ctx)
				_, hasPeer := peer.FromContext(ctx)
				name, _ := grpc.Method(ctx)
				return textValue(fmt.Sprint(caller, " ", p.Subject, " ", hasPeer, " ", name, " ", rpc.RequestID(ctx))), nil
			}),
			ctx: func(h *harness) context.Context {
				return rpc.WithRequestID(h.as(principal.Principal{Tenant: "t1", Subject: "alice", Kind: principal.KindUser}), "r-1")
			},
			method: "SignedIn", want: seen{Text: "gateway alice true /aqtra.test.v1.Echo/SignedIn r-1"},
		},
		"nothing else passes": {
			opt: handle(func(ctx context.Context, _ *typev1.Value) (*typev1.Value, error) {
				_, out := metadata.FromOutgoingContext(ctx)
				_, end := ctx.Deadline()
				p, known := principal.From(ctx)
				return textValue(fmt.Sprint(ctx.Value(leakKey{}), " ", out, " ", end, " ", known, p.Subject, " ", rpc.Token(ctx) == nil)), nil
			}),
			ctx: func(h *harness) context.Context {
				ctx := principal.With(context.WithValue(h.t.Context(), leakKey{}, "leak"), principal.Principal{Subject: "eve"})
				return metadata.AppendToOutgoingContext(ctx, "a", "b")
			},
			want: seen{Text: "<nil> false true false true"},
		},
		"metadata": {
			opt: handle(func(ctx context.Context, _ *typev1.Value) (*typev1.Value, error) {
				md, _ := metadata.FromIncomingContext(ctx)
				return textValue(fmt.Sprintf("%q %q %q", md["a"], md["b-bin"], md["grpc-status"])), nil
			}),
			ctx: func(h *harness) context.Context {
				return metadata.AppendToOutgoingContext(h.t.Context(), "A", "1", "a", "2", "b-bin", "\x00\xff", "grpc-status", "0")
			},
			want: seen{Text: `["1" "2"] ["\x00\xff"] []`},
		},
		"metadata that no header can hold": {
			ctx:  func(h *harness) context.Context { return metadata.AppendToOutgoingContext(h.t.Context(), "a", "ü") },
			want: seen{Code: codes.Internal},
		},
		"too much metadata": {
			ctx: func(h *harness) context.Context {
				return metadata.AppendToOutgoingContext(h.t.Context(), "a", strings.Repeat("x", 70<<10))
			},
			want: seen{Code: codes.Internal},
		},
		"header and trailer": {
			opt: handle(func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
				return in, errors.Join(
					grpc.SetHeader(ctx, metadata.Pairs("h", "1")), grpc.SendHeader(ctx, metadata.Pairs("h", "2")), grpc.SetTrailer(ctx, metadata.Pairs("t", "3")))
			}),
			want: seen{Text: "hello", Header: []string{"1", "2"}, Trailer: []string{"3"}},
		},
		"header of an error": {
			opt: handle(func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
				_ = grpc.SetHeader(ctx, metadata.Pairs("h", "1"))
				return nil, fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "no such entry")
			}),
			want: seen{Code: codes.NotFound, Fault: "REASON_ENTRY_NOT_FOUND no such entry map[] [] 0s", Header: []string{"1"}},
		},
		"header sent twice": {
			opt: handle(func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
				_ = grpc.SendHeader(ctx, metadata.Pairs("h", "1"))
				return textValue(fmt.Sprint(grpc.SetHeader(ctx, metadata.Pairs("h", "2")) != nil)), nil
			}),
			want: seen{Text: "true", Header: []string{"1"}},
		},
		"details": {
			opt: fail(fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "wrong \xff ü", fault.Field("a", "too long"),
				fault.Meta("k", "v"), fault.Retry(time.Second), fault.Cause(errors.New("secret")))),
			want: seen{Code: codes.InvalidArgument, Fault: "REASON_INVALID_FIELDS wrong \uFFFD ü map[k:v] [{a too long}] 1s"},
		},
		"unknown error": {opt: fail(errors.New("secret")), want: seen{Code: codes.Internal}},
		"panic":         {opt: handle(func(context.Context, *typev1.Value) (*typev1.Value, error) { panic("secret") }), want: seen{Code: codes.Internal}},
		"denied":        {method: "SignedIn", want: seen{Code: codes.Unauthenticated, Fault: "REASON_UNAUTHENTICATED sign in first map[] [] 0s"}},
		"deadline": {
			opt: func(h *harness) {
				h.patience = 30 * time.Millisecond
				h.unary = func(context.Context, *typev1.Value) (*typev1.Value, error) {
					<-h.t.Context().Done() // long after the deadline
					return nil, nil
				}
			},
			want: seen{Code: codes.Unavailable, Fault: "REASON_SERVICE_UNAVAILABLE storage is not available map[service:storage] [] 1s"},
		},
		"canceled before": {
			ctx: func(h *harness) context.Context {
				ctx, cancel := context.WithCancel(h.t.Context())
				cancel()
				return ctx
			},
			want: seen{Code: codes.Canceled, Fault: "REASON_CANCELED the request was canceled map[] [] 0s"},
		},
		"large request": {
			request: textValue(strings.Repeat("x", 5<<10)),
			want:    seen{Code: codes.InvalidArgument, Fault: "REASON_REQUEST_TOO_LARGE a message is too large map[] [] 0s"},
		},
		"large request by the caller's limit": {
			opts: []grpc.CallOption{grpc.MaxCallSendMsgSize(2)},
			want: seen{Code: codes.InvalidArgument, Fault: "REASON_REQUEST_TOO_LARGE a message is too large map[] [] 0s"},
		},
		"large answer": {
			opt: handle(func(context.Context, *typev1.Value) (*typev1.Value, error) {
				return textValue(strings.Repeat("x", 5<<10)), nil
			}),
			want: seen{Code: codes.InvalidArgument, Fault: "REASON_REQUEST_TOO_LARGE a message is too large map[] [] 0s"},
		},
		"large answer by the caller's limit": {
			opts: []grpc.CallOption{grpc.MaxCallRecvMsgSize(2)},
			want: seen{Code: codes.InvalidArgument, Fault: "REASON_REQUEST_TOO_LARGE a message is too large map[] [] 0s"},
		},
		"request that cannot be encoded": {request: textValue("\xff"), want: seen{Code: codes.Internal}},
		"answer that cannot be encoded": {
			opt:  handle(func(context.Context, *typev1.Value) (*typev1.Value, error) { return textValue("\xff"), nil }),
			want: seen{Code: codes.Internal},
		},
		"unknown method": {method: "Missing", want: seen{Code: codes.Internal}},
		"stopped server": {
			before: func(h *harness) { h.server.GracefulStop() },
			want:   seen{Code: codes.Unavailable, Fault: "REASON_SERVICE_UNAVAILABLE storage is not available map[service:storage] [] 1s"},
		},
		"option that only the wire knows": {
			opts: []grpc.CallOption{grpc.WaitForReady(true)}, want: seen{Text: "hello"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, way := range []string{"wire", "door"} {
				opts := []option{func(h *harness) { h.edit = func(c *rpc.ServerConfig) { c.MaxMessage = 4 << 10 } }}
				if c.opt != nil {
					opts = append(opts, c.opt)
				}
				h := serve(t, opts...)
				clients, wire := h.dialWire("gateway")
				conn := grpc.ClientConnInterface(wire)
				if way == "door" {
					conn = clients.Join("gateway", "storage", h.door, wire)
				}
				if c.before != nil {
					c.before(h)
				}
				ctx, method, request := background(h), "Public", textValue("hello")
				if c.ctx != nil {
					ctx = c.ctx(h)
				}
				if c.method != "" {
					method = c.method
				}
				if c.request != nil {
					request = c.request
				}
				var header, trailer metadata.MD
				out := new(typev1.Value)
				err := conn.Invoke(ctx, "/"+echo+"/"+method, request, out, append([]grpc.CallOption{grpc.Header(&header), grpc.Trailer(&trailer)}, c.opts...)...)
				if raw, ok := rpc.Encoded(out); ok { // a reply to a call that gives its messages away
					require.Len(t, c.opts, 1)
					require.NoError(t, proto.Unmarshal(raw, out))
				}
				got := seen{Text: out.GetText(), Header: header["h"], Trailer: trailer["t"]}
				if err != nil {
					require.NotContains(t, err.Error(), "secret", way)
					got.Code = rpc.Status(err).Code()
					if f, ok := fault.As(err); ok {
						got.Fault = fmt.Sprint(f.Reason, " ", f.Message, " ", f.Meta, " ", f.Violations, " ", f.RetryAfter)
					}
				}
				require.Equal(t, c.want, got, way)
			}
		})
	}
}

func TestDoorSharesNoMemory(t *testing.T) {
	t.Parallel()
	var kept *typev1.Value
	h := serve(t, func(h *harness) {
		h.unary = func(_ context.Context, in *typev1.Value) (*typev1.Value, error) {
			in.GetBytes()[0] = 'H'
			kept = in
			return in, nil
		}
	})
	in, out := &typev1.Value{Kind: &typev1.Value_Bytes{Bytes: []byte("hello")}}, new(typev1.Value)
	require.NoError(t, h.dial("gateway").Invoke(t.Context(), "/"+echo+"/Public", in, out))
	require.Equal(t, "hello", string(in.GetBytes()))
	out.GetBytes()[1] = 'E'
	require.Equal(t, "Hello", string(kept.GetBytes()))
	require.Equal(t, "HEllo", string(out.GetBytes()))
}

// Given away, messages of all kinds of fields arrive as they were sent, and are not copied.
func TestDoorHandsOver(t *testing.T) {
	t.Parallel()
	h := serve(t, func(h *harness) {
		h.unary = func(_ context.Context, in *typev1.Value) (*typev1.Value, error) { return in, nil }
	})
	bytes := []byte("hello")
	in := &typev1.Value{Kind: &typev1.Value_List{List: &typev1.ListValue{Items: []*typev1.Value{
		{Kind: &typev1.Value_Bytes{Bytes: bytes}}, textValue("x"),
		{Kind: &typev1.Value_Map{Map: &typev1.MapValue{Fields: map[string]*typev1.Value{"a": textValue("b")}}}},
	}}}}
	in.ProtoReflect().SetUnknown([]byte{0xf8, 0xff, 0xff, 0xff, 0x0f, 1})
	out := new(typev1.Value)
	require.NoError(t, h.dial("gateway").Invoke(t.Context(), "/"+echo+"/Public", in, out, rpc.GiveAway()))
	require.True(t, proto.Equal(in, out))
	require.Same(t, &bytes[0], &out.GetList().GetItems()[0].GetBytes()[0])
}

// The caller gets its answer when its own time is up, whatever the handler does, and the handler hears of it.
func TestDoorDoesNotHoldTheCaller(t *testing.T) {
	t.Parallel()
	entered, release, heard := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	h := serve(t, func(h *harness) {
		h.unary = func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
			close(entered)
			<-release
			derived, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			<-derived.Done()
			heard <- context.Cause(derived)
			return in, nil
		}
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	_, err := call(ctx, h.dial("gateway"), "Public", "")
	requireReason(t, faultv1.Reason_REASON_CANCELED, err)
	close(release)
	require.ErrorIs(t, <-heard, context.Canceled)
}

func TestDoorDrainsAndCuts(t *testing.T) {
	t.Parallel()
	entered, heard := make(chan struct{}), make(chan error, 1)
	h := serve(t, func(h *harness) {
		h.unary = func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
			close(entered)
			<-ctx.Done()
			heard <- ctx.Err()
			return nil, ctx.Err()
		}
	})
	conn, result := h.dial("gateway"), make(chan error, 1)
	go func() {
		_, err := call(t.Context(), conn, "Public", "")
		result <- err
	}()
	<-entered
	drained := make(chan struct{})
	go func() {
		h.door.Drain()
		close(drained)
	}()
	require.Eventually(t, func() bool {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := call(ctx, conn, "NoRule", "")
		f, ok := fault.As(err)
		return ok && f.Kind == fault.KindUnavailable
	}, 10*time.Second, time.Millisecond, "new calls are refused")
	select {
	case <-drained:
		t.Fatal("drained while a call runs")
	default:
	}
	h.door.Cut()
	requireReason(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, <-result)
	require.ErrorIs(t, <-heard, context.Canceled)
	<-drained
}

// A call that ends while the door is drained has its answer, however late its caller looks.
func TestDoorAnswersTheLastCall(t *testing.T) {
	t.Parallel()
	for range 200 {
		entered, release := make(chan struct{}), make(chan struct{})
		h := serve(t, func(h *harness) {
			h.unary = func(_ context.Context, in *typev1.Value) (*typev1.Value, error) {
				close(entered)
				<-release
				return in, nil
			}
		})
		conn, result := h.dial("gateway"), make(chan error, 1)
		go func() {
			_, err := call(t.Context(), conn, "Public", "")
			result <- err
		}()
		<-entered
		close(release)
		h.door.Drain()
		require.NoError(t, <-result)
	}
}

// A call waits for a service that has not started yet, as long as it may.
func TestDoorOpensLate(t *testing.T) {
	t.Parallel()
	h := serve(t, func(h *harness) { h.patience = 10 * time.Millisecond })
	clients, wire := h.dialWire("gateway")
	_, err := call(t.Context(), clients.Join("gateway", "storage", rpc.NewDoor(), wire), "Public", "")
	requireReason(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, err)
}

func TestDoorManyAtOnce(t *testing.T) {
	t.Parallel()
	h := serve(t)
	conn := h.dial("gateway")
	var all sync.WaitGroup
	for i := range 64 {
		all.Go(func() {
			for j := range 20 {
				want := fmt.Sprint(i, "/", j)
				if got, err := call(t.Context(), conn, "Public", want); err != nil || got != want {
					t.Errorf("got %q, %v; want %q", got, err, want)
				}
			}
		})
	}
	all.Wait()
	h.server.GracefulStop()
}

func TestDoorSpans(t *testing.T) {
	t.Parallel()
	spans := tracetest.NewSpanRecorder()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	h := serve(t, func(h *harness) { h.edit = func(c *rpc.ServerConfig) { c.Tracing = tp } }, answering(status.Error(codes.NotFound, "x")))
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: h.clk, Tracing: tp})
	require.NoError(t, err)
	_, err = call(t.Context(), clients.Join("gateway", "storage", h.door, nil), "Public", "")
	require.Error(t, err)
	h.server.GracefulStop()
	ended := spans.Ended()
	require.Len(t, ended, 2)
	served, called := ended[0], ended[1]
	require.Equal(t, called.SpanContext().TraceID(), served.SpanContext().TraceID())
	require.Equal(t, called.SpanContext().SpanID(), served.Parent().SpanID())
	require.True(t, served.Parent().IsRemote())
}
