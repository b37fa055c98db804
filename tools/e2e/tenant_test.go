package e2e_test

import (
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// filesOf counts the files that an installation keeps of a tenant.
func (s *site) filesOf(t *testing.T, tenant string) int {
	t.Helper()
	n := 0
	require.NoError(t, filepath.WalkDir(s.Data, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && strings.Contains(path, "/t_"+tenant+"/") {
			n++
		}
		return nil // what goes away meanwhile is no matter
	}))
	return n
}

// Whoever ends a tenant is out at once, with everybody in it; all that the services have of it goes, and nothing of others.
func TestDeleteTenant(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin, other := s.signUp(t), s.signUp(t)
		for _, u := range []*user{admin, other} {
			u.build(t, u.sample(t, "invoice"))
			u.publish(t)
			u.upload(t, "a.png", "image/png", append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 100)...))
		}
		member := admin.invite(t, "member")
		name := text(t, admin.get(t, "/v1/sessions/current"), "tenant", "displayName")
		const path = "/v1/tenants/current:delete"
		require.Equal(t, []string{"confirm"}, admin.call(t, "POST", path, object{"confirm": "yes"}).refused(400, "INVALID_FIELDS").fields())
		member.call(t, "POST", path, object{"confirm": name}).refused(403, "PERMISSION_DENIED")
		admin.call(t, "POST", path, object{"confirm": name}).ok()

		for _, u := range []*user{admin, member} {
			u.call(t, "GET", "/v1/components", nil).refused(401, "UNAUTHENTICATED")
		}
		s.nobody(t).call(t, "POST", "/v1/sessions", object{"email": admin.email, "password": password}).refused(401, "WRONG_CREDENTIALS")
		if s.Mode != stand.Remote {
			eventually(t, "the files of the tenant are gone", func() bool { return s.filesOf(t, admin.tenant) == 0 })
			require.NotZero(t, s.filesOf(t, other.tenant))
		}
		require.NotEmpty(t, items(t, other.get(t, "/v1/components"), "components"))
		require.NotEmpty(t, items(t, other.get(t, "/v1/files"), "files"))
	})
}
