// Package setup makes what an installation on Kubernetes needs before its services start, and keeps it: certificates, keys, and
// the roles and schemas of Postgres. What it makes lies in secrets of the release's namespace, from which the pods read it.
// Every step looks at what is there and changes only what differs, so that it may run again at any time, also twice at once.
package setup

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aqtra/aqtra/pkg/certs"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/service"
)

// Config is what the program is told.
type Config struct {
	Namespace      string   `doc:"namespace of the release"`
	Release        string   `doc:"name of the release, for the label app.kubernetes.io/instance"`
	Fullname       string   `doc:"what the names of the secrets begin with"`
	Hosts          []string `doc:"further host names and addresses in the public certificate"`
	Certificates   string   `default:"built-in" doc:"built-in: certificates are made and renewed here; cert-manager: somebody else does"`
	Trial          bool     `default:"false" doc:"Postgres and Redis are part of the release: make certificates for them, too"`
	PostgresURL    string   `secret:"true" doc:"Postgres URL of a role that may create roles and schemas, with the name of the database of this release"`
	PostgresCAFile string   `doc:"certificates of the authority that signed Postgres' certificate (PEM); empty: our own with TRIAL, the machine's without"`
	RedisURL       string   `secret:"true" doc:"Redis URL (rediss://), empty for none"`
	RedisCAFile    string   `doc:"certificates of the authority that signed Redis' certificate (PEM); empty: our own with TRIAL, the machine's without"`
	CAOut          string   `doc:"folder where the authority of Postgres' certificate is also written as ca.crt, for later containers of the same pod"`
}

// The values of Config.Certificates.
const (
	builtIn     = "built-in"
	certManager = "cert-manager"
)

var label = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$`)

// Validate reports every bad field at once.
func (c Config) Validate() error {
	var errs []error
	for name, v := range map[string]string{"NAMESPACE": c.Namespace, "RELEASE": c.Release, "FULLNAME": c.Fullname} {
		if !label.MatchString(v) {
			errs = append(errs, fmt.Errorf("%s must be a name of Kubernetes of at most 63 characters, not %q", name, v))
		}
	}
	if c.Certificates != builtIn && c.Certificates != certManager {
		errs = append(errs, fmt.Errorf("CERTIFICATES must be built-in or cert-manager, not %q", c.Certificates))
	}
	if c.Trial && c.Certificates == certManager {
		errs = append(errs, errors.New("CERTIFICATES must be built-in in a trial"))
	}
	return errors.Join(errs...)
}

const prefix = "AQTRA_SETUP"

const usage = `aqtra-setup makes what an installation on Kubernetes needs. It runs in a pod whose service account may
get, list, create, update and delete the secrets of its namespace.

  aqtra-setup apply                     make or repair certificates, keys, and Postgres' roles and schemas
  aqtra-setup check                     tell whether Postgres can be reached and is new enough
  aqtra-setup remove                    delete the secrets that apply has made
  aqtra-setup probe --ca FILE URL...    wait until every URL answers 200 over TLS, for at most a minute
  aqtra-setup --version
  aqtra-setup --help                    this text and the settings, which are environment variables

