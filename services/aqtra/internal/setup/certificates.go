package setup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/service"
)

const (
	// leafLife is how long a certificate is valid; it is renewed after two thirds of that, by a job that runs every day.
	leafLife = 90 * 24 * time.Hour

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
	authority, err := s.openAuthority(kept)
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
		for _, name := range []string{"postgres", "redis"} {
			if err := s.certificate(ctx, authority, name, "", append(s.inCluster(s.name(name)), "localhost", "127.0.0.1")); err != nil {
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

func (s *setup) openAuthority(kept map[string][]byte) (*certs.Authority, error) {
	return certs.Kept{Cert: kept["ca.crt"], Key: kept["ca.key"]}.Open("secret "+s.name("ca"), leafLife, s.clk)
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
	return s.openAuthority(kept.Data)
}

// systemRoots are where Linux distributions keep the authorities that browsers trust.
const systemRoots = "/etc/ssl/certs/ca-certificates.crt"

// trust returns the authorities to trust for Postgres or Redis: those of the file if it is there, else ours for a trial, else the
// machine's. A chart cannot know whether a secret that people bring has the file.
func (s *setup) trust(ctx context.Context, file, what string, authority *certs.Authority) ([]byte, error) {
	text, err := os.ReadFile(file)
	if file == "" || errors.Is(err, fs.ErrNotExist) {
		switch {
		case s.cfg.Trial && authority != nil:
			return authority.CertificatePEM(), nil
		case s.cfg.Trial:
			return s.foreignAuthority(ctx, what)
		}
		text, err = os.ReadFile(systemRoots)
	}
	if err != nil {
		return nil, fmt.Errorf("authority of the certificate of %s: %w", what, err)
	}
	return text, nil
}

// foreignPatience is how long cert-manager may take.
const foreignPatience = 2 * time.Minute

// foreignAuthority reads the authority from a certificate that cert-manager makes.
func (s *setup) foreignAuthority(ctx context.Context, what string) ([]byte, error) {
	name := s.name(what + "-tls")
	for end := s.clk.Now().Add(foreignPatience); s.clk.Now().Before(end); {
		made, err := s.kube.get(ctx, name)
		if err != nil {
			return nil, err
		}
		if made != nil && len(made.Data["ca.crt"]) > 0 {
			return made.Data["ca.crt"], nil
		}
		if err := clock.Sleep(ctx, s.clk, time.Second); err != nil {
			return nil, errors.New("stopped while waiting for the certificate of " + what)
		}
	}
	return nil, fmt.Errorf("cert-manager has not made the certificate in secret %s within %s: see `kubectl describe certificate %s`", name, foreignPatience, name)
}
