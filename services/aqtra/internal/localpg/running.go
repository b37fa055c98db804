package localpg

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
)

// RunningURL connects as the superuser to the server of a data folder that another process runs. It holds the password.
func RunningURL(dir, database string) (string, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	f := folder{dir}
	was, exists, err := f.inspect()
	if err != nil {
		return "", err
	}
	if !exists || was.Port == 0 {
		return "", fmt.Errorf("there is no database in %s", dir)
	}
	secret, err := os.ReadFile(filepath.Join(f.secrets(), "postgres-"+pgserver.Superuser))
	if err != nil {
		return "", fmt.Errorf("read the password of the database: %w", err)
	}
	s := &Server{folder: f, port: was.Port}
	return s.url(pgserver.Superuser, strings.TrimSpace(string(secret)), database), nil
}
