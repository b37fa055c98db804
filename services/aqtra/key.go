package aqtra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/services/aqtra/internal/install"
	"github.com/aqtra/aqtra/services/storage"
)

// keyStep is a step of a rotation of the keys that tenants' data keys are wrapped with. It returns what comes next.
type keyStep func(context.Context, storage.KeyFile, Config) (string, error)

func keySteps() map[string]keyStep {
	return map[string]keyStep{
		"list":    func(context.Context, storage.KeyFile, Config) (string, error) { return "", nil },
		"add":     addKey,
		"promote": promoteKey,
		"prune":   pruneKeys,
	}
}

func runKey(step keyStep) command {
	return func(ctx context.Context, cfg Config, environment config.Lookup, stdout io.Writer, _ *slog.Logger) error {
		path, ok := environment("AQTRA_STORAGE_KEY_FILE")
		if !ok || path == "" {
			path = install.KeyFile(cfg.Install.Data)
		}
		file := storage.KeyFile(path)
		said, err := step(ctx, file, cfg)
		if err != nil {
			return err
		}
		keys, err := file.List()
		if err != nil {
			return err
		}
		for _, k := range keys {
			line := fmt.Sprintf("%08x", k.ID)
			if k.Primary {
				line += "  primary"
			}
			fmt.Fprintln(stdout, line)
		}
		fmt.Fprint(stdout, said)
		return nil
	}
}

func addKey(_ context.Context, f storage.KeyFile, _ Config) (string, error) {
	_, err := f.Add()
	return "When every storage process knows it (aqtra_storage_key_encryption_keys, within 5 s of seeing the file), go on with: aqtra key promote\n", err
}

func promoteKey(_ context.Context, f storage.KeyFile, _ Config) (string, error) {
	_, err := f.Promote()
	return "Data keys are being wrapped with it. Then: aqtra key prune\n", err
}

func pruneKeys(ctx context.Context, f storage.KeyFile, cfg Config) (said string, err error) {
	url := cfg.AdminDatabaseURL
	if url == "" {
		if url, _, err = install.Running(cfg.Install.Data); err != nil {
			return "", err
		}
	}
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return "", errors.New("the database cannot be reached, which tells whether a key is still used") // the error may show the URL
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	gone, err := f.Prune(storage.Unused(ctx, conn))
	if err != nil {
		return "", err
	}
	if len(gone) == 0 {
		return "No key was removed: the others are still used, or there are none. Data keys are wrapped within seconds after a promotion, while the platform runs.\n", nil
	}
	return fmt.Sprintf("%d removed. Backups that were made before need the old file.\n", len(gone)), nil
}
