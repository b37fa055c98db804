// Package keys holds the tenants' data keys: one secret each, wrapped by the installation's key-encryption key. Without a
// tenant's wrapped key nothing that was encrypted with it can be read again.
package keys

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const secretSize = 32

// Keyring wraps and opens data keys with the keys in a file. The file may change while the keyring is used.
type Keyring struct {
	path    string
	current atomic.Pointer[kek]
}

// kek is what was read from the file.
type kek struct {
	tink.AEAD
	text []byte
	// prefix begins everything that the primary key encrypted.
	prefix []byte
	keys   int
}

// Load reads the key-encryption keys, a Tink keyset in JSON. When the file is missing and create is set, a new key is written,
// readable for its owner only.
func Load(path string, create bool) (*Keyring, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && create {
		text, err = createKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read key-encryption key: %w", err)
	}
	k := &Keyring{path: path}
	read, err := parse(text)
	if err == nil {
		k.current.Store(read)
	}
	return k, err
}

func parse(text []byte) (*kek, error) {
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(text)))
	if err != nil {
		return nil, fmt.Errorf("read key-encryption key: %w", err)
	}
	k := &kek{text: text, keys: handle.Len(), prefix: prefixOf(handle.KeysetInfo().GetPrimaryKeyId())}
	if k.AEAD, err = aead.New(handle); err != nil {
		return nil, fmt.Errorf("use key-encryption key: %w", err)
	}
	return k, nil
}

// prefixOf is what Tink puts before everything that a key encrypted: https://developers.google.com/tink/wire-format.
func prefixOf(id uint32) []byte { return binary.BigEndian.AppendUint32([]byte{1}, id) }

// Refresh reads the file again and tells whether it changed. What cannot be read leaves the keyring as it is.
func (k *Keyring) Refresh() (changed bool, err error) {
	text, err := os.ReadFile(k.path)
	if err != nil {
		return false, fmt.Errorf("read key-encryption key: %w", err)
	}
	if bytes.Equal(text, k.current.Load().text) {
		return false, nil
	}
	read, err := parse(text)
	if err != nil {
		return false, err
	}
	k.current.Store(read)
	return true, nil
}

// Len is how many keys the keyring has.
func (k *Keyring) Len() int { return k.current.Load().keys }

// Prefix begins data keys that are wrapped with the present primary key.
func (k *Keyring) Prefix() []byte { return k.current.Load().prefix }

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
	return k.wrap(tenant, secret)
}

func (k *Keyring) wrap(tenant string, secret []byte) ([]byte, error) {
	wrapped, err := k.current.Load().Encrypt(secret, []byte(tenant))
	if err != nil {
		return nil, fmt.Errorf("wrap data key: %w", err)
	}
	return wrapped, nil
}

// unwrap opens a data key. One that cannot be opened may be wrapped with a key that was added to the file just now.
func (k *Keyring) unwrap(tenant string, wrapped []byte) ([]byte, error) {
	secret, err := k.current.Load().Decrypt(wrapped, []byte(tenant))
	if err != nil {
		if changed, _ := k.Refresh(); changed { // the error of the key says more
			secret, err = k.current.Load().Decrypt(wrapped, []byte(tenant))
		}
	}
	if err != nil || len(secret) != secretSize {
		return nil, fmt.Errorf("unwrap data key: %w", errors.Join(err, errKey))
	}
	return secret, nil
}

// Rewrap wraps a data key with the present primary key.
func (k *Keyring) Rewrap(tenant string, wrapped []byte) ([]byte, error) {
	secret, err := k.unwrap(tenant, wrapped)
	if err != nil {
		return nil, err
	}
	return k.wrap(tenant, secret)
}

// Open unwraps the data key of a tenant.
func (k *Keyring) Open(tenant string, wrapped []byte) (*DataKey, error) {
	secret, err := k.unwrap(tenant, wrapped)
	if err != nil {
		return nil, err
	}
	values, err := hkdf.Key(sha256.New, secret, nil, "aqtra storage values", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	files, err := hkdf.Key(sha256.New, secret, nil, "aqtra storage files", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	seals, err := hkdf.Key(sha256.New, secret, nil, "aqtra storage seals", 32)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	cipher, err := subtle.NewAESGCM(values)
	if err != nil {
		return nil, fmt.Errorf("use data key: %w", err)
	}
	return &DataKey{values: cipher, files: files, seals: seals}, nil
}

var errKey = errors.New("the key-encryption keys are not those that the data key was wrapped with")

// DataKey encrypts what belongs to one tenant.
type DataKey struct {
	values tink.AEAD
	files  []byte
	seals  []byte
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

// Seals is the key material for the seals of the tenant's history.
func (k *DataKey) Seals() []byte { return k.seals }
