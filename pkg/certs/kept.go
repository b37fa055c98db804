package certs

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
)

// Kept is an authority or a certificate that somebody else keeps, such as a Kubernetes secret. PEM.
type Kept struct {
	Cert, Key, CA []byte
}

// NewAuthority makes an authority to keep; its CA is empty.
func NewAuthority(clk clock.Clock) (Kept, error) {
	cert, key, err := newAuthority(clk.Now())
	return Kept{Cert: cert, Key: key}, err
}

// Open returns the authority, whose certificates live as long as said. Where it is kept tells people what to remove when it has expired.
func (k Kept) Open(where string, life time.Duration, clk clock.Clock) (*Authority, error) {
	a, err := readAuthority(where, k.Cert, k.Key, life, clk)
	if err != nil {
		return nil, err
	}
	a.life = life
	return a, nil
}

// Renew returns the certificate of a service for the hosts, old when that still serves: of this authority, for these hosts and
// not older than two thirds of its life. Without a service it is that of a public listener, with a key that browsers and
// Postgres know.
func (a *Authority) Renew(old Kept, service string, hosts []string) (k Kept, renewed bool, err error) {
	if a.serves(old, service, hosts) {
		return old, false, nil
	}
	s, err := a.source(service, hosts)
	if err != nil {
		return Kept{}, false, fmt.Errorf("issue certificate: %w", err)
	}
	k.Cert, k.Key, k.CA, err = s.PEM()
	return k, true, err
}

func (a *Authority) serves(k Kept, service string, hosts []string) bool {
	pair, err := tls.X509KeyPair(k.Cert, k.Key)
	if err != nil || !bytes.Equal(k.CA, a.CertificatePEM()) {
		return false
	}
	leaf, now := pair.Leaf, a.clk.Now()
	if now.Before(leaf.NotBefore) || now.After(leaf.NotAfter.Add(-a.life/3)) {
		return false
	}
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: a.pool, CurrentTime: now}); err != nil {
		return false
	}
	name, _ := ServiceOf(leaf) // none is that of a public listener
	have := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		have = append(have, ip.String())
	}
	want := slices.Clone(hosts)
	slices.Sort(have)
	slices.Sort(want)
	return name == service && slices.Equal(have, want)
}
