package certs

import (
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// PEM returns the present certificate with its chain, its key and the authorities, for a program that reads files.
func (s *Source) PEM() (cert, key, ca []byte, err error) {
	m := s.current()
	for _, der := range m.leaf.Certificate {
		cert = append(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(m.leaf.PrivateKey)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("write key: %w", err)
	}
	key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	for _, authority := range m.cas {
		ca = append(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Raw})...)
	}
	return cert, key, ca, nil
}
