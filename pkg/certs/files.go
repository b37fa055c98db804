package certs

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
)

// recheck is how often files are looked at for a change, at most.
const recheck = 10 * time.Second

// Config says where a process has its certificate from: three files, or a folder with a local authority.
type Config struct {
	Dir      string `env:"AQTRA_CERTS_DIR" doc:"folder of the local certificate authority, made on first use; for when there are no certificate files"`
	CertFile string `env:"AQTRA_TLS_CERT_FILE" doc:"certificate of this service (PEM), with the SPIFFE id spiffe://aqtra/<service>; re-read when it changes"`
	KeyFile  string `env:"AQTRA_TLS_KEY_FILE" doc:"key of the certificate (PEM)"`
	CAFile   string `env:"AQTRA_TLS_CA_FILE" doc:"certificates of the platform's authority (PEM)"`
}

// Validate demands either the folder or all three files.
func (c Config) Validate() error {
	files := c.CertFile != "" && c.KeyFile != "" && c.CAFile != ""
	some := c.CertFile != "" || c.KeyFile != "" || c.CAFile != ""
	if files == (c.Dir != "") || some != files {
		return errors.New("set either AQTRA_CERTS_DIR, or AQTRA_TLS_CERT_FILE with AQTRA_TLS_KEY_FILE and AQTRA_TLS_CA_FILE")
	}
	return nil
}

// Open returns the source of a service's certificate.
func (c Config) Open(service string, clk clock.Clock) (*Source, error) {
	if c.Dir == "" {
		return FromFiles(service, c.CertFile, c.KeyFile, c.CAFile, clk)
	}
	a, err := OpenAuthority(c.Dir, clk)
	if err != nil {
		return nil, err
	}
	return a.Source(service)
}

// FromFiles returns a source that follows the files as they change. The certificate must carry the SPIFFE id of service; for a
// public certificate, service is empty, and caFile may be, too.
func FromFiles(service, certFile, keyFile, caFile string, clk clock.Clock) (*Source, error) {
	f := files{service: service, cert: certFile, key: keyFile, ca: caFile, clk: clk}
	return newSource(&Source{
		service: service,
		clk:     clk,
		load:    f.load,
		due:     func(*material) time.Time { return clk.Now().Add(recheck) },
	})
}

type files struct {
	service, cert, key, ca string
	clk                    clock.Clock
}

// load reads all files; a renewal that is half written does not fit together and is an error, so that the old one stays.
func (f files) load(old *material) (*material, error) {
	leaf, err := tls.LoadX509KeyPair(f.cert, f.key)
	if err != nil {
		return nil, fmt.Errorf("read certificate: %w", err)
	}
	if _, ok := leaf.PrivateKey.(crypto.Signer); !ok {
		return nil, errors.New("read certificate: the key cannot sign")
	}
	if f.service != "" {
		name, err := ServiceOf(leaf.Leaf)
		if err != nil {
			return nil, err
		}
		if name != f.service {
			return nil, fmt.Errorf("certificate is of service %q, want %q", name, f.service)
		}
	}
	if old == nil && f.clk.Now().After(leaf.Leaf.NotAfter) {
		return nil, fmt.Errorf("certificate expired on %s", leaf.Leaf.NotAfter.Format(time.DateTime))
	}
	m := &material{leaf: leaf, pool: x509.NewCertPool()}
	if f.ca == "" {
		return m, nil
	}
	text, err := os.ReadFile(f.ca)
	if err != nil {
		return nil, fmt.Errorf("read certificate authority: %w", err)
	}
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read certificate authority: %w", err)
		}
		m.pool.AddCert(c)
		m.cas = append(m.cas, c)
	}
	if len(m.cas) == 0 {
		return nil, errors.New("read certificate authority: no certificate in the file")
	}
	return m, nil
}
