package rpc_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func user(grants ...principal.Grant) principal.Principal {
	return principal.Principal{Tenant: "t1", Subject: "u1", Kind: principal.KindUser, Grants: grants}
}

func requireReason(t *testing.T, want faultv1.Reason, err error) {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "want a fault, got %v", err)
	require.Equal(t, want.String(), f.Reason.String())
}

func TestRules(t *testing.T) {
	t.Parallel()
	const (
		ok     = faultv1.Reason_REASON_UNSPECIFIED
		signIn = faultv1.Reason_REASON_UNAUTHENTICATED
		denied = faultv1.Reason_REASON_PERMISSION_DENIED
		peer   = faultv1.Reason_REASON_PEER_NOT_ALLOWED
	)
	everything := user(principal.Grant{Permission: "*"})
	invoices := user(principal.Grant{Permission: "entries.*", Component: "invoice"})
	visitor := principal.Principal{Tenant: "t1", Kind: principal.KindPublic, Grants: []principal.Grant{{Permission: "entries.read", Component: "form"}}}
	operator := principal.Principal{Subject: "op", Kind: principal.KindUser, Operator: true}
	nobody := principal.Principal{}
	for name, tc := range map[string]struct {
		caller, method, component string
		p                         *principal.Principal // nil for no token
		want                      faultv1.Reason
	}{
		"public, no token":                    {"gateway", "Public", "", nil, ok},
		"public, somebody":                    {"gateway", "Public", "", &everything, ok},
		"signed in":                           {"gateway", "SignedIn", "", &invoices, ok},
		"signed in, no token":                 {"gateway", "SignedIn", "", nil, signIn},
		"signed in, visitor":                  {"gateway", "SignedIn", "", &visitor, signIn},
		"signed in, operator without tenant":  {"gateway", "SignedIn", "", &operator, signIn},
		"permission":                          {"gateway", "Read", "invoice", &everything, ok},
		"permission, no token":                {"gateway", "Read", "invoice", nil, signIn},
		"permission, nothing granted":         {"gateway", "Read", "invoice", ptr(user()), denied},
		"permission, nobody":                  {"gateway", "Read", "invoice", &nobody, signIn},
		"permission, own component":           {"gateway", "Read", "invoice", &invoices, ok},
		"permission, other component":         {"gateway", "Read", "order", &invoices, denied},
		"permission, no component":            {"gateway", "Read", "", &invoices, denied},
		"permission, visitor":                 {"gateway", "Read", "form", &visitor, ok},
		"permission for all, all granted":     {"gateway", "ReadAll", "", &everything, ok},
		"permission for all, one granted":     {"gateway", "ReadAll", "invoice", &invoices, denied},
		"operator":                            {"gateway", "Operate", "", &operator, ok},
		"operator, an administrator":          {"gateway", "Operate", "", &everything, denied},
		"operator, no token":                  {"gateway", "Operate", "", nil, signIn},
		"peers, listed":                       {"workflow", "Peers", "", nil, ok},
		"peers, not listed":                   {"gateway", "Peers", "", &everything, peer},
		"no rule":                             {"gateway", "NoRule", "", &everything, denied},
		"rule without access":                 {"gateway", "Empty", "", &everything, denied},
		"rule that says false":                {"gateway", "False", "", &everything, denied},
		"caller outside the call graph":       {"somebody", "Public", "", &everything, peer},
		"caller without a name":               {"", "Public", "", &everything, peer},
		"service that does not call itself":   {"storage", "Public", "", &everything, peer},
		"python-runner, through its broker":   {"python-runner", "Read", "invoice", &invoices, ok},
		"tenant's data without a tenant":      {"gateway", "ReadAll", "", &principal.Principal{Subject: "x", Kind: "user", Grants: everything.Grants}, signIn},
		"operator who has not signed in":      {"gateway", "Operate", "", &principal.Principal{Operator: true}, denied},
		"operator with a grant, no tenant":    {"gateway", "Read", "", &principal.Principal{Subject: "x", Operator: true, Grants: everything.Grants}, signIn},
		"signed in, tenant without a subject": {"gateway", "SignedIn", "", &principal.Principal{Tenant: "t1", Kind: principal.KindUser}, signIn},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ran := false
			h := serve(t, func(h *harness) {
				h.unary = func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
					ran = true
					p, known := principal.From(ctx)
					if known != (tc.p != nil) || known && p.Subject != tc.p.Subject {
						return nil, io.ErrUnexpectedEOF
					}
					return in, nil
				}
			})
			ctx := t.Context()
			if tc.p != nil {
				ctx = h.as(*tc.p)
			}
			_, err := call(ctx, h.dial(tc.caller), tc.method, tc.component)
			require.Equal(t, tc.want == ok, ran)
			if tc.want == ok {
				require.NoError(t, err)
				return
			}
			requireReason(t, tc.want, err)
		})
	}
}

func ptr[T any](v T) *T { return &v }

