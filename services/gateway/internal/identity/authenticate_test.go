package identity

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
)

func TestCredentialsThatNeverWere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, secret := range []string{"", "aqs_", "aqk_", "aqk_x_y", "Bearer", "aqs_" + string(make([]byte, 1<<20)), "aqs_\x00"} {
		w.refused(secret, faultv1.Reason_REASON_UNAUTHENTICATED)
	}
	_, err := w.users.ListUsers(t.Context(), &identityv1.ListUsersRequest{})
	requireReason(t, err, faultv1.Reason_REASON_UNAUTHENTICATED)
}

// Whatever takes rights away holds for the very next request.
func TestRevocationHoldsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	w.role(admin, "clerk", "entries.read")
	update := func(user string, fields []string, u *identityv1.User) {
		u.Id = user
		_, err := w.users.UpdateUser(admin.ctx, &identityv1.UpdateUserRequest{User: u, UpdateMask: &fieldmaskpb.FieldMask{Paths: fields}})
		require.NoError(t, err)
	}

	bob := w.join(admin, "bob@example.com", "clerk")
	key := w.key(bob, "clerk").GetKey()
	before := w.who(bob.token).Epoch
	require.True(t, w.who(bob.token).Can("entries.read", ""))
	require.True(t, w.who(key).Can("entries.read", ""))

	_, err := w.users.UpdateRole(admin.ctx, &identityv1.UpdateRoleRequest{Role: &identityv1.Role{Id: "clerk", Grants: []*identityv1.Grant{{Permission: "files.read"}}}})
	require.NoError(t, err)
	require.False(t, w.who(bob.token).Can("entries.read", ""), "role changed")
	require.True(t, w.who(bob.token).Can("files.read", ""))
	require.Greater(t, w.who(bob.token).Epoch, before)

	update(bob.id, []string{"roles"}, &identityv1.User{Roles: []string{"member"}})
	require.False(t, w.who(bob.token).Can("files.read", ""), "role taken away")
	require.Empty(t, w.who(key).Roles, "a key has no more than its owner")
	require.Empty(t, w.who(key).Grants)

	update(bob.id, []string{"disabled"}, &identityv1.User{Disabled: true})
	w.refused(bob.token, faultv1.Reason_REASON_UNAUTHENTICATED)
	w.refused(key, faultv1.Reason_REASON_USER_DISABLED)
	_, err = w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: bob.email, Password: goodPassword})
	requireReason(t, err, faultv1.Reason_REASON_USER_DISABLED)
	update(bob.id, []string{"disabled"}, &identityv1.User{})
	bob = w.signIn(bob.email, goodPassword)
	require.Equal(t, principal.KindKey, w.who(key).Kind)

	_, err = w.users.RemoveUser(admin.ctx, &identityv1.RemoveUserRequest{User: bob.id})
	require.NoError(t, err)
	w.refused(bob.token, faultv1.Reason_REASON_UNAUTHENTICATED)
	w.refused(key, faultv1.Reason_REASON_UNAUTHENTICATED)

	cleo := w.join(admin, "cleo@example.com", "clerk")
	second := w.signIn(cleo.email, goodPassword)
	_, err = w.accounts.ChangePassword(second.ctx, &identityv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: newPassword})
	require.NoError(t, err)
	w.refused(cleo.token, faultv1.Reason_REASON_UNAUTHENTICATED)
	require.Equal(t, cleo.id, w.who(second.token).Subject, "the session that changed it stays")

	key = w.key(second, "clerk").GetKey()
	_, err = w.users.DeleteRole(admin.ctx, &identityv1.DeleteRoleRequest{Role: "clerk"})
	require.NoError(t, err)
	require.Empty(t, w.who(second.token).Grants)
	w.refused(key, faultv1.Reason_REASON_UNAUTHENTICATED)

	var header metadata.MD
	_, err = w.accounts.SignOut(second.ctx, &identityv1.SignOutRequest{}, grpc.Header(&header))
	require.NoError(t, err)
	require.Equal(t, []string{"true"}, header.Get(HeaderSessionClear))
	w.refused(second.token, faultv1.Reason_REASON_UNAUTHENTICATED)
}

func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	idle, busy := w.signUp("ada@example.com"), w.signIn("ada@example.com", goodPassword)
	for range 60 {
		_, info, err := w.svc.Authenticate(t.Context(), busy.token)
		require.NoError(t, err)
		require.LessOrEqual(t, info.ExpireTime.Sub(w.clk.Now()), 12*time.Hour)
		w.svc.auth.wait() // until the use is noted
		w.clk.Advance(11*time.Hour + 59*time.Minute)
	}
	w.refused(idle.token, faultv1.Reason_REASON_SESSION_EXPIRED)
	w.who(busy.token)
	w.svc.auth.wait()
	w.clk.Advance(11 * time.Hour)
	w.refused(busy.token, faultv1.Reason_REASON_SESSION_EXPIRED)

	require.NoError(t, w.svc.housekeep(t.Context()))
	w.refused(busy.token, faultv1.Reason_REASON_UNAUTHENTICATED)
}

