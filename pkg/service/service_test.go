package service

import (
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func textValue(s string) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Text{Text: s}} }

// ask calls a peer as somebody, with a token as the gateway mints it.
func ask(ctx context.Context, b Base, service, method string) (string, error) {
	tok, err := token.NewMinter(b.Certs, clock.Real(), 0).Mint(
		principal.Principal{Tenant: "t1", Subject: "alice", Kind: principal.KindUser}, "storage", "workflow")
	if err != nil {
		return "", err
	}
	out := new(typev1.Value)
	err = b.Peers.Conn(service).Invoke(rpc.WithToken(ctx, tok), "/"+echo+"/"+method, textValue("?"), out)
	return out.GetText(), err
}

// The scenario of both modes: the gateway asks workflow, which asks storage as the same person.
type scenario struct {
	storage, workflow, gateway *part
	answer                     chan string
}

func newScenario() scenario {
	s := scenario{answer: make(chan string, 1)}
	s.storage = &part{name: "storage", get: func(ctx context.Context, _ *typev1.Value) (*typev1.Value, error) {
		p, _ := principal.From(ctx)
		caller, _ := rpc.Caller(ctx)
		return textValue(p.Tenant + "/" + p.Subject + " by " + caller), nil
	}}
	s.workflow = &part{name: "workflow", get: func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
		out := new(typev1.Value)
		err := s.workflow.base.Peers.Conn("storage").Invoke(ctx, "/"+echo+"/Get", in, out)
		return out, err
	}}
	s.gateway = &part{name: "gateway", run: func(ctx context.Context, b Base) error {
		text, err := ask(ctx, b, "workflow", "Get")
		if err != nil {
			text = err.Error()
		}
		s.answer <- text
		<-ctx.Done()
		return nil
	}}
	return s
}

const wantAnswer = "t1/alice by workflow"

func TestLocal(t *testing.T) {
	t.Parallel()
	s := newScenario()
	// The gateway first: what it needs is there by the time it asks.
	r := launchLocal(t, nil, s.gateway, s.workflow, s.storage)
	require.Equal(t, wantAnswer, <-s.answer)
	checkAdmin(t, r)
	_, metrics, err := r.get("/metrics", tls.VersionTLS13)
	require.NoError(t, err)
	require.Contains(t, metrics, `aqtra_rpc_server_seconds_count{code="OK",listener="internal",method="/aqtra.test.v1.Echo/Get",service="storage"} 1`)
	require.Contains(t, metrics, `aqtra_rpc_client_seconds_count{code="OK",method="/aqtra.test.v1.Echo/Get",peer="storage",service="workflow"} 1`)
	require.Contains(t, metrics, `aqtra_certificate_expiry_timestamp_seconds{certificate="internal",service="gateway"}`)
	require.Contains(t, metrics, "\naqtra_ready 1\n")
	require.Regexp(t, `aqtra_build_info\{go_version="go[^"]+",revision="[^"]+",version="dev"\} 1`, metrics)
	require.NoError(t, r.end())
}

func TestProcessesOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newScenario()
	dir := t.TempDir()
	storage := launchOne(t, dir, nil, s.storage)
	workflow := launchOne(t, dir, map[string]string{"AQTRA_STORAGE_ADDRESS": storage.journal.address(t, "storage")}, s.workflow)
	gateway := launchOne(t, dir, map[string]string{"AQTRA_WORKFLOW_ADDRESS": workflow.journal.address(t, "workflow")}, s.gateway)
	require.Equal(t, wantAnswer, <-s.answer)
	checkAdmin(t, storage)

	got, err := grpc_health_v1.NewHealthClient(s.workflow.base.Peers.Conn("storage")).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, got.GetStatus())

	// A peer that goes away is a fault at once, not a wait.
	require.NoError(t, storage.end())
	_, err = ask(t.Context(), s.gateway.base, "workflow", "Get")
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, faultv1.Reason_REASON_SERVICE_UNAVAILABLE, f.Reason)
	require.Equal(t, "storage", f.Meta["service"], "two hops away")
	require.NoError(t, gateway.end())
	require.NoError(t, workflow.end())
}

