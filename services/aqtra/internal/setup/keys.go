package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/services/aqtra/internal/install"
)

// keys makes the secrets without which nobody can sign in and no file can be read, once. They are never made anew over data
// that needs the old ones.
func (s *setup) keys(ctx context.Context, db *database) error {
	name := s.name("keys")
	_, err := s.ensure(ctx, name, opaque, func(old map[string][]byte) (map[string][]byte, error) {
		if old != nil {
			if len(old["pepper"]) == 0 || len(old["storage-key.json"]) == 0 {
				return nil, fmt.Errorf("secret %s lacks pepper or storage-key.json: restore it from a backup", name)
			}
			return old, nil
		}
		if db.inUse {
			return nil, fmt.Errorf("the database %s holds data of an installation whose keys are gone: restore the secret %s from a backup, or name an empty database", db.name, name)
		}
		key, err := newStorageKey()
		return map[string][]byte{"pepper": []byte(install.NewSecret()), "storage-key.json": key}, err
	})
	return err
}

// newStorageKey makes the key-encryption key of storage: a Tink keyset in JSON.
func newStorageKey() ([]byte, error) {
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make the key of storage: %w", err)
	}
	var text bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&text)); err != nil {
		return nil, fmt.Errorf("write the key of storage: %w", err)
	}
	return text.Bytes(), nil
}

// redis keeps the secret of Redis, or none when there is no Redis.
func (s *setup) redis(ctx context.Context, authority *certs.Authority) error {
	name := s.name("redis")
	if s.cfg.RedisURL == "" {
		old, err := s.kube.get(ctx, name)
		if err != nil || old == nil || old.Metadata.Labels[managerLabel] != "aqtra-setup" {
			return err
		}
		return s.kube.delete(ctx, name)
	}
	if err := (redis.Config{URL: s.cfg.RedisURL}).Validate(); err != nil {
		return errors.New("AQTRA_SETUP_REDIS_URL must be a rediss:// URL")
	}
	ca, err := s.trust(s.cfg.RedisCAFile, "redis", authority)
	if err != nil {
		return err
	}
	_, err = s.ensure(ctx, name, opaque, func(map[string][]byte) (map[string][]byte, error) {
		return map[string][]byte{"url": []byte(s.cfg.RedisURL), "ca.crt": ca}, nil
	})
	return err
}