func TestUseIsNotedSeldom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp("ada@example.com")
	seen := func() (at time.Time) {
		require.NoError(t, w.db.System().QueryRow(t.Context(), "SELECT seen_time FROM gateway.sessions").Scan(&at))
		return at.UTC()
	}
	start := w.clk.Now()
	for _, c := range []struct {
		after time.Duration
		want  time.Duration
	}{{time.Minute, 0}, {3*time.Minute + 59*time.Second, 0}, {time.Second, 5 * time.Minute}, {time.Minute, 5 * time.Minute}} {
		w.clk.Advance(c.after)
		w.who(ada.token)
		w.svc.auth.wait()
		require.Equal(t, start.Add(c.want), seen())
	}
}

func TestSessionsOfAUserAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp("ada@example.com")
	u, err := w.svc.system.UserByEmail(t.Context(), ada.email)
	require.NoError(t, err)
	var last string
	for range maxSessions {
		w.clk.Advance(time.Second)
		resp, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: ada.email, Password: goodPassword, ReturnToken: true})
		require.NoError(t, err)
		last = resp.GetToken()
	}
	w.refused(ada.token, faultv1.Reason_REASON_UNAUTHENTICATED)
	require.Equal(t, u.ID, w.who(last).Subject)
}

func TestKeysExpire(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp("ada@example.com")
	key, err := w.users.CreateApiKey(ada.ctx, &identityv1.CreateApiKeyRequest{ApiKey: &identityv1.ApiKey{
		DisplayName: "ci", ExpireTime: timestamppb.New(w.clk.Now().Add(time.Hour)),
	}})
	require.NoError(t, err)
	w.clk.Advance(time.Hour - time.Second)
	p, info, err := w.svc.Authenticate(t.Context(), key.GetKey())
	require.NoError(t, err)
	require.Equal(t, ada.id, p.Subject)
	require.Empty(t, info.ID)
	w.clk.Advance(time.Second)
	w.refused(key.GetKey(), faultv1.Reason_REASON_SESSION_EXPIRED)
}

// One query answers everybody who waits, and each answer is the right one.
func TestLookUpsAreBatched(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	secrets := map[string]string{admin.token: principal.KindUser, w.key(admin).GetKey(): principal.KindKey, "aqs_none": ""}
	before, _ := batches(t, w)
	var wg sync.WaitGroup
	for range 64 {
		for secret, kind := range secrets {
			wg.Go(func() {
				p, _, err := w.svc.Authenticate(t.Context(), secret)
				if kind == "" {
					requireReason(t, err, faultv1.Reason_REASON_UNAUTHENTICATED)
					return
				}
				require.NoError(t, err)
				require.Equal(t, kind, p.Kind)
				p.Roles[0] = "changed by one, seen by none"
			})
		}
	}
	wg.Wait()
	after, lookups := batches(t, w)
	require.GreaterOrEqual(t, lookups, 192.0)
	require.Less(t, after-before, uint64(100), "queries for 192 look-ups")
	require.Equal(t, []string{"admin"}, w.who(admin.token).Roles)
}

func batches(t *testing.T, w *world) (queries uint64, lookups float64) {
	t.Helper()
	families, err := w.reg.Gather()
	require.NoError(t, err)
	for _, f := range families {
		if f.GetName() == "aqtra_identity_batch_size" {
			var h *dto.Histogram = f.GetMetric()[0].GetHistogram()
			return h.GetSampleCount(), h.GetSampleSum()
		}
	}
	return 0, 0
}

func TestPostgresAway(t *testing.T) {
	t.Parallel()
	server := pgtest.Server(t)
	w := newWorld(t, on(server.Database(t, store.Schema, store.Migrations)))
	ada := w.signUp("ada@example.com")
	server.Stop(t)
	w.refused(ada.token, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	_, err := w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: ada.email, Password: goodPassword})
	requireReason(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	server.Start(t)
	require.Equal(t, ada.id, w.who(ada.token).Subject, "nothing acknowledged is lost")
}

// Postgres keeps the plan of a prepared statement that was made when the tables were empty. It must be good for full ones, and
// must not be made anew for every request.
func TestLookUpsReadByKeyAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada := w.signUp("ada@example.com")
	for range 10 {
		w.who(ada.token)
	}
	w.svc.auth.wait()
	conn, err := w.db.SystemPool().Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	var name string
	var kept int64
	require.NoError(t, conn.QueryRow(t.Context(),
		"SELECT name, generic_plans FROM pg_prepared_statements WHERE statement LIKE '%ResolveCredentials%'").Scan(&name, &kept))
	require.Positive(t, kept)
	rows, err := conn.Query(t.Context(), fmt.Sprintf("EXPLAIN EXECUTE %s ('{}', '{}')", pgx.Identifier{name}.Sanitize()))
	require.NoError(t, err)
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	require.NoError(t, err)
	require.NotContains(t, strings.Join(plan, "\n"), "Seq Scan")
}
