package gateway

import (
	"errors"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/services/gateway/internal/edge"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
)

// Config is the configuration of the gateway.
type Config struct {
	edge.Config
	// Hosts are names besides that of the public URL, for which the local authority signs.
	Hosts []string `env:"AQTRA_HOSTS" doc:"further host names and addresses in the public certificate, when the local authority signs it"`
	// CertFile and KeyFile hold the public certificate; without them the local authority signs one.
	CertFile string `env:"AQTRA_PUBLIC_CERT_FILE" doc:"public certificate (PEM), re-read when it changes; empty: the local authority signs one"`
	KeyFile  string `env:"AQTRA_PUBLIC_KEY_FILE" doc:"key of the public certificate (PEM)"`

	Database postgres.Config
	Identity identity.Config
	Redis    redis.Config
}

// Validate refuses half a certificate.
func (c Config) Validate() error {
	if (c.CertFile == "") != (c.KeyFile == "") {
		return errors.New("AQTRA_PUBLIC_CERT_FILE and AQTRA_PUBLIC_KEY_FILE must be given together")
	}
	return nil // Load validates the nested ones by itself
}