func checkAdmin(t *testing.T, r *running) {
	t.Helper()
	for path, want := range map[string]int{"/healthz": http.StatusOK, "/readyz": http.StatusOK, "/metrics": http.StatusOK, "/": http.StatusNotFound} {
		code, body, err := r.get(path, tls.VersionTLS13)
		require.NoError(t, err)
		require.Equal(t, want, code, path)
		require.NotEmpty(t, body)
	}
	_, _, err := r.get("/healthz", tls.VersionTLS12)
	require.ErrorContains(t, err, "protocol version")
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	reason := errors.New("secret: database is away")
	clk := clock.NewFake(time.Now())
	p := &part{name: "storage", ready: func(context.Context) error {
		mu.Lock()
		defer mu.Unlock()
		return reason
	}}
	r := launchLocal(t, func(o *Options) { o.Clock, o.Drain.Wait = clk, time.Minute }, p)
	code, body, err := r.get("/readyz", tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, code)
	require.Equal(t, "not ready\n", body, "why stands in the log")
	require.Contains(t, r.journal.String(), "database is away")

	mu.Lock()
	reason = nil
	mu.Unlock()
	clk.Advance(time.Second)
	code, _, err = r.get("/readyz", tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, code)

	// While draining it goes on serving, and says that no more should come.
	r.stop()
	require.NoError(t, clk.WaitTimers(t.Context(), 1))
	code, _, err = r.get("/readyz", tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, code)
	code, _, err = r.get("/healthz", tls.VersionTLS13)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, code)
	clk.Advance(time.Minute)
	require.NoError(t, r.wait())
}

// A running call ends in peace; the background work it needs is there until then.
func TestDrainLetsCallsEnd(t *testing.T) {
	t.Parallel()
	entered, release, result := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	var order []string
	var mu sync.Mutex
	note := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, what)
	}
	workflow := &part{name: "workflow", run: func(ctx context.Context, b Base) error {
		_, err := ask(ctx, b, "storage", "Public")
		result <- err
		<-ctx.Done()
		return nil
	}}
	storage := &part{
		name: "storage",
		get: func(_ context.Context, in *typev1.Value) (*typev1.Value, error) {
			close(entered)
			<-release
			note("answered")
			return in, nil
		},
		run: func(ctx context.Context, _ Base) error {
			<-ctx.Done()
			note("background ended")
			return nil
		},
		closed: func() { note("closed") },
	}
	// The caller stops last here, so that its call is still running when the callee begins to drain.
	r := launchLocal(t, nil, workflow, storage)
	<-entered
	r.stop()
	close(release)
	require.NoError(t, r.wait())
	require.NoError(t, <-result)
	require.Equal(t, []string{"answered", "background ended", "closed"}, order)
}

func TestOpenStreamIsCut(t *testing.T) {
	t.Parallel()
	entered := make(chan struct{})
	storage := &part{name: "storage", stream: func(ss grpc.ServerStream) error {
		close(entered)
		<-ss.Context().Done()
		return ss.Context().Err()
	}}
	ended := make(chan error, 1)
	gateway := &part{name: "gateway", run: func(ctx context.Context, b Base) error {
		tok, err := token.NewMinter(b.Certs, clock.Real(), 0).Mint(principal.Principal{Tenant: "t1", Subject: "a", Kind: principal.KindUser}, "storage")
		if err != nil {
			return err
		}
		uncut := context.WithoutCancel(ctx) // the drain ends the stream, not the caller
		cs, err := b.Peers.Conn("storage").NewStream(rpc.WithToken(uncut, tok), &grpc.StreamDesc{StreamName: "Stream", ServerStreams: true}, "/"+echo+"/Stream")
		if err != nil {
			return err
		}
		if err := cs.SendMsg(textValue("")); err != nil {
			return err
		}
		ended <- cs.RecvMsg(new(typev1.Value))
		<-ctx.Done()
		return nil
	}}
	r := launchLocal(t, func(o *Options) { o.Drain.Timeout = 50 * time.Millisecond }, gateway, storage)
	<-entered
	require.NoError(t, r.end())
	require.True(t, fault.Has(<-ended, faultv1.Reason_REASON_SERVICE_UNAVAILABLE))
	require.Contains(t, r.journal.String(), "calls cut, drain time is over")
}

