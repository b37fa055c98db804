// Package redis opens clients of Redis, over TLS 1.3 or a unix socket only. Redis holds nothing that must not be lost: whoever
// uses it has a fallback for when it is away.
package redis

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Config names a Redis. It is optional: without a URL there is none.
type Config struct {
	URL    string `env:"AQTRA_REDIS_URL" secret:"true" doc:"Redis URL (rediss:// or unix://); empty: rates are judged per process, and changes are told through Postgres"`
	CAFile string `env:"AQTRA_REDIS_CA_FILE" doc:"certificates of the authority that signed Redis' certificate (PEM); empty: the machine's"`
}

// errURL stands for whatever a parser has to say: its text may quote the password.
var errURL = errors.New("AQTRA_REDIS_URL must be a rediss:// or unix:// URL")

// Validate refuses a URL without TLS.
func (c Config) Validate() error {
	if c.URL == "" {
		return nil
	}
	_, err := c.options()
	return err
}

func (c Config) options() (*goredis.Options, error) {
	o, err := goredis.ParseURL(c.URL)
	if err != nil {
		return nil, errURL
	}
	if o.Network == "unix" {
		return o, nil
	}
	if o.TLSConfig == nil || o.TLSConfig.InsecureSkipVerify {
		return nil, errURL
	}
	o.TLSConfig.MinVersion = tls.VersionTLS13
	if c.CAFile == "" {
		return o, nil
	}
	text, err := os.ReadFile(c.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read AQTRA_REDIS_CA_FILE: %w", err)
	}
	o.TLSConfig.RootCAs = x509.NewCertPool()
	if !o.TLSConfig.RootCAs.AppendCertsFromPEM(text) {
		return nil, errors.New("AQTRA_REDIS_CA_FILE holds no certificate")
	}
	return o, nil
}

// Open returns a client, nil without a URL. It connects on first use, so it succeeds while Redis is away. Commands do not
// retry and end after a second at the latest: a caller has its fallback.
func Open(c Config) (*goredis.Client, error) {
	if c.URL == "" {
		return nil, nil
	}
	o, err := c.options()
	if err != nil {
		return nil, err
	}
	o.MaxRetries = -1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = time.Second, time.Second, time.Second
	o.ContextTimeoutEnabled = true
	return goredis.NewClient(o), nil
}
