package rpc_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func answering(err error) option {
	return func(h *harness) {
		h.unary = func(context.Context, *typev1.Value) (*typev1.Value, error) { return textValue("partial"), err }
		h.stream = func(ss grpc.ServerStream) error {
			if rerr := ss.RecvMsg(new(typev1.Value)); rerr != nil {
				return rerr
			}
			return err
		}
	}
}

func TestFaultsSurviveTheHop(t *testing.T) {
	t.Parallel()
	sent := fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "some fields are wrong",
		fault.Field("a.b", "too long"), fault.Meta("limit", "3"), fault.Retry(2*time.Second), fault.Cause(errors.New("secret")))
	h := serve(t, overTLS, answering(sent))
	conn := h.dial("gateway")
	check := func(err error) {
		t.Helper()
		got, ok := fault.As(err)
		require.True(t, ok, "want a fault, got %v", err)
		require.Equal(t, fault.KindInvalid, got.Kind)
		require.Equal(t, sent.Reason, got.Reason)
		require.Equal(t, sent.Message, got.Message)
		require.Equal(t, sent.Violations, got.Violations)
		require.Equal(t, sent.Meta, got.Meta)
		require.Equal(t, sent.RetryAfter, got.RetryAfter)
		require.NotContains(t, err.Error(), "secret")
	}
	_, err := call(t.Context(), conn, "Public", "")
	check(err)

	cs, err := openStream(h.as(user(principal.Grant{Permission: "*"})), conn)
	require.NoError(t, err)
	require.NoError(t, cs.SendMsg(textValue("x")))
	check(cs.RecvMsg(new(typev1.Value)))
}

func TestUnknownErrorsLeakNothing(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]option{
		"error": answering(errors.New("secret")),
		"panic": func(h *harness) {
			h.unary = func(context.Context, *typev1.Value) (*typev1.Value, error) { panic("secret") }
		},
		"foreign status": answering(status.Error(codes.NotFound, "secret")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, opt)
			_, err := call(rpc.WithRequestID(t.Context(), "r-17"), h.dial("gateway"), "Public", "")
			_, isFault := fault.As(err)
			require.False(t, isFault)
			require.Equal(t, codes.Internal, rpc.Status(err).Code(), "and it stays internal on the next hop")
			require.NotContains(t, err.Error(), "secret")
			logged := h.log.String()
			require.Equal(t, 1, strings.Count(logged, `"level":"ERROR"`))
			require.Contains(t, logged, "secret")
			require.Contains(t, logged, `"request_id":"r-17"`)
			require.Contains(t, logged, `"caller":"gateway"`)
			require.Equal(t, name == "panic", strings.Contains(logged, `"stack"`))
		})
	}
}

func TestPanicInAStream(t *testing.T) {
	t.Parallel()
	h := serve(t, func(h *harness) { h.stream = func(grpc.ServerStream) error { panic("secret") } })
	cs, err := openStream(h.as(user(principal.Grant{Permission: "*"})), h.dial("gateway"))
	require.NoError(t, err)
	err = cs.RecvMsg(new(typev1.Value))
	require.ErrorContains(t, err, "internal error")
	require.NotContains(t, err.Error(), "secret")
}

func TestUnreachablePeer(t *testing.T) {
	t.Parallel()
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real()})
	require.NoError(t, err)
	refuse := grpc.WithContextDialer(func(context.Context, string) (net.Conn, error) { return nil, errors.New("secret address") })
	conn, err := clients.Dial("storage", "passthrough:///x", rpc.LocalCredentials("workflow"), refuse)
	require.NoError(t, err)
	defer conn.Close()
	_, err = call(t.Context(), conn, "Public", "")
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, fault.KindUnavailable, f.Kind)
	require.Equal(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, f.Reason)
	require.Equal(t, "storage is not available", f.Message)
	require.Equal(t, map[string]string{"service": "storage"}, f.Meta)
	require.Equal(t, time.Second, f.RetryAfter)
	require.NotContains(t, rpc.Status(err).Proto().String(), "secret")
	_, err = openStream(t.Context(), conn)
	requireReason(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, err)
}

