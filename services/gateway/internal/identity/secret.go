package identity

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
)

// newID returns a random id of n characters after the prefix, 5 bits each.
func newID(prefix string, n int) string {
	return prefix + strings.ToLower(rand.Text()[:n])
}

func newTenantID() string { return newID("t", 12) }
func newUserID() string   { return newID("u", 16) }

// newSecret returns a secret of more than 256 random bits, and what to store of it.
func newSecret(prefix string) (secret string, hash []byte) {
	secret = prefix + rand.Text() + rand.Text()
	return secret, hashSecret(secret)
}

// hashSecret needs neither salt nor cost: nobody guesses 256 bits.
func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}
