// Package backup copies a whole installation into a folder and brings it back: the database as pg_dump writes it, and the files,
// which stay encrypted. The folder is complete when it has its name, and SHA256SUMS tells whether it still is.
//
// Postgres' own programs are used, because nothing else knows how to copy every object of every version. What the
// installation has of keys is not in the backup, so that a backup alone gives nothing away: without them it is of no use.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"gocloud.dev/blob"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
	"github.com/aqtra/aqtra/pkg/service"
)

// Installation is what is copied, or filled.
type Installation struct {
	// PostgresURL is of a superuser, or of a role that may pass row-level security (BYPASSRLS) and, to restore, make roles.
	PostgresURL string
	// Files is the store of files.
	Files *blob.Bucket
	// PostgresBin is the folder of pg_dump and pg_restore; empty looks for them.
	PostgresBin string
	Clock       clock.Clock
	// Report is told what is being done, a line each.
	Report func(string)
}

// The names in a backup.
const (
	manifestName = "manifest.json"
	databaseName = "database.dump"
	filesName    = "files"
	sumsName     = "SHA256SUMS"
)

// format is the version of the folder's layout.
const format = 1

// manifest says what a backup is of.
type manifest struct {
	Format   int       `json:"format"`
	Version  string    `json:"version"`
	Time     time.Time `json:"time"`
	Postgres int       `json:"postgres"`
	Tenants  int       `json:"tenants"`
	Files    int       `json:"files"`
	// Roles are those of tenants, which a dump does not have, with the roles that are their members.
	Roles map[string][]string `json:"roles"`
}

// Save copies the installation into a folder that does not exist yet. The platform goes on serving meanwhile: the database is as it
// was at one moment, and every file that it knows of is there, unless it was removed in between.
func Save(ctx context.Context, in Installation, dir string) (err error) {
	if _, err := os.Lstat(dir); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: a backup is never written over another", dir)
	}
	partial := dir + ".partial"
	if err := os.RemoveAll(partial); err != nil {
		return err
	}
	if err := os.MkdirAll(partial, 0o700); err != nil {
		return err
	}
	m := manifest{Format: format, Version: service.Version(), Time: in.Clock.Now().UTC().Truncate(time.Second)}
	if err := in.read(ctx, &m); err != nil {
		return err
	}
	programs, err := in.programs(ctx, m.Postgres)
	if err != nil {
		return err
	}
	// Files first, and those that came meanwhile afterwards, so that what the dump knows of is there.
	sums := sums{}
	for _, round := range []string{"files", "new files"} {
		if round == "new files" {
			in.Report("database")
			if err := in.run(ctx, filepath.Join(programs, "pg_dump"), "--format=custom", "--file="+filepath.Join(partial, databaseName)); err != nil {
				return err
			}
			if err := sums.file(partial, databaseName); err != nil {
				return err
			}
		}
		in.Report(round)
		n, err := in.saveFiles(ctx, partial, sums)
		if err != nil {
			return err
		}
		m.Files += n
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(partial, manifestName), append(text, '\n'), 0o600); err != nil {
		return err
	}
	if err := sums.file(partial, manifestName); err != nil {
		return err
	}
	if err := sums.write(partial); err != nil {
		return err
	}
	if err := os.Rename(partial, dir); err != nil {
		return err
	}
	in.Report(fmt.Sprintf("%d tenants, %d files", m.Tenants, m.Files))
	return nil
}

// Restore fills an installation that has no tenants yet from a backup that Verify found whole. Its services must not run, and it must have the keys of the one that the
// backup is of. When it fails half-way, make the database anew and begin again.
func Restore(ctx context.Context, in Installation, dir string) error {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return err
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("read %s: %w", manifestName, err)
	}
	if m.Format != format {
		return fmt.Errorf("the backup has format %d, this program knows %d: use the program of version %s", m.Format, format, m.Version)
	}
	major, err := in.prepare(ctx, m)
	if err != nil {
		return err
	}
	programs, err := in.programs(ctx, max(major, m.Postgres))
	if err != nil {
		return err
	}
	in.Report("database")
	if err := in.run(ctx, filepath.Join(programs, "pg_restore"), "--exit-on-error", filepath.Join(dir, databaseName)); err != nil {
		return err
	}
	in.Report("files")
	n, err := in.restoreFiles(ctx, filepath.Join(dir, filesName))
	if err != nil {
		return err
	}
	in.Report(fmt.Sprintf("%d tenants, %d files, as of %s", m.Tenants, n, m.Time.Format(time.RFC3339)))
	return nil
}

// connect opens a connection that sees the rows of all tenants.
func (in Installation) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, in.PostgresURL)
	if err != nil {
		return nil, fmt.Errorf("connect to postgres: %w", err)
	}
	var able bool
	err = conn.QueryRow(ctx, "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user").Scan(&able)
	if err == nil && !able {
		err = errors.New("the role of the Postgres URL sees only some rows: it must be a superuser, or have BYPASSRLS")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(ctx))
	}
	return conn, nil
}

