package identity

import (
	"testing"

	"github.com/stretchr/testify/require"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

func TestDeleteTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, bo := w.signUp("ada@example.com"), w.signUp("bo@example.com")
	developer := w.join(ada, "dev@example.com", "developer")
	both := w.join(ada, "bo@example.com", "member") // who has a tenant of their own
	key := w.key(ada)
	invitation, err := w.users.CreateInvitation(ada.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: "new@example.com", Roles: []string{"member"}}})
	require.NoError(t, err)
	right := &identityv1.DeleteTenantRequest{Confirm: "Tenant of ada@example.com"}

	_, err = w.tenants.DeleteTenant(developer.ctx, right)
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	for _, wrong := range []string{"", "tenant of ada@example.com", "Tenant of bo@example.com"} {
		_, err = w.tenants.DeleteTenant(ada.ctx, &identityv1.DeleteTenantRequest{Confirm: wrong})
		requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
	}
	w.who(ada.token)

	_, err = w.tenants.DeleteTenant(ada.ctx, right)
	require.NoError(t, err)
	for _, secret := range []string{ada.token, developer.token, both.token, key.GetKey()} {
		w.refused(secret, faultv1.Reason_REASON_UNAUTHENTICATED)
	}
	w.who(bo.token)
	_, err = w.accounts.AcceptInvitation(t.Context(), &identityv1.AcceptInvitationRequest{Token: invitation.GetToken(), Password: goodPassword})
	requireReason(t, err, faultv1.Reason_REASON_LINK_INVALID)
	for _, nobody := range []string{"ada@example.com", "dev@example.com"} {
		_, err = w.accounts.SignIn(t.Context(), &identityv1.SignInRequest{Email: nobody, Password: goodPassword})
		requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	}
	require.Equal(t, bo.tenant, w.signIn("bo@example.com", goodPassword).tenant)
	require.Equal(t, 1, w.audited("tenant.delete"))
	_, err = w.delegation.Delegate(t.Context(), &identityv1.DelegateRequest{Tenant: ada.tenant, Subject: developer.id, Run: "r1"})
	require.Error(t, err, "a run acts for nobody any more")

	// The same person may begin again.
	again := w.signUp("ada@example.com")
	require.NotEqual(t, ada.tenant, again.tenant)

	// What is left of it is removed: once now, and once after the last calls that were let in.
	w.breakStorage(true)
	_, err = w.svc.removeTenants(t.Context())
	require.ErrorContains(t, err, "storage is away")
	w.breakStorage(false)
	next, err := w.svc.removeTenants(t.Context())
	require.NoError(t, err)
	require.Equal(t, lastCalls, next)
	require.Equal(t, []string{ada.tenant}, w.removed)
	w.clk.Advance(lastCalls)
	next, err = w.svc.removeTenants(t.Context())
	require.NoError(t, err)
	require.Zero(t, next)
	require.Len(t, w.removed, 2)
	_, err = w.svc.removeTenants(t.Context())
	require.NoError(t, err)
	require.Len(t, w.removed, 2, "it is forgotten")
	w.who(again.token)
}

func TestOperatorKeepsATenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with(func(c *Config) { c.AdminEmail, c.AdminPassword = "root@example.com", goodPassword }))
	require.NoError(t, w.svc.housekeep(t.Context()))
	root := w.signIn("root@example.com", goodPassword)
	_, err := w.tenants.DeleteTenant(root.ctx, &identityv1.DeleteTenantRequest{Confirm: "main"})
	requireReason(t, err, faultv1.Reason_REASON_LAST_ADMIN)
	w.signUp("root@example.com")
	_, err = w.tenants.DeleteTenant(root.ctx, &identityv1.DeleteTenantRequest{Confirm: "main"})
	require.NoError(t, err)
	w.signIn("root@example.com", goodPassword)
}
