package keys

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
)

// Key is one of the keys in a file.
type Key struct {
	ID uint32
	// Primary tells that new data keys are wrapped with it.
	Primary bool
}

// Prefix begins data keys that are wrapped with the key.
func (k Key) Prefix() []byte { return prefixOf(k.ID) }

// File is a file of key-encryption keys. Services that use it see changes within seconds, and need no restart.
type File string

func (f File) read() (*keyset.Manager, *keyset.Handle, error) {
	text, err := os.ReadFile(string(f))
	if err != nil {
		return nil, nil, fmt.Errorf("read the keys: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, nil, fmt.Errorf("%s is no Tink keyset in JSON: %w", f, err)
	}
	return keyset.NewManagerFromHandle(handle), handle, nil
}

// List returns the keys, the oldest first.
func (f File) List() ([]Key, error) {
	_, handle, err := f.read()
	if err != nil {
		return nil, err
	}
	info := handle.KeysetInfo()
	keys := make([]Key, len(info.GetKeyInfo()))
	for i, k := range info.GetKeyInfo() {
		keys[i] = Key{ID: k.GetKeyId(), Primary: k.GetKeyId() == info.GetPrimaryKeyId()}
	}
	return keys, nil
}

// Add adds a new key, with which nothing is wrapped yet.
func (f File) Add() (Key, error) {
	manager, _, err := f.read()
	if err != nil {
		return Key{}, err
	}
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return Key{}, fmt.Errorf("add a key: %w", err)
	}
	return Key{ID: id}, f.write(manager)
}

// Promote makes the newest key the primary one.
func (f File) Promote() (Key, error) {
	keys, err := f.List()
	if err != nil {
		return Key{}, err
	}
	newest := keys[len(keys)-1]
	if newest.Primary {
		return newest, errors.New("the newest key is the primary one already: add a key first")
	}
	manager, _, err := f.read()
	if err != nil {
		return Key{}, err
	}
	if err := manager.SetPrimary(newest.ID); err != nil {
		return Key{}, fmt.Errorf("promote a key: %w", err)
	}
	newest.Primary = true
	return newest, f.write(manager)
}

// Prune removes keys for which unused tells so, and returns them. The primary key and those after it stay.
func (f File) Prune(unused func(Key) (bool, error)) ([]Key, error) {
	keys, err := f.List()
	if err != nil {
		return nil, err
	}
	manager, _, err := f.read()
	if err != nil {
		return nil, err
	}
	var gone []Key
	for _, k := range keys {
		if k.Primary {
			break
		}
		ok, err := unused(k)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		if err := manager.Delete(k.ID); err != nil {
			return nil, fmt.Errorf("remove a key: %w", err)
		}
		gone = append(gone, k)
	}
	if len(gone) == 0 {
		return nil, nil
	}
	return gone, f.write(manager)
}

// write replaces the file at once.
func (f File) write(manager *keyset.Manager) error {
	handle, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	next, err := os.CreateTemp(filepath.Dir(string(f)), ".key-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	defer func() { _ = os.Remove(next.Name()) }() // gone when all went well
	_, err = next.Write(text.Bytes())
	if err := errors.Join(err, next.Sync(), next.Close()); err != nil {
		return fmt.Errorf("write the keys: %w", err)
	}
	return os.Rename(next.Name(), string(f))
}
