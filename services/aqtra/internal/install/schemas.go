package install

import (
	"crypto/rand"
	"encoding/base64"

	"github.com/aqtra/aqtra/pkg/postgres"
)

// Schemas are the services that keep something in Postgres, and the schema of each.
func Schemas() map[string]postgres.Service {
	return map[string]postgres.Service{
		"gateway":           {Schema: "gateway"},
		"component-library": {Schema: "library"},
		"workflow":          {Schema: "workflow"},
		"storage":           {Schema: "storage", CanCreateRoles: true},
	}
}

// NewSecret returns 256 random bits as text.
func NewSecret() string {
	var random [32]byte
	rand.Read(random[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(random[:])
}
