package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"testing"

	"golang.org/x/crypto/argon2"
)

// weakHash is a hash as an earlier version with lower costs would have stored it.
func weakHash(t testing.TB, pepper, text string) string {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(pepper))
	mac.Write([]byte(text))
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey(mac.Sum(nil), salt, 1, 1024, 1, 32)
	b64 := base64.RawStdEncoding
	return "$argon2id$v=19$m=1024,t=1,p=1$" + b64.EncodeToString(salt) + "$" + b64.EncodeToString(key)
}
