package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/service"
)

const (
	// leafLife is how long a certificate is valid; it is renewed after two thirds of that, by a job that runs every day.
	leafLife = 90 * 24 * time.Hour
	// trialLife is that of a trial's Postgres and Redis, which read theirs only when they start.
	trialLife = 5 * 365 * 24 * time.Hour

	opaque    = "Opaque"
	tlsSecret = "kubernetes.io/tls"
)

// certificates makes the authority once, and renews the certificates that it has signed.
func (s *setup) certificates(ctx context.Context) (*certs.Authority, error) {
	kept, err := s.ensure(ctx, s.name("ca"), opaque, func(old map[string][]byte) (map[string][]byte, error) {
		if old != nil {
			return old, nil
		}
		fresh, err := certs.NewAuthority(s.clk)
		return map[string][]byte{"ca.crt": fresh.Cert, "ca.key": fresh.Key}, err
	})
	if err != nil {
		return nil, err
	}
	authority, err := s.openAuthority(kept, leafLife)
	if err != nil {
		return nil, err
	}
	for _, name := range service.Names() {
		// The bare name is what a scrape of metrics verifies.
		hosts := append(s.inCluster(s.name(name)), name, "localhost", "127.0.0.1", "::1")
		if err := s.certificate(ctx, authority, name, name, hosts); err != nil {
			return nil, err
		}
	}
	public := append(s.inCluster(s.cfg.Fullname), "localhost", "127.0.0.1", "::1")
	if err := s.certificate(ctx, authority, "public", "", append(public, s.cfg.Hosts...)); err != nil {
		return nil, err
	}
	if s.cfg.Trial {
		lasting, err := s.openAuthority(kept, trialLife)
		if err != nil {
			return nil, err
		}
		for _, name := range []string{"postgres", "redis"} {
			if err := s.certificate(ctx, lasting, name, "", append(s.inCluster(s.name(name)), "localhost", "127.0.0.1")); err != nil {
				return nil, err
			}
		}
	}
	return authority, nil
}

// certificate keeps the secret <what>-tls; the SPIFFE id is that of the service, if there is one.
func (s *setup) certificate(ctx context.Context, authority *certs.Authority, what, id string, hosts []string) error {
	_, err := s.ensure(ctx, s.name(what+"-tls"), tlsSecret, func(old map[string][]byte) (map[string][]byte, error) {
		kept, renewed, err := authority.Renew(certs.Kept{Cert: old["tls.crt"], Key: old["tls.key"], CA: old["ca.crt"]}, id, plain(hosts))
		if err != nil || !renewed {
			return old, err
		}
		return map[string][]byte{"tls.crt": kept.Cert, "tls.key": kept.Key, "ca.crt": kept.CA}, nil
	})
	if err != nil {
		return fmt.Errorf("certificate of %s: %w", what, err)
	}
	return nil
}

func (s *setup) openAuthority(kept map[string][]byte, life time.Duration) (*certs.Authority, error) {
	return certs.Kept{Cert: kept["ca.crt"], Key: kept["ca.key"]}.Open("secret "+s.name("ca"), life, s.clk)
}

// keptAuthority opens the authority that an earlier run has made.
func (s *setup) keptAuthority(ctx context.Context) (*certs.Authority, error) {
	kept, err := s.kube.get(ctx, s.name("ca"))
	if err != nil {
		return nil, err
	}
	if kept == nil {
		return nil, fmt.Errorf("there is no secret %s yet: run apply first", s.name("ca"))
	}
	return s.openAuthority(kept.Data, leafLife)
}

// systemRoots are where Linux distributions keep the authorities that browsers trust.
const systemRoots = "/etc/ssl/certs/ca-certificates.crt"

// trust returns the authorities to trust for Postgres or Redis: those of the file if it is there, else ours for a trial, else the
// machine's. A chart cannot know whether a secret that people bring has the file.
func (s *setup) trust(file, what string, authority *certs.Authority) ([]byte, error) {
	text, err := os.ReadFile(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		if s.cfg.Trial {
			return authority.CertificatePEM(), nil
		}
		text, err = os.ReadFile(systemRoots)
	}
	if err != nil {
		return nil, fmt.Errorf("authority of the certificate of %s: %w", what, err)
	}
	return text, nil
}
