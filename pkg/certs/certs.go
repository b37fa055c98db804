// Package certs gives every service its certificate and checks those of others. Certificates come from a local authority,
// made on first use, or from files that somebody else renews (cert-manager). Both are replaced without a restart. Who a peer is
// stands in its SPIFFE id, spiffe://aqtra/<service>; host names play no part between services.
package certs

import (
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/clock"
)

// TrustDomain is the authority part of the SPIFFE ids of the platform.
const TrustDomain = "aqtra"

// Signer is what signs in the name of a service: the key of its present certificate.
type Signer struct {
	Key crypto.Signer
	// Certificate is the leaf in DER, for the receiver to verify against the platform's authority.
	Certificate []byte
	NotAfter    time.Time
}

// material is one generation of a certificate and of the authorities to trust.
type material struct {
	leaf tls.Certificate
	pool *x509.CertPool
	cas  []*x509.Certificate
}

// Source holds the certificate of one service, always fresh. It is safe for use by several goroutines and starts none: age is
// looked at when the certificate is used.
type Source struct {
	service string // SPIFFE name; empty for an edge certificate
	clk     clock.Clock
	auth    *Authority // nil when the material comes from files
	load    func(old *material) (*material, error)
	due     func(m *material) time.Time // when load is asked again

	mu      sync.Mutex
	cur     *material
	next    time.Time
	lastErr error
}

func newSource(s *Source) (*Source, error) {
	m, err := s.load(nil)
	if err != nil {
		return nil, err
	}
	s.cur, s.next = m, s.due(m)
	return s, nil
}

// current returns the material, renewed when that is due. A failed renewal keeps what there is and is tried again soon;
// the expiry gauge shows it long before it hurts.
func (s *Source) current() *material {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clk.Now()
	if now.Before(s.next) {
		return s.cur
	}
	m, err := s.load(s.cur)
	s.lastErr = err
	if err != nil {
		s.next = now.Add(retryAfter)
		return s.cur
	}
	s.cur, s.next = m, s.due(m)
	return m
}

const retryAfter = 10 * time.Second

// Ready returns why the certificate could not be renewed or is no longer valid, nil when all is well.
func (s *Source) Ready() error {
	m := s.current()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clk.Now().After(m.leaf.Leaf.NotAfter) {
		return errors.Join(errors.New("certificate has expired"), s.lastErr)
	}
	return s.lastErr
}

// Service is the name in the certificate's SPIFFE id, empty for an edge certificate.
func (s *Source) Service() string { return s.service }

// Pool returns the authorities of the platform, as of now.
func (s *Source) Pool() *x509.CertPool { return s.current().pool }

// Authorities returns the certificates in Pool.
func (s *Source) Authorities() []*x509.Certificate { return s.current().cas }

// Signer returns the present key and certificate.
func (s *Source) Signer() Signer {
	leaf := s.current().leaf
	key, _ := leaf.PrivateKey.(crypto.Signer) // checked when loaded
	return Signer{Key: key, Certificate: leaf.Certificate[0], NotAfter: leaf.Leaf.NotAfter}
}

// ServerTLS is the configuration of a listener: TLS 1.3, the present certificate, HTTP/2 before HTTP/1.1. With requireClient
// only peers with a certificate of the platform's authority come in.
func (s *Source) ServerTLS(requireClient bool) *tls.Config {
	protos := []string{"h2", "http/1.1"}
	if !requireClient {
		return &tls.Config{
			MinVersion: tls.VersionTLS13,
			NextProtos: protos,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
				leaf := s.current().leaf
				return &leaf, nil
			},
		}
	}
	present := func(*tls.ClientHelloInfo) (*tls.Config, error) {
		m := s.current()
		return &tls.Config{
			MinVersion:   tls.VersionTLS13,
			Certificates: []tls.Certificate{m.leaf},
			NextProtos:   protos,
			Time:         s.clk.Now,
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    m.pool,
			// A resumed session would outlive the certificate it began with.
			SessionTicketsDisabled: true,
		}, nil
	}
	// The outer configuration never serves; it is as strict as the inner one, should that ever change.
	return &tls.Config{
		MinVersion:         tls.VersionTLS13,
		NextProtos:         protos,
		ClientAuth:         tls.RequireAndVerifyClientCert,
		ClientCAs:          x509.NewCertPool(),
		GetConfigForClient: present,
	}
}

