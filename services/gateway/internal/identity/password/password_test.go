package password

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/argon2"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

func TestHashAndVerify(t *testing.T) {
	t.Parallel()
	h := NewHasher([]byte("pepper"), 2, 10)
	stored, err := h.Hash(t.Context(), "correct horse 9")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(stored, "$argon2id$v=19$m=47104,t=1,p=1$"), stored)
	second, err := h.Hash(t.Context(), "correct horse 9")
	require.NoError(t, err)
	require.NotEqual(t, stored, second, "salted")

	for _, c := range []struct {
		stored, text string
		ok           bool
	}{{stored, "correct horse 9", true}, {stored, "correct horse 8", false}, {stored, "", false}, {"", "correct horse 9", false}, {"", "", false}} {
		ok, stale, err := h.Verify(t.Context(), c.stored, c.text)
		require.NoError(t, err)
		require.Equal(t, c.ok, ok, c)
		require.False(t, stale)
	}

	other := NewHasher([]byte("other pepper"), 2, 10)
	ok, _, err := other.Verify(t.Context(), stored, "correct horse 9")
	require.NoError(t, err)
	require.False(t, ok, "the pepper is part of the password")

	h.params.time = 2
	ok, stale, err := h.Verify(t.Context(), stored, "correct horse 9")
	require.NoError(t, err)
	require.True(t, ok)
	require.True(t, stale, "the costs changed")
}

// TestNobodyCostsAsMuch checks that the answer for a user that does not exist takes the same work as for one that does.
func TestNobodyCostsAsMuch(t *testing.T) {
	t.Parallel()
	h := NewHasher([]byte("pepper"), 1, 10)
	stored, err := h.Hash(t.Context(), "correct horse 9")
	require.NoError(t, err)
	type work struct {
		password, salt, key int
		time, memory        uint32
		threads             uint8
	}
	var did []work
	h.key = func(password, salt []byte, time, memory uint32, threads uint8, keyLen uint32) []byte {
		did = append(did, work{len(password), len(salt), int(keyLen), time, memory, threads})
		return argon2.IDKey(password, salt, time, memory, threads, keyLen)
	}
	full := work{password: 32, salt: 16, key: 32, time: 1, memory: 46 << 10, threads: 1}
	for _, text := range []string{"correct horse 9", "wrong", "", strings.Repeat("x", MaxLength+1)} {
		for _, stored := range []string{stored, ""} {
			did = nil
			ok, _, err := h.Verify(t.Context(), stored, text)
			require.NoError(t, err)
			require.Equal(t, stored != "" && text == "correct horse 9", ok)
			require.Equal(t, []work{full}, did)
		}
	}
}

func TestHashesAreBounded(t *testing.T) {
	t.Parallel()
	h := NewHasher([]byte("pepper"), 1, 1)
	h.slots <- struct{}{} // somebody hashes
	h.queue <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var waited error
	wg.Go(func() { _, waited = h.Hash(ctx, "one that waits") })
	require.Eventually(t, func() bool { return len(h.queue) == 2 }, 10e9, 1e6)
	_, err := h.Hash(t.Context(), "one too many")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_OVERLOADED), err)
	cancel()
	wg.Wait()
	require.ErrorIs(t, waited, context.Canceled)
	require.Len(t, h.queue, 1, "who gave up makes room")
}

func TestCommonPasswordsAreLongEnough(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(strings.TrimSpace(common), "\n") {
		require.GreaterOrEqual(t, len(line), MinLength, line)
		require.Equal(t, strings.ToLower(line), line)
		require.Error(t, Check("password", line, ""))
	}
	require.NoError(t, Check("password", "ünïcödé-ok", ""))
}

func FuzzDecode(f *testing.F) {
	f.Add("$argon2id$v=19$m=47104,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY")
	f.Add("$argon2id$v=19$m=99999999,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, stored string) {
		p, salt, key, err := decode(stored)
		if err != nil {
			return
		}
		require.LessOrEqual(t, p.memory, uint32(maxMemory))
		again, salt2, key2, err := decode(encode(p, salt, key))
		require.NoError(t, err)
		require.Equal(t, p, again)
		require.Equal(t, salt, salt2)
		require.Equal(t, key, key2)
	})
}