// hang waits for the end of the call.
func hang(h *harness) {
	h.unary = func(ctx context.Context, _ *typev1.Value) (*typev1.Value, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	var left time.Duration
	note := func(h *harness) {
		h.unary = func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
			end, _ := ctx.Deadline()
			left = time.Until(end)
			return in, nil
		}
	}
	h := serve(t, note)
	conn := h.dial("gateway")
	_, err := call(t.Context(), conn, "Public", "")
	require.NoError(t, err)
	require.InDelta(t, 10*time.Second, left, float64(5*time.Second), "the client sets one when there is none")

	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	_, err = call(ctx, conn, "Public", "")
	require.NoError(t, err)
	require.Less(t, left, time.Hour-10*time.Millisecond, "what is left, and a little less")
	require.Greater(t, left, time.Hour-time.Minute)

	// A caller with another client sends none: the server sets its own.
	raw, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(rpc.LocalCredentials("gateway")),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return h.lis.DialContext(ctx) }))
	require.NoError(t, err)
	defer raw.Close()
	_, err = call(t.Context(), raw, "Public", "")
	require.NoError(t, err)
	require.InDelta(t, 10*time.Second, left, float64(5*time.Second))
}

func TestServerDeadlineIsAFault(t *testing.T) {
	t.Parallel()
	h := serve(t, hang, func(h *harness) { h.edit = func(c *rpc.ServerConfig) { c.Deadline = time.Millisecond } })
	raw, err := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(rpc.LocalCredentials("gateway")),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return h.lis.DialContext(ctx) }))
	require.NoError(t, err)
	defer raw.Close()
	_, err = call(t.Context(), raw, "Public", "")
	require.Equal(t, codes.DeadlineExceeded, status.Code(err))
	require.ErrorContains(t, err, "the time for this request ran out")
}

func TestCallerGivesUp(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{}, 2)
	h := serve(t, func(h *harness) {
		h.unary = func(ctx context.Context, _ *typev1.Value) (*typev1.Value, error) {
			entered <- struct{}{}
			<-ctx.Done()
			return nil, ctx.Err()
		}
		h.stream = func(ss grpc.ServerStream) error {
			entered <- struct{}{}
			return ss.RecvMsg(new(typev1.Value))
		}
	})
	conn := h.dial("gateway")
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-entered
		cancel()
	}()
	_, err := call(ctx, conn, "Public", "")
	requireReason(t, faultv1.Reason_REASON_CANCELED, err)

	ctx, cancel = context.WithCancel(h.as(user(principal.Grant{Permission: "*"})))
	cs, err := openStream(ctx, conn)
	require.NoError(t, err)
	<-entered
	cancel()
	requireReason(t, faultv1.Reason_REASON_CANCELED, cs.RecvMsg(new(typev1.Value)))
	h.server.GracefulStop()
	require.NotContains(t, h.log.String(), `"level":"ERROR"`, "a caller who hangs up is no internal error")

	late, stop := context.WithTimeout(t.Context(), time.Nanosecond)
	defer stop()
	_, err = call(late, conn, "Public", "")
	requireReason(t, faultv1.Reason_REASON_DEADLINE_EXCEEDED, err)
}

// To the caller, a peer that gave up by itself is away, not canceled.
func TestPeerThatStops(t *testing.T) {
	t.Parallel()
	h := serve(t, answering(context.Canceled))
	_, err := call(t.Context(), h.dial("gateway"), "Public", "")
	requireReason(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, err)

	own := serve(t, answering(fault.Canceled(faultv1.Reason_REASON_RUN_CANCELED, "the run was canceled")))
	_, err = call(t.Context(), own.dial("gateway"), "Public", "")
	requireReason(t, faultv1.Reason_REASON_RUN_CANCELED, err)
}

