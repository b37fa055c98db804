package localpg

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
)

// ErrInUse says that another running process has the data folder.
var ErrInUse = errors.New("the data folder is in use by another process")

// ErrDataMissing says that a data folder had a database or its password, and now has not.
var ErrDataMissing = errors.New("part of the data folder is missing")

// VersionError says that the database was made by a major version that is not on this machine.
type VersionError struct {
	Dir    string
	Needed int
	Found  []int
}

func (e *VersionError) Error() string {
	found := make([]string, len(e.Found))
	for i, v := range e.Found {
		found[i] = strconv.Itoa(v)
	}
	return fmt.Sprintf("the database in %s was made by postgres %d, but this machine offers version %s. "+
		"Nothing was changed. Either install postgres %d (or name its folder in AQTRA_POSTGRES_BIN) and start again; "+
		"or move the data: run that postgres on the folder, dump it with pg_dumpall, start with a new data folder, "+
		"and restore the dump with psql", e.Dir, e.Needed, strings.Join(found, ", "), e.Needed)
}

// folder is the platform's data folder.
type folder struct{ dir string }

func (f folder) postgres() string { return filepath.Join(f.dir, "postgres") }
func (f folder) data() string     { return filepath.Join(f.postgres(), "data") }
func (f folder) run() string      { return filepath.Join(f.postgres(), "run") }
func (f folder) ca() string       { return filepath.Join(f.postgres(), "ca.crt") }
func (f folder) notePath() string { return filepath.Join(f.dir, "postgres.json") }
func (f folder) secrets() string  { return filepath.Join(f.dir, "secrets") }

// note is what postgres.json holds.
type note struct {
	Major int `json:"major"`
	Port  int `json:"port"`
}

// lock keeps other processes away until the file is closed, which the end of this process does too.
func (f folder) lock() (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(f.dir, "postgres.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("%w: %s", ErrInUse, f.dir)
		}
		return nil, fmt.Errorf("lock the data folder: %w", err)
	}
	return file, nil
}

// inspect reads what the folder says of its database and whether there is one. It changes nothing.
func (f folder) inspect() (n note, exists bool, err error) {
	raw, err := os.ReadFile(f.notePath())
	noted := err == nil
	switch {
	case noted:
		if err := json.Unmarshal(raw, &n); err != nil {
			return note{}, false, fmt.Errorf("read %s: %w", f.notePath(), err)
		}
	case !errors.Is(err, os.ErrNotExist):
		return note{}, false, err
	}
	version, err := os.ReadFile(filepath.Join(f.data(), "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(f.data())
		if noted || err == nil && len(entries) > 0 {
			return note{}, false, fmt.Errorf("%w: %s had a database, which is gone or damaged; restore it from a backup, "+
				"or remove %s and %s to begin with an empty one", ErrDataMissing, f.data(), f.notePath(), f.data())
		}
		return note{}, false, nil
	}
	if err != nil {
		return note{}, false, err
	}
	// The database's own word counts, should the two differ.
	if n.Major, err = strconv.Atoi(string(bytes.TrimSpace(version))); err != nil {
		return note{}, false, fmt.Errorf("read the version of %s: %w", f.data(), err)
	}
	return n, true, nil
}

func choose(found []pgserver.Binaries, major int, dir string) (pgserver.Binaries, error) {
	e := &VersionError{Dir: dir, Needed: major}
	for _, b := range found {
		if b.Major == major {
			return b, nil
		}
		e.Found = append(e.Found, b.Major)
	}
	return pgserver.Binaries{}, e
}

func (f folder) writeNote(n note) error {
	raw, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return writeFile(f.notePath(), raw, 0o644)
}

func (f folder) makeDirs(u pgserver.User) error {
	for _, dir := range []string{f.postgres(), f.run()} {
		if err := u.Mkdir(dir); err != nil {
			return fmt.Errorf("make %s: %w", dir, err)
		}
	}
	return nil
}

// initialise makes the database aside and moves it into place when it is complete, so that an interrupted start leaves
// nothing that looks like one.
func (f folder) initialise(ctx context.Context, bin pgserver.Binaries, u pgserver.User, password string) error {
	next := f.data() + ".new"
	if err := os.RemoveAll(next); err != nil {
		return err
	}
	if err := pgserver.Init(ctx, bin, next, u, password, true); err != nil {
		return err
	}
	if err := os.Rename(next, f.data()); err != nil {
		return err
	}
	return syncDir(f.postgres())
}

// superuser returns the superuser's password. Only for a new database may it be made.
func (f folder) superuser(exists bool) (string, error) {
	if exists {
		path := filepath.Join(f.secrets(), "postgres-"+pgserver.Superuser)
		if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("%w: %s, the password of the database; restore it from a backup", ErrDataMissing, path)
		}
	}
	return f.password(pgserver.Superuser)
}

// password returns the password of a role, made when it has none.
func (f folder) password(role string) (string, error) {
	path := filepath.Join(f.secrets(), "postgres-"+role)
	raw, err := os.ReadFile(path)
	if err == nil {
		if len(bytes.TrimSpace(raw)) == 0 {
			return "", fmt.Errorf("%w: %s is empty", ErrDataMissing, path)
		}
		return string(bytes.TrimSpace(raw)), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read password: %w", err)
	}
	if err := os.MkdirAll(f.secrets(), 0o700); err != nil {
		return "", fmt.Errorf("make the folder of secrets: %w", err)
	}
	password := rand.Text()
	if err := writeFile(path, []byte(password+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write password: %w", err)
	}
	return password, nil
}

// writeFile replaces a file at once, and is done when it is on disk.
func writeFile(path string, data []byte, mode os.FileMode) error {
	next := path + ".next"
	file, err := os.OpenFile(next, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(next, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
