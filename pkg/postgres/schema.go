package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/pressly/goose/v3"

	"github.com/aqtra/aqtra/pkg/config"
)

const (
	// migratePatience is how long Migrate waits for Postgres to come up.
	migratePatience = 2 * time.Minute
	// awaitPatience is how long Await waits for the schema.
	awaitPatience = 5 * time.Minute
)

// Schema is a service's schema with the migrations that this binary knows, see the function Migrate. It is what
// service.Unit wants.
type Schema struct {
	Name       string
	Migrations fs.FS
}

// OlderSchemaError says that migrations of this binary have not run on a database.
type OlderSchemaError struct {
	Schema   string
	Database int64 // the version found, 0 when there is none
	Binary   int64 // the newest version this binary knows
}

func (e *OlderSchemaError) Error() string {
	return fmt.Sprintf("schema %s is at version %d, but this binary needs version %d: run its command \"migrate\" first",
		e.Schema, e.Database, e.Binary)
}

// Prepare is for the start of a service: it migrates when cfg names the owner, and otherwise returns an *OlderSchemaError or
// a *NewerSchemaError when the schema is not the one that the binary knows. A database that is away is no error without an
// owner: the service starts, and is not ready until it is back.
func (s Schema) Prepare(ctx context.Context, cfg Config) error {
	if cfg.OwnerURL != "" {
		return Migrate(ctx, cfg.OwnerURL, s.Name, s.Migrations)
	}
	if err := cfg.Validate(); err != nil {
		return fmt.Errorf("postgres configuration: %w", err)
	}
	conn, err := Await(ctx, cfg.URL, cfg.withDefaults().ConnectTimeout)
	if IsUnavailable(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	return s.Check(ctx, conn)
}

// Migrate is the command "migrate": it brings the schema to the newest version with the owner's URL, which is the setting
// prefix_OWNER_URL, and waits two minutes for a Postgres that is away.
func (s Schema) Migrate(ctx context.Context, prefix string, lookup config.Lookup) error {
	url, _ := lookup(prefix + "_OWNER_URL")
	if url == "" {
		return fmt.Errorf("%s_OWNER_URL is required to migrate", prefix)
	}
	conn, err := Await(ctx, url, migratePatience)
	if err != nil {
		return err
	}
	closeConn(ctx, conn)
	return Migrate(ctx, url, s.Name, s.Migrations)
}

// Await is the command "await-schema": it waits five minutes at most until the schema has the version that this binary knows,
// with the application's URL, which is the setting prefix_URL. A newer one is a *NewerSchemaError at once.
func (s Schema) Await(ctx context.Context, prefix string, lookup config.Lookup, report func(waiting string)) error {
	url, _ := lookup(prefix + "_URL")
	if url == "" {
		return fmt.Errorf("%s_URL is required", prefix)
	}
	if _, err := parse(url); err != nil {
		return fmt.Errorf("%s_URL: %w", prefix, err)
	}
	ctx, cancel := context.WithTimeout(ctx, awaitPatience)
	defer cancel()
	told := ""
	for {
		err := s.look(ctx, url)
		var newer *NewerSchemaError
		var old *TooOldError
		if err == nil || errors.As(err, &newer) || errors.As(err, &old) {
			return err
		}
		if ctx.Err() == nil && err.Error() != told {
			told = err.Error()
			report(told)
		}
		timer := time.NewTimer(retryEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			if errors.Is(ctx.Err(), context.Canceled) {
				return fmt.Errorf("stopped while waiting: %s", told)
			}
			return fmt.Errorf("waited in vain, for at most %s: %s", awaitPatience, told)
		}
	}
}

// look connects for a single check. The role may come later than this process, so a refusal is no reason to give up.
func (s Schema) look(ctx context.Context, url string) error {
	conn, err := Await(ctx, url, 5*time.Second)
	if err != nil {
		return err
	}
	defer closeConn(ctx, conn)
	return s.Check(ctx, conn)
}

// Check returns an *OlderSchemaError or a *NewerSchemaError when the schema is not the one that the binary knows.
func (s Schema) Check(ctx context.Context, conn *pgx.Conn) error {
	newest, err := s.Newest()
	if err != nil {
		return err
	}
	if !identifier.MatchString(s.Name) {
		return fmt.Errorf("postgres schema %q is not a plain identifier", s.Name)
	}
	var current int64
	err = conn.QueryRow(ctx, "select coalesce(max(version_id), 0) from "+s.Name+"."+versionTable+" where is_applied").Scan(&current)
	if pe, ok := pgError(err); ok {
		switch pe.Code {
		case "42P01", "3F000", "42501": // no such table, no such schema, not yet ours to read: migrations have not run
			err = nil
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("read the version of schema %s: %w", s.Name, err)
	case current < newest:
		return &OlderSchemaError{Schema: s.Name, Database: current, Binary: newest}
	case current > newest:
		return &NewerSchemaError{Schema: s.Name, Database: current, Binary: newest}
	}
	return nil
}

// Newest is the highest number of a migration.
func (s Schema) Newest() (int64, error) {
	var newest int64
	err := fs.WalkDir(s.Migrations, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".sql" {
			return err
		}
		n, err := goose.NumericComponent(path)
		newest = max(newest, n)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("read migrations of schema %s: %w", s.Name, err)
	}
	return newest, nil
}
