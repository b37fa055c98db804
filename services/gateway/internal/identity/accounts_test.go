package identity

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/pgtest"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
)

func TestTenantsAreKeptApart(t *testing.T) {
	t.Parallel()
	pgtest.RequireRLS(t, pgtest.Database(t, store.Schema, store.Migrations), store.Schema)
}

func (w *world) setupToken() string {
	w.t.Helper()
	link, ok := w.svc.SetupLink(w.t.Context())
	require.True(w.t, ok)
	secret, ok := strings.CutPrefix(link, "https://apps.example.com/setup#token=")
	require.True(w.t, ok, link)
	return secret
}

func TestCompleteSetup(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.setupToken()
	require.Equal(t, secret, w.setupToken(), "asking again shows the same link")

	req := &identityv1.CompleteSetupRequest{Token: "wrong", TenantName: "Acme", Email: "Ada@Example.com", Password: goodPassword, ReturnToken: true}
	_, err := w.accounts.CompleteSetup(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_LINK_INVALID)

	req.Token, req.Password = secret, "password123"
	_, err = w.accounts.CompleteSetup(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_WEAK_PASSWORD)

	req.Password = goodPassword
	resp, err := w.accounts.CompleteSetup(t.Context(), req)
	require.NoError(t, err)
	require.True(t, resp.GetSession().GetOperator())
	require.Equal(t, "Acme", resp.GetSession().GetTenant().GetDisplayName())
	require.Equal(t, "ada@example.com", resp.GetSession().GetUser().GetEmail())
	require.Equal(t, "*", resp.GetSession().GetGrants()[0].GetPermission())
	require.Regexp(t, `^t[a-z2-7]{12}$`, resp.GetSession().GetTenant().GetId())
	require.Equal(t, []string{resp.GetSession().GetTenant().GetId()}, w.provisioned)

	_, err = w.accounts.CompleteSetup(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_SETUP_DONE)
	_, ok := w.svc.SetupLink(t.Context())
	require.False(t, ok)
}

func TestOneOfManySetupsWins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.setupToken()
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			_, err := w.accounts.CompleteSetup(t.Context(), &identityv1.CompleteSetupRequest{
				Token: secret, TenantName: "Acme", Email: strings.Repeat("a", i%50+1) + "@example.com", Password: goodPassword,
			})
			switch {
			case err == nil:
				won.Add(1)
			case fault.Has(err, faultv1.Reason_REASON_SETUP_DONE), fault.Has(err, faultv1.Reason_REASON_LINK_INVALID):
				lost.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	require.EqualValues(t, 99, lost.Load())
	var users, tenants int
	require.NoError(t, w.db.System().QueryRow(t.Context(), "SELECT (SELECT count(*) FROM gateway.users), (SELECT count(*) FROM gateway.tenants)").Scan(&users, &tenants))
	require.Equal(t, []int{1, 1}, []int{users, tenants})
}

func TestConfiguredAdministrator(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(func(c *Config) { c.AdminEmail, c.AdminPassword = "root@example.com", goodPassword }))
	w.breakStorage(true)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- w.svc.Run(ctx) }()
	// Storage is away at first; Run tries again after a while.
	require.NoError(t, w.clk.WaitTimers(ctx, 1))
	w.breakStorage(false)
	w.clk.Advance(time.Second)
	require.NoError(t, w.clk.WaitTimers(ctx, 1))
	cancel()
	require.NoError(t, <-done)

	_, ok := w.svc.SetupLink(t.Context())
	require.False(t, ok)
	admin := w.signIn("root@example.com", goodPassword)
	require.True(t, w.who(admin.token).Operator)
	require.Len(t, w.provisioned, 1)
	require.NoError(t, w.svc.housekeep(t.Context()))
	session, err := w.accounts.GetCurrentSession(admin.ctx, &identityv1.GetCurrentSessionRequest{})
	require.NoError(t, err)
	require.Len(t, session.GetTenants(), 1)
	require.Equal(t, "main", session.GetTenant().GetDisplayName())
}

func TestSignUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := &identityv1.SignUpRequest{TenantName: "Acme", Email: "ada@example.com", Password: goodPassword, DisplayName: "Ada"}
	var header metadata.MD
	resp, err := w.accounts.SignUp(t.Context(), req, grpc.Header(&header))
	require.NoError(t, err)
	require.Empty(t, resp.GetToken(), "nobody asked for it in the body")
	require.False(t, resp.GetSession().GetOperator())
	secret := header.Get(HeaderSessionToken)[0]
	require.Equal(t, "Ada", w.who(secret).DisplayName)
	require.Equal(t, []string{w.clk.Now().Add(720 * time.Hour).Format(time.RFC3339)}, header.Get(HeaderSessionExpires))

	resp, err = w.accounts.SignUp(metadata.AppendToOutgoingContext(t.Context(), MetadataTransport, TransportGRPC), &identityv1.SignUpRequest{
		TenantName: "Other", Email: "ADA@example.com", Password: goodPassword,
	})
	require.NoError(t, err, "somebody who knows the password makes one more tenant")
	require.NotEmpty(t, resp.GetToken(), "callers by gRPC have no cookies")
	require.Len(t, resp.GetSession().GetTenants(), 2)

	req.Password = newPassword
	_, err = w.accounts.SignUp(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_USER_EXISTS)

	closed := newWorld(t, with(func(c *Config) { c.SignUp = SignUpClosed }))
	_, err = closed.accounts.SignUp(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_SIGN_UP_CLOSED)
}

func TestSignUpRefusesBadInput(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	good := func() *identityv1.SignUpRequest {
		return &identityv1.SignUpRequest{TenantName: "Acme", Email: "ada@example.com", Password: goodPassword}
	}
	for name, c := range map[string]struct {
		change func(*identityv1.SignUpRequest)
		field  string
	}{
		"no e-mail":        {func(r *identityv1.SignUpRequest) { r.Email = "" }, "email"},
		"name in e-mail":   {func(r *identityv1.SignUpRequest) { r.Email = "Ada <ada@example.com>" }, "email"},
		"nul in e-mail":    {func(r *identityv1.SignUpRequest) { r.Email = "a\x00@example.com" }, "email"},
		"long e-mail":      {func(r *identityv1.SignUpRequest) { r.Email = strings.Repeat("a", 300) + "@example.com" }, "email"},
		"no tenant name":   {func(r *identityv1.SignUpRequest) { r.TenantName = "" }, "tenant_name"},
		"nul in name":      {func(r *identityv1.SignUpRequest) { r.TenantName = "a\x00b" }, "tenant_name"},
		"turned name":      {func(r *identityv1.SignUpRequest) { r.DisplayName = "Ada \u202emada" }, "display_name"},
		"marked name":      {func(r *identityv1.SignUpRequest) { r.TenantName = "Acme\u200e" }, "tenant_name"},
		"turned e-mail":    {func(r *identityv1.SignUpRequest) { r.Email = "a\u202eb@example.com" }, "email"},
		"long name":        {func(r *identityv1.SignUpRequest) { r.DisplayName = strings.Repeat("a", 201) }, "display_name"},
		"short password":   {func(r *identityv1.SignUpRequest) { r.Password = "short" }, "password"},
		"long password":    {func(r *identityv1.SignUpRequest) { r.Password = strings.Repeat("ab", 101) }, "password"},
		"common password":  {func(r *identityv1.SignUpRequest) { r.Password = "QwertyUiop" }, "password"},
		"e-mail password":  {func(r *identityv1.SignUpRequest) { r.Password = "ADA@example.com" }, "password"},
		"repeated letters": {func(r *identityv1.SignUpRequest) { r.Password = "aaaaaaaaaaaa" }, "password"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req := good()
			c.change(req)
			_, err := w.accounts.SignUp(t.Context(), req)
			f, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			require.Equal(t, fault.KindInvalid, f.Kind)
			require.Equal(t, c.field, f.Violations[0].Field)
		})
	}
}

