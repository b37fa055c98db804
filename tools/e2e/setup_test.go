package e2e_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"

	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

func TestSetup(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		first := object{}
		require.Equal(t, 200, s.setup.Code, "%s", s.setup.Body)
		require.NoError(t, json.Unmarshal(s.setup.Body, &first))
		require.Equal(t, "operator@example.com", at(t, first, "session", "user", "email"))
		require.Equal(t, true, at(t, first, "session", "operator"))
		require.Equal(t, list{"admin"}, at(t, first, "session", "user", "roles"))

		again := s.nobody(t).call(t, "POST", "/v1/setup:complete", object{
			"token": s.setupToken, "tenantName": "Second", "email": "second@example.com", "password": password, "displayName": "Second",
		}).refusal()
		require.Contains(t, []string{"SETUP_DONE", "LINK_INVALID"}, again.Reason)
		s.nobody(t).call(t, "POST", "/v1/sessions", object{"email": "second@example.com", "password": password}).refused(401, "WRONG_CREDENTIALS")

		operator := s.bearer(t, text(t, first, "token"))
		require.Equal(t, "Main", at(t, operator.get(t, "/v1/sessions/current"), "tenant", "displayName"))
	})
}

func TestSignIn(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		ada := s.signUp(t)
		session := ada.get(t, "/v1/sessions/current")
		require.Equal(t, ada.email, at(t, session, "user", "email"))
		require.Equal(t, ada.tenant, at(t, session, "tenant", "id"))
		require.Equal(t, false, at(t, session, "operator"))
		require.Equal(t, list{object{"permission": "*", "component": ""}}, at(t, session, "grants"))

		nobody := s.nobody(t)
		nobody.call(t, "GET", "/v1/sessions/current", nil).refused(401, "UNAUTHENTICATED")
		guess := func(email, password string) refusal {
			return nobody.call(t, "POST", "/v1/sessions", object{"email": email, "password": password}).refused(401, "WRONG_CREDENTIALS")
		}
		wrong, unknown := guess(ada.email, "not her password"), guess(random()+"@example.com", password)
		require.Equal(t, wrong, unknown, "nobody learns who has an account")
		nobody.call(t, "POST", "/v1/tenants:signUp", object{
			"tenantName": "X", "email": random() + "@example.com", "password": "short", "displayName": "X",
		}).refusal()

		in := nobody.call(t, "POST", "/v1/sessions", object{"email": ada.email, "password": password})
		require.Empty(t, in.ok()["token"], "a browser needs none")
		cookie := (&http.Response{Header: in.Header}).Cookies()[0]
		require.Equal(t, "__Host-aqtra", cookie.Name)
		require.True(t, cookie.Secure && cookie.HttpOnly)
		ride := []string{"Cookie", cookie.Name + "=" + cookie.Value}
		require.Equal(t, ada.id, at(t, nobody.call(t, "GET", "/v1/sessions/current", nil, ride...).ok(), "user", "id"))
		nobody.call(t, "POST", "/v1/roles", object{"id": "stolen"}, append(ride, "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example")...).
			refused(403, "CROSS_ORIGIN")
		nobody.call(t, "DELETE", "/v1/sessions/current", nil, append(ride, "Sec-Fetch-Site", "same-origin")...).ok()
		require.Equal(t, 401, nobody.call(t, "GET", "/v1/sessions/current", nil, ride...).Code)

		res, err := identityv1.NewAccountsClient(nobody.GRPC()).SignIn(t.Context(), &identityv1.SignInRequest{Email: ada.email, Password: password})
		require.NoError(t, err)
		byGRPC := s.bearer(t, res.GetToken())
		_, err = identityv1.NewAccountsClient(byGRPC.GRPC()).SignOut(t.Context(), &identityv1.SignOutRequest{})
		require.NoError(t, err)
		_, err = identityv1.NewAccountsClient(byGRPC.GRPC()).GetCurrentSession(t.Context(), &identityv1.GetCurrentSessionRequest{})
		code, _ := grpcReason(t, err)
		require.Equal(t, codes.Unauthenticated, code)
	})
}

