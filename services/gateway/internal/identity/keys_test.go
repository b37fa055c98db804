package identity

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

func TestApiKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	bob := w.join(admin, "bob@example.com", "developer", "member")
	limited, whole := w.key(bob, "member"), w.key(bob)
	require.Regexp(t, "^aqk_"+limited.GetId()+"_[A-Z2-7]{52}$", limited.GetKey())
	require.Equal(t, []string{"member"}, w.who(limited.GetKey()).Roles)
	require.Empty(t, w.who(limited.GetKey()).Grants)
	require.True(t, w.who(whole.GetKey()).Can("entries.write", ""))
	adminKey := w.key(admin)

	count := func(ctx context.Context) int {
		list, err := w.users.ListApiKeys(ctx, &identityv1.ListApiKeysRequest{})
		require.NoError(t, err)
		for _, k := range list.GetApiKeys() {
			require.Empty(t, k.GetKey())
		}
		return len(list.GetApiKeys())
	}
	require.Equal(t, 3, count(admin.ctx))
	require.Equal(t, 3, count(bob.ctx), "developers read users")
	require.Equal(t, 2, count(w.as(limited.GetKey())), "others see their own")

	remove := func(a actor, id string) error {
		_, err := w.users.DeleteApiKey(a.ctx, &identityv1.DeleteApiKeyRequest{ApiKey: id})
		return err
	}
	requireReason(t, remove(bob, adminKey.GetId()), faultv1.Reason_REASON_API_KEY_NOT_FOUND)
	require.NoError(t, remove(bob, limited.GetId()))
	require.NoError(t, remove(admin, whole.GetId()))
	w.refused(limited.GetKey(), faultv1.Reason_REASON_UNAUTHENTICATED)
	w.refused(whole.GetKey(), faultv1.Reason_REASON_UNAUTHENTICATED)
}

func TestDelegation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, other := w.signUp("ada@example.com"), w.signUp("zoe@example.com")
	w.role(admin, "clerk", "entries.read")
	bob := w.join(admin, "bob@example.com", "clerk")
	req := &identityv1.DelegateRequest{Tenant: admin.tenant, Subject: bob.id, Release: "r1", Audience: []string{"storage", "dataflow"}, Run: "run1"}
	verify := func() principal.Principal {
		resp, err := w.delegation.Delegate(t.Context(), req)
		require.NoError(t, err)
		c, err := token.NewVerifier("storage", w.source.Pool, w.clk).Verify(resp.GetToken())
		require.NoError(t, err)
		require.False(t, resp.GetExpireTime().AsTime().After(c.ExpiresAt))
		require.True(t, resp.GetExpireTime().AsTime().After(w.clk.Now()))
		return c.Principal
	}
	p := verify()
	require.Equal(t, principal.KindRun, p.Kind)
	require.Equal(t, []string{admin.tenant, bob.id, "r1"}, []string{p.Tenant, p.Subject, p.Release})
	require.True(t, p.Can("entries.read", ""))
	w.clk.Advance(9 * time.Second)
	require.True(t, verify().Can("entries.read", ""), "the same token again")
	req.Roles = []string{"auditor"}
	require.Empty(t, verify().Roles, "limited to roles that bob does not have")
	req.Roles = []string{"auditor", "clerk"}
	require.Equal(t, []string{"clerk"}, verify().Roles)
	req.Roles = nil

	_, err := w.users.DeleteRole(admin.ctx, &identityv1.DeleteRoleRequest{Role: "clerk"})
	require.NoError(t, err)
	require.Empty(t, verify().Grants, "by the roles of now")

	refused := func(tenant, subject string) {
		t.Helper()
		_, err := w.delegation.Delegate(t.Context(), &identityv1.DelegateRequest{Tenant: tenant, Subject: subject, Audience: []string{"storage"}})
		requireReason(t, err, faultv1.Reason_REASON_USER_DISABLED)
	}
	refused(other.tenant, bob.id)
	refused("tmissing", bob.id)
	_, err = w.users.UpdateUser(admin.ctx, &identityv1.UpdateUserRequest{User: &identityv1.User{Id: bob.id, Disabled: true}})
	require.NoError(t, err)
	refused(admin.tenant, bob.id)
	_, err = w.users.RemoveUser(admin.ctx, &identityv1.RemoveUserRequest{User: bob.id})
	require.NoError(t, err)
	refused(admin.tenant, bob.id)
	_, err = w.delegation.Delegate(t.Context(), &identityv1.DelegateRequest{Tenant: admin.tenant, Subject: admin.id})
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)

	found := func(r *identityv1.FindUsersRequest) (emails []string) {
		resp, err := w.delegation.FindUsers(t.Context(), r)
		require.NoError(t, err)
		for _, u := range resp.GetUsers() {
			emails = append(emails, u.GetEmail())
		}
		return emails
	}
	w.join(admin, "cleo@example.com", "developer")
	require.Equal(t, []string{"ada@example.com", "cleo@example.com"}, found(&identityv1.FindUsersRequest{
		Tenant: admin.tenant, Users: []string{admin.id, "Cleo@example.com", other.id, "zoe@example.com", "\x00"},
	}))
	require.Equal(t, []string{"cleo@example.com"}, found(&identityv1.FindUsersRequest{Tenant: admin.tenant, Role: "developer"}))
	require.Empty(t, found(&identityv1.FindUsersRequest{Tenant: admin.tenant}))

	_, err = identityv1.NewDelegationClient(w.serve("gateway")).Delegate(admin.ctx, req)
	requireReason(t, err, faultv1.Reason_REASON_PEER_NOT_ALLOWED)
}