func TestInterruptedTenantIsFinished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	req := &identityv1.SignUpRequest{TenantName: "Acme", Email: "ada@example.com", Password: goodPassword, ReturnToken: true}
	count := func() (active, all int) {
		require.NoError(t, w.db.System().QueryRow(t.Context(), "SELECT count(*) FILTER (WHERE active), count(*) FROM gateway.tenants").Scan(&active, &all))
		return active, all
	}
	w.breakStorage(true)
	_, err := w.accounts.SignUp(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	_, err = w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: req.GetEmail(), Password: goodPassword})
	requireReason(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	active, all := count()
	require.Equal(t, []int{0, 1}, []int{active, all})

	w.breakStorage(false)
	_, err = w.accounts.SignUp(t.Context(), req)
	require.NoError(t, err, "the next attempt goes on where the first one stopped")
	active, all = count()
	require.Equal(t, []int{1, 1}, []int{active, all})

	w.breakStorage(true)
	req.TenantName = "Second"
	_, err = w.accounts.SignUp(t.Context(), req)
	requireReason(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	w.breakStorage(false)
	require.NoError(t, w.svc.housekeep(t.Context()))
	active, all = count()
	require.Equal(t, []int{2, 2}, []int{active, all}, "or the sweep does")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bob := w.signUp("ada@example.com"), w.signUp("bob@example.com")
	again := w.signIn("Ada@Example.com", goodPassword)
	require.NotEqual(t, ada.token, again.token, "every sign-in has an id of its own")
	require.Equal(t, ada.tenant, again.tenant)

	wrong := func(email, password string) error {
		_, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: email, Password: password})
		return err
	}
	known, unknown := wrong("ada@example.com", "not the password"), wrong("nobody@example.com", "not the password")
	requireReason(t, known, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	require.Equal(t, known.Error(), unknown.Error())
	requireReason(t, wrong("ada@example.com", strings.Repeat("x", 100000)), faultv1.Reason_REASON_WRONG_CREDENTIALS)
	requireReason(t, wrong("ada@example.com", ""), faultv1.Reason_REASON_INVALID_FIELDS)
	requireReason(t, wrong("no address", goodPassword), faultv1.Reason_REASON_INVALID_FIELDS)

	into := func(tenant string) error {
		_, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: "ada@example.com", Password: goodPassword, Tenant: tenant})
		return err
	}
	require.NoError(t, into(ada.tenant))
	foreign, missing := into(bob.tenant), into("tmissing")
	requireReason(t, foreign, faultv1.Reason_REASON_TENANT_NOT_FOUND)
	require.Equal(t, foreign.Error(), missing.Error())
}

func TestRehashOnSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, costly)
	w.signUp("ada@example.com")
	stored := func() string {
		u, err := w.svc.system.UserByEmail(t.Context(), "ada@example.com")
		require.NoError(t, err)
		return u.PasswordHash
	}
	weaker := weakHash(t, w.svc.cfg.Pepper, goodPassword)
	_, err := w.db.System().Exec(t.Context(), "UPDATE gateway.users SET password_hash = $1", weaker)
	require.NoError(t, err)
	w.signIn("ada@example.com", goodPassword)
	require.Contains(t, stored(), "m=47104,t=1,p=1")
	w.signIn("ada@example.com", goodPassword)
}

// A password that was reset while it was being compared begins no session.
func TestPasswordChangedMeanwhile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp("ada@example.com")
	who, err := w.svc.checkPassword(t.Context(), ada.email, goodPassword)
	require.NoError(t, err)
	_, err = w.accounts.ChangePassword(ada.ctx, &identityv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: newPassword})
	require.NoError(t, err)
	_, err = w.svc.enter(t.Context(), who, ada.tenant, true)
	requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
}

// comparisons is a hasher that remembers what passwords were compared with.
type comparisons struct {
	hasher
	stored []string
}

func (c *comparisons) Verify(ctx context.Context, stored, text string) (ok, stale bool, err error) {
	c.stored = append(c.stored, stored)
	return c.hasher.Verify(ctx, stored, text)
}