func TestRequestIDAndTokenTravel(t *testing.T) {
	t.Parallel()
	var id string
	var tok []byte
	h := serve(t, func(h *harness) {
		h.unary = func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
			id, tok = rpc.RequestID(ctx), rpc.Token(ctx)
			return in, nil
		}
	})
	conn := h.dial("gateway")
	ctx := rpc.WithRequestID(h.as(user()), "abc-1")
	_, err := call(ctx, conn, "SignedIn", "")
	require.NoError(t, err)
	require.Equal(t, "abc-1", id)
	require.Equal(t, rpc.Token(ctx), tok)

	_, err = call(metadata.AppendToOutgoingContext(t.Context(), rpc.RequestIDKey, "smuggled"), conn, "Public", "")
	require.NoError(t, err)
	require.Len(t, id, 36, "a fresh one")

	for _, bad := range []string{"", "a b", "a\n", strings.Repeat("x", 65), "é"} {
		require.False(t, rpc.ValidRequestID(bad))
	}
}

func TestMessagesAreBounded(t *testing.T) {
	t.Parallel()
	h := serve(t, func(h *harness) {
		h.edit = func(c *rpc.ServerConfig) { c.MaxMessage = 1 << 10 }
		h.stream = func(ss grpc.ServerStream) error { return ss.RecvMsg(new(typev1.Value)) }
	})
	conn := h.dial("gateway")
	_, err := call(t.Context(), conn, "Public", strings.Repeat("x", 2<<10))
	requireReason(t, faultv1.Reason_REASON_REQUEST_TOO_LARGE, err)
	cs, err := openStream(h.as(user(principal.Grant{Permission: "*"})), conn)
	require.NoError(t, err)
	require.NoError(t, cs.SendMsg(textValue(strings.Repeat("x", 2<<10))))
	requireReason(t, faultv1.Reason_REASON_REQUEST_TOO_LARGE, cs.RecvMsg(new(typev1.Value)))
}

func TestMutualTLSNamesTheCaller(t *testing.T) {
	t.Parallel()
	h := serve(t, overTLS)
	_, err := call(t.Context(), h.dial("workflow"), "Peers", "")
	require.NoError(t, err)
	_, err = call(t.Context(), h.dial("dataflow"), "Peers", "")
	requireReason(t, faultv1.Reason_REASON_PEER_NOT_ALLOWED, err)
	_, err = call(t.Context(), h.dial("intruder"), "Public", "")
	requireReason(t, faultv1.Reason_REASON_PEER_NOT_ALLOWED, err)

	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: h.clk})
	require.NoError(t, err)
	wrong, err := clients.Dial("dataflow", "passthrough:///x", credentials.NewTLS(h.source("gateway").ClientTLS("dataflow")),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return h.lis.DialContext(ctx) }))
	require.NoError(t, err)
	defer wrong.Close()
	_, err = call(t.Context(), wrong, "Public", "")
	requireReason(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, err)
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	h := serve(t, answering(io.ErrUnexpectedEOF))
	_, err := call(t.Context(), h.dial("gateway"), "Public", "")
	require.Error(t, err)
	h.server.GracefulStop()
	n, err := testutil.GatherAndCount(h.reg, "aqtra_rpc_server_seconds")
	require.NoError(t, err)
	require.Equal(t, 1, n)
	families, err := h.reg.Gather()
	require.NoError(t, err)
	require.Contains(t, families[0].String(), `value:"Internal"`)
	require.Contains(t, families[0].String(), `value:"internal"`)
	_, err = rpc.NewServer(rpc.ServerConfig{Metrics: h.reg}, rpc.LocalCredentials("x"))
	require.ErrorContains(t, err, "register server metrics")
}

// Every service of the design's list, and no edge that it does not have.
func TestCallGraph(t *testing.T) {
	t.Parallel()
	may := map[string][]string{
		"gateway":           {"gateway", "component-library", "workflow", "dataflow", "storage", "python-runner"},
		"component-library": {"storage", "workflow", "dataflow", "python-runner"},
		"workflow":          {"component-library", "storage", "dataflow", "python-runner", "gateway"},
		"dataflow":          {"component-library", "storage", "python-runner", "workflow", "gateway"},
		"python-runner":     {"component-library", "storage", "dataflow"},
		"storage":           {"component-library", "workflow"},
	}
	for service := range may {
		var want []string
		for caller, callees := range may {
			for _, c := range callees {
				if c == service {
					want = append(want, caller)
				}
			}
		}
		require.ElementsMatch(t, want, rpc.Callers(service), service)
	}
	require.Empty(t, rpc.Callers("unknown"))
}
