package principal_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
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

func TestMayUse(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		held, allowed []string
		holds, may    bool
	}{
		"for everybody":           {nil, nil, false, true},
		"one of several":          {[]string{"a", "b"}, []string{"b", "c"}, true, true},
		"none":                    {[]string{"a"}, []string{"b"}, false, false},
		"without roles":           {nil, []string{"b"}, false, false},
		"an administrator may":    {[]string{"admin"}, []string{"b"}, false, true},
		"administrators only":     {[]string{"a"}, []string{"admin"}, false, false},
		"a name that begins same": {[]string{"administrator"}, []string{"b"}, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := principal.Principal{Roles: tc.held}
			require.Equal(t, tc.holds, p.HasAnyRole(tc.allowed))
			require.Equal(t, tc.may, p.MayUse(tc.allowed))
		})
	}
}

func TestContext(t *testing.T) {
	t.Parallel()
	_, ok := principal.From(t.Context())
	require.False(t, ok)
	_, err := principal.Caller(t.Context())
	require.True(t, fault.Has(err, faultv1.Reason_REASON_UNAUTHENTICATED))
	_, err = principal.Caller(principal.With(t.Context(), principal.Principal{Subject: "u1"}))
	require.True(t, fault.Has(err, faultv1.Reason_REASON_UNAUTHENTICATED), "outside of any tenant")
	called, err := principal.Caller(principal.With(t.Context(), principal.Principal{Tenant: "t", Subject: "u1"}))
	require.NoError(t, err)
	require.Equal(t, "u1", called.Subject)
	p, ok := principal.From(principal.With(t.Context(), principal.Principal{Subject: "u1", Kind: principal.KindUser}))
	require.True(t, ok)
	require.True(t, p.SignedIn())
	require.False(t, principal.Principal{Subject: "x", Kind: principal.KindPublic}.SignedIn())
	require.False(t, principal.Principal{}.SignedIn())
}
