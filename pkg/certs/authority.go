package certs

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
)

const (
	// LeafLife is how long a certificate of the local authority is valid. It is renewed after two thirds of that.
	LeafLife = 24 * time.Hour
	caLife   = 10 * 365 * 24 * time.Hour
	// backdate lets peers with a slightly slow clock accept a fresh certificate.
	backdate = 5 * time.Minute

	// authorityFile holds key and certificate together, so that both appear in one atomic step.
	authorityFile = "ca.pem"
	// RootFile is the name of the authority's certificate in its folder, for people to trust in a browser.
	RootFile = "ca.crt"
)

// Authority is a certificate authority in a folder, for installations that bring none of their own.
type Authority struct {
	clk  clock.Clock
	cert *x509.Certificate
	key  crypto.Signer
	life time.Duration // of leaves
	pool *x509.CertPool
}

// OpenAuthority opens the authority in dir, and makes it there on first use: the folder 0700, the key 0600. Processes that
// open the same folder at once agree on one authority. An authority that has expired is an error that says what to do.
func OpenAuthority(dir string, clk clock.Clock) (*Authority, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the certificate authority: %w", err)
	}
	path := filepath.Join(dir, authorityFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		text, err = createAuthority(path, clk.Now())
	}
	if err != nil {
		return nil, fmt.Errorf("open certificate authority: %w", err)
	}
	a, err := readAuthority(path, text, text, LeafLife, clk)
	if err != nil {
		return nil, err
	}
	if err := publish(filepath.Join(dir, RootFile), a.CertificatePEM()); err != nil {
		return nil, fmt.Errorf("publish certificate of the authority: %w", err)
	}
	return a, nil
}

// readAuthority fails when the authority expires before a certificate of the given life would. where tells people what to remove.
func readAuthority(where string, cert, key []byte, life time.Duration, clk clock.Clock) (*Authority, error) {
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("read certificate authority %s: %w", where, err)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok || !pair.Leaf.IsCA {
		return nil, fmt.Errorf("%s is not a certificate authority", where)
	}
	if clk.Now().Add(life).After(pair.Leaf.NotAfter) {
		return nil, fmt.Errorf("certificate authority expires on %s: remove %s to have a new one made",
			pair.Leaf.NotAfter.Format(time.DateOnly), where)
	}
	a := &Authority{clk: clk, cert: pair.Leaf, key: signer, life: LeafLife, pool: x509.NewCertPool()}
	a.pool.AddCert(a.cert)
	return a, nil
}

// CertificatePEM is what others trust.
func (a *Authority) CertificatePEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// Source returns a source of certificates for a service, valid also for the DNS names and addresses given, besides the
// service's own name and localhost.
func (a *Authority) Source(service string, hosts ...string) (*Source, error) {
	return a.source(service, append([]string{service, "localhost", "127.0.0.1", "::1"}, hosts...))
}

// Edge returns a source of certificates for a public listener at the hosts given and localhost. It has no SPIFFE id, and a key
// that browsers know.
func (a *Authority) Edge(hosts ...string) (*Source, error) {
	return a.source("", append([]string{"localhost", "127.0.0.1", "::1"}, hosts...))
}

// Edge returns a certificate for a public listener, of the same authority. A source that was read from files has none: the
// public certificate is then read from files, too.
func (s *Source) Edge(hosts ...string) (*Source, error) {
	if s.auth == nil {
		return nil, errors.New("no local certificate authority: give the public certificate as files")
	}
	return s.auth.Edge(hosts...)
}

func (a *Authority) source(service string, hosts []string) (*Source, error) {
	return newSource(&Source{
		service: service,
		clk:     a.clk,
		auth:    a,
		load:    func(*material) (*material, error) { return a.issue(service, hosts) },
		due:     func(m *material) time.Time { return m.leaf.Leaf.NotAfter.Add(-a.life / 3) },
	})
}

func (a *Authority) issue(service string, hosts []string) (*material, error) {
	now := a.clk.Now()
	tmpl := &x509.Certificate{
		Subject:     pkix.Name{CommonName: hosts[0], Organization: []string{"Aqtra"}},
		NotBefore:   now.Add(-backdate),
		NotAfter:    now.Add(a.life),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	var key crypto.Signer
	var err error
	if service == "" {
		tmpl.ExtKeyUsage = tmpl.ExtKeyUsage[:1]
		key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		tmpl.URIs = append(tmpl.URIs, spiffeID(service))
		_, key, err = ed25519.GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			tmpl.IPAddresses = append(tmpl.IPAddresses, ip)
		} else {
			tmpl.DNSNames = append(tmpl.DNSNames, h)
		}
	}
	leaf, err := sign(tmpl, a.cert, key.Public(), a.key)
	if err != nil {
		return nil, err
	}
	return &material{
		leaf: tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf},
		pool: a.pool,
		cas:  []*x509.Certificate{a.cert},
	}, nil
}

// createAuthority writes a new authority to path and returns what stands there, which is another process's when that was faster.
func createAuthority(path string, now time.Time) ([]byte, error) {
	cert, key, err := newAuthority(now)
	if err != nil {
		return nil, err
	}
	tmp, err := writeTemp(path, append(key, cert...), 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.Remove(tmp) }() // at worst a spare name for the same private file
	// A link fails when the name is taken, a rename would replace.
	if err := os.Link(tmp, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return os.ReadFile(path)
}

// newAuthority makes a certificate authority, both in PEM.
func newAuthority(now time.Time) (cert, key []byte, err error) {
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("make key: %w", err)
	}
	tmpl := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "Aqtra local authority", Organization: []string{"Aqtra"}},
		NotBefore:             now.Add(-backdate),
		NotAfter:              now.Add(caLife),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		IsCA:                  true,
		BasicConstraintsValid: true,
		MaxPathLenZero:        true,
	}
	root, err := sign(tmpl, tmpl, signer.Public(), signer)
	if err != nil {
		return nil, nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return nil, nil, fmt.Errorf("encode key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Raw}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func sign(tmpl, parent *x509.Certificate, pub crypto.PublicKey, key crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("make serial number: %w", err)
	}
	tmpl.SerialNumber = serial
	der, err := x509.CreateCertificate(rand.Reader, tmpl, parent, pub, key)
	if err != nil {
		return nil, fmt.Errorf("sign certificate: %w", err)
	}
	return x509.ParseCertificate(der)
}

// publish puts text at path in one step, unless it is there already.
func publish(path string, text []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	tmp, err := writeTemp(path, text, 0o644)
	if err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

func writeTemp(path string, text []byte, mode fs.FileMode) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(f.Name()))
	}
	return f.Name(), nil
}
