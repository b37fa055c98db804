package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// options say what is measured, and for how long.
type options struct {
	binaries    string
	results     string
	modes       []stand.Mode
	only        string
	connections []int
	warmUp      time.Duration
	measured    time.Duration
	idle        bool
	web         bool
	refusals    bool
	authoring   bool
}

// wants reports whether a scenario is to be measured.
func (o options) wants(sc scenario) bool { return o.only == "" || sc.name == o.only }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	work := command
	if len(os.Args) == 2 && os.Args[1] == referenceCommand {
		work = func(ctx context.Context) error { return serveReference(ctx, os.Stdin, os.Stdout) }
	}
	if err := work(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// command is the benchmark as the command line asks for it.
func command(ctx context.Context) error {
	quick := flag.Bool("quick", false, "one second each, without the idle installation and the web UI; keeps no results")
	results := flag.String("results", filepath.Join("bench", "results.md"), "where the table is kept")
	mode := flag.String("mode", "", "one or six: only that mode; keeps no results")
	only := flag.String("only", "", "only the operation of that name, such as \"read entry\", or idle, web, refusals or authoring; keeps no results; or tenants, which takes half an hour, or peers, which installs other platforms and keeps peers.md")
	measured := flag.Duration("time", 5*time.Second, "how long each operation is measured")
	connections := flag.String("connections", "", "how many connections at a time, such as 16,64; keeps no results")
	flag.Parse()
	if *only == tenantsOnly {
		return benchTenants(ctx)
	}
	if *only == peersOnly {
		return benchPeers(ctx, filepath.Join("bench", "peers.md"))
	}
	o := options{
		binaries: os.Getenv("AQTRA_BIN"), results: *results, modes: []stand.Mode{stand.One, stand.Six}, connections: []int{1, 16, 64},
		warmUp: 2 * time.Second, measured: *measured, idle: true, web: true, refusals: true, authoring: true,
	}
	if o.binaries == "" {
		o.binaries = filepath.Join("..", ".bin")
	}
	if *mode != "" {
		o.modes, o.results = []stand.Mode{stand.Mode(*mode)}, ""
	}
	if *only != "" {
		o.only, o.results, o.idle, o.web = *only, "", *only == "idle", *only == webOnly
		o.refusals, o.authoring = *only == refusalsOnly, *only == authoringOnly
		if o.web || o.refusals || o.authoring {
			o.modes = []stand.Mode{stand.One}
		}
	}
	if *quick {
		o.results, o.warmUp, o.measured, o.idle, o.web = "", 500*time.Millisecond, time.Second, false, false
		o.refusals, o.authoring = false, false
	}
	if *connections != "" {
		var err error
		if o.connections, err = numbers(*connections); err != nil {
			return err
		}
		o.results = ""
	}
	return bench(ctx, o)
}

// numbers reads positive numbers separated by commas.
func numbers(text string) ([]int, error) {
	var out []int
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(part))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is not a positive number", part)
		}
		out = append(out, n)
	}
	return out, nil
}

func bench(ctx context.Context, o options) error {
	var all results
	for _, mode := range o.modes {
		if err := installation(ctx, o, mode, &all); err != nil {
			return fmt.Errorf("mode %s: %w", mode, err)
		}
	}
	if len(all.rows) == 0 && all.idle == nil && all.web == nil && all.refusals == nil && all.authoring == nil {
		return fmt.Errorf("there is no operation %q", o.only)
	}
	text, err := report(ctx, o, all)
	if err != nil {
		return err
	}
	fmt.Print(text)
	if o.results == "" {
		return nil
	}
	return os.WriteFile(o.results, []byte(text), 0o644)
}

// installation starts an installation and measures all that is asked for in its mode.
func installation(ctx context.Context, o options, mode stand.Mode, all *results) error {
	return within(ctx, o.binaries, mode, func(s *stand.Stand) error { return installed(ctx, o, s, mode, all) })
}

func installed(ctx context.Context, o options, s *stand.Stand, mode stand.Mode, all *results) error {
	a, err := prepare(ctx, s)
	if err != nil {
		return err
	}
	defer a.session.Close()
	if err := gatherStatistics(ctx, s.Data); err != nil {
		return fmt.Errorf("gather statistics: %w", err)
	}
	if err := scenarios(ctx, o, s, a, all); err != nil {
		return err
	}
	if len(all.reference) == 0 { // once for both modes, between them
		if err := references(ctx, o, s, a, all); err != nil {
			return fmt.Errorf("reference: %w", err)
		}
	}
	if mode == stand.One {
		if o.refusals {
			if all.refusals, err = measureRefusals(ctx, a); err != nil {
				return fmt.Errorf("refusals: %w", err)
			}
		}
		if o.authoring {
			if all.authoring, err = measureAuthoring(ctx, a); err != nil {
				return fmt.Errorf("authoring: %w", err)
			}
		}
		if o.web {
			fmt.Fprintln(os.Stderr, "one: the web UI in a browser")
			if all.web, err = measureWeb(ctx, s); err != nil {
				return fmt.Errorf("web UI: %w", err)
			}
		}
		all.restart, err = restart(ctx, s, a)
		return err
	}
	if !o.idle {
		return nil
	}
	fmt.Fprintf(os.Stderr, "%s: idle, with %d tenants and %d timers\n", mode, idleTenants, idleTimers)
	found, err := measureIdle(ctx, s, a)
	if err != nil {
		return fmt.Errorf("idle: %w", err)
	}
	all.idle = &found
	return nil
}