const rolesOfTenants = `
SELECT t.role_name, coalesce(array_agg(m.rolname ORDER BY m.rolname) FILTER (WHERE m.rolname IS NOT NULL), '{}')
FROM storage.tenants t JOIN pg_roles r ON r.rolname = t.role_name
LEFT JOIN pg_auth_members a ON a.roleid = r.oid LEFT JOIN pg_roles m ON m.oid = a.member
GROUP BY t.role_name`

// read fills the manifest with what the database says of itself.
func (in Installation) read(ctx context.Context, m *manifest) error {
	conn, err := in.connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	var number string
	if err := conn.QueryRow(ctx, "SHOW server_version_num").Scan(&number); err != nil {
		return fmt.Errorf("ask postgres for its version: %w", err)
	}
	n, _ := strconv.Atoi(number)
	m.Postgres = n / 10000
	rows, err := conn.Query(ctx, rolesOfTenants)
	if err != nil {
		return fmt.Errorf("read tenants: %w", err)
	}
	m.Roles = map[string][]string{}
	var role string
	var members []string
	if _, err := pgx.ForEachRow(rows, []any{&role, &members}, func() error {
		m.Roles[role] = members
		return nil
	}); err != nil {
		return fmt.Errorf("read tenants: %w", err)
	}
	m.Tenants = len(m.Roles)
	return nil
}

// prepare makes sure that nothing is written over, and leaves the database empty, with the roles that the dump names. It returns
// Postgres' major version.
func (in Installation) prepare(ctx context.Context, m manifest) (int, error) {
	conn, err := in.connect(ctx)
	if err != nil {
		return 0, err
	}
	defer func() { _ = conn.Close(ctx) }()
	for _, table := range []string{"gateway.tenants", "storage.tenants"} {
		var there, used bool
		if err := conn.QueryRow(ctx, "SELECT to_regclass($1) IS NOT NULL", table).Scan(&there); err != nil {
			return 0, err
		}
		if !there {
			continue
		}
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM "+table+")").Scan(&used); err != nil {
			return 0, err
		}
		if used {
			return 0, errors.New("the installation has tenants already: restore into a new one")
		}
	}
	var number string
	if err := conn.QueryRow(ctx, "SHOW server_version_num").Scan(&number); err != nil {
		return 0, err
	}
	var busy int
	if err := conn.QueryRow(ctx, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'").Scan(&busy); err != nil {
		return 0, err
	}
	if busy > 0 {
		return 0, fmt.Errorf("the database is in use by %d connections: stop the services first", busy)
	}
	statements := []string{}
	for _, schema := range []string{"gateway", "library", "workflow", "storage"} {
		statements = append(statements, "DROP SCHEMA IF EXISTS "+schema+" CASCADE")
	}
	for role, members := range m.Roles {
		var there bool
		if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&there); err != nil {
			return 0, err
		}
		if !there {
			statements = append(statements, "CREATE ROLE "+quote(role)+" NOLOGIN")
		}
		for _, member := range members {
			statements = append(statements, "GRANT "+quote(role)+" TO "+quote(member))
		}
	}
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return 0, fmt.Errorf("%s: %w", sql, err)
		}
	}
	n, err := strconv.Atoi(number)
	return n / 10000, err
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

// programs is the folder of a pg_dump that knows the server's version.
func (in Installation) programs(ctx context.Context, major int) (string, error) {
	found, err := pgserver.Find(ctx, in.PostgresBin)
	if err != nil {
		return "", err
	}
	for _, b := range found {
		if b.Major >= major {
			return b.Dir, nil
		}
	}
	return "", fmt.Errorf("the database is of Postgres %d, and no pg_dump of that version or a newer one is here: install it, or name its folder in AQTRA_POSTGRES_BIN", major)
}

// run runs one of Postgres' programs on the database. The password travels in the environment, which others cannot read.
func (in Installation) run(ctx context.Context, program string, args ...string) error {
	u, err := url.Parse(in.PostgresURL)
	if err != nil {
		return errors.New("the Postgres URL is not a URL")
	}
	env := os.Environ()
	if password, ok := u.User.Password(); ok {
		env = append(env, "PGPASSWORD="+password)
		u.User = url.User(u.User.Username())
	}
	cmd := exec.CommandContext(ctx, program, append([]string{"--dbname=" + u.String(), "--no-password"}, args...)...)
	cmd.Env = env
	var said strings.Builder
	cmd.Stdout, cmd.Stderr = io.Discard, &limited{to: &said, left: 4 << 10}
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(program), err, strings.TrimSpace(said.String()))
	}
	return nil
}

// limited keeps the beginning of what is written.
type limited struct {
	to   io.Writer
	left int
}

func (l *limited) Write(p []byte) (int, error) {
	keep := p[:min(len(p), l.left)]
	l.left -= len(keep)
	if _, err := l.to.Write(keep); err != nil {
		return 0, err
	}
	return len(p), nil
}
