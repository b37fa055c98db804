package token

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The signature keeps strangers out of the decoder, but a bug in it must not depend on that.
func FuzzDecodeClaims(f *testing.F) {
	f.Add([]byte{10, 1, 'a', 0x3a, 4, 10, 2, 'x', 'y', 0x48, 5})
	f.Add([]byte{0x0d, 1, 2, 3, 4, 0x0a, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		c, err := decodeClaims(in)
		if err != nil {
			return
		}
		out := encodeTimes(encodeIdentity(c.Principal, c.Audience), c.IssuedAt, c.ExpiresAt)
		again, err := decodeClaims(out)
		require.NoError(t, err)
		require.Equal(t, c.Principal.Tenant, again.Principal.Tenant)
		require.Equal(t, c.Principal.Grants, again.Principal.Grants)
		require.Equal(t, c.Principal.Operator, again.Principal.Operator)
	})
}

// A payload of a newer version has fields that this one does not know.
func TestUnknownFieldsAreSkipped(t *testing.T) {
	t.Parallel()
	b := appendText(nil, fieldTenant, "t1")
	b = appendText(b, 99, "new")
	b = appendInt(b, 98, 3)
	b = append(b, 0xed, 0x07, 1, 2, 3, 4) // field 125, fixed 32 bit
	c, err := decodeClaims(appendText(b, fieldSubject, "u1"))
	require.NoError(t, err)
	require.Equal(t, "t1", c.Principal.Tenant)
	require.Equal(t, "u1", c.Principal.Subject)
	_, err = decodeClaims([]byte{10, 2, 0xff, 0xfe})
	require.ErrorIs(t, err, errMalformed, "text that is no UTF-8")
}

func TestCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := newCache[int](2)
	for i, key := range []string{"a", "b", "c", "d", "e"} {
		c.put(key, i)
		got, ok := c.get(key)
		require.True(t, ok)
		require.Equal(t, i, got)
		require.LessOrEqual(t, len(c.young)+len(c.old), 4)
	}
	_, ok := c.get("a")
	require.False(t, ok, "the oldest go first")
	_, ok = c.get("c")
	require.True(t, ok)
}
