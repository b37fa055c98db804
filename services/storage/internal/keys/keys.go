// Package keys holds the tenants' data keys: one secret each, wrapped by the installation's key-encryption key. Without a
// tenant's wrapped key nothing that was encrypted with it can be read again.
package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const secretSize = 32

// Keyring wraps and opens data keys.
type Keyring struct{ kek tink.AEAD }

// Load reads the key-encryption key, a Tink keyset in JSON. When the file is missing and create is set, a new key is written,
// readable for its owner only.
func Load(path string, create bool) (*Keyring, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		data, err = createKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key-encryption key: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("read key-encryption key: %w", err)
	}
	kek, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use key-encryption key: %w", err)
	}
	return &Keyring{kek: kek}, nil
}

// createKey writes a new key. Of several processes that start at once one wins, and all use what is there then.
func createKey(path string) ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, err
	}
	var buf bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&buf)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(tmp.Name())
	if _, err := tmp.Write(buf.Bytes()); err != nil {
		_ = tmp.Close() // the write's error says more
		return nil, err
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return nil, err
	}
	// Link, unlike rename, does not replace a key that another process has just made.
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// New makes a data key for a tenant, wrapped.
func (k *Keyring) New(tenant string) ([]byte, error) {
	secret := make([]byte, secretSize)
	_, _ = rand.Read(secret) // never fails
	wrapped, err := k.kek.Encrypt(secret, []byte(tenant))
	if err != nil {
		return nil, fmt.Errorf("wrap data key: %w", err)
	}
	return wrapped, nil
}

// Open unwraps the data key of a tenant.
func (k *Keyring) Open(tenant string, wrapped []byte) (*DataKey, error) {
	secret, err := k.kek.Decrypt(wrapped, []byte(tenant))
	if err != nil || len(secret) != secretSize {
		return nil, fmt.Errorf("unwrap data key: %w", errors.Join(err, errKey))
	}
	values, err := hkdf.Key(sha256.New, secret, nil, "aqtra storage values", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	files, err := hkdf.Key(sha256.New, secret, nil, "aqtra storage files", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	cipher, err := subtle.NewAESGCM(values)
	if err != nil {
		return nil, fmt.Errorf("use data key: %w", err)
	}
	return &DataKey{values: cipher, files: files}, nil
}

var errKey = errors.New("the key-encryption key is not the one the data key was wrapped with")

// DataKey encrypts what belongs to one tenant.
type DataKey struct {
	values tink.AEAD
	files  []byte
}

// Seal encrypts a value. Open needs the same context, which ties the value to its place.
func (k *DataKey) Seal(plain []byte, context string) ([]byte, error) {
	return k.values.Encrypt(plain, []byte(context))
}

// Open decrypts what Seal gave.
func (k *DataKey) Open(sealed []byte, context string) ([]byte, error) {
	return k.values.Decrypt(sealed, []byte(context))
}

// Files is the key material for the tenant's files.
func (k *DataKey) Files() []byte { return k.files }