func TestBadTokens(t *testing.T) {
	t.Parallel()
	h := serve(t)
	conn := h.dial("gateway")
	p := user(principal.Grant{Permission: "*"})
	_, err := call(h.as(p, "workflow"), conn, "SignedIn", "")
	requireReason(t, faultv1.Reason_REASON_UNAUTHENTICATED, err)
	_, err = call(rpc.WithToken(t.Context(), []byte("rubbish")), conn, "SignedIn", "")
	requireReason(t, faultv1.Reason_REASON_UNAUTHENTICATED, err)
	require.NotContains(t, err.Error(), "malformed", "why is for the log")

	good := h.as(p)
	_, err = call(good, conn, "SignedIn", "")
	require.NoError(t, err)
	h.clk.Advance(time.Minute)
	_, err = call(good, conn, "SignedIn", "")
	requireReason(t, faultv1.Reason_REASON_UNAUTHENTICATED, err)
	_, err = call(good, conn, "Public", "")
	require.NoError(t, err, "an old token does not keep anybody from signing in")

	// Metadata that somebody else put there never becomes an identity.
	smuggled := metadata.AppendToOutgoingContext(t.Context(), rpc.TokenKey, string(rpc.Token(h.as(p))))
	_, err = call(smuggled, conn, "SignedIn", "")
	requireReason(t, faultv1.Reason_REASON_UNAUTHENTICATED, err)
}

func TestHealthIsExempt(t *testing.T) {
	t.Parallel()
	h := serve(t, overTLS)
	got, err := grpc_health_v1.NewHealthClient(h.dial("workflow")).Check(t.Context(), &grpc_health_v1.HealthCheckRequest{})
	require.NoError(t, err)
	require.Equal(t, grpc_health_v1.HealthCheckResponse_SERVING, got.GetStatus())
}

func TestStreamRules(t *testing.T) {
	t.Parallel()
	echoAll := func(ss grpc.ServerStream) error {
		for {
			in := new(typev1.Value)
			if err := ss.RecvMsg(in); err != nil {
				if errors.Is(err, io.EOF) {
					return nil
				}
				return err
			}
			if err := ss.SendMsg(in); err != nil {
				return err
			}
		}
	}
	invoices := user(principal.Grant{Permission: "entries.read", Component: "invoice"})
	for name, tc := range map[string]struct {
		p       principal.Principal
		handler streamHandler
		send    []string
		want    int // answers before the end
		denied  bool
	}{
		"all granted":                   {user(principal.Grant{Permission: "*"}), echoAll, []string{"", "order"}, 2, false},
		"nothing granted":               {user(), echoAll, []string{"invoice"}, 0, true},
		"own component":                 {invoices, echoAll, []string{"invoice", "", "invoice"}, 3, false},
		"other component":               {invoices, echoAll, []string{"order"}, 0, true},
		"first message names none":      {invoices, echoAll, []string{"", "invoice"}, 0, true},
		"changes to another in between": {invoices, echoAll, []string{"invoice", "order", "invoice"}, 1, true},
		"no message at all":             {invoices, echoAll, nil, 0, true},
		"handler that speaks first": {invoices, func(ss grpc.ServerStream) error { return ss.SendMsg(textValue("secret")) },
			[]string{"invoice"}, 0, true},
		"handler that hides the denial": {invoices, func(ss grpc.ServerStream) error { _ = ss.RecvMsg(new(typev1.Value)); return nil },
			[]string{"order"}, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := serve(t, func(h *harness) { h.stream = tc.handler })
			cs, err := openStream(h.as(tc.p), h.dial("gateway"))
			require.NoError(t, err)
			for _, text := range tc.send {
				if err := cs.SendMsg(textValue(text)); err != nil {
					require.ErrorIs(t, err, io.EOF)
				}
			}
			require.NoError(t, cs.CloseSend())
			answers := 0
			for err == nil {
				if err = cs.RecvMsg(new(typev1.Value)); err == nil {
					answers++
				}
			}
			require.Equal(t, tc.want, answers)
			if tc.denied {
				requireReason(t, faultv1.Reason_REASON_PERMISSION_DENIED, err)
				return
			}
			require.ErrorIs(t, err, io.EOF)
		})
	}
}

func TestEdge(t *testing.T) {
	t.Parallel()
	var forwarded []byte
	h := serve(t, func(h *harness) {
		h.unary = func(ctx context.Context, in *typev1.Value) (*typev1.Value, error) {
			forwarded = rpc.Token(ctx)
			return in, nil
		}
		h.edit = func(c *rpc.ServerConfig) {
			c.Edge = true
			c.Authenticate = func(_ context.Context, _ string, md metadata.MD) (principal.Principal, error) {
				if len(md.Get("authorization")) == 0 {
					return principal.Principal{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
				}
				return user(), nil
			}
		}
	})
	conn := h.dial("anybody")
	_, err := call(h.as(user()), conn, "SignedIn", "")
	requireReason(t, faultv1.Reason_REASON_UNAUTHENTICATED, err)
	_, err = call(metadata.AppendToOutgoingContext(h.as(user()), "authorization", "x"), conn, "SignedIn", "")
	require.NoError(t, err)
	require.Nil(t, forwarded, "a token from outside goes no further")
	_, err = call(t.Context(), h.dial("workflow"), "Peers", "")
	require.Error(t, err, "an edge listener is for no service")
}

func TestCheckRules(t *testing.T) {
	t.Parallel()
	h := serve(t)
	err := rpc.CheckRules(h.server, func(m string) *authzv1.Rule { return rules()[m[len("/"+echo+"/"):]] })
	for _, want := range []string{
		"/" + echo + "/NoRule: no authorization rule", "/" + echo + "/Empty: no", "/" + echo + "/False: no", "/" + echo + "/Read: read descriptor",
	} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "Public")
	require.NotContains(t, err.Error(), "grpc.health")

	require.ErrorContains(t, rpc.CheckRules(h.server, nil), "/Public: no authorization rule", "the registry knows nothing of the test service")
	require.Nil(t, rpc.RegistryRules()("/grpc.health.v1.Health/Check"))

	bare := grpc.NewServer()
	require.NoError(t, rpc.CheckRules(bare, nil))
}
