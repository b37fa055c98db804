package identity

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

func TestUsersArePaged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, other := w.signUp("ada@example.com"), w.signUp("zoe@example.com")
	for i := range 4 {
		w.join(admin, fmt.Sprintf("user%d@example.com", i))
	}
	var got []string
	req := &identityv1.ListUsersRequest{PageSize: 2}
	for {
		resp, err := w.users.ListUsers(admin.ctx, req)
		require.NoError(t, err)
		for _, u := range resp.GetUsers() {
			got = append(got, u.GetEmail())
		}
		if req.PageToken = resp.GetNextPageToken(); req.PageToken == "" {
			break
		}
		_, err = w.users.ListUsers(other.ctx, req)
		requireReason(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
		_, err = w.users.ListInvitations(admin.ctx, &identityv1.ListInvitationsRequest{PageToken: req.GetPageToken()})
		requireReason(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	}
	require.Equal(t, []string{"ada@example.com", "user0@example.com", "user1@example.com", "user2@example.com", "user3@example.com"}, got)
	_, err := w.users.ListUsers(admin.ctx, &identityv1.ListUsersRequest{PageSize: -1})
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	bob := w.join(admin, "bob@example.com")
	update := func(u *identityv1.User, paths ...string) (*identityv1.User, error) {
		return w.users.UpdateUser(admin.ctx, &identityv1.UpdateUserRequest{User: u, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
	}
	first, err := w.users.GetUser(admin.ctx, &identityv1.GetUserRequest{User: bob.id})
	require.NoError(t, err)
	require.Equal(t, []string{"member"}, first.GetRoles())

	u, err := update(&identityv1.User{Id: bob.id, DisplayName: "Bob", Roles: []string{"developer", "developer"}, Etag: first.GetEtag()})
	require.NoError(t, err)
	require.Equal(t, "Bob", u.GetDisplayName())
	require.Equal(t, []string{"developer"}, u.GetRoles())
	require.True(t, w.who(bob.token).Can("entries.read", "invoice"))
	require.False(t, w.who(bob.token).Can("users.write", ""))
	read, err := w.users.GetUser(admin.ctx, &identityv1.GetUserRequest{User: bob.id})
	require.NoError(t, err)
	require.Equal(t, u.String(), read.String())

	_, err = update(&identityv1.User{Id: bob.id, DisplayName: "Rob", Etag: first.GetEtag()}, "display_name")
	requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)
	_, err = update(&identityv1.User{Id: bob.id, Roles: []string{"no-such-role"}}, "roles")
	requireReason(t, err, faultv1.Reason_REASON_ROLE_NOT_FOUND)
	_, err = update(&identityv1.User{Id: bob.id, Email: "new@example.com"}, "email")
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
	_, err = update(&identityv1.User{Id: bob.id}, "display_name")
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
	u, err = update(&identityv1.User{Id: bob.id}, "roles")
	require.NoError(t, err)
	require.Empty(t, u.GetRoles(), "the mask empties a field")
	require.Equal(t, "Bob", u.GetDisplayName())
}

func TestLastAdminStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	demote := func(a actor, user string) error {
		_, err := w.users.UpdateUser(a.ctx, &identityv1.UpdateUserRequest{User: &identityv1.User{Id: user}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"roles"}}})
		return err
	}
	requireReason(t, demote(admin, admin.id), faultv1.Reason_REASON_LAST_ADMIN)
	_, err := w.users.UpdateUser(admin.ctx, &identityv1.UpdateUserRequest{User: &identityv1.User{Id: admin.id, Disabled: true}})
	requireReason(t, err, faultv1.Reason_REASON_LAST_ADMIN)
	_, err = w.users.RemoveUser(admin.ctx, &identityv1.RemoveUserRequest{User: admin.id})
	requireReason(t, err, faultv1.Reason_REASON_LAST_ADMIN)
	require.Equal(t, []string{"admin"}, w.who(admin.token).Roles)

	// Two administrators who demote each other at once: one of them stays.
	bob := w.join(admin, "bob@example.com", "admin")
	var wg sync.WaitGroup
	wg.Go(func() { _ = demote(admin, bob.id) })
	wg.Go(func() { _ = demote(bob, admin.id) })
	wg.Wait()
	var n int
	require.NoError(t, w.db.System().QueryRow(t.Context(), "SELECT count(*) FROM gateway.memberships WHERE 'admin' = ANY (roles)").Scan(&n))
	require.Equal(t, 1, n)
}

func TestNobodyGivesMoreThanTheyHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	w.role(admin, "manager", "users.*", "entries.read")
	w.role(admin, "clerk", "entries.read")
	w.role(admin, "boss", "entries.*")
	mia := w.join(admin, "mia@example.com", "manager")
	bob, boss := w.join(admin, "bob@example.com", "clerk"), w.join(admin, "eve@example.com", "boss")
	requireExceeds := func(err error) {
		t.Helper()
		requireReason(t, err, faultv1.Reason_REASON_GRANT_EXCEEDS_OWN)
	}
	setRoles := func(user string, roles ...string) error {
		_, err := w.users.UpdateUser(mia.ctx, &identityv1.UpdateUserRequest{
			User: &identityv1.User{Id: user, Roles: roles}, UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"roles"}},
		})
		return err
	}
	require.NoError(t, setRoles(bob.id, "clerk", "manager"), "what she holds herself")
	requireExceeds(setRoles(bob.id, "admin"))
	requireExceeds(setRoles(bob.id, "clerk", "boss"))
	requireExceeds(setRoles(bob.id, "manager")) // takes a role that is not hers to give
	requireExceeds(setRoles(mia.id, "manager", "admin"))
	requireExceeds(setRoles(boss.id, "boss", "manager")) // somebody mightier
	_, err := w.users.UpdateUser(mia.ctx, &identityv1.UpdateUserRequest{User: &identityv1.User{Id: admin.id, Disabled: true}})
	requireExceeds(err)
	_, err = w.users.RemoveUser(mia.ctx, &identityv1.RemoveUserRequest{User: admin.id})
	requireExceeds(err)
	_, err = w.users.CreatePasswordLink(mia.ctx, &identityv1.CreatePasswordLinkRequest{User: admin.id})
	requireExceeds(err)
	_, err = w.users.CreateInvitation(mia.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: "x@example.com", Roles: []string{"admin"}}})
	requireExceeds(err)
	grant := func(permission, component string) []*identityv1.Grant {
		return []*identityv1.Grant{{Permission: permission, Component: component}}
	}
	for _, g := range [][]*identityv1.Grant{grant("*", ""), grant("entries.*", ""), grant("entries.write", "invoice"), grant("files.read", "")} {
		_, err = w.users.CreateRole(mia.ctx, &identityv1.CreateRoleRequest{Role: &identityv1.Role{Id: "extra", Grants: g}})
		requireExceeds(err)
	}
	_, err = w.users.CreateRole(mia.ctx, &identityv1.CreateRoleRequest{Role: &identityv1.Role{Id: "extra", Grants: grant("entries.read", "invoice")}})
	require.NoError(t, err)
	_, err = w.users.UpdateRole(mia.ctx, &identityv1.UpdateRoleRequest{Role: &identityv1.Role{Id: "manager", Grants: grant("*", "")}})
	requireExceeds(err)
	_, err = w.users.DeleteRole(mia.ctx, &identityv1.DeleteRoleRequest{Role: "boss"})
	requireExceeds(err)
	adminKey := w.key(admin)
	_, err = w.users.DeleteApiKey(mia.ctx, &identityv1.DeleteApiKeyRequest{ApiKey: adminKey.GetId()})
	requireExceeds(err)
	_, err = w.users.CreateApiKey(mia.ctx, &identityv1.CreateApiKeyRequest{ApiKey: &identityv1.ApiKey{DisplayName: "x", Roles: []string{"admin"}}})
	requireExceeds(err)
	key := w.key(admin, "admin")
	_, err = w.users.CreateApiKey(w.as(key.GetKey()), &identityv1.CreateApiKeyRequest{ApiKey: &identityv1.ApiKey{DisplayName: "x"}})
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
}