`

// Main is the program. It returns the exit code; what went wrong is the last line on stderr.
func Main(ctx context.Context, args []string, lookup config.Lookup, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		args = []string{"(none)"}
	}
	commands := map[string]func(*setup, context.Context) error{
		"apply": (*setup).apply, "check": (*setup).check, "remove": (*setup).remove,
	}
	var err error
	switch run := commands[args[0]]; {
	case args[0] == "--help" || args[0] == "-h":
		if _, err = io.WriteString(stdout, usage); err == nil {
			err = config.Docs(stdout, prefix, &Config{})
		}
	case args[0] == "--version":
		_, err = fmt.Fprintln(stdout, "aqtra-setup", service.Version())
	case args[0] == "probe":
		err = probe(ctx, args[1:], clock.Real(), stdout)
	case run == nil || len(args) > 1:
		fmt.Fprintf(stderr, "aqtra-setup: unknown arguments %q, see --help\n", args)
		return 2
	default:
		err = start(ctx, lookup, stdout, run)
	}
	if err != nil {
		fmt.Fprintf(stderr, "aqtra-setup %s: %s\n", args[0], strings.Join(strings.Fields(err.Error()), " "))
		return 1
	}
	return 0
}

func start(ctx context.Context, lookup config.Lookup, stdout io.Writer, run func(*setup, context.Context) error) error {
	s := &setup{clk: clock.Real(), out: stdout}
	if err := config.Load(prefix, &s.cfg, lookup); err != nil {
		return err
	}
	var err error
	if s.kube, err = newKube(s.cfg.Namespace, account, lookup, s.clk); err != nil {
		return err
	}
	return run(s, ctx)
}

// setup is one run of the program.
type setup struct {
	cfg  Config
	kube *kube
	clk  clock.Clock
	out  io.Writer
}

// apply makes everything. Pods start when all their secrets are there, so what they need first comes first: Postgres of a
// trial waits for its certificate, and services for the URLs of their databases, which come last.
func (s *setup) apply(ctx context.Context) error {
	var (
		authority *certs.Authority
		db        *database
		err       error
	)
	if s.cfg.Certificates == builtIn {
		if authority, err = s.certificates(ctx); err != nil {
			return err
		}
	}
	if db, err = s.openDatabase(ctx, authority); err != nil {
		return err
	}
	defer db.close()
	if err := s.keys(ctx, db); err != nil {
		return err
	}
	if err := s.redis(ctx, authority); err != nil {
		return err
	}
	if err := s.databases(ctx, db); err != nil {
		return err
	}
	s.say("all is there")
	return nil
}

// check connects to Postgres and says what it found.
func (s *setup) check(ctx context.Context) error {
	var authority *certs.Authority
	if s.cfg.Certificates == builtIn && s.cfg.Trial && s.cfg.PostgresCAFile == "" {
		var err error
		if authority, err = s.keptAuthority(ctx); err != nil {
			return err
		}
	}
	db, err := s.openDatabase(ctx, authority)
	if err != nil {
		return err
	}
	defer db.close()
	s.say("Postgres can be reached, version %s", db.version)
	return nil
}

// remove deletes what apply has made, and nothing else.
func (s *setup) remove(ctx context.Context) error {
	mine := s.labels()
	secrets, err := s.kube.list(ctx, instanceLabel+"="+mine[instanceLabel]+","+managerLabel+"="+mine[managerLabel])
	if err != nil {
		return err
	}
	for _, sec := range secrets {
		if err := s.kube.delete(ctx, sec.Metadata.Name); err != nil {
			return err
		}
		s.say("secret %s removed", sec.Metadata.Name)
	}
	s.say("nothing is left")
	return nil
}

func (s *setup) say(format string, args ...any) {
	_, _ = fmt.Fprintf(s.out, format+"\n", args...) // who does not listen misses nothing that matters
}

const (
	instanceLabel = "app.kubernetes.io/instance"
	managerLabel  = "app.kubernetes.io/managed-by"
)

func (s *setup) labels() map[string]string {
	return map[string]string{instanceLabel: s.cfg.Release, "app.kubernetes.io/part-of": "aqtra", managerLabel: "aqtra-setup"}
}

// name of an object of the release.
func (s *setup) name(what string) string { return s.cfg.Fullname + "-" + what }

// attempts is how often a secret is tried again that somebody else changes at the same time.
const attempts = 10

// ensure brings a secret to what want says, given its present content, which is nil when there is none. Of two that do so at
// once, the second starts again from what the first has made. A secret of somebody else is used as it is, never changed.
func (s *setup) ensure(ctx context.Context, name, kind string, want func(old map[string][]byte) (map[string][]byte, error)) (map[string][]byte, error) {
	for range attempts {
		old, err := s.kube.get(ctx, name)
		if err != nil {
			return nil, err
		}
		var have map[string][]byte
		if old != nil {
			have = old.Data
		}
		data, err := want(have)
		if err != nil {
			return nil, err
		}
		if old != nil && maps.EqualFunc(have, data, bytes.Equal) {
			return data, nil
		}
		if old == nil {
			err = s.kube.create(ctx, secret{APIVersion: "v1", Kind: "Secret", Metadata: metadata{Name: name, Labels: s.labels()}, Type: kind, Data: data})
		} else {
			if old.Metadata.Labels[managerLabel] != "aqtra-setup" || old.Metadata.Labels[instanceLabel] != s.cfg.Release {
				return nil, fmt.Errorf("secret %s was made by somebody else and is not what this release needs: delete it or rename the release", name)
			}
			next := *old
			next.APIVersion, next.Kind, next.Data = "v1", "Secret", data
			err = s.kube.update(ctx, next)
		}
		if errors.Is(err, errConflict) {
			if err := clock.Sleep(ctx, s.clk, 100*time.Millisecond); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, err
		}
		if old == nil {
			s.say("secret %s made", name)
		} else {
			s.say("secret %s renewed", name)
		}
		return data, nil
	}
	return nil, fmt.Errorf("secret %s: %w each time we tried", name, errConflict)
}

// inCluster are the names under which pods reach a Service.
func (s *setup) inCluster(name string) []string {
	ns := s.cfg.Namespace
	return []string{name, name + "." + ns, name + "." + ns + ".svc", name + "." + ns + ".svc.cluster.local"}
}

// plain removes doubles and writes addresses as certificates do.
func plain(hosts []string) []string {
	var out []string
	for _, h := range hosts {
		if ip := net.ParseIP(h); ip != nil {
			h = ip.String()
		}
		if h != "" && !slices.Contains(out, h) {
			out = append(out, h)
		}
	}
	return out
}
