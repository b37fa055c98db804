// Command aqtractl works with an installation over its public API: components as files, for git and CI.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/aqtra/aqtra/services/aqtra/internal/ctl"
)

// What the program ends with.
const (
	succeeded = iota
	failed
	differs // apply --check found differences
)

const usage = `aqtractl works with an Aqtra installation over its public API.

  aqtractl export DIR [COMPONENT...]   write components (all, when none is named) as YAML and .py files, a folder for each
  aqtractl apply DIR                   make the installation's components be those of the folder, after showing what changes
      --check        only compare; ends with 2 when there are differences
      --yes          do not ask
      --prune        remove components and parts that the folder does not have
      --publish      then make them live
      --confirm-loss NAME   accept that a publication loses this data (repeat it)
  aqtractl audit verify                find out whether the audit and the history of entries are what they were
      --heads FILE   keep what was seen, and find out the next time that it is still there
  aqtractl version

  AQTRA_URL       address, such as https://aqtra.example.com (default https://localhost:8443)
  AQTRA_API_KEY   key of somebody who may read and write components (audit: who may read the audit), or --key-file FILE
  AQTRA_CA_FILE   authority of the installation's certificate, if it is one of your own

Export keeps no comments of the files that it writes. It ends with 0, with 1 after an error.
`

type command func(ctx context.Context, args []string) error

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:]))
}

func run(ctx context.Context, args []string) int {
	commands := map[string]command{"export": export, "apply": apply, "audit": audit, "version": version, "--version": version, "help": help, "--help": help, "-h": help}
	if len(args) == 0 {
		fmt.Fprint(os.Stderr, usage)
		return failed
	}
	do, ok := commands[args[0]]
	if !ok {
		fmt.Fprintf(os.Stderr, "aqtractl: there is no command %q; see aqtractl help\n", args[0])
		return failed
	}
	switch err := do(ctx, args[1:]); {
	case errors.Is(err, ctl.ErrDiffers):
		return differs
	case err != nil:
		fmt.Fprintln(os.Stderr, "aqtractl:", err)
		return failed
	}
	return succeeded
}

func help(context.Context, []string) error {
	fmt.Print(usage)
	return nil
}

func version(context.Context, []string) error {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return errors.New("this program was built without a version")
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			fmt.Println("aqtractl", info.Main.Version, s.Value)
			return nil
		}
	}
	fmt.Println("aqtractl", info.Main.Version)
	return nil
}

// connect reads the flags, of which some may stand behind the names, and connects. It returns the names.
func connect(name string, args []string, define func(*flag.FlagSet)) (*ctl.Client, []string, error) {
	flags := flag.NewFlagSet("aqtractl "+name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	keyFile := flags.String("key-file", "", "file with the API key")
	define(flags)
	var names []string
	for len(args) > 0 {
		if err := flags.Parse(args); err != nil {
			return nil, nil, fmt.Errorf("%w; see aqtractl help", err)
		}
		if args = flags.Args(); len(args) > 0 {
			names, args = append(names, args[0]), args[1:]
		}
	}
	access := ctl.Access{URL: os.Getenv("AQTRA_URL"), Key: os.Getenv("AQTRA_API_KEY"), CAFile: os.Getenv("AQTRA_CA_FILE")}
	if access.URL == "" {
		access.URL = "https://localhost:8443"
	}
	if *keyFile != "" {
		text, err := os.ReadFile(*keyFile)
		if err != nil {
			return nil, nil, err
		}
		access.Key = strings.TrimSpace(string(text))
	}
	if len(names) == 0 {
		return nil, nil, fmt.Errorf("%s needs a name; see aqtractl help", name)
	}
	client, err := ctl.Connect(access)
	return client, names, err
}

func export(ctx context.Context, args []string) (err error) {
	client, names, err := connect("export", args, func(*flag.FlagSet) {})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	return client.Export(ctx, names[0], names[1:], os.Stdout)
}

func apply(ctx context.Context, args []string) (err error) {
	var a ctl.Apply
	var yes bool
	client, names, err := connect("apply", args, func(f *flag.FlagSet) {
		f.BoolVar(&a.Check, "check", false, "")
		f.BoolVar(&yes, "yes", false, "")
		f.BoolVar(&a.Prune, "prune", false, "")
		f.BoolVar(&a.Publish, "publish", false, "")
		f.Func("confirm-loss", "", func(name string) error {
			a.Losses = append(a.Losses, name)
			return nil
		})
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if len(names) > 1 {
		return fmt.Errorf("apply takes one folder, not %d", len(names))
	}
	a.Agree = func() (bool, error) {
		if yes {
			return true, nil
		}
		return ask()
	}
	return client.Apply(ctx, names[0], a, os.Stdout)
}

func audit(ctx context.Context, args []string) (err error) {
	var heads string
	client, names, err := connect("audit", args, func(f *flag.FlagSet) { f.StringVar(&heads, "heads", "", "") })
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	if len(names) != 1 || names[0] != "verify" {
		return errors.New("audit can only verify; see aqtractl help")
	}
	return client.VerifyAudit(ctx, heads, os.Stdout)
}

// ask lets a person agree; without one, --yes is needed.
func ask() (bool, error) {
	nobody := errors.New("nobody is there to agree: use --yes")
	info, err := os.Stdin.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false, nobody
	}
	fmt.Print("Apply this? [y/N] ")
	line, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil { // such as a device that says nothing
		return false, nobody
	}
	return strings.EqualFold(strings.TrimSpace(line), "y"), nil
}
