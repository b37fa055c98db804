package password

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
)

// Proof is what goes along with a stored hash to another installation: only who has the pepper can make it, so it tells there
// that the hash is of use and of this person.
func Proof(pepper []byte, email, stored string) string {
	mac := hmac.New(sha256.New, pepper)
	mac.Write([]byte("aqtra moved password"))
	for _, part := range []string{email, stored} {
		mac.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part))))
		mac.Write([]byte(part))
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// Portable tells whether a hash came with its proof and can be used here.
func Portable(pepper []byte, email, stored, proof string) bool {
	if _, _, _, err := decode(stored); err != nil {
		return false
	}
	return subtle.ConstantTimeCompare([]byte(Proof(pepper, email, stored)), []byte(proof)) == 1
}
