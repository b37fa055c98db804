package identity

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
)

const (
	goodPassword = "correct horse 9"
	newPassword  = "battery staple 7"
	credential   = "test-credential"
)

// world is identity on a real Postgres behind the real interceptors; only the edge's part is played here.
type world struct {
	t      testing.TB
	svc    *Service
	clk    *clock.Fake
	db     *postgres.DB
	cfg    postgres.Config
	reg    *prometheus.Registry
	source *certs.Source

	accounts   identityv1.AccountsClient
	users      identityv1.UsersClient
	delegation identityv1.DelegationClient
	tenants    identityv1.TenantsClient

	mu          sync.Mutex
	provisioned []string
	removed     []string
	broken      bool // provisioning fails
	costly      bool // passwords cost what they cost in earnest
}

type option func(*world, *Config)

func with(change func(*Config)) option { return func(_ *world, c *Config) { change(c) } }

func costly(w *world, _ *Config) { w.costly = true }

func on(cfg postgres.Config) option { return func(w *world, _ *Config) { w.cfg = cfg } }

func newWorld(t testing.TB, opts ...option) *world {
	t.Helper()
	w := &world{t: t, clk: clock.NewFake(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)), reg: prometheus.NewRegistry()}
	cfg := Config{
		PublicURL: "https://apps.example.com", SignUp: SignUpOpen, Pepper: "0123456789abcdef0123456789abcdef",
		SessionIdle: 12 * time.Hour, SessionLife: 720 * time.Hour, InvitationLife: 168 * time.Hour, PasswordLinkLife: time.Hour,
		Guesses: 10, GuessWindow: 15 * time.Minute, SignUps: 100, HashQueue: 500,
	}
	for _, o := range opts {
		o(w, &cfg)
	}
	if w.cfg.URL == "" {
		w.cfg = pgtest.Database(t, store.Schema, store.Migrations)
	}
	var err error
	w.db, err = postgres.Open(t.Context(), w.cfg, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	t.Cleanup(w.db.Close)
	authority, err := certs.OpenAuthority(t.TempDir(), w.clk)
	require.NoError(t, err)
	w.source, err = authority.Source("gateway")
	require.NoError(t, err)
	w.svc, err = New(Deps{
		DB: w.db, Clock: w.clk, Log: slog.New(slog.DiscardHandler), Metrics: w.reg, Minter: token.NewMinter(w.source, w.clk, 0),
		Provision: w.provision, Remove: w.remove, Config: cfg,
	})
	require.NoError(t, err)
	t.Cleanup(w.svc.auth.wait)
	if !w.costly {
		w.svc.hasher = password.NewHasher([]byte(cfg.Pepper), runtime.GOMAXPROCS(0), cfg.HashQueue, password.Memory(1<<10))
	}
	edge := w.serve("gateway")
	w.accounts, w.users = identityv1.NewAccountsClient(edge), identityv1.NewUsersClient(edge)
	w.tenants = identityv1.NewTenantsClient(edge)
	w.delegation = identityv1.NewDelegationClient(w.serve("workflow"))
	return w
}

// serve joins a caller of this name to the service.
func (w *world) serve(caller string) *grpc.ClientConn {
	authenticate := func(ctx context.Context, _ string, md metadata.MD) (principal.Principal, error) {
		if v := md.Get(credential); len(v) == 1 {
			p, _, err := w.svc.Authenticate(ctx, v[0])
			return p, err
		}
		return principal.Principal{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "nobody")
	}
	reg := prometheus.NewRegistry()
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: "gateway", Log: slog.New(slog.DiscardHandler), Metrics: reg, Clock: w.clk, Authenticate: authenticate,
	}, rpc.LocalCredentials("gateway"))
	require.NoError(w.t, err)
	w.svc.Register(server)
	require.NoError(w.t, rpc.CheckRules(server, rpc.RegistryRules()))
	lis := bufconn.Listen(1 << 20)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = server.Serve(lis) // ends with Stop
	}()
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: reg, Clock: w.clk, Deadline: time.Minute})
	require.NoError(w.t, err)
	conn, err := clients.Dial("gateway", "passthrough:///gateway", rpc.LocalCredentials(caller), grpc.WithContextDialer(
		func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	require.NoError(w.t, err)
	w.t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
		<-stopped
	})
	return conn
}