func TestRoles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	w.role(admin, "clerk", "entries.read")
	list, err := w.users.ListRoles(admin.ctx, &identityv1.ListRolesRequest{})
	require.NoError(t, err)
	var ids []string
	for _, r := range list.GetRoles() {
		ids = append(ids, r.GetId())
		require.Equal(t, r.GetId() != "clerk", r.GetBuiltIn())
	}
	require.Equal(t, []string{"admin", "developer", "member", "clerk"}, ids)

	create := func(r *identityv1.Role) error {
		_, err := w.users.CreateRole(admin.ctx, &identityv1.CreateRoleRequest{Role: r})
		return err
	}
	requireReason(t, create(&identityv1.Role{Id: "clerk"}), faultv1.Reason_REASON_ROLE_EXISTS)
	requireReason(t, create(&identityv1.Role{Id: "admin"}), faultv1.Reason_REASON_ROLE_EXISTS)
	requireReason(t, create(&identityv1.Role{Id: "Clerk"}), faultv1.Reason_REASON_INVALID_FIELDS)
	requireReason(t, create(&identityv1.Role{Id: "x", Grants: []*identityv1.Grant{{Permission: "entries.**"}}}), faultv1.Reason_REASON_INVALID_FIELDS)
	requireReason(t, create(&identityv1.Role{Id: "x", Grants: []*identityv1.Grant{{Permission: "*", Component: "a\x00"}}}), faultv1.Reason_REASON_INVALID_FIELDS)

	update := func(r *identityv1.Role, paths ...string) (*identityv1.Role, error) {
		return w.users.UpdateRole(admin.ctx, &identityv1.UpdateRoleRequest{Role: r, UpdateMask: &fieldmaskpb.FieldMask{Paths: paths}})
	}
	r, err := update(&identityv1.Role{Id: "clerk", DisplayName: "Clerk", Etag: list.GetRoles()[3].GetEtag()})
	require.NoError(t, err)
	require.Equal(t, "Clerk", r.GetDisplayName())
	require.Len(t, r.GetGrants(), 1)
	_, err = update(&identityv1.Role{Id: "clerk", DisplayName: "X", Etag: list.GetRoles()[3].GetEtag()})
	requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)
	_, err = update(&identityv1.Role{Id: "developer", DisplayName: "X"})
	requireReason(t, err, faultv1.Reason_REASON_ROLE_BUILT_IN)
	_, err = update(&identityv1.Role{Id: "clerk"}, "built_in")
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
	r, err = update(&identityv1.Role{Id: "clerk"}, "grants")
	require.NoError(t, err)
	require.Empty(t, r.GetGrants())
	_, err = w.users.DeleteRole(admin.ctx, &identityv1.DeleteRoleRequest{Role: "member"})
	requireReason(t, err, faultv1.Reason_REASON_ROLE_BUILT_IN)
}

// What a person may do must fit into every token.
func TestGrantsOfAPersonAreBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.signUp("ada@example.com")
	var roles []string
	for i := range 3 {
		role := &identityv1.Role{Id: fmt.Sprintf("r%d", i)}
		for j := range maxGrants {
			role.Grants = append(role.Grants, &identityv1.Grant{Permission: fmt.Sprintf("entries.verb%c%c", 'a'+i, 'a'+j%26), Component: fmt.Sprintf("a_component_with_a_long_name_%d", j)})
		}
		_, err := w.users.CreateRole(admin.ctx, &identityv1.CreateRoleRequest{Role: role})
		require.NoError(t, err)
		roles = append(roles, role.GetId())
	}
	_, err := w.users.CreateInvitation(admin.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: "b@example.com", Roles: roles}})
	requireReason(t, err, faultv1.Reason_REASON_QUOTA_EXCEEDED)
	bob := w.join(admin, "b@example.com", roles[:2]...)
	tok, err := w.svc.minter.Mint(w.who(bob.token), "storage")
	require.NoError(t, err)
	require.Less(t, len(tok), token.MaxSize)
}

