// Package token is the identity that services hand each other: a principal, signed by the gateway for named receivers and a
// short time. There is one format and no choice in it. The signer's certificate travels along; the algorithm follows from the
// key in that certificate (Ed25519, or ECDSA on P-256 with SHA-256), never from the token.
package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/principal"
)

const (
	// MaxSize is the most bytes a token has.
	MaxSize = 16 << 10
	// DefaultLife is how long a token is valid.
	DefaultLife = 30 * time.Second
	// MaxLife is the longest validity that a verifier accepts.
	MaxLife = 5 * time.Minute
	// Skew is how far in the future a token may have been issued, by the receiver's clock.
	Skew = 60 * time.Second
	// Issuer is the only service that signs.
	Issuer = "gateway"

	// version is the first byte of what is signed; the text after it keeps the signature from being taken for another one
	// made with the same key.
	version = 1
	purpose = "aqtra identity token\x00"
)

// Claims are what a token says.
type Claims struct {
	Principal principal.Principal
	// Audience names the services that the token is for.
	Audience []string
	IssuedAt time.Time
	// ExpiresAt is the first instant at which the token is worthless.
	ExpiresAt time.Time
}

var (
	errMalformed = errors.New("token is malformed")
	errTooLarge  = fmt.Errorf("token is larger than %d bytes", MaxSize)
)

// envelope is the token: version, then payload, certificate and signature as length-delimited fields 1 to 3, in that order.
type envelope struct {
	payload, certificate, signature []byte
}

func (e envelope) encode() []byte {
	b := make([]byte, 0, 16+len(e.payload)+len(e.certificate)+len(e.signature))
	b = append(b, version)
	for i, part := range [][]byte{e.payload, e.certificate, e.signature} {
		b = protowire.AppendTag(b, protowire.Number(i+1), protowire.BytesType)
		b = protowire.AppendBytes(b, part)
	}
	return b
}

func decodeEnvelope(b []byte) (envelope, error) {
	if len(b) > MaxSize {
		return envelope{}, errTooLarge
	}
	if len(b) == 0 || b[0] != version {
		return envelope{}, errMalformed
	}
	whole, b := b, b[1:]
	var parts [3][]byte
	for i := range parts {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || num != protowire.Number(i+1) || typ != protowire.BytesType {
			return envelope{}, errMalformed
		}
		part, m := protowire.ConsumeBytes(b[n:])
		if m < 0 {
			return envelope{}, errMalformed
		}
		parts[i], b = part, b[n+m:]
	}
	e := envelope{parts[0], parts[1], parts[2]}
	// Only the one shortest encoding counts, so that no bit of a token can change unseen.
	if !bytes.Equal(e.encode(), whole) {
		return envelope{}, errMalformed
	}
	return e, nil
}

// signed is what the signature covers.
func signed(payload []byte) []byte {
	b := make([]byte, 0, 1+len(purpose)+len(payload))
	b = append(b, version)
	b = append(b, purpose...)
	return append(b, payload...)
}

func sign(s certs.Signer, payload []byte) ([]byte, error) {
	msg := signed(payload)
	switch key := s.Key.(type) {
	case ed25519.PrivateKey:
		return ed25519.Sign(key, msg), nil
	case *ecdsa.PrivateKey:
		if key.Curve != elliptic.P256() {
			return nil, errors.New("sign token: only the curve P-256 is supported")
		}
		sum := sha256.Sum256(msg)
		return ecdsa.SignASN1(rand.Reader, key, sum[:])
	}
	return nil, fmt.Errorf("sign token: keys of type %T are not supported", s.Key)
}

func verifySignature(pub any, payload, signature []byte) bool {
	msg := signed(payload)
	switch key := pub.(type) {
	case ed25519.PublicKey:
		return ed25519.Verify(key, msg, signature)
	case *ecdsa.PublicKey:
		sum := sha256.Sum256(msg)
		return key.Curve == elliptic.P256() && ecdsa.VerifyASN1(key, sum[:], signature)
	}
	return false
}
