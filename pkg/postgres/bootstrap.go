package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Service is what Bootstrap makes for one service.
type Service struct {
	// Schema is the service's schema; its roles are named after it, see OwnerRole and AppRole.
	Schema string
	// Roles is what the names of the roles begin with, "aqtra" when empty. Roles belong to the whole server: installations that
	// share one need different names. A plain identifier.
	Roles string
	// OwnerPassword and AppPassword are set on every call, so calling again rotates them. Printable ASCII.
	OwnerPassword string
	AppPassword   string
	// CanCreateRoles lets the owner make a schema and a role per tenant and grant that role to the application role.
	// Before Postgres 16 such a role can change every role that is not a superuser: give it to storage only.
	CanCreateRoles bool
}

// OwnerRole owns the schema and migrates it.
func (s Service) OwnerRole() string { return s.roles() + "_" + s.Schema + "_owner" }

// AppRole reads and writes the owner's tables and owns nothing.
func (s Service) AppRole() string { return s.roles() + "_" + s.Schema + "_app" }

func (s Service) roles() string {
	if s.Roles == "" {
		return "aqtra"
	}
	return s.Roles
}

// Bootstrap makes the database that adminURL names and, for every service, its schema and its two roles. It may run
// again at any time, also from several places at once, and repairs what differs. adminURL must be a superuser, or may
// create databases and roles; it connects to the database "postgres" to make another one.
func Bootstrap(ctx context.Context, adminURL string, services []Service) error {
	pc, err := parse(adminURL)
	if err != nil {
		return err
	}
	database := pc.ConnConfig.Database
	if !identifier.MatchString(database) {
		return fmt.Errorf("database %q is not a plain identifier", database)
	}
	for _, s := range services {
		if !identifier.MatchString(s.Schema) || s.Schema == "public" || strings.HasPrefix(s.Schema, "pg_") {
			return fmt.Errorf("schema %q is not a plain identifier", s.Schema)
		}
		if !identifier.MatchString(s.roles()) || len(s.OwnerRole()) > 63 {
			return fmt.Errorf("names of roles cannot begin with %q", s.Roles)
		}
		if s.OwnerPassword == "" || s.AppPassword == "" {
			return fmt.Errorf("schema %s: both passwords are required", s.Schema)
		}
	}
	cc := pc.ConnConfig
	cc.RuntimeParams["application_name"] = "aqtra-bootstrap"
	cc.RuntimeParams["lock_timeout"] = millis(30 * time.Second)
	cc.Database = "postgres"
	main, err := pgx.ConnectConfig(ctx, cc)
	if err != nil {
		return fmt.Errorf("connect to postgres: %w", err)
	}
	defer closeConn(ctx, main)
	// Roles belong to the whole server: two that change one at once would fail. The lock ends with the connection.
	if _, err := main.Exec(ctx, "select pg_advisory_lock(hashtextextended('aqtra bootstrap', 0))"); err != nil {
		return fmt.Errorf("lock: %w", err)
	}
	if err := makeDatabase(ctx, main, database); err != nil {
		return err
	}
	for _, s := range services {
		if err := makeRoles(ctx, main, s); err != nil {
			return fmt.Errorf("roles of %s: %w", s.Schema, err)
		}
	}
	cc.Database = database
	target, err := pgx.ConnectConfig(ctx, cc)
	if err != nil {
		return fmt.Errorf("connect to %s: %w", database, err)
	}
	defer closeConn(ctx, target)
	return pgx.BeginFunc(ctx, target, func(tx pgx.Tx) error {
		if err := run(ctx, tx,
			fmt.Sprintf("REVOKE ALL ON DATABASE %s FROM PUBLIC", database),
			"REVOKE ALL ON SCHEMA public FROM PUBLIC",
		); err != nil {
			return err
		}
		for _, s := range services {
			if err := makeSchema(ctx, tx, database, s); err != nil {
				return fmt.Errorf("schema %s: %w", s.Schema, err)
			}
		}
		return nil
	})
}

func makeDatabase(ctx context.Context, conn *pgx.Conn, name string) error {
	var exists bool
	if err := conn.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&exists); err != nil {
		return fmt.Errorf("look for database: %w", err)
	}
	if exists {
		return nil
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+name); err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	return nil
}

// makeRoles creates or repairs both roles. They do not inherit, so that a tenant's role granted to the application role
// counts only after SET ROLE.
func makeRoles(ctx context.Context, conn *pgx.Conn, s Service) error {
	ownerCan := "NOCREATEROLE"
	if s.CanCreateRoles {
		ownerCan = "CREATEROLE"
	}
	for _, r := range []struct{ name, password, can string }{
		{s.OwnerRole(), s.OwnerPassword, ownerCan},
		{s.AppRole(), s.AppPassword, "NOCREATEROLE NOINHERIT"},
	} {
		verifier, err := scramVerifier(r.password)
		if err != nil {
			return err
		}
		var exists bool
		if err := conn.QueryRow(ctx, "select exists (select from pg_roles where rolname = $1)", r.name).Scan(&exists); err != nil {
			return err
		}
		verb := "CREATE"
		if exists {
			verb = "ALTER"
		}
		// The verifier is base64 and digits: nothing in it ends a literal.
		if err := run(ctx, conn, fmt.Sprintf("%s ROLE %s LOGIN %s PASSWORD '%s'", verb, r.name, r.can, verifier)); err != nil {
			return err
		}
	}
	var super, member bool
	err := conn.QueryRow(ctx, "select rolsuper, pg_has_role(current_user, $1, 'MEMBER') from pg_roles where rolname = current_user",
		s.OwnerRole()).Scan(&super, &member)
	if err != nil {
		return err
	}
	if !super && !member { // only a member may give a schema to the owner
		return run(ctx, conn, fmt.Sprintf("GRANT %s TO CURRENT_USER", s.OwnerRole()))
	}
	return nil
}

func makeSchema(ctx context.Context, tx pgx.Tx, database string, s Service) error {
	owner, app := s.OwnerRole(), s.AppRole()
	statements := []string{
		fmt.Sprintf("CREATE SCHEMA IF NOT EXISTS %s AUTHORIZATION %s", s.Schema, owner),
		fmt.Sprintf("ALTER SCHEMA %s OWNER TO %s", s.Schema, owner),
		fmt.Sprintf("REVOKE ALL ON SCHEMA %s FROM PUBLIC", s.Schema),
		fmt.Sprintf("GRANT CONNECT ON DATABASE %s TO %s, %s", database, owner, app),
		fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", s.Schema, app),
		fmt.Sprintf("ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %s GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %s", owner, s.Schema, app),
		fmt.Sprintf("ALTER DEFAULT PRIVILEGES FOR ROLE %s IN SCHEMA %s GRANT USAGE, SELECT ON SEQUENCES TO %s", owner, s.Schema, app),
	}
	if s.CanCreateRoles {
		// Temporary tables receive bulk writes.
		statements = append(statements,
			fmt.Sprintf("GRANT CREATE ON DATABASE %s TO %s", database, owner),
			fmt.Sprintf("GRANT TEMPORARY ON DATABASE %s TO %s", database, app),
		)
	}
	return run(ctx, tx, statements...)
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (tag pgconn.CommandTag, err error)
}

func run(ctx context.Context, db execer, statements ...string) error {
	for _, q := range statements {
		if _, err := db.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func closeConn(ctx context.Context, conn *pgx.Conn) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = conn.Close(ctx) // a lost connection is closed as well
}
