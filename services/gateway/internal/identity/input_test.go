package identity

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/principal"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

func TestConfigIsChecked(t *testing.T) {
	t.Parallel()
	err := Config{PublicURL: "http://x", SignUp: "maybe", AdminEmail: "a", AdminPassword: "b", Pepper: "short"}.Validate()
	for _, field := range []string{"PublicURL", "SignUp", "AdminEmail", "AdminPassword", "Pepper", "SessionIdle", "InvitationLife", "Guesses", "HashQueue"} {
		require.ErrorContains(t, err, field)
	}
}

func FuzzEmail(f *testing.F) {
	f.Add("ada@example.com")
	f.Add(`"a b"@example.com`)
	f.Add("a\x00@b")
	f.Fuzz(func(t *testing.T, text string) {
		email, err := parseEmail("email", text)
		if err != nil {
			return
		}
		again, err := parseEmail("email", email)
		require.NoError(t, err)
		require.Equal(t, email, again, "the stored form is stable")
		require.NotContains(t, email, "\x00")
	})
}

// Who holds a grant that covers another may do everything that the other one allows: this is what keeps people from giving
// more than they hold.
func TestCoversIsWhatCanMeans(t *testing.T) {
	t.Parallel()
	permissions := []string{"*", "entries.*", "entries.read", "entries.write", "entries.read.own", "entries.read.*", "entry.read", "users.*", "users.read"}
	components := []string{"", "invoice", "car"}
	grant := rapid.Custom(func(t *rapid.T) principal.Grant {
		return principal.Grant{Permission: rapid.SampledFrom(permissions).Draw(t, "permission"), Component: rapid.SampledFrom(components).Draw(t, "component")}
	})
	rapid.Check(t, func(t *rapid.T) {
		own, given := rapid.SliceOfN(grant, 0, 4).Draw(t, "own"), grant.Draw(t, "given")
		p, q := principal.Principal{Grants: own}, principal.Principal{Grants: []principal.Grant{given}}
		if !within(p, []*identityv1.Grant{{Permission: given.Permission, Component: given.Component}}) {
			return
		}
		for _, permission := range []string{"entries.read", "entries.write", "entries.read.own", "entry.read", "users.read", "anything.else"} {
			for _, component := range components {
				if q.Can(permission, component) && !p.Can(permission, component) {
					t.Fatalf("%v lets %v give %s on %q", own, given, permission, component)
				}
			}
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		set := grantSet{}
		roles := []string{"a", "b"}
		var all []principal.Grant
		for _, role := range roles {
			for _, g := range rapid.SliceOfN(grant, 0, 4).Draw(t, role) {
				set[role] = append(set[role], &identityv1.Grant{Permission: g.Permission, Component: g.Component})
				all = append(all, g)
			}
		}
		p, q := principal.Principal{Grants: set.resolve(roles)}, principal.Principal{Grants: all}
		for _, permission := range []string{"entries.read", "entries.write", "entries.read.own", "users.read", "x.y"} {
			for _, component := range components {
				if p.Can(permission, component) != q.Can(permission, component) {
					t.Fatalf("resolving %v changed %s on %q", all, permission, component)
				}
			}
		}
	})
}