// within runs work on a fresh installation.
func within(ctx context.Context, binaries string, mode stand.Mode, work func(*stand.Stand) error) (err error) {
	folder, err := os.MkdirTemp("", "aqtra-bench-")
	if err != nil {
		return err
	}
	if err := os.Chmod(folder, 0o755); err != nil { // Postgres runs as another user and must get in
		return err
	}
	s, err := stand.Start(ctx, stand.Config{Binaries: binaries, Folder: folder, Mode: mode, Settings: []string{
		// The limits are looked at as ever, and never reached.
		"AQTRA_GATEWAY_TENANT_RATE=1000000", "AQTRA_GATEWAY_SUBJECT_RATE=1000000",
		"AQTRA_GATEWAY_ADDRESS_RATE=10000", "AQTRA_GATEWAY_ADDRESS_BURST=10000", "AQTRA_GATEWAY_IDENTITY_SIGN_UPS=10000",
	}})
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, s.Stop())
		if err != nil {
			fmt.Fprintf(os.Stderr, "data and logs are kept in %s\n", folder)
			return
		}
		err = os.RemoveAll(folder)
	}()
	return work(s)
}

// gatherStatistics gives Postgres the statistics that autovacuum gathers within a minute of a table's first rows. Until then it sorts a
// whole table for its first page.
func gatherStatistics(ctx context.Context, data string) error {
	db, err := connect(ctx, data, "aqtra")
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "VACUUM ANALYZE")
	return errors.Join(err, db.Close(ctx))
}

func scenarios(ctx context.Context, o options, s *stand.Stand, a *app, all *results) error {
	to := target{address: s.Address, tls: s.TLS(), token: a.key}
	rows, err := measureLoads(ctx, o, string(s.Mode), to, a.scenarios(), func() (usage, error) { return measure(s) })
	all.rows = append(all.rows, rows...)
	return err
}

// measureLoads sends the load of every wanted scenario to a server. look tells what has been used so far.
func measureLoads(ctx context.Context, o options, server string, to target, asked []scenario, look func() (usage, error)) ([]row, error) {
	var sequence atomic.Uint64
	var rows []row
	for _, sc := range asked {
		if !o.wants(sc) {
			continue
		}
		for _, n := range o.connections {
			var before, used usage
			begin := func() (err error) { before, err = look(); return err }
			end := func() error {
				now, err := look()
				used = now.since(before)
				return err
			}
			l, err := run(ctx, to, sc, &sequence, n, o.warmUp, o.measured, begin, end)
			if err != nil {
				return nil, err
			}
			r := row{server, sc, n, l, used}
			rows = append(rows, r)
			fmt.Fprintln(os.Stderr, r)
		}
	}
	return rows, nil
}

// restart stops the one process and measures how long it takes from the next start to the first answered request.
func restart(ctx context.Context, s *stand.Stand, a *app) (time.Duration, error) {
	name := s.Processes()[0]
	if code, err := s.Process(name).End(syscall.SIGTERM, time.Minute); err != nil || code != 0 {
		return 0, errors.Join(fmt.Errorf("the stop ended with code %d", code), err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	to := target{address: s.Address, tls: s.TLS(), token: a.key}
	start := time.Now()
	started := make(chan error, 1)
	go func() { started <- s.StartProcess(ctx, name) }()
	err := firstAnswer(ctx, to, a.scenarios()[0].next(0))
	took := time.Since(start)
	return took, errors.Join(err, <-started)
}

// firstAnswer sends a request until it succeeds.
func firstAnswer(ctx context.Context, to target, r request) error {
	for {
		c, err := dial(to.address, to.tls, to.token)
		if err == nil {
			var status int
			status, err = c.do(r, nil)
			_ = c.close() // the answer is what counts
			if err == nil && status/100 == 2 {
				return nil
			}
		}
		if pauseErr := pause(ctx, 5*time.Millisecond); pauseErr != nil {
			return errors.Join(err, pauseErr)
		}
	}
}
