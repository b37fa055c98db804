package principal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/principal"
)

func TestCan(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		grants                []principal.Grant
		permission, component string
		want                  bool
	}{
		"nothing":                       {nil, "entries.read", "", false},
		"exact":                         {[]principal.Grant{{"entries.read", ""}}, "entries.read", "invoice", true},
		"exact, other permission":       {[]principal.Grant{{"entries.read", ""}}, "entries.write", "", false},
		"exact is no prefix":            {[]principal.Grant{{"entries", ""}}, "entries.read", "", false},
		"family":                        {[]principal.Grant{{"entries.*", ""}}, "entries.read", "", true},
		"family, deeper":                {[]principal.Grant{{"entries.*", ""}}, "entries.read.all", "", true},
		"family is not the bare name":   {[]principal.Grant{{"entries.*", ""}}, "entries", "", false},
		"family, similar name":          {[]principal.Grant{{"entries.*", ""}}, "entriesx.read", "", false},
		"everything":                    {[]principal.Grant{{"*", ""}}, "entries.read", "", true},
		"star inside is no pattern":     {[]principal.Grant{{"e*", ""}}, "entries.read", "", false},
		"empty family":                  {[]principal.Grant{{".*", ""}}, "entries.read", "", false},
		"empty permission":              {[]principal.Grant{{"*", ""}}, "", "", false},
		"component":                     {[]principal.Grant{{"*", "invoice"}}, "entries.read", "invoice", true},
		"other component":               {[]principal.Grant{{"*", "invoice"}}, "entries.read", "order", false},
		"component is not all":          {[]principal.Grant{{"*", "invoice"}}, "entries.read", "", false},
		"second grant":                  {[]principal.Grant{{"a", ""}, {"b", "x"}}, "b", "x", true},
		"grants are not mixed together": {[]principal.Grant{{"a", ""}, {"b", "x"}}, "b", "y", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, tc.want, principal.Principal{Grants: tc.grants}.Can(tc.permission, tc.component))
		})
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	p := principal.Principal{Grants: []principal.Grant{{"entries.*", "b"}, {"entries.read", "a"}, {"*", "b"}, {"pages.read", ""}}}
	all, some := p.Components("entries.read")
	require.False(t, all)
	require.Equal(t, []string{"a", "b"}, some)
	all, some = p.Components("pages.read")
	require.True(t, all)
	require.Empty(t, some)
}

func TestContext(t *testing.T) {
	t.Parallel()
	_, ok := principal.From(t.Context())
	require.False(t, ok)
	p, ok := principal.From(principal.With(t.Context(), principal.Principal{Subject: "u1", Kind: principal.KindUser}))
	require.True(t, ok)
	require.True(t, p.SignedIn())
	require.False(t, principal.Principal{Subject: "x", Kind: principal.KindPublic}.SignedIn())
	require.False(t, principal.Principal{}.SignedIn())
}
