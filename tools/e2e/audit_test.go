package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

// Every call that may change something is noted with who called, what for and how it ended; and nobody changes the notes, nor the
// history of entries, without being found out.
func TestAudit(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		bob := u.invite(t, "member")
		u.buildComponent(t, object{"id": "note", "displayName": "Note", "model": object{"fields": list{
			object{"name": "text", "title": "Text", "type": "FIELD_TYPE_STRING"}}}})
		u.publish(t)
		u.call(t, "DELETE", "/v1/components/missing?etag=x", nil).refused(404, "COMPONENT_NOT_FOUND")
		bob.call(t, "POST", "/v1/publications", object{"components": list{"note"}}).refused(403, "PERMISSION_DENIED")
		_, err := libraryv1.NewComponentsClient(u.GRPC()).DeleteComponent(t.Context(), &libraryv1.DeleteComponentRequest{Component: "other/one"})
		require.Error(t, err)
		for _, text := range []string{"one", "two", "three"} {
			u.create(t, "note", object{"text": text})
		}
		bob.call(t, "GET", "/v1/audit", nil).refused(403, "PERMISSION_DENIED")

		var records list
		eventually(t, "all calls have ended", func() bool {
			records = items(t, u.get(t, "/v1/audit?pageSize=100"), "records")
			for _, r := range records {
				if wholeNumber(t, at(t, r, "outcome")) == 102 {
					return false
				}
			}
			return true
		})
		found := map[string]int{}
		for _, r := range records {
			outcome := 0
			if _, ok := r.(object)["outcome"]; ok {
				outcome = wholeNumber(t, at(t, r, "outcome"))
			}
			target, _ := r.(object)["target"].(string)
			found[text(t, r, "action")+" "+target] = outcome
			if text(t, r, "action") == "Publications.CreatePublication" && outcome == 403 {
				require.Equal(t, []any{bob.id, "Bob"}, []any{at(t, r, "subject"), at(t, r, "displayName")})
				require.NotEmpty(t, at(t, r, "address"))
			}
		}
		require.Contains(t, found, "tenant.create "+u.tenant)
		require.Equal(t, 404, found["Components.DeleteComponent /v1/components/missing"])
		require.Equal(t, 404, found["Components.DeleteComponent /v1/components/other%2Fone"], "the same over gRPC: %v", found)
		require.Len(t, items(t, u.get(t, "/v1/audit?pageSize=1&subject="+u.id), "records"), 1)

		heads := filepath.Join(t.TempDir(), "heads.json")
		eventually(t, "everything is sealed", func() bool {
			said, code := u.ctl(t, "audit", "verify", "--heads", heads)
			require.Zero(t, code, said)
			return strings.Count(said, " 0 are not sealed yet") == 2
		})
		require.FileExists(t, heads)
		kept, err := os.ReadFile(heads)
		require.NoError(t, err)
		db := superuser(t, s)
		for _, c := range []struct{ tamper, undo, want string }{
			{"UPDATE gateway.audit SET subject = 'somebody' || subject WHERE tenant_id = $1 AND subject <> ''", "UPDATE gateway.audit SET subject = substr(subject, 9) WHERE tenant_id = $1 AND subject <> ''", "calls: block 1"},
			{"UPDATE storage.entry_changes SET after_values = set_byte(after_values, 5, get_byte(after_values, 5) # 1) WHERE tenant_id = $1",
				"UPDATE storage.entry_changes SET after_values = set_byte(after_values, 5, get_byte(after_values, 5) # 1) WHERE tenant_id = $1", "changes of entries: block 1"},
			{"DELETE FROM storage.seals WHERE tenant_id = $1", "", "changes of entries: block 1 is not the one that was seen before"},
		} {
			_, err := db.Exec(t.Context(), c.tamper, u.tenant)
			require.NoError(t, err)
			said, code := u.ctl(t, "audit", "verify", "--heads", heads)
			require.NotZero(t, code, said)
			require.Contains(t, said, c.want)
			again, err := os.ReadFile(heads)
			require.NoError(t, err)
			require.Equal(t, kept, again)
			if c.undo != "" {
				_, err = db.Exec(t.Context(), c.undo, u.tenant)
				require.NoError(t, err)
				said, code = u.ctl(t, "audit", "verify", "--heads", heads)
				require.Zero(t, code, said)
			}
		}
	})
}
