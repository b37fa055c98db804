package token

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
)

// trustFor is how long a verified certificate of the issuer is not looked at again; an authority that is taken out of the
// pool counts no longer than this.
const trustFor = 30 * time.Second

// Verifier checks tokens for one service. A token seen before costs a look-up.
type Verifier struct {
	service string
	roots   func() *x509.CertPool
	clk     clock.Clock

	mu      sync.RWMutex
	claims  cache[Claims]
	issuers cache[issuer]
}

type issuer struct {
	cert  *x509.Certificate
	until time.Time
}

// NewVerifier returns a verifier of tokens for service, signed with certificates of the present roots.
func NewVerifier(service string, roots func() *x509.CertPool, clk clock.Clock) *Verifier {
	return &Verifier{
		service: service, roots: roots, clk: clk, claims: newCache[Claims](cacheSize), issuers: newCache[issuer](16),
	}
}

// Verify returns what the token says, or an error for a token that is malformed, larger than MaxSize, not signed by the gateway,
// for somebody else, expired, or issued more than Skew in the future. The claims are shared: callers must not change them.
func (v *Verifier) Verify(tok []byte) (Claims, error) {
	if len(tok) > MaxSize {
		return Claims{}, errTooLarge
	}
	now := v.clk.Now()
	v.mu.RLock()
	c, ok := v.claims.get(string(tok))
	v.mu.RUnlock()
	if !ok {
		var err error
		if c, err = v.open(tok, now); err != nil {
			return Claims{}, err
		}
	}
	if err := v.checkTimes(c, now); err != nil {
		return Claims{}, err
	}
	if !ok {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.claims.put(string(tok), c)
	}
	return c, nil
}

func (v *Verifier) checkTimes(c Claims, now time.Time) error {
	switch {
	case c.ExpiresAt.Sub(c.IssuedAt) > MaxLife || !c.ExpiresAt.After(c.IssuedAt):
		return errors.New("token has no acceptable life")
	case !now.Before(c.ExpiresAt):
		return errors.New("token has expired")
	case c.IssuedAt.After(now.Add(Skew)):
		return errors.New("token is not valid yet")
	}
	return nil
}

// open checks all that does not change with time.
func (v *Verifier) open(tok []byte, now time.Time) (Claims, error) {
	e, err := decodeEnvelope(tok)
	if err != nil {
		return Claims{}, err
	}
	cert, err := v.issuer(e.certificate, now)
	if err != nil {
		return Claims{}, err
	}
	if !verifySignature(cert.PublicKey, e.payload, e.signature) {
		return Claims{}, errors.New("token has a wrong signature")
	}
	c, err := decodeClaims(e.payload)
	if err != nil {
		return Claims{}, err
	}
	if !slices.Contains(c.Audience, v.service) {
		return Claims{}, errors.New("token is for another service")
	}
	return c, nil
}

func (v *Verifier) issuer(der []byte, now time.Time) (*x509.Certificate, error) {
	v.mu.RLock()
	known, ok := v.issuers.get(string(der))
	v.mu.RUnlock()
	if ok && now.Before(known.until) {
		return known.cert, nil
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil || !bytes.Equal(cert.Raw, der) {
		return nil, errMalformed
	}
	opts := x509.VerifyOptions{Roots: v.roots(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}
	if _, err := cert.Verify(opts); err != nil {
		return nil, fmt.Errorf("verify signer of the token: %w", err)
	}
	name, err := certs.ServiceOf(cert)
	if err != nil {
		return nil, fmt.Errorf("verify signer of the token: %w", err)
	}
	if name != Issuer {
		return nil, fmt.Errorf("token is signed by %q, who may not", name)
	}
	until := now.Add(trustFor)
	if cert.NotAfter.Before(until) {
		until = cert.NotAfter
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.issuers.put(string(der), issuer{cert, until})
	return cert, nil
}
