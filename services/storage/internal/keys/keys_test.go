package keys_test

import (
	"bytes"
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

// A key is added, used by one process while another does not know it yet, and the old one removed: at no step is a data key closed.
func TestRotation(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key.json")
	one, err := keys.Load(path, true)
	require.NoError(t, err)
	two, err := keys.Load(path, false)
	require.NoError(t, err)
	wrapped, err := one.New("a")
	require.NoError(t, err)
	key, err := one.Open("a", wrapped)
	require.NoError(t, err)
	sealed, err := key.Seal([]byte("hush"), "here")
	require.NoError(t, err)
	file := keys.File(path)

	_, err = file.Promote()
	require.ErrorContains(t, err, "add a key first")
	added, err := file.Add()
	require.NoError(t, err)
	changed, err := one.Refresh()
	require.NoError(t, err)
	require.True(t, changed)
	require.Equal(t, 2, one.Len())
	require.True(t, bytes.HasPrefix(wrapped, one.Prefix()), "nothing is wrapped with it before it is promoted")
	promoted, err := file.Promote()
	require.NoError(t, err)
	require.Equal(t, added.ID, promoted.ID)

	changed, err = one.Refresh()
	require.NoError(t, err)
	require.True(t, changed)
	again, err := one.Rewrap("a", wrapped)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(again, promoted.Prefix()))
	require.True(t, bytes.HasPrefix(again, one.Prefix()))
	for _, w := range [][]byte{wrapped, again} {
		key, err := two.Open("a", w)
		require.NoError(t, err, "it reads the file when it does not know a key")
		plain, err := key.Open(sealed, "here")
		require.NoError(t, err)
		require.Equal(t, "hush", string(plain), "it is the same data key")
	}

	used := func(keys.Key) (bool, error) { return false, nil }
	gone, err := file.Prune(used)
	require.NoError(t, err)
	require.Empty(t, gone)
	gone, err = file.Prune(func(keys.Key) (bool, error) { return true, nil })
	require.NoError(t, err)
	require.Len(t, gone, 1)
	left, err := file.List()
	require.NoError(t, err)
	require.Equal(t, []keys.Key{promoted}, left)
	_, err = one.Refresh()
	require.NoError(t, err)
	_, err = one.Open("a", wrapped)
	require.Error(t, err)
	_, err = one.Open("a", again)
	require.NoError(t, err)

	// What is no keyset changes nothing.
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err = one.Refresh()
	require.Error(t, err)
	_, err = one.Open("a", again)
	require.NoError(t, err)
}