func TestInvitations(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, other := w.signUp("ada@example.com"), w.signUp("zoe@example.com")
	invite := func(email string) *identityv1.Invitation {
		inv, err := w.users.CreateInvitation(admin.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: email, Roles: []string{"developer"}}})
		require.NoError(t, err)
		require.Equal(t, "https://apps.example.com/invitation#token="+inv.GetToken(), inv.GetLink())
		return inv
	}
	accept := func(inv *identityv1.Invitation, password string) (*identityv1.SignInResponse, error) {
		return w.accounts.AcceptInvitation(t.Context(), &identityv1.AcceptInvitationRequest{Token: inv.GetToken(), Password: password, ReturnToken: true})
	}
	inv := invite("bob@example.com")
	_, err := accept(inv, "short")
	requireReason(t, err, faultv1.Reason_REASON_WEAK_PASSWORD)
	list, err := w.users.ListInvitations(admin.ctx, &identityv1.ListInvitationsRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetInvitations(), 1)
	require.Empty(t, list.GetInvitations()[0].GetToken(), "shown once")

	var won atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if resp, err := accept(inv, goodPassword); err == nil {
				won.Add(1)
				require.Equal(t, []string{"developer"}, resp.GetSession().GetUser().GetRoles())
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 1, won.Load())
	_, err = accept(inv, goodPassword)
	requireReason(t, err, faultv1.Reason_REASON_LINK_INVALID)
	_, err = w.users.CreateInvitation(admin.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: "BOB@example.com"}})
	requireReason(t, err, faultv1.Reason_REASON_USER_EXISTS)

	// Somebody of another tenant proves to be it.
	inv = invite(other.email)
	_, err = accept(inv, "not the password")
	requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	resp, err := accept(inv, goodPassword)
	require.NoError(t, err)
	require.Equal(t, admin.tenant, resp.GetSession().GetTenant().GetId())
	require.Len(t, resp.GetSession().GetTenants(), 2)

	inv = invite("late@example.com")
	w.clk.Advance(168 * time.Hour)
	_, err = accept(inv, goodPassword)
	requireReason(t, err, faultv1.Reason_REASON_LINK_INVALID)
	admin = w.signIn(admin.email, goodPassword)
	inv = invite("gone@example.com")
	_, err = w.users.DeleteInvitation(admin.ctx, &identityv1.DeleteInvitationRequest{Invitation: inv.GetId()})
	require.NoError(t, err)
	_, err = accept(inv, goodPassword)
	requireReason(t, err, faultv1.Reason_REASON_LINK_INVALID)
	_, err = w.users.CreateInvitation(admin.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{
		Email: "x@example.com", ExpireTime: timestamppb.New(w.clk.Now().Add(169 * time.Hour)),
	}})
	requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
}

