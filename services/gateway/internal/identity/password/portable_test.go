package password_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
)

// A hash is of use only where the pepper is the same, and only for the person whom it came with.
func TestPortable(t *testing.T) {
	const stored = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"
	pepper := []byte("pepper")
	proof := password.Proof(pepper, "a@example.com", stored)
	require.True(t, password.Portable(pepper, "a@example.com", stored, proof))
	require.False(t, password.Portable([]byte("other"), "a@example.com", stored, proof))
	require.False(t, password.Portable(pepper, "b@example.com", stored, proof))
	require.False(t, password.Portable(pepper, "a@example.com", stored, ""))
	require.False(t, password.Portable(pepper, "a@example.com", "", password.Proof(pepper, "a@example.com", "")))
}
