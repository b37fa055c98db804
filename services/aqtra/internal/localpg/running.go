package localpg

import (
	"fmt"
	"path/filepath"

	"github.com/aqtra/aqtra/pkg/postgres"
)

// Running says how to connect to the server of a data folder that another process runs: as the superuser, and as each service. The
// URLs hold passwords.
func Running(dir, database string, services []postgres.Service) (adminURL string, configs map[string]postgres.Config, err error) {
	dir, err = filepath.EvalSymlinks(dir)
	if err != nil {
		return "", nil, err
	}
	f := folder{dir}
	was, exists, err := f.inspect()
	if err != nil {
		return "", nil, err
	}
	if !exists || was.Port == 0 {
		return "", nil, fmt.Errorf("there is no database in %s", dir)
	}
	secret, err := f.superuser(true)
	if err != nil {
		return "", nil, err
	}
	s := &Server{folder: f, port: was.Port, secret: secret}
	_, configs, err = s.configs(database, services)
	return s.AdminURL(database), configs, err
}
