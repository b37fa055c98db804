package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/telemetry"
)

// Config is what every process is told, besides the settings of its service.
type Config struct {
	Listen        string      `default:":9443" doc:"address of the gRPC listener (mutual TLS 1.3)"`
	MetricsListen string      `default:":9444" doc:"address of the listener for /healthz, /readyz and /metrics (TLS 1.3)"`
	MaxMessage    config.Size `default:"64MiB" doc:"largest gRPC message between services"`
	Drain         Drain
	Certs         certs.Config
	Telemetry     telemetry.Config
}

// Validate refuses sizes that make no sense.
func (c Config) Validate() error {
	if c.MaxMessage < 64<<10 || c.MaxMessage > 1<<30 {
		return errors.New("MAX_MESSAGE must be between 64KiB and 1GiB")
	}
	return nil
}

func (d Drain) withDefaults() Drain {
	if d.Timeout <= 0 {
		d.Timeout = 20 * time.Second
	}
	if d.Shutdown <= 0 {
		d.Shutdown = 10 * time.Second
	}
	return d
}

// Main runs one service as a process: settings from the environment, log on standard error, an orderly stop on SIGTERM or
// interrupt, a hard one on the second. It does not return.
func Main(u Unit) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop) // the next signal kills
	os.Exit(start(ctx, u, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}

// start is Main with its surroundings as arguments; it returns the exit code.
func start(ctx context.Context, u Unit, args []string, lookup config.Lookup, stdout, stderr io.Writer) int {
	if len(args) > 0 {
		if args[0] != "--help" && args[0] != "-h" && args[0] != "help" {
			fmt.Fprintf(stderr, "unknown argument %q; settings are environment variables, see --help\n", args[0])
			return 2
		}
		if err := help(stdout, u); err != nil {
			fmt.Fprintln(stderr, err)
			return 1
		}
		return 0
	}
	var cfg Config
	if err := config.Load(Prefix(u.Name), &cfg, lookup); err != nil {
		fmt.Fprintf(stderr, "%s cannot start:\n%v\n", u.Name, err)
		return 2
	}
	log := cfg.Telemetry.Logger(stderr).With("service", u.Name)
	if err := runOne(ctx, u, cfg, lookup, nil, log); err != nil {
		log.ErrorContext(ctx, "service ended", "error", err)
		return 1
	}
	return 0
}

func help(w io.Writer, u Unit) error {
	if _, err := fmt.Fprintf(w, "%s of Aqtra. Settings are environment variables:\n\n", u.Name); err != nil {
		return err
	}
	if u.Config != nil {
		if err := config.Docs(w, Prefix(u.Name), u.Config); err != nil {
			return err
		}
	}
	if err := config.Docs(w, Prefix(u.Name), &Config{}); err != nil {
		return err
	}
	for _, name := range Names() {
		if name == u.Name {
			continue
		}
		if _, err := fmt.Fprintf(w, "  %s_ADDRESS (string, default %s:9443)\n        where %s is reached\n", Prefix(name), name, name); err != nil {
			return err
		}
	}
	return nil
}
