package stand

import (
	"encoding/json"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// DatabaseURL is how the superuser connects to a database of the installation in a data folder.
func DatabaseURL(data, database string) (string, error) {
	raw, err := os.ReadFile(filepath.Join(data, "postgres.json"))
	if err != nil {
		return "", err
	}
	var note struct{ Port int }
	if err := json.Unmarshal(raw, &note); err != nil {
		return "", err
	}
	password, err := os.ReadFile(filepath.Join(data, "secrets", "postgres-postgres"))
	if err != nil {
		return "", err
	}
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", strings.TrimSpace(string(password))), Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(note.Port)),
		Path: "/" + database, RawQuery: url.Values{"sslmode": {"verify-full"}, "sslrootcert": {filepath.Join(data, "certs", "ca.crt")}}.Encode(),
	}
	return u.String(), nil
}