// The id of another tenant's thing gives the same answer as one that nobody has.
func TestForeignLooksMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, other := w.signUp("ada@example.com"), w.signUp("zoe@example.com")
	w.role(other, "theirs", "entries.read")
	inv, err := w.users.CreateInvitation(other.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: "x@example.com"}})
	require.NoError(t, err)
	key := w.key(other)
	for name, c := range map[string]struct {
		foreign string
		reason  faultv1.Reason
		call    func(id string) error
	}{
		"GetUser": {other.id, faultv1.Reason_REASON_USER_NOT_FOUND, func(id string) error {
			_, err := w.users.GetUser(admin.ctx, &identityv1.GetUserRequest{User: id})
			return err
		}},
		"UpdateUser": {other.id, faultv1.Reason_REASON_USER_NOT_FOUND, func(id string) error {
			_, err := w.users.UpdateUser(admin.ctx, &identityv1.UpdateUserRequest{User: &identityv1.User{Id: id, DisplayName: "x"}})
			return err
		}},
		"RemoveUser": {other.id, faultv1.Reason_REASON_USER_NOT_FOUND, func(id string) error {
			_, err := w.users.RemoveUser(admin.ctx, &identityv1.RemoveUserRequest{User: id})
			return err
		}},
		"CreatePasswordLink": {other.id, faultv1.Reason_REASON_USER_NOT_FOUND, func(id string) error {
			_, err := w.users.CreatePasswordLink(admin.ctx, &identityv1.CreatePasswordLinkRequest{User: id})
			return err
		}},
		"DeleteInvitation": {inv.GetId(), faultv1.Reason_REASON_INVITATION_NOT_FOUND, func(id string) error {
			_, err := w.users.DeleteInvitation(admin.ctx, &identityv1.DeleteInvitationRequest{Invitation: id})
			return err
		}},
		"DeleteApiKey": {key.GetId(), faultv1.Reason_REASON_API_KEY_NOT_FOUND, func(id string) error {
			_, err := w.users.DeleteApiKey(admin.ctx, &identityv1.DeleteApiKeyRequest{ApiKey: id})
			return err
		}},
		"UpdateRole": {"theirs", faultv1.Reason_REASON_ROLE_NOT_FOUND, func(id string) error {
			_, err := w.users.UpdateRole(admin.ctx, &identityv1.UpdateRoleRequest{Role: &identityv1.Role{Id: id, DisplayName: "x"}})
			return err
		}},
		"DeleteRole": {"theirs", faultv1.Reason_REASON_ROLE_NOT_FOUND, func(id string) error {
			_, err := w.users.DeleteRole(admin.ctx, &identityv1.DeleteRoleRequest{Role: id})
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			foreign := c.call(c.foreign)
			requireReason(t, foreign, c.reason)
			for _, id := range []string{"missing", "", "\x00", "x'; --"} {
				require.Equal(t, foreign.Error(), c.call(id).Error())
			}
		})
	}
	require.Equal(t, other.id, w.who(key.GetKey()).Subject)
	list, err := w.users.ListUsers(admin.ctx, &identityv1.ListUsersRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetUsers(), 1)
}

