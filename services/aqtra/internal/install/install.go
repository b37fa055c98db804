// Package install turns a data folder into a running installation on one machine: certificates, secrets, Postgres with a schema
// and roles for every service, and the settings that tell the services about them.
package install

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/services/aqtra/internal/localpg"
)

// Config says where the installation lies.
type Config struct {
	// Data is the folder that holds everything: database, files, certificates, secrets.
	Data string `env:"AQTRA_DATA" doc:"folder of all data; default: aqtra in the user's data folder"`
	// PostgresBin is the folder of Postgres' programs; empty looks for them.
	PostgresBin string `env:"AQTRA_POSTGRES_BIN" doc:"folder of Postgres' programs (15 or newer); empty: look for them"`
}

// database is the name of the database of all services.
const database = "aqtra"

// Installation is a data folder in use, with its Postgres running.
type Installation struct {
	Authority *certs.Authority
	// Settings are environment variables for the services; what the real environment says comes before them.
	Settings map[string]string
	// Data is the folder, as an absolute path.
	Data string

	server *localpg.Server
	edge   *certs.Source
	log    *slog.Logger
}

// Open makes or finds the installation in the folder and starts its Postgres. Close it.
func Open(ctx context.Context, cfg Config, clk clock.Clock, log *slog.Logger) (*Installation, error) {
	data, err := filepath.Abs(cfg.Data)
	if err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	if err := os.MkdirAll(data, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	authority, err := certs.OpenAuthority(filepath.Join(data, "certs"), clk)
	if err != nil {
		return nil, err
	}
	edge, err := authority.Edge()
	if err != nil {
		return nil, err
	}
	cert, err := certificate(edge)
	if err != nil {
		return nil, err
	}
	in := &Installation{Authority: authority, Data: data, edge: edge, log: log}
	in.server, err = localpg.Start(ctx, localpg.Options{
		Dir: data, Binaries: cfg.PostgresBin, Log: log,
		Certificate: cert,
	})
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	if err := in.configure(ctx); err != nil {
		return nil, errors.Join(err, in.Close(context.WithoutCancel(ctx)))
	}
	return in, nil
}

func certificate(edge *certs.Source) (localpg.Certificate, error) {
	cert, key, ca, err := edge.PEM()
	return localpg.Certificate{Cert: cert, Key: key, CA: ca}, err
}

func (in *Installation) configure(ctx context.Context) error {
	configs, err := in.server.Provision(ctx, database, services())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(FilesDir(in.Data), 0o700); err != nil {
		return fmt.Errorf("make the folder of files: %w", err)
	}
	in.Settings, err = settingsOf(in.Data, configs)
	return err
}

func services() []postgres.Service {
	var all []postgres.Service
	for _, s := range Schemas() {
		all = append(all, s)
	}
	return all
}

// settingsOf are the settings of the services of an installation in a folder.
func settingsOf(data string, configs map[string]postgres.Config) (map[string]string, error) {
	pepper, err := secret(data, "password-pepper")
	if err != nil {
		return nil, err
	}
	settings := map[string]string{
		"AQTRA_CERTS_DIR":          filepath.Join(data, "certs"),
		"AQTRA_PASSWORD_PEPPER":    pepper,
		"AQTRA_STORAGE_KEY_FILE":   KeyFile(data),
		"AQTRA_STORAGE_CREATE_KEY": "true",
		"AQTRA_STORAGE_FILES_URL":  "file://" + FilesDir(data),
	}
	for name, s := range Schemas() {
		prefix := service.Prefix(name) + "_DATABASE_"
		settings[prefix+"URL"] = configs[s.Schema].URL
		settings[prefix+"OWNER_URL"] = configs[s.Schema].OwnerURL
	}
	return settings, nil
}

// secret returns a random secret of 256 bits that is made once and kept in the data folder.
func secret(data, name string) (string, error) {
	dir := filepath.Join(data, "secrets")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of secrets: %w", err)
	}
	path := filepath.Join(dir, name)
	kept, err := os.ReadFile(path)
	if err == nil && len(kept) > 0 {
		return string(kept), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read secret %s: %w", name, err)
	}
	text := NewSecret()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return "", fmt.Errorf("keep secret %s: %w", name, err)
	}
	return text, nil
}

// Lookup reads settings: the environment first, then those of the installation.
func (in *Installation) Lookup(environment config.Lookup) config.Lookup {
	return Lookup(environment, in.Settings)
}

// Lookup reads settings: the environment first, then those of an installation.
func Lookup(environment config.Lookup, settings map[string]string) config.Lookup {
	return func(name string) (string, bool) {
		if v, ok := environment(name); ok && v != "" {
			return v, true
		}
		v, ok := settings[name]
		return v, ok
	}
}

// WriteEnvironment writes the settings as lines NAME=value to a file that only this user can read, for services that run as
// processes of their own.
func (in *Installation) WriteEnvironment(path string) error {
	names := make([]string, 0, len(in.Settings))
	for name := range in.Settings {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		fmt.Fprintf(&b, "%s=%s\n", name, in.Settings[name])
	}
	temp := path + ".new"
	if err := os.WriteFile(temp, []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("write settings: %w", err)
	}
	return os.Rename(temp, path)
}

// renewEvery is how often Postgres is given the present certificate; leaves live for a day and are renewed after two thirds.
const renewEvery = time.Hour

// Run keeps Postgres' certificate fresh until ctx ends, and fails when Postgres ends before that.
func (in *Installation) Run(ctx context.Context, clk clock.Clock) error {
	for {
		timer := clk.NewTimer(renewEvery)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-in.server.Done():
			timer.Stop()
			return errors.New("postgres ended by itself; its log is in the data folder")
		case <-timer.C():
			cert, err := certificate(in.edge)
			if err == nil {
				err = in.server.SetCertificate(cert)
			}
			if err != nil {
				in.log.ErrorContext(ctx, "postgres keeps its old certificate", "error", err)
			}
		}
	}
}

// Close stops Postgres.
func (in *Installation) Close(ctx context.Context) error { return in.server.Stop(ctx) }
