package keys_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/storage/internal/keys"
)

func TestKeys(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "deep", "key.json")
	_, err := keys.Load(path, false)
	require.ErrorIs(t, err, os.ErrNotExist)
	ring, err := keys.Load(path, true)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	wrapped, err := ring.New("a")
	require.NoError(t, err)
	again, err := keys.Load(path, false)
	require.NoError(t, err)
	key, err := again.Open("a", wrapped)
	require.NoError(t, err)
	sealed, err := key.Seal([]byte("hush"), "here")
	require.NoError(t, err)
	plain, err := key.Open(sealed, "here")
	require.NoError(t, err)
	require.Equal(t, "hush", string(plain))
	require.NotContains(t, string(sealed), "hush")

	// Not in another place, for another tenant, or under another key.
	_, err = key.Open(sealed, "there")
	require.Error(t, err)
	_, err = ring.Open("b", wrapped)
	require.Error(t, err)
	stranger, err := keys.Load(filepath.Join(t.TempDir(), "other.json"), true)
	require.NoError(t, err)
	_, err = stranger.Open("a", wrapped)
	require.Error(t, err)
}

func TestOneKeyWinsWhenManyStart(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.json")
	rings := make([]*keys.Keyring, 8)
	var wg sync.WaitGroup
	for i := range rings {
		wg.Go(func() { rings[i], _ = keys.Load(path, true) })
	}
	wg.Wait()
	wrapped, err := rings[0].New("a")
	require.NoError(t, err)
	for _, r := range rings {
		_, err := r.Open("a", wrapped)
		require.NoError(t, err)
	}
}
