package setup

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/aqtra/internal/install"
)

// postgresPatience is how long Postgres may take to come up; that of a trial starts at the same time as we do.
const postgresPatience = 3 * time.Minute

// mounted is where the pods of services find the authority of Postgres' certificate.
const mounted = "/etc/aqtra/postgres/ca.crt"

// database is Postgres as the administrator reaches it.
type database struct {
	admin   url.URL // with the authority's file as it is here
	ca      []byte
	dir     string // a folder of ours, empty for none
	name    string
	version string
	inUse   bool // it holds tables of an installation
}

func (db *database) close() {
	if db.dir != "" {
		_ = os.RemoveAll(db.dir) // it held a certificate, which is public
	}
}

var errPostgresURL = errors.New("AQTRA_SETUP_POSTGRES_URL must be a URL like postgres://role:password@host:5432/database")

// openDatabase waits for Postgres and looks at what is there.
func (s *setup) openDatabase(ctx context.Context, authority *certs.Authority) (_ *database, err error) {
	u, err := url.Parse(s.cfg.PostgresURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.User == nil || u.Hostname() == "" || strings.Trim(u.Path, "/") == "" {
		return nil, errPostgresURL // the parser's text would show the password
	}
	db := &database{admin: *u, name: strings.Trim(u.Path, "/")}
	defer func() {
		if err != nil {
			db.close()
		}
	}()
	if db.ca, err = s.trust(s.cfg.PostgresCAFile, "postgres", authority); err != nil {
		return nil, err
	}
	dir := s.cfg.CAOut
	if dir == "" {
		if dir, err = os.MkdirTemp("", "aqtra-setup-"); err != nil {
			return nil, fmt.Errorf("make a folder: %w", err)
		}
		db.dir = dir
	}
	file := filepath.Join(dir, "ca.crt")
	if err := os.WriteFile(file, db.ca, 0o644); err != nil {
		return nil, fmt.Errorf("write the authority of Postgres' certificate: %w", err)
	}
	q := u.Query()
	if q.Get("sslmode") == "" {
		q.Set("sslmode", "verify-full")
	}
	q.Set("sslrootcert", file)
	db.admin.RawQuery = q.Encode()
	return db, db.look(ctx)
}

// look asks the server for its version, and whether an installation lives in the database. The database itself may be missing.
func (db *database) look(ctx context.Context) error {
	entry := db.admin
	entry.Path = "/postgres"
	conn, err := postgres.Await(ctx, entry.String(), postgresPatience)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	db.version = conn.PgConn().ParameterStatus("server_version")
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", db.name).Scan(&exists); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if !exists {
		return nil
	}
	own, err := postgres.Await(ctx, db.admin.String(), postgresPatience)
	if err != nil {
		return err
	}
	defer func() { _ = own.Close(context.WithoutCancel(ctx)) }()
	const q = "select exists (select from pg_tables where tablename = 'schema_version' and schemaname = any($1))"
	var schemas []string
	for _, svc := range install.Schemas() {
		schemas = append(schemas, svc.Schema)
	}
	if err := own.QueryRow(ctx, q, schemas).Scan(&db.inUse); err != nil {
		return fmt.Errorf("look at the database: %w", err)
	}
	return nil
}

// databases makes roles and schemas, and keeps the URL of each service. Passwords are made once.
func (s *setup) databases(ctx context.Context, db *database) error {
	if _, err := s.ensure(ctx, s.name("postgres-ca"), opaque, func(map[string][]byte) (map[string][]byte, error) {
		return map[string][]byte{"ca.crt": db.ca}, nil
	}); err != nil {
		return err
	}
	schemas := install.Schemas()
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		// The role has the password before anybody can read it; who lost the race sets it to the one that won.
		_, err := s.ensure(ctx, s.name(name+"-database"), opaque, func(old map[string][]byte) (map[string][]byte, error) {
			svc := schemas[name]
			svc.Roles = db.name // each release has a database of its own, so its name sets it apart from others on the server
			svc.AppPassword, svc.OwnerPassword = password(old["url"]), password(old["owner-url"])
			if err := postgres.Bootstrap(ctx, db.admin.String(), []postgres.Service{svc}); err != nil {
				return nil, fmt.Errorf("postgres: %w", explain(err))
			}
			return map[string][]byte{
				"url":       []byte(db.as(svc.AppRole(), svc.AppPassword)),
				"owner-url": []byte(db.as(svc.OwnerRole(), svc.OwnerPassword)),
			}, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// password returns that of a URL, or a new one.
func password(kept []byte) string {
	if u, err := url.Parse(string(kept)); err == nil && u.User != nil {
		if p, ok := u.User.Password(); ok && p != "" {
			return p
		}
	}
	return rand.Text()
}

// as is the URL of a role, as pods use it.
func (db *database) as(role, password string) string {
	u := db.admin
	u.User = url.UserPassword(role, password)
	q := u.Query()
	for _, of := range []string{"user", "password", "sslcert", "sslkey", "sslpassword"} { // the administrator's own
		q.Del(of)
	}
	q.Set("sslrootcert", mounted)
	u.RawQuery = q.Encode()
	return u.String()
}

// explain adds to a lack of rights what the administrator must be able to do.
func explain(err error) error {
	if strings.Contains(err.Error(), "SQLSTATE 42501") {
		return fmt.Errorf("the role of AQTRA_SETUP_POSTGRES_URL may not create roles, or does not own the database: %w", err)
	}
	return err
}
