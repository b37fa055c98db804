package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"hash/fnv"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// versionTable records, in each service's schema, which migrations have run.
const versionTable = "schema_version"

// NewerSchemaError says that a database was migrated by a newer binary than this one.
type NewerSchemaError struct {
	Schema   string
	Database int64 // the version found
	Binary   int64 // the newest version this binary knows
}

func (e *NewerSchemaError) Error() string {
	return fmt.Sprintf("schema %s is at version %d, but this binary knows versions up to %d only: "+
		"start a newer binary, or restore a backup made before the upgrade", e.Schema, e.Database, e.Binary)
}

// Migrate brings a service's schema to the newest of the migrations: goose SQL files (00001_name.sql) at the root of
// files or in its folder "migrations". Many replicas may call it at once; one works, the others wait up to five minutes.
// Each file is a transaction; a wait for a lock ends after two seconds and is tried again. It returns a
// *NewerSchemaError, having changed nothing, when the database is ahead of files.
func Migrate(ctx context.Context, ownerURL, schema string, files fs.FS) error {
	if !identifier.MatchString(schema) {
		return fmt.Errorf("postgres schema %q is not a plain identifier", schema)
	}
	pc, err := parse(ownerURL)
	if err != nil {
		return err
	}
	params := pc.ConnConfig.RuntimeParams
	session(Config{LockTimeout: 2 * time.Second}, schema, params) // no limit on a statement: it may build an index
	params["application_name"] = schema + "-migrate"
	db := stdlib.OpenDB(*pc.ConnConfig)
	defer db.Close()

	if _, err := fs.Stat(files, "migrations"); err == nil {
		if files, err = fs.Sub(files, "migrations"); err != nil {
			return fmt.Errorf("open migrations: %w", err)
		}
	}
	if err := up(ctx, db, schema, files); err != nil {
		return fmt.Errorf("migrate schema %s: %w", schema, err)
	}
	return nil
}

func up(ctx context.Context, db *sql.DB, schema string, files fs.FS) error {
	key := fnv.New64a()
	_, _ = key.Write([]byte("aqtra migrate " + schema))
	locker, err := lock.NewPostgresSessionLocker(
		lock.WithLockID(int64(key.Sum64()>>1)),
		lock.WithLockTimeout(1, 300), // look every second, 300 times
	)
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, files,
		goose.WithTableName(versionTable),
		goose.WithSessionLocker(locker),
		goose.WithDisableGlobalRegistry(true),
		goose.WithLogger(goose.NopLogger()),
	)
	if err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		if err := checkNotNewer(ctx, provider, schema); err != nil {
			return err
		}
		_, err := provider.Up(ctx)
		if err == nil {
			break
		}
		if attempt == 10 || !IsLockTimeout(err) && !IsRetryable(err) {
			return err
		}
		timer := time.NewTimer(time.Duration(attempt) * 100 * time.Millisecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
	}
	return protectVersions(ctx, db)
}

func checkNotNewer(ctx context.Context, provider *goose.Provider, schema string) error {
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := provider.ListSources() // sorted by version, never empty
	newest := sources[len(sources)-1].Version
	if current > newest {
		return &NewerSchemaError{Schema: schema, Database: current, Binary: newest}
	}
	return nil
}

// protectVersions takes back what default privileges gave the application role on the version table.
func protectVersions(ctx context.Context, db *sql.DB) error {
	const q = `DO $$
DECLARE who text;
BEGIN
	PERFORM pg_advisory_xact_lock(hashtextextended('aqtra protect ' || current_schema(), 0));
	FOR who IN
		SELECT DISTINCT r.rolname FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
		WHERE c.oid = 'schema_version'::regclass AND a.grantee <> c.relowner AND a.privilege_type <> 'SELECT'
	LOOP
		EXECUTE format('REVOKE ALL ON schema_version FROM %I', who);
		EXECUTE format('GRANT SELECT ON schema_version TO %I', who);
	END LOOP;
END $$`
	if _, err := db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("protect the version table: %w", err)
	}
	return nil
}
