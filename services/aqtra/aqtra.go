// Package aqtra runs the six services in one process, from the same constructors that they have as processes of their own.
package aqtra

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/telemetry"
	"github.com/aqtra/aqtra/services/aqtra/internal/install"
	componentlibrary "github.com/aqtra/aqtra/services/component-library"
	"github.com/aqtra/aqtra/services/dataflow"
	"github.com/aqtra/aqtra/services/gateway"
	pythonrunner "github.com/aqtra/aqtra/services/python-runner"
	"github.com/aqtra/aqtra/services/storage"
	"github.com/aqtra/aqtra/services/workflow"
)

// Config is what the process is told, besides the settings of the services.
type Config struct {
	Install install.Config
	// MetricsListen is where /healthz, /readyz and /metrics are served.
	MetricsListen string `env:"AQTRA_METRICS_LISTEN" doc:"address of the listener for /healthz, /readyz and /metrics (TLS 1.3); on this machine one port above that of AQTRA_LISTEN unless given"`
	Telemetry     telemetry.Config
	Archive       Archive
	// AdminDatabaseURL is for installations that are not in a data folder of this machine.
	AdminDatabaseURL string `env:"AQTRA_ADMIN_DATABASE_URL" doc:"the tenant commands: the database of an installation elsewhere, as a superuser; the services' settings must be given as well"`
}

// Archive says who can open the archive of a tenant.
type Archive struct {
	Passphrase   string   `env:"AQTRA_ARCHIVE_PASSPHRASE" doc:"the tenant commands: what the archive is encrypted with, at least 12 characters"`
	Recipients   []string `env:"AQTRA_ARCHIVE_RECIPIENTS" doc:"aqtra tenant export: public keys of age that the archive is encrypted for, instead of a passphrase"`
	IdentityFile string   `env:"AQTRA_ARCHIVE_IDENTITY_FILE" doc:"aqtra tenant import: file with the private keys of age"`
}

// stopTimeout bounds the stop of Postgres after the services have ended.
const stopTimeout = 30 * time.Second

const usage = `aqtra runs the whole platform in one process.

  aqtra               run everything until interrupted
  aqtra infra         run Postgres alone, and write the services' settings to the file "environment" in the data folder,
                      for services that run as processes of their own
  aqtra backup DIR    copy the whole installation into a new folder, and its keys into DIR.keys; it may run meanwhile
  aqtra restore DIR   fill a new data folder (AQTRA_DATA) from such a copy
  aqtra tenant export NAME FILE
                      write everything of an organization (its name or id) to an encrypted file; it may be used meanwhile
  aqtra tenant import FILE [--as NAME]
                      make an organization from such a file, here or in another installation
  aqtra key list|add|promote|prune
                      change the key that the organizations' keys are wrapped with, step by step, while it serves
  aqtra --help        this text and the settings, which are environment variables

`

// command is what the program is asked to do.
type command func(ctx context.Context, cfg Config, environment config.Lookup, stdout io.Writer, log *slog.Logger) error

