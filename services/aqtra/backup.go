package aqtra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"gocloud.dev/blob/fileblob"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/services/aqtra/internal/backup"
	"github.com/aqtra/aqtra/services/aqtra/internal/install"
	"github.com/aqtra/aqtra/services/aqtra/internal/localpg"
)

// keysOf is where the keys of a backup lie: beside it, so that they are not taken for a part of it.
func keysOf(dir string) string { return filepath.Clean(dir) + ".keys" }

// runBackup copies the installation, whether it runs or not.
func runBackup(dir string) command {
	return func(ctx context.Context, cfg Config, _ config.Lookup, stdout io.Writer, log *slog.Logger) error {
		if _, err := os.Stat(filepath.Join(cfg.Install.Data, "postgres")); err != nil {
			return fmt.Errorf("there is no installation in %s: %w", cfg.Install.Data, err)
		}
		if _, err := os.Lstat(keysOf(dir)); !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("%s is there already: a backup is never written over another", keysOf(dir))
		}
		save := func(ctx context.Context, url string) error {
			return withFiles(cfg, url, stdout, func(in backup.Installation) error {
				if err := backup.Save(ctx, in, dir); err != nil {
					return err
				}
				return install.SaveKeys(cfg.Install.Data, keysOf(dir))
			})
		}
		err := withInstallation(ctx, cfg, log, stdout, func(ctx context.Context, in *install.Installation) error { return save(ctx, in.AdminURL()) })
		if errors.Is(err, localpg.ErrInUse) {
			var url string
			if url, _, err = install.Running(cfg.Install.Data); err == nil {
				err = save(ctx, url)
			}
		}
		if err != nil {
			return err
		}
		fmt.Fprintf(stdout, "backup in %s, its keys in %s: keep them in different places\n", dir, keysOf(dir))
		return nil
	}
}

// runRestore fills a new data folder from a backup and its keys.
func runRestore(dir string) command {
	return func(ctx context.Context, cfg Config, _ config.Lookup, stdout io.Writer, log *slog.Logger) error {
		if _, err := os.Stat(filepath.Join(keysOf(dir), ".")); err != nil {
			return fmt.Errorf("the keys of the backup must lie beside it, in %s: %w", keysOf(dir), err)
		}
		fmt.Fprintln(stdout, "checking the backup")
		if err := backup.Verify(dir); err != nil {
			return err
		}
		if err := install.RestoreKeys(cfg.Install.Data, keysOf(dir)); err != nil {
			return err
		}
		return withInstallation(ctx, cfg, log, stdout, func(ctx context.Context, in *install.Installation) error {
			return withFiles(cfg, in.AdminURL(), stdout, func(in backup.Installation) error { return backup.Restore(ctx, in, dir) })
		})
	}
}

func withFiles(cfg Config, url string, stdout io.Writer, work func(backup.Installation) error) (err error) {
	folder := install.FilesDir(cfg.Install.Data)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of files: %w", err)
	}
	bucket, err := fileblob.OpenBucket(folder, &fileblob.Options{NoTempDir: true, Metadata: fileblob.MetadataDontWrite})
	if err != nil {
		return fmt.Errorf("open the folder of files: %w", err)
	}
	defer func() { err = errors.Join(err, bucket.Close()) }()
	return work(backup.Installation{
		PostgresURL: url, Files: bucket, PostgresBin: cfg.Install.PostgresBin, Clock: clock.Real(),
		Report: func(line string) { fmt.Fprintln(stdout, line) },
	})
}