func TestBackgroundWorkThatDoesNotEnd(t *testing.T) {
	t.Parallel()
	free := make(chan struct{})
	t.Cleanup(func() { close(free) })
	stuck := &part{name: "storage", run: func(context.Context, Base) error {
		<-free
		return nil
	}}
	r := launchLocal(t, func(o *Options) { o.Drain.Shutdown = 50 * time.Millisecond }, stuck)
	require.ErrorContains(t, r.end(), "run storage: background work did not end within 50ms")
}

func TestFirstFailureEndsAll(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		run  func(context.Context, Base) error
		want string
	}{
		"error": {func(context.Context, Base) error { return errors.New("lost the database") }, "run storage: lost the database"},
		"panic": {func(context.Context, Base) error { panic("index out of range") }, "run storage: panic: index out of range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var closed []string
			parts := []*part{{name: "storage", run: tc.run}, {name: "workflow"}, {name: "gateway"}}
			for _, p := range parts {
				p.closed = func() {
					mu.Lock()
					defer mu.Unlock()
					closed = append(closed, p.name)
				}
			}
			r := launchLocal(t, nil, parts...)
			err := r.wait()
			require.ErrorContains(t, err, tc.want)
			require.Equal(t, 1, strings.Count(err.Error(), tc.want), "said once")
			require.Equal(t, []string{"gateway", "workflow", "storage"}, closed)
		})
	}
}

func TestUnitsThatCannotStart(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		parts []*part
		want  string
	}{
		"constructor fails": {[]*part{{name: "storage"}, {name: "workflow", new: func(Base) error { return errors.New("no key") }}}, "build workflow: no key"},
		"method without rule": {[]*part{{name: "storage"}, {name: "workflow", method: "Forgotten"}},
			"build workflow: method /aqtra.test.v1.Echo/Forgotten: no authorization rule"},
		"unknown name": {[]*part{{name: "blockchain"}}, `service "blockchain" is not one of`},
		"same twice":   {[]*part{{name: "storage"}, {name: "storage"}}, "service storage is given twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			built, closed := 0, 0
			for _, p := range tc.parts {
				next := p.new
				p.new = func(b Base) error {
					if next != nil {
						return next(b)
					}
					built++
					return nil
				}
				p.closed = func() { closed++ }
			}
			o := options(t, t.TempDir(), newJournal().logger())
			require.ErrorContains(t, Local(t.Context(), o, units(tc.parts)...), tc.want)
			require.Equal(t, built, closed, "what was built is closed")
			_, err := o.Admin.Accept()
			require.Error(t, err, "the listener, too")
		})
	}
}

func TestPeersThatAreNotThere(t *testing.T) {
	t.Parallel()
	got := make(chan error, 2)
	p := &part{name: "workflow", run: func(ctx context.Context, b Base) error {
		_, err := ask(ctx, b, "storage", "Get")
		got <- err
		_, err = ask(ctx, b, "blockchain", "Get")
		got <- err
		<-ctx.Done()
		return nil
	}}
	r := launchLocal(t, nil, p)
	require.True(t, fault.Has(<-got, faultv1.Reason_REASON_SERVICE_UNAVAILABLE))
	require.EqualError(t, <-got, `no service "blockchain"`)
	conn := p.base.Peers.Conn("storage")
	require.Same(t, conn, p.base.Peers.Conn("storage"))
	require.NoError(t, r.end())
	_, err := p.base.Peers.Conn("gateway").NewStream(t.Context(), &grpc.StreamDesc{}, "/x/y")
	require.EqualError(t, err, "process is stopping")
}

func TestNames(t *testing.T) {
	t.Parallel()
	names := Names()
	require.Len(t, names, 6)
	require.Equal(t, "gateway", names[5], "starts last, stops first")
	for _, n := range names {
		require.NotEmpty(t, rpc.Callers(n), n)
		require.True(t, slices.Contains(rpc.Callers(n), "gateway"))
	}
	require.Equal(t, "AQTRA_PYTHON_RUNNER", Prefix("python-runner"))
}