// Main is the program. It returns the exit code.
func Main(args []string, environment config.Lookup, stdout, stderr io.Writer) int {
	run := command(runAll)
	switch {
	case len(args) == 0:
	case len(args) == 1 && args[0] == "infra":
		run = runInfra
	case len(args) == 2 && args[0] == "backup":
		run = runBackup(args[1])
	case len(args) == 2 && args[0] == "restore":
		run = runRestore(args[1])
	case len(args) == 4 && args[0] == "tenant" && args[1] == "export":
		run = runExport(args[2], args[3])
	case len(args) == 3 && args[0] == "tenant" && args[1] == "import":
		run = runImport(args[2], "")
	case len(args) == 5 && args[0] == "tenant" && args[1] == "import" && args[3] == "--as":
		run = runImport(args[2], args[4])
	case len(args) == 2 && args[0] == "key" && keySteps()[args[1]] != nil:
		run = runKey(keySteps()[args[1]])
	default:
		fmt.Fprint(stdout, usage)
		if err := config.Docs(stdout, "AQTRA", &Config{}); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		if args[0] == "--help" || args[0] == "-h" {
			return 0
		}
		return 2
	}
	var cfg Config
	if err := config.Load("AQTRA", &cfg, environment); err != nil {
		fmt.Fprintf(stderr, "aqtra cannot start:\n%v\n", err)
		return 2
	}
	if cfg.Install.Data == "" {
		cfg.Install.Data = install.DefaultData()
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // the next signal kills
	log := cfg.Telemetry.Logger(stderr)
	if err := run(ctx, cfg, environment, stdout, log); err != nil {
		fmt.Fprintf(stderr, "aqtra: %v\n", err)
		return 1
	}
	return 0
}

// withInstallation opens the installation, does work beside it, and closes it.
func withInstallation(ctx context.Context, cfg Config, log *slog.Logger, stdout io.Writer, work func(context.Context, *install.Installation) error) (err error) {
	fmt.Fprintf(stdout, "starting Postgres, data in %s\n", cfg.Install.Data)
	in, err := install.Open(ctx, cfg.Install, clock.Real(), log.With("service", "postgres"))
	if err != nil {
		return err
	}
	defer func() {
		stopCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
		defer cancel()
		err = errors.Join(err, in.Close(stopCtx))
		fmt.Fprintln(stdout, "stopped")
	}()
	group, groupCtx := errgroup.WithContext(ctx)
	workCtx, done := context.WithCancel(groupCtx)
	defer done()
	group.Go(func() error { return in.Run(workCtx, clock.Real()) })
	group.Go(func() error {
		defer done()
		return work(groupCtx, in)
	})
	return group.Wait()
}

func runAll(ctx context.Context, cfg Config, environment config.Lookup, stdout io.Writer, log *slog.Logger) error {
	if cfg.MetricsListen == "" {
		cfg.MetricsListen = nextPort(environment)
	}
	admin, err := net.Listen("tcp", cfg.MetricsListen)
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("the address %s (health and metrics) is taken: if another aqtra runs, stop it or give this one other addresses "+
			"(AQTRA_LISTEN=localhost:9000, AQTRA_METRICS_LISTEN=localhost:9001) and a data folder of its own (AQTRA_DATA)", cfg.MetricsListen)
	}
	if err != nil {
		return fmt.Errorf("health and metrics: %w", err)
	}
	defer func() { _ = admin.Close() }() // Local closes it; this is for the ways that do not reach Local
	tracing, flush, err := cfg.Telemetry.Tracing(ctx, "aqtra")
	if err != nil {
		return err
	}
	defer func() { _ = flush(context.WithoutCancel(ctx)) }() // traces are not worth an exit code
	return withInstallation(ctx, cfg, log, stdout, func(ctx context.Context, in *install.Installation) error {
		if listen, ok := environment("AQTRA_LISTEN"); ok && listen != "" {
			in.Settings["AQTRA_PUBLIC_URL"] = publicURL(listen)
		}
		fmt.Fprintln(stdout, "starting the services")
		return service.Local(ctx, service.Options{
			Log: log, Lookup: in.Lookup(environment), Authority: in.Authority, Admin: admin, Tracing: tracing,
		},
			storage.Unit(), componentlibrary.Unit(), pythonrunner.Unit(), dataflow.Unit(), workflow.Unit(),
			gateway.Unit(gateway.WithAnnounce(func(publicURL, setupLink string) { announce(stdout, publicURL, setupLink) })))
	})
}

// nextPort is the address on this machine one port above the public one; any port when that has no number.
func nextPort(environment config.Lookup) string {
	port := 8443
	if listen, ok := environment("AQTRA_LISTEN"); ok && listen != "" {
		_, text, _ := net.SplitHostPort(listen)
		port, _ = strconv.Atoi(text) // the gateway will say what is wrong with it
		if port <= 0 || port >= 1<<16-1 {
			return "localhost:0"
		}
	}
	return net.JoinHostPort("localhost", strconv.Itoa(port+1))
}

// publicURL is the address of a listener as a browser on this machine reaches it.
func publicURL(listen string) string {
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return "https://" + listen // the gateway will say what is wrong with it
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return "https://" + net.JoinHostPort(host, port)
}

func announce(out io.Writer, publicURL, setupLink string) {
	fmt.Fprintf(out, "\nAqtra is ready at %s\n", publicURL)
	if setupLink != "" {
		fmt.Fprintf(out, "Make the first administrator with this one-time link:\n%s\n", setupLink)
	}
}

func runInfra(ctx context.Context, cfg Config, _ config.Lookup, stdout io.Writer, log *slog.Logger) error {
	return withInstallation(ctx, cfg, log, stdout, func(ctx context.Context, in *install.Installation) error {
		path := filepath.Join(in.Data, "environment")
		if err := in.WriteEnvironment(path); err != nil {
			return err
		}
		fmt.Fprintf(stdout, "settings of the services are in %s\n", path)
		<-ctx.Done()
		return nil
	})
}