func TestPasswordLinks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, other := w.signUp("ada@example.com"), w.signUp("zoe@example.com")
	bob := w.join(admin, "bob@example.com")
	key := w.key(bob)
	link := func(user string) *identityv1.PasswordLink {
		l, err := w.users.CreatePasswordLink(admin.ctx, &identityv1.CreatePasswordLinkRequest{User: user})
		require.NoError(t, err)
		require.Equal(t, "https://apps.example.com/reset#token="+l.GetToken(), l.GetLink())
		return l
	}
	reset := func(token, password string) error {
		_, err := w.accounts.ResetPassword(t.Context(), &identityv1.ResetPasswordRequest{Token: token, Password: password})
		return err
	}
	first, second := link(bob.id), link(bob.id)
	requireReason(t, reset(first.GetToken(), newPassword), faultv1.Reason_REASON_LINK_INVALID)
	requireReason(t, reset(second.GetToken(), "short"), faultv1.Reason_REASON_WEAK_PASSWORD)
	require.NoError(t, reset(second.GetToken(), newPassword))
	requireReason(t, reset(second.GetToken(), newPassword), faultv1.Reason_REASON_LINK_INVALID)
	w.refused(bob.token, faultv1.Reason_REASON_UNAUTHENTICATED)
	w.who(key.GetKey())
	w.signIn(bob.email, newPassword)

	late := link(bob.id)
	w.clk.Advance(time.Hour)
	requireReason(t, reset(late.GetToken(), newPassword), faultv1.Reason_REASON_LINK_INVALID)

	// A person of two tenants is not one administrator's to take over, not even with a link made before.
	early := link(bob.id)
	inv, err := w.users.CreateInvitation(other.ctx, &identityv1.CreateInvitationRequest{Invitation: &identityv1.Invitation{Email: bob.email}})
	require.NoError(t, err)
	_, err = w.accounts.AcceptInvitation(t.Context(), &identityv1.AcceptInvitationRequest{Token: inv.GetToken(), Password: newPassword})
	require.NoError(t, err)
	requireReason(t, reset(early.GetToken(), goodPassword), faultv1.Reason_REASON_LINK_INVALID)
	_, err = w.users.CreatePasswordLink(admin.ctx, &identityv1.CreatePasswordLinkRequest{User: bob.id})
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
}

func TestSwitchTenant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ada, zoe := w.signUp("ada@example.com"), w.signUp("zoe@example.com")
	resp, err := w.accounts.SignUp(t.Context(), &identityv1.SignUpRequest{TenantName: "Second", Email: ada.email, Password: goodPassword, ReturnToken: true})
	require.NoError(t, err)
	second := w.actor(resp)
	session, err := w.accounts.SwitchTenant(ada.ctx, &identityv1.SwitchTenantRequest{Tenant: second.tenant})
	require.NoError(t, err)
	require.Equal(t, "Second", session.GetTenant().GetDisplayName())
	require.Equal(t, second.tenant, w.who(ada.token).Tenant)
	require.Equal(t, second.tenant, w.signIn(ada.email, goodPassword).tenant, "the last one used")
	for _, tenant := range []string{zoe.tenant, "tmissing", "", "\x00"} {
		_, err = w.accounts.SwitchTenant(ada.ctx, &identityv1.SwitchTenantRequest{Tenant: tenant})
		requireReason(t, err, faultv1.Reason_REASON_TENANT_NOT_FOUND)
	}
	key := w.as(w.key(ada).GetKey())
	_, err = w.accounts.SwitchTenant(key, &identityv1.SwitchTenantRequest{Tenant: ada.tenant})
	requireReason(t, err, faultv1.Reason_REASON_SESSION_NOT_FOUND)
	_, err = w.accounts.ChangePassword(key, &identityv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: newPassword})
	requireReason(t, err, faultv1.Reason_REASON_SESSION_NOT_FOUND)
	session, err = w.accounts.GetCurrentSession(key, &identityv1.GetCurrentSessionRequest{})
	require.NoError(t, err)
	require.Len(t, session.GetTenants(), 1)
	_, err = w.accounts.ChangePassword(ada.ctx, &identityv1.ChangePasswordRequest{CurrentPassword: "wrong", NewPassword: newPassword})
	requireReason(t, err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	_, err = w.accounts.ChangePassword(ada.ctx, &identityv1.ChangePasswordRequest{CurrentPassword: goodPassword, NewPassword: "short"})
	requireReason(t, err, faultv1.Reason_REASON_WEAK_PASSWORD)
}
