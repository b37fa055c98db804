// Package trialpg runs the Postgres that the charts offer for trials.
package trialpg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
)

// Spec says which server to run.
type Spec struct {
	// Bin is the folder of postgres and initdb, of the major version Major.
	Bin, Major string
	// Data is the data folder. It is made in the folder above, which must belong to the user.
	Data string
	// PasswordFile holds the superuser's password, for the first start.
	PasswordFile string
	// Database is made at the first start.
	Database string
	// Attr is how programs are started; nil as this one.
	Attr *syscall.SysProcAttr
}

// FromEnvironment reads PGDATA, POSTGRES_PASSWORD_FILE and POSTGRES_DB.
func FromEnvironment(lookup func(string) (string, bool)) (Spec, error) {
	s := Spec{Bin: "/usr/lib/postgresql/15/bin", Major: "15"}
	for name, value := range map[string]*string{"PGDATA": &s.Data, "POSTGRES_PASSWORD_FILE": &s.PasswordFile, "POSTGRES_DB": &s.Database} {
		if *value, _ = lookup(name); *value == "" {
			return Spec{}, fmt.Errorf("%s is not set", name)
		}
	}
	if !regexp.MustCompile(`^[a-z_][a-z0-9_]{0,62}$`).MatchString(s.Database) {
		return Spec{}, fmt.Errorf("POSTGRES_DB: %q is not a name of lower-case letters, digits and _", s.Database)
	}
	return s, nil
}

// Prepare makes the data folder, with the database, where there is none. A folder of another major version is an error. A first
// start that is cut off leaves nothing that a later one would take for whole.
func (s Spec) Prepare(ctx context.Context) error {
	version, err := os.ReadFile(filepath.Join(s.Data, "PG_VERSION"))
	if err == nil {
		if found := strings.TrimSpace(string(version)); found != s.Major {
			return fmt.Errorf("the data in %s is of PostgreSQL %s, this is PostgreSQL %s: use that version, or move the data with pg_dump", s.Data, found, s.Major)
		}
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("read the data's version: %w", err)
	}
	fresh := s.Data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return fmt.Errorf("remove what an earlier start left: %w", err)
	}
	err = s.run(ctx, "", "initdb", "--pgdata="+fresh, "--username=postgres", "--pwfile="+s.PasswordFile, "--auth=scram-sha-256",
		"--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums")
	if err != nil {
		return err
	}
	// The server in single-user mode needs no port and no password.
	statement := fmt.Sprintf("CREATE DATABASE %q;\n", s.Database)
	if err := s.run(ctx, statement, "postgres", "--single", "-D", fresh, "-c", "exit_on_error=on", "postgres"); err != nil {
		return err
	}
	if err := os.Rename(fresh, s.Data); err != nil {
		return fmt.Errorf("put the data in its place: %w", err)
	}
	return nil
}

// run runs one of Postgres' programs to its end. An error carries what it said.
func (s Spec) run(ctx context.Context, input, program string, args ...string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(s.Bin, program), args...)
	cmd.Stdin, cmd.SysProcAttr, cmd.Env = strings.NewReader(input), s.Attr, s.environment()
	cmd.Dir = filepath.Dir(s.Data)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, bytes.TrimSpace(out))
	}
	return nil
}

// Exec replaces this process by the server. It returns only on failure.
func (s Spec) Exec(args []string) error {
	server := filepath.Join(s.Bin, "postgres")
	if err := syscall.Exec(server, append([]string{"postgres", "-D", s.Data}, args...), s.environment()); err != nil {
		return fmt.Errorf("start %s: %w", server, err)
	}
	return nil
}

func (s Spec) environment() []string {
	return []string{"PATH=" + s.Bin + ":/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC"}
}