func TestUsersAndRoles(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		ada := s.signUp(t)
		email := random() + "@example.com"
		invitation := ada.call(t, "POST", "/v1/invitations", object{"email": email, "roles": list{"member"}}).ok()
		require.True(t, strings.HasPrefix(text(t, invitation, "link"), s.URL+"/"))
		require.Len(t, items(t, ada.get(t, "/v1/invitations"), "invitations"), 1)
		accept := object{"token": invitation["token"], "password": password, "displayName": "Bob", "returnToken": true}
		bob := s.entered(t, email, s.nobody(t).call(t, "POST", "/v1/invitations:accept", accept).ok())
		require.Equal(t, ada.tenant, bob.tenant)
		s.nobody(t).call(t, "POST", "/v1/invitations:accept", accept).refused(404, "LINK_INVALID")
		require.Empty(t, items(t, ada.get(t, "/v1/invitations"), "invitations"))
		require.ElementsMatch(t, []any{ada.email, bob.email}, column(t, items(t, ada.get(t, "/v1/users"), "users"), "email"))

		bob.call(t, "GET", "/v1/users", nil).refused(403, "PERMISSION_DENIED")
		ada.call(t, "POST", "/v1/roles", object{"id": "keeper", "displayName": "Keeper", "grants": list{object{"permission": "users.read"}}}).ok()
		ada.call(t, "PATCH", "/v1/users/"+bob.id+"?updateMask=roles", object{"roles": list{"keeper"}}).ok()
		require.Len(t, items(t, bob.get(t, "/v1/users"), "users"), 2, "roles hold from the next request on")
		bob.call(t, "POST", "/v1/invitations", object{"email": random() + "@example.com", "roles": list{"admin"}}).refused(403, "PERMISSION_DENIED")
		ada.call(t, "PATCH", "/v1/roles/keeper?updateMask=grants", object{"grants": list{}}).ok()
		bob.call(t, "GET", "/v1/users", nil).refused(403, "PERMISSION_DENIED")
		ada.call(t, "PATCH", "/v1/roles/admin?updateMask=grants", object{"grants": list{}}).refused(400, "ROLE_BUILT_IN")
		ada.call(t, "POST", "/v1/roles", object{"id": "keeper", "displayName": "Again"}).refused(409, "ROLE_EXISTS")
		ada.call(t, "DELETE", "/v1/users/"+ada.id, nil).refused(400, "LAST_ADMIN")

		ada.call(t, "PATCH", "/v1/users/"+bob.id+"?updateMask=disabled", object{"disabled": true}).ok()
		require.Contains(t, []int{401, 403}, bob.call(t, "GET", "/v1/sessions/current", nil).Code)
		ada.call(t, "PATCH", "/v1/users/"+bob.id+"?updateMask=disabled", object{"disabled": false}).ok()
		ada.call(t, "DELETE", "/v1/users/"+bob.id, nil).ok()
		require.Contains(t, []int{401, 403}, bob.call(t, "GET", "/v1/sessions/current", nil).Code)
		ada.call(t, "GET", "/v1/users/"+bob.id, nil).refused(404, "USER_NOT_FOUND")
	})
}

