package aqtra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/services/aqtra/internal/archive"
	"github.com/aqtra/aqtra/services/aqtra/internal/install"
	"github.com/aqtra/aqtra/services/aqtra/internal/localpg"
	"github.com/aqtra/aqtra/services/aqtra/internal/tenantmove"
)

// runExport writes a tenant to a file that is not there yet.
func runExport(tenant, path string) command {
	return func(ctx context.Context, cfg Config, environment config.Lookup, stdout io.Writer, log *slog.Logger) error {
		recipients, err := archive.Recipients(cfg.Archive.Passphrase, cfg.Archive.Recipients)
		if err != nil {
			return err
		}
		return withTenants(ctx, cfg, environment, stdout, log, func(ctx context.Context, in tenantmove.Installation) (err error) {
			partial := path + ".partial"
			if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
				return fmt.Errorf("%s is there already: an archive is never written over another file", path)
			}
			file, err := os.OpenFile(partial, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
			if err != nil {
				return fmt.Errorf("make the archive: %w", err)
			}
			err = tenantmove.Export(ctx, in, tenant, file, recipients)
			if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
				return errors.Join(err, os.Remove(partial))
			}
			return os.Rename(partial, path)
		})
	}
}

// runImport makes a tenant from a file.
func runImport(path, name string) command {
	return func(ctx context.Context, cfg Config, environment config.Lookup, stdout io.Writer, log *slog.Logger) error {
		identities, err := archive.Identities(cfg.Archive.Passphrase, cfg.Archive.IdentityFile)
		if err != nil {
			return err
		}
		file, err := os.Open(path)
		if err != nil {
			return fmt.Errorf("open the archive: %w", err)
		}
		defer func() { _ = file.Close() }() // only read
		return withTenants(ctx, cfg, environment, stdout, log, func(ctx context.Context, in tenantmove.Installation) error {
			return tenantmove.Import(ctx, in, file, identities, name)
		})
	}
}

// withTenants does work on the database that AQTRA_ADMIN_DATABASE_URL names, and else on that of the data folder, whether it runs or not.
func withTenants(ctx context.Context, cfg Config, environment config.Lookup, stdout io.Writer, log *slog.Logger, work func(context.Context, tenantmove.Installation) error) error {
	on := func(ctx context.Context, url string, lookup config.Lookup) error {
		return work(ctx, tenantmove.Installation{
			AdminURL: url, Lookup: lookup, Clock: clock.Real(), Log: log, Report: func(line string) { fmt.Fprintln(stdout, line) },
		})
	}
	if cfg.AdminDatabaseURL != "" {
		return on(ctx, cfg.AdminDatabaseURL, environment)
	}
	if _, err := os.Stat(filepath.Join(cfg.Install.Data, "postgres")); err != nil {
		return fmt.Errorf("there is no installation in %s: %w", cfg.Install.Data, err)
	}
	err := withInstallation(ctx, cfg, log, stdout, func(ctx context.Context, in *install.Installation) error {
		return on(ctx, in.AdminURL(), in.Lookup(environment))
	})
	if errors.Is(err, localpg.ErrInUse) {
		url, settings, err := install.Running(cfg.Install.Data)
		if err != nil {
			return err
		}
		return on(ctx, url, install.Lookup(environment, settings))
	}
	return err
}
