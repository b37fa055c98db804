package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
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
	// PeerPatience is short where an address stays, so that callers learn soon that a service is away; where names lead to new
	// replicas (Kubernetes) it must cover the time to learn of them, or a rolling update fails calls.
	PeerPatience time.Duration `env:"AQTRA_PEER_PATIENCE" default:"1s" doc:"how long calls wait for a connection to another service before it counts as away"`
	Drain        Drain
	Certs        certs.Config
	Telemetry    telemetry.Config
}

// Validate refuses sizes that make no sense.
func (c Config) Validate() error {
	if c.MaxMessage < 64<<10 || c.MaxMessage > 1<<30 {
		return errors.New("MAX_MESSAGE must be between 64KiB and 1GiB")
	}
	if c.PeerPatience <= 0 || c.PeerPatience > time.Minute {
		return errors.New("AQTRA_PEER_PATIENCE must be positive and at most 1m")
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
		return command(ctx, u, args, lookup, stdout, stderr)
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

// command runs what the arguments name and returns the exit code. Errors are one line.
func command(ctx context.Context, u Unit, args []string, lookup config.Lookup, stdout, stderr io.Writer) int {
	var err error
	switch name, database := args[0], Prefix(u.Name)+"_DATABASE"; {
	case len(args) > 1:
		fmt.Fprintf(stderr, "unknown argument %q; settings are environment variables, see --help\n", args[1])
		return 2
	case name == "--help" || name == "-h" || name == "help":
		err = help(stdout, u)
	case name == "--version" || name == "version":
		_, err = fmt.Fprintln(stdout, u.Name, Version())
	case name == "migrate" && u.Schema != nil:
		if err = u.Schema.Migrate(ctx, database, lookup); err == nil {
			_, err = fmt.Fprintln(stdout, "the schema is up to date")
		}
	case name == "await-schema" && u.Schema != nil:
		report := func(waiting string) { fmt.Fprintln(stderr, "waiting:", waiting) }
		if err = u.Schema.Await(ctx, database, lookup, report); err == nil {
			_, err = fmt.Fprintln(stdout, "the schema is up to date")
		}
	default:
		fmt.Fprintf(stderr, "unknown argument %q; settings are environment variables, see --help\n", name)
		return 2
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s %s: %s\n", u.Name, args[0], oneLine(err))
		return 1
	}
	return 0
}

// oneLine is the text of an error as Kubernetes shows the last lines of a container.
func oneLine(err error) string { return strings.Join(strings.Fields(err.Error()), " ") }

func help(w io.Writer, u Unit) error {
	text := u.Name + " of Aqtra. Without an argument it serves.\n\n"
	if u.Schema != nil {
		text += "  migrate       brings the database schema to the version that this binary knows, and ends\n" +
			"  await-schema  ends when the schema is at that version\n"
	}
	text += "  --version     prints the version\n\nSettings are environment variables:\n\n"
	if _, err := io.WriteString(w, text); err != nil {
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