func TestApiKey(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		dev := s.signUp(t).invite(t, "developer", "member")
		made := dev.call(t, "POST", "/v1/apiKeys", object{"displayName": "nightly import", "roles": list{"developer"}}).ok()
		key := s.bearer(t, text(t, made, "key"))
		require.Equal(t, dev.tenant, at(t, key.get(t, "/v1/sessions/current"), "tenant", "id"))
		require.NotNil(t, key.get(t, "/v1/components"))
		key.call(t, "POST", "/v1/roles", object{"id": "more", "displayName": "More"}).refused(403, "PERMISSION_DENIED")
		limited := dev.call(t, "POST", "/v1/apiKeys", object{"displayName": "nothing much", "roles": list{"member"}}).ok()
		s.bearer(t, text(t, limited, "key")).call(t, "GET", "/v1/components", nil).refused(403, "PERMISSION_DENIED")
		dev.call(t, "POST", "/v1/apiKeys", object{"displayName": "too much", "roles": list{"admin"}}).refused(403, "GRANT_EXCEEDS_OWN")
		keys := items(t, dev.get(t, "/v1/apiKeys"), "apiKeys")
		require.Len(t, keys, 2)
		require.Empty(t, at(t, keys[0], "key"), "a key is shown once")
		dev.call(t, "DELETE", "/v1/apiKeys/"+text(t, made, "id"), nil).ok()
		require.Equal(t, 401, key.call(t, "GET", "/v1/components", nil).Code, "revoked for the next request")
	})
}

func TestPasswordLink(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		ada := s.signUp(t)
		bob := ada.invite(t, "member")
		link := ada.call(t, "POST", "/v1/users/"+bob.id+":createPasswordLink", object{}).ok()
		require.True(t, strings.HasPrefix(text(t, link, "link"), s.URL+"/"))
		reset := object{"token": link["token"], "password": "another horse battery"}
		nobody := s.nobody(t)
		nobody.call(t, "POST", "/v1/passwords:reset", reset).ok()
		nobody.call(t, "POST", "/v1/passwords:reset", reset).refused(404, "LINK_INVALID")
		require.Equal(t, 401, bob.call(t, "GET", "/v1/sessions/current", nil).Code, "a reset ends all sessions")
		nobody.call(t, "POST", "/v1/sessions", object{"email": bob.email, "password": password}).refused(401, "WRONG_CREDENTIALS")
		again := s.entered(t, bob.email, nobody.call(t, "POST", "/v1/sessions",
			object{"email": bob.email, "password": "another horse battery", "returnToken": true}).ok())
		again.call(t, "POST", "/v1/passwords:change", object{"currentPassword": "another horse battery", "newPassword": password}).ok()
		nobody.call(t, "POST", "/v1/sessions", object{"email": bob.email, "password": password}).ok()
	})
}

func TestSwitchTenant(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		ada, eve := s.signUp(t), s.signUp(t)
		ada.call(t, "POST", "/v1/components", object{"id": "of_ada", "displayName": "Ada's"}).ok()
		invitation := ada.call(t, "POST", "/v1/invitations", object{"email": eve.email, "roles": list{"developer"}}).ok()
		s.nobody(t).call(t, "POST", "/v1/invitations:accept", object{"token": invitation["token"], "password": "not her password"}).
			refused(401, "WRONG_CREDENTIALS")
		both := s.entered(t, eve.email, s.nobody(t).call(t, "POST", "/v1/invitations:accept",
			object{"token": invitation["token"], "password": password, "returnToken": true}).ok())
		require.Equal(t, ada.tenant, both.tenant)
		require.Len(t, items(t, both.get(t, "/v1/sessions/current"), "tenants"), 2)
		require.Equal(t, []any{"of_ada"}, column(t, items(t, both.get(t, "/v1/components"), "components"), "id"))
		moved := both.call(t, "POST", "/v1/sessions/current:switchTenant", object{"tenant": eve.tenant}).ok()
		require.Equal(t, eve.tenant, at(t, moved, "tenant", "id"))
		require.Empty(t, items(t, both.get(t, "/v1/components"), "components"))
		both.call(t, "POST", "/v1/sessions/current:switchTenant", object{"tenant": s.signUp(t).tenant}).refused(404, "TENANT_NOT_FOUND")
		require.Empty(t, items(t, eve.get(t, "/v1/components"), "components"), "the other session stays where it is")
	})
}