// Methods ask for their permission before anything else.
func TestPermissionsAreAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	bob, dev := w.join(admin, "bob@example.com"), w.join(admin, "dev@example.com", "developer")
	_, err := w.users.ListUsers(bob.ctx, &identityv1.ListUsersRequest{})
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	_, err = w.users.ListUsers(dev.ctx, &identityv1.ListUsersRequest{})
	require.NoError(t, err)
	_, err = w.users.RemoveUser(dev.ctx, &identityv1.RemoveUserRequest{User: bob.id})
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
}

func TestEveryChangeIsAudited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	w.role(admin, "clerk", "entries.read")
	_, err := w.users.UpdateRole(admin.ctx, &identityv1.UpdateRoleRequest{Role: &identityv1.Role{Id: "clerk", DisplayName: "x"}})
	require.NoError(t, err)
	bob := w.join(admin, "bob@example.com", "clerk")
	key := w.key(bob)
	_, err = w.users.DeleteApiKey(bob.ctx, &identityv1.DeleteApiKeyRequest{ApiKey: key.GetId()})
	require.NoError(t, err)
	_, err = w.users.UpdateUser(admin.ctx, &identityv1.UpdateUserRequest{User: &identityv1.User{Id: bob.id, DisplayName: "Bob"}})
	require.NoError(t, err)
	_, err = w.accounts.ChangePassword(bob.ctx, &identityv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: newPassword})
	require.NoError(t, err)
	_, err = w.accounts.SwitchTenant(bob.ctx, &identityv1.SwitchTenantRequest{Tenant: bob.tenant})
	require.NoError(t, err)
	link, err := w.users.CreatePasswordLink(admin.ctx, &identityv1.CreatePasswordLinkRequest{User: bob.id})
	require.NoError(t, err)
	_, err = w.accounts.ResetPassword(t.Context(), &identityv1.ResetPasswordRequest{Token: link.GetToken(), Password: goodPassword})
	require.NoError(t, err)
	inv, err := w.users.CreateInvitation(admin.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: "x@example.com"}})
	require.NoError(t, err)
	_, err = w.users.DeleteInvitation(admin.ctx, &identityv1.DeleteInvitationRequest{Invitation: inv.GetId()})
	require.NoError(t, err)
	_, err = w.users.DeleteRole(admin.ctx, &identityv1.DeleteRoleRequest{Role: "clerk"})
	require.NoError(t, err)
	_, err = w.users.RemoveUser(admin.ctx, &identityv1.RemoveUserRequest{User: bob.id})
	require.NoError(t, err)
	_, err = w.accounts.SignOut(admin.ctx, &identityv1.SignOutRequest{})
	require.NoError(t, err)
	for action, want := range map[string]int{
		"tenant.create": 1, "user.create": 2, "session.create": 2, "role.create": 1, "role.update": 1, "invitation.create": 2,
		"invitation.accept": 1, "api_key.create": 1, "api_key.delete": 1, "user.update": 1, "password.change": 1, "session.switch": 1,
		"password_link.create": 1, "password.reset": 1, "invitation.delete": 1, "role.delete": 1, "user.remove": 1, "session.delete": 1,
	} {
		require.Equal(t, want, w.audited(action), action)
	}
	// A refused change leaves no trace of having happened.
	_, err = w.users.RemoveUser(w.signIn(admin.email, goodPassword).ctx, &identityv1.RemoveUserRequest{User: admin.id})
	requireReason(t, err, faultv1.Reason_REASON_LAST_ADMIN)
	require.Equal(t, 1, w.audited("user.remove"))
}
