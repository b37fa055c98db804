// Package pgtest gives tests a real Postgres: TLS 1.3, real roles, real migrations, a fresh database each.
//
// One server is started per test process, as another user when the process is root, and goes away with the process.
// One server can serve many processes: name it in AQTRA_TEST_POSTGRES_URL. Without binaries a test is skipped, or fails
// when the environment variable CI is set. Roles and their memberships are shared by all databases of a server, so
// names of roles that a test makes must be unique.
package pgtest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/url"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/postgres"
)

// Database makes a database of its own for t: bootstrapped with the owner and application role of schema, and migrated.
// It is dropped with its connections when t ends. migrations is what postgres.Migrate takes; nil leaves the schema empty.
func Database(t testing.TB, schema string, migrations fs.FS) postgres.Config {
	t.Helper()
	s, err := shared()
	skipOrFail(t, err)
	return s.database(t, schema, migrations)
}

// server is a running Postgres that we may administer.
type server struct {
	admin url.URL
}

func newServer(adminURL string) (server, error) {
	u, err := url.Parse(adminURL)
	if err != nil {
		return server{}, fmt.Errorf("%s is not a valid url", URLEnv) // the parser's text would show the password
	}
	return server{admin: *u}, nil
}

func (s server) url(database string) string {
	u := s.admin
	u.Path = "/" + database
	return u.String()
}

// password derives a role's password from the superuser's, so that processes sharing a server agree on it.
func (s server) password(role string) string {
	secret, _ := s.admin.User.Password() // without one, the server trusts us anyway
	m := hmac.New(sha256.New, []byte("pgtest "+secret))
	m.Write([]byte(role))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

func (s server) as(role, database string) string {
	u := s.admin
	u.User = url.UserPassword(role, s.password(role))
	u.Path = "/" + database
	return u.String()
}

func (s server) service(schema string) postgres.Service {
	svc := postgres.Service{Schema: schema, CanCreateRoles: schema == "storage"}
	svc.OwnerPassword, svc.AppPassword = s.password(svc.OwnerRole()), s.password(svc.AppRole())
	return svc
}

func (s server) database(t testing.TB, schema string, migrations fs.FS) postgres.Config {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	template, err := s.template(ctx, schema, migrations)
	require.NoError(t, err)

	name := randomName("t")
	require.NoError(t, s.exec(ctx, fmt.Sprintf("CREATE DATABASE %s TEMPLATE %s", name, template)))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
		defer cancel()
		// A test that ends with the server stopped leaves nothing to drop.
		if err := s.exec(ctx, fmt.Sprintf("DROP DATABASE IF EXISTS %s WITH (FORCE)", name)); !postgres.IsUnavailable(err) {
			require.NoError(t, err)
		}
	})
	// A copy has the template's schemas but not the rights on the database itself.
	svc := s.service(schema)
	require.NoError(t, postgres.Bootstrap(ctx, s.url(name), []postgres.Service{svc}))
	return postgres.Config{URL: s.as(svc.AppRole(), name), OwnerURL: s.as(svc.OwnerRole(), name), MaxConns: 8, SystemMaxConns: 4}
}

// template returns a migrated database to copy, made once per server for each set of migrations.
func (s server) template(ctx context.Context, schema string, migrations fs.FS) (string, error) {
	sum, err := digest(schema, migrations)
	if err != nil {
		return "", fmt.Errorf("read migrations: %w", err)
	}
	name := fmt.Sprintf("tmpl_%s_%s", schema, sum[:16])
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return "", fmt.Errorf("connect: %w", err)
	}
	defer conn.Close(ctx)
	// The lock ends with the connection.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(hashtextextended($1, 0))", name); err != nil {
		return "", fmt.Errorf("lock: %w", err)
	}
	var done bool
	const q = "select exists (select from pg_database where datname = $1 and datistemplate)"
	if err := conn.QueryRow(ctx, q, name).Scan(&done); err != nil || done {
		return name, err
	}
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return "", fmt.Errorf("drop unfinished template: %w", err)
	}
	svc := s.service(schema)
	if err := postgres.Bootstrap(ctx, s.url(name), []postgres.Service{svc}); err != nil {
		return "", fmt.Errorf("bootstrap: %w", err)
	}
	if migrations != nil {
		if err := postgres.Migrate(ctx, s.as(svc.OwnerRole(), name), schema, migrations); err != nil {
			return "", err
		}
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+name+" IS_TEMPLATE true")
	return name, err
}

func digest(schema string, files fs.FS) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", schema)
	if files == nil {
		return hex.EncodeToString(h.Sum(nil)), nil
	}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(files, path)
		fmt.Fprintf(h, "%s %d\n%s", path, len(data), data)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)), err
}

func (s server) exec(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.url("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, sql)
	return err
}
