package install

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/aqtra/aqtra/services/aqtra/internal/localpg"
)

// AdminURL connects to the database as the superuser. It holds the password.
func (in *Installation) AdminURL() string { return in.server.AdminURL(database) }

// Running finds an installation that another process runs: what of it is known without Postgres' certificates being made anew.
func Running(data string) (adminURL string, settings map[string]string, err error) {
	if data, err = filepath.Abs(data); err != nil {
		return "", nil, err
	}
	adminURL, configs, err := localpg.Running(data, database, services())
	if err != nil {
		return "", nil, err
	}
	settings, err = settingsOf(data, configs)
	return adminURL, settings, err
}

// FilesDir is where the files of an installation lie.
func FilesDir(data string) string { return filepath.Join(data, "files") }

// KeyFile is where the key-encryption keys of an installation lie.
func KeyFile(data string) string { return filepath.Join(data, "secrets", "storage-key.json") }

// keyNames are the secrets that data is of no use without: the key of values and files, and what passwords are hashed with.
// The others are passwords between parts, which every installation makes for itself.
func keyNames() []string { return []string{"storage-key.json", "password-pepper"} }

// SaveKeys copies the keys of an installation into a folder that does not exist yet.
func SaveKeys(data, dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("save the keys: %w", err)
	}
	for _, name := range keyNames() {
		key, err := os.ReadFile(filepath.Join(data, "secrets", name))
		if err != nil {
			return fmt.Errorf("save the keys: %w", err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), key, 0o600); err != nil {
			return fmt.Errorf("save the keys: %w", err)
		}
	}
	return nil
}

// RestoreKeys gives an installation that was not started yet the keys that were saved.
func RestoreKeys(data, dir string) error {
	secrets := filepath.Join(data, "secrets")
	// Postgres' user must be able to enter the data folder, and nobody else the secrets.
	if err := errors.Join(os.MkdirAll(data, 0o755), os.MkdirAll(secrets, 0o700)); err != nil {
		return fmt.Errorf("restore the keys: %w", err)
	}
	for _, name := range keyNames() {
		key, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return fmt.Errorf("restore the keys: %w", err)
		}
		path := filepath.Join(secrets, name)
		was, err := os.ReadFile(path)
		switch {
		case err == nil && !bytes.Equal(was, key):
			return fmt.Errorf("%s is another key than that of the backup: restore into a new data folder", path)
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("restore the keys: %w", err)
		}
		if err := os.WriteFile(path, key, 0o600); err != nil {
			return fmt.Errorf("restore the keys: %w", err)
		}
	}
	return nil
}