func (w *world) provision(_ context.Context, tenant string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		return errors.New("storage is away")
	}
	w.provisioned = append(w.provisioned, tenant)
	return nil
}

func (w *world) remove(_ context.Context, tenant string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.broken {
		return errors.New("storage is away")
	}
	w.removed = append(w.removed, tenant)
	return nil
}

func (w *world) breakStorage(broken bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = broken
}

// as does what the edge does with a credential.
func (w *world) as(secret string) context.Context {
	ctx := metadata.AppendToOutgoingContext(w.t.Context(), credential, secret)
	if _, info, err := w.svc.Authenticate(ctx, secret); err == nil && info.ID != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, MetadataSession, info.ID)
	}
	return ctx
}

// from is a call without credentials from an address.
func (w *world) from(address string) context.Context {
	return metadata.AppendToOutgoingContext(w.t.Context(), MetadataClientAddress, address)
}

// actor is somebody with a session.
type actor struct {
	ctx   context.Context
	token string
	id    string
	email string
	// tenant is where the session is.
	tenant string
}

func (w *world) actor(resp *identityv1.SignInResponse) actor {
	w.t.Helper()
	require.NotEmpty(w.t, resp.GetToken())
	s := resp.GetSession()
	return actor{w.as(resp.GetToken()), resp.GetToken(), s.GetUser().GetId(), s.GetUser().GetEmail(), s.GetTenant().GetId()}
}

// signUp makes a tenant with its administrator.
func (w *world) signUp(email string) actor {
	w.t.Helper()
	resp, err := w.accounts.SignUp(w.t.Context(), &identityv1.SignUpRequest{
		TenantName: "Tenant of " + email, Email: email, Password: goodPassword, ReturnToken: true,
	})
	require.NoError(w.t, err)
	return w.actor(resp)
}

func (w *world) signIn(email, password string) actor {
	w.t.Helper()
	resp, err := w.accounts.SignIn(w.t.Context(), &identityv1.SignInRequest{Email: email, Password: password, ReturnToken: true})
	require.NoError(w.t, err)
	return w.actor(resp)
}

// join makes a member of the admin's tenant.
func (w *world) join(admin actor, email string, roles ...string) actor {
	w.t.Helper()
	inv, err := w.users.CreateInvitation(admin.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: email, Roles: roles}})
	require.NoError(w.t, err)
	resp, err := w.accounts.AcceptInvitation(w.t.Context(), &identityv1.AcceptInvitationRequest{Token: inv.GetToken(), Password: goodPassword, ReturnToken: true})
	require.NoError(w.t, err)
	return w.actor(resp)
}

func (w *world) role(admin actor, id string, permissions ...string) {
	w.t.Helper()
	role := &identityv1.Role{Id: id}
	for _, p := range permissions {
		role.Grants = append(role.Grants, &identityv1.Grant{Permission: p})
	}
	_, err := w.users.CreateRole(admin.ctx, &identityv1.CreateRoleRequest{Role: role})
	require.NoError(w.t, err)
}

func (w *world) key(a actor, roles ...string) *identityv1.ApiKey {
	w.t.Helper()
	key, err := w.users.CreateApiKey(a.ctx, &identityv1.CreateApiKeyRequest{ApiKey: &identityv1.ApiKey{DisplayName: "ci", Roles: roles}})
	require.NoError(w.t, err)
	return key
}

// who is the principal of a credential.
func (w *world) who(secret string) principal.Principal {
	w.t.Helper()
	p, _, err := w.svc.Authenticate(w.t.Context(), secret)
	require.NoError(w.t, err)
	return p
}

// refused requires that a credential is worth nothing, for this reason.
func (w *world) refused(secret string, reason faultv1.Reason) {
	w.t.Helper()
	_, _, err := w.svc.Authenticate(w.t.Context(), secret)
	requireReason(w.t, err, reason)
}

func requireReason(t testing.TB, err error, reason faultv1.Reason) {
	t.Helper()
	require.Error(t, err)
	f, ok := fault.As(err)
	require.True(t, ok, "not a fault: %v", err)
	require.Equal(t, reason, f.Reason, "%v", err)
}

// audited returns how many audit rows of an action there are.
func (w *world) audited(action string) int {
	w.t.Helper()
	var n int
	require.NoError(w.t, w.db.System().QueryRow(w.t.Context(), "SELECT count(*) FROM gateway.audit WHERE action = $1", action).Scan(&n))
	return n
}