// TestSignInOfNobodyIsCompared checks that a sign-in costs one comparison whether the person exists or not; that both cost the
// same is the password package's promise.
func TestSignInOfNobodyIsCompared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada@example.com")
	var known string
	require.NoError(t, w.db.System().QueryRow(t.Context(), "SELECT password_hash FROM gateway.users").Scan(&known))
	require.NotEmpty(t, known)
	c := &comparisons{hasher: w.svc.hasher}
	w.svc.hasher = c
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		_, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: email, Password: "not the password"})
		requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	}
	require.Equal(t, []string{known, ""}, c.stored)
}

func TestGuessesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada@example.com")
	guess := func(ctx context.Context, email, password string) error {
		_, err := w.accounts.SignIn(ctx, &identityv1.SignInRequest{Email: email, Password: password})
		return err
	}
	for i := range 10 {
		// From everywhere: the account is what counts.
		err := guess(w.from("203.0.113."+string(rune('0'+i))), "ada@example.com", "wrong")
		requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
		w.clk.Advance(time.Minute)
	}
	err := guess(w.from("198.51.100.1"), "ada@example.com", goodPassword)
	requireReason(t, err, faultv1.Reason_REASON_RATE_LIMITED)
	f, _ := fault.As(err)
	require.Equal(t, 5*time.Minute, f.RetryAfter, "ten minutes after the first failure")
	require.NoError(t, guess(w.from("198.51.100.1"), w.signUp("bob@example.com").email, goodPassword))

	w.clk.Advance(5 * time.Minute)
	require.NoError(t, guess(t.Context(), "ada@example.com", goodPassword), "one failure is old enough")
	requireReason(t, guess(t.Context(), "ada@example.com", "wrong"), faultv1.Reason_REASON_WRONG_CREDENTIALS)
	requireReason(t, guess(t.Context(), "ada@example.com", goodPassword), faultv1.Reason_REASON_RATE_LIMITED)

	// One address tries many accounts; IPv6 addresses of one network are one.
	for i := range 10 {
		err := guess(w.from("2001:db8::"+string(rune('1'+i%9))), "user"+string(rune('a'+i))+"@example.com", "wrong")
		requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	}
	requireReason(t, guess(w.from("2001:db8::ffff"), "bob@example.com", goodPassword), faultv1.Reason_REASON_RATE_LIMITED)
	require.NoError(t, guess(w.from("2001:db8:0:1::1"), "bob@example.com", goodPassword))
}

func TestParallelGuessesAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.signUp("ada@example.com")
	var wrong, limited, right atomic.Int32
	var wg sync.WaitGroup
	for range 30 {
		wg.Go(func() {
			_, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: "ada@example.com", Password: "wrong password"})
			switch {
			case fault.Has(err, faultv1.Reason_REASON_WRONG_CREDENTIALS):
				wrong.Add(1)
			case fault.Has(err, faultv1.Reason_REASON_RATE_LIMITED):
				limited.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 10, wrong.Load())
	require.EqualValues(t, 20, limited.Load())

	w.clk.Advance(15 * time.Minute)
	for range 30 {
		wg.Go(func() {
			if _, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: "ada@example.com", Password: goodPassword}); err == nil {
				right.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 30, right.Load(), "who knows the password is not limited")
}

func TestSignUpsAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(func(c *Config) { c.SignUps = 2 }))
	try := func(email, address string) error {
		_, err := w.accounts.SignUp(w.from(address), &identityv1.SignUpRequest{TenantName: "x", Email: email, Password: goodPassword})
		return err
	}
	require.NoError(t, try("a@example.com", "203.0.113.1"))
	require.NoError(t, try("b@example.com", "203.0.113.1"))
	requireReason(t, try("c@example.com", "203.0.113.1"), faultv1.Reason_REASON_RATE_LIMITED)
	require.NoError(t, try("c@example.com", "203.0.113.2"))
	w.clk.Advance(time.Hour)
	require.NoError(t, try("d@example.com", "203.0.113.1"))
}
