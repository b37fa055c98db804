package e2e_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryOperationIsGuarded asks for every operation of the OpenAPI document: without credentials, with made-up ones, and as a
// member without any grant.
func TestEveryOperationIsGuarded(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		before := u.state(t)
		member := u.invite(t, "member")
		nobody, stranger := s.nobody(t), s.bearer(t, "aqs_"+random()+random())
		variable := regexp.MustCompile(`\{\w+\}`)
		asked, limited := 0, 0
		for template, verbs := range s.document.Paths {
			path := variable.ReplaceAllString(strings.Replace(template, "{revision}", "1", 1), "invoice")
			if template == "/v1/files:upload" {
				path += "?name=x"
			}
			if strings.HasSuffix(template, ":part") {
				path += "?offset=0"
			}
			if strings.HasSuffix(template, ":thumbnail") {
				path += "?size=64"
			}
			for verb, op := range verbs {
				if op.Security != nil {
					require.Empty(t, *op.Security, "%s %s", verb, template)
					continue // for everyone: signing in and the like
				}
				var body any
				if op.RequestBody != nil {
					body = "{}"
				}
				asked++
				for _, who := range []*user{nobody, stranger} {
					require.Equal(t, 401, who.call(t, strings.ToUpper(verb), path, body).Code, "%s %s", verb, template)
				}
				if op.Permission != "" {
					limited++
					member.call(t, strings.ToUpper(verb), path, body).refused(403, "PERMISSION_DENIED")
				}
			}
		}
		require.Greater(t, asked, 60)
		require.Greater(t, limited, 45)
		after := u.state(t)
		delete(before, "/v1/users") // the member has come
		delete(after, "/v1/users")
		require.Equal(t, before, after)
	})
}