// ClientTLS is the configuration for calling service: TLS 1.3, our certificate shown, and the peer accepted only when its
// certificate is of the platform's authority and carries the service's SPIFFE id.
func (s *Source) ClientTLS(service string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		Time:       s.clk.Now,
		NextProtos: []string{"h2"},
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			leaf := s.current().leaf
			return &leaf, nil
		},
		// The standard check compares host names against a fixed pool; VerifyConnection replaces it by one of the SPIFFE id
		// against the present pool, and runs on every handshake.
		InsecureSkipVerify: true,
		VerifyConnection: func(cs tls.ConnectionState) error {
			return s.verifyPeer(cs.PeerCertificates, service)
		},
	}
}

func (s *Source) verifyPeer(chain []*x509.Certificate, service string) error {
	if len(chain) == 0 {
		return errors.New("peer showed no certificate")
	}
	inter := x509.NewCertPool()
	for _, c := range chain[1:] {
		inter.AddCert(c)
	}
	opts := x509.VerifyOptions{
		Roots: s.Pool(), Intermediates: inter, CurrentTime: s.clk.Now(), KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if _, err := chain[0].Verify(opts); err != nil {
		return fmt.Errorf("verify certificate of %s: %w", service, err)
	}
	name, err := ServiceOf(chain[0])
	if err != nil {
		return err
	}
	if name != service {
		return fmt.Errorf("peer is %q, not %q", name, service)
	}
	return nil
}

// Register adds gauges of when the certificate became valid and when it expires, in Unix seconds, and the same of the first of
// its authorities to expire. Reading them also renews, so that the certificate of an idle process stays fresh.
func (s *Source) Register(reg prometheus.Registerer) error {
	kind := "internal"
	if s.service == "" {
		kind = "public"
	}
	leaf := func() *x509.Certificate { return s.current().leaf.Leaf }
	authority := func() *x509.Certificate {
		return slices.MinFunc(s.current().cas, func(a, b *x509.Certificate) int { return a.NotAfter.Compare(b.NotAfter) })
	}
	for _, m := range []struct {
		kind string
		cert func() *x509.Certificate
		have bool
	}{{kind, leaf, true}, {"authority", authority, s.service != ""}} {
		if !m.have { // the public certificate's authority is nobody's or reported already
			continue
		}
		labels := prometheus.Labels{"certificate": m.kind}
		start := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "aqtra_certificate_start_timestamp_seconds", Help: "When the certificate became valid.", ConstLabels: labels,
		}, func() float64 { return float64(m.cert().NotBefore.Unix()) })
		expiry := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "aqtra_certificate_expiry_timestamp_seconds", Help: "When the certificate expires.", ConstLabels: labels,
		}, func() float64 { return float64(m.cert().NotAfter.Unix()) })
		if err := errors.Join(reg.Register(start), reg.Register(expiry)); err != nil {
			return err
		}
	}
	return nil
}

// ServiceOf returns the name of the service that a certificate belongs to, from its one SPIFFE id.
func ServiceOf(cert *x509.Certificate) (string, error) {
	if len(cert.URIs) != 1 {
		return "", fmt.Errorf("certificate has %d uris, want one SPIFFE id", len(cert.URIs))
	}
	u := cert.URIs[0]
	name := strings.TrimPrefix(u.Path, "/")
	if name == "" || strings.Contains(name, "/") || u.String() != spiffeID(name).String() {
		return "", errors.New("certificate has no SPIFFE id of this platform")
	}
	return name, nil
}

func spiffeID(service string) *url.URL {
	return &url.URL{Scheme: "spiffe", Host: TrustDomain, Path: "/" + service}
}
