package main

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aqtra/aqtra/tools/bench/plain"
	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// row is a measured scenario.
type row struct {
	// server is the mode of the installation, or the kind of the reference.
	server      string
	scenario    scenario
	connections int
	load
	usage
}

// results are all that was measured.
type results struct {
	rows      []row
	reference []row
	idle      *idle
	restart   time.Duration
	web       []webRow
	refusals  []refusal
	authoring []authoring
}

// ratio is what the services cost a request over what the same load cost the reference of net/http and pgx; 0 when that was not
// measured.
func (all results) ratio(r row) float64 {
	for _, bare := range all.reference {
		if bare.server == plain.HTTP && bare.scenario.name == r.scenario.name && bare.connections == r.connections {
			return r.perRequest(r.services()) / bare.perRequest(bare.services())
		}
	}
	return 0
}

// budgetRatio is the budget over what the reference cost where the budget was set; 0 when there is none.
func (r row) budgetRatio() float64 {
	if r.scenario.bare == 0 {
		return 0
	}
	return float64(r.scenario.budget[stand.Mode(r.server)]) / float64(r.scenario.bare)
}

// perRequest is a request's part of a time, in seconds.
func (l load) perRequest(d time.Duration) float64 { return d.Seconds() / float64(l.requests) }

// each is a request's part of a time, in microseconds.
func (r row) each(d time.Duration) int64 {
	return (d / time.Duration(r.requests)).Round(time.Microsecond).Microseconds()
}

// costs are the CPU times of a request by service.
func (r row) costs() string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(r.groups)) {
		if us := r.each(r.groups[name]); us > 0 && name != postgres && name != generator {
			out = append(out, fmt.Sprintf("%s %d", name, us))
		}
	}
	return strings.Join(out, ", ")
}

// others is the part of all cores that neither the installation nor the generator used.
func (r row) others() float64 {
	return 100 * r.usage.others().Seconds() / (r.took.Seconds() * float64(runtime.NumCPU()))
}

func (r row) String() string {
	return fmt.Sprintf("%s: %s, %d connections: %.0f/s, p50 %s, p99 %s; µs of CPU: %s, Postgres %d, generator %d; other programs %.0f %%", r.server, r.scenario.name,
		r.connections, r.perSecond(), milli(r.p50), milli(r.p99), r.costs(), r.each(r.groups[postgres]), r.each(r.groups[generator]), r.others())
}

func milli(d time.Duration) string {
	return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
}

// report is the results as Markdown.
func report(ctx context.Context, o options, all results) (string, error) {
	about, err := machine(ctx)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Measured budgets\n\nWritten by `make bench`.\n\n%s\n", about)
	fmt.Fprintf(&b, "Load: HTTP/2 over TLS 1.3 on loopback, kept alive, an API key, one request at a time on every connection, %s after %s of\n"+
		"warm-up. The generator and Postgres share the cores with the services. CPU times are user and system time from /proc, per\n"+
		"request. Other programs: what else ran on the machine, of all cores; times and rates mean little where it is not near 0.\n\n", o.measured, o.warmUp)
	for _, mode := range o.modes {
		writeMode(&b, mode, all)
	}
	if len(all.reference) > 0 {
		writeReference(&b, all.reference)
	}
	if len(all.refusals) > 0 {
		writeRefusals(&b, all.refusals)
	}
	if len(all.authoring) > 0 {
		writeAuthoring(&b, all.authoring)
	}
	if len(all.web) > 0 {
		writeWeb(&b, all.web)
	}
	if all.restart > 0 {
		fmt.Fprintf(&b, "## Start\n\nOne process with existing data, from start to the first answered request: %.1f s.\n\n", all.restart.Seconds())
	}
	if all.idle != nil {
		writeIdle(&b, *all.idle)
	}
	return b.String(), nil
}

func writeMode(b *bytes.Buffer, mode stand.Mode, all results) {
	title := "One process"
	if mode == stand.Six {
		title = "Six processes"
	}
	fmt.Fprintf(b, "## %s\n\n", title)
	b.WriteString("| operation | connections | requests/s | p50 ms | p99 ms | services µs | budget µs | ratio to reference | budget as ratio | Postgres µs | generator µs | other programs |")
	if mode == stand.Six {
		b.WriteString(" services µs, each |")
	}
	b.WriteString("\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	if mode == stand.Six {
		b.WriteString("---|")
	}
	b.WriteString("\n")
	for _, r := range all.rows {
		if r.server != string(mode) {
			continue
		}
		budget := ""
		if n := r.scenario.budget[mode]; n > 0 {
			budget = strconv.Itoa(n)
		}
		fmt.Fprintf(b, "| %s | %d | %.0f | %.2f | %.2f | %d | %s | %s | %s | %d | %d | %.0f %% |", r.scenario.name, r.connections, r.perSecond(), r.p50.Seconds()*1e3,
			r.p99.Seconds()*1e3, r.each(r.services()), budget, factor(all.ratio(r)), factor(r.budgetRatio()), r.each(r.groups[postgres]), r.each(r.groups[generator]), r.others())
		if mode == stand.Six {
			fmt.Fprintf(b, " %s |", r.costs())
		}
		b.WriteString("\n")
	}
	b.WriteString("\n")
}

// factor is a ratio as text, empty for none.
func factor(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', 2, 64)
}

func writeReference(b *bytes.Buffer, rows []row) {
	fmt.Fprintf(b, "## Reference\n\nBare servers, measured in the same run while the installation was idle: a process of its own, HTTP/2 over TLS 1.3, a pool of\n"+
		"connections to the same Postgres, and a table like the invoice's with %d rows. They know no tenants, users, rights or models.\n"+
		"Ratios above are services µs over server µs of %s at as many connections. Budgets as ratios are over what such a\n"+
		"server needed where the budgets were set:", entries, plain.HTTP)
	seen := make(map[string]bool)
	for _, r := range rows {
		if name := r.scenario.name; !seen[name] {
			seen[name] = true
			fmt.Fprintf(b, " %s %d µs;", name, r.scenario.bare)
		}
	}
	b.Truncate(b.Len() - 1)
	b.WriteString(".\n\n| server | operation | connections | requests/s | p50 ms | p99 ms | server µs | Postgres µs | generator µs | other programs |\n" +
		"|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s | %d | %.0f | %.2f | %.2f | %d | %d | %d | %.0f %% |\n", r.server, r.scenario.name, r.connections, r.perSecond(),
			r.p50.Seconds()*1e3, r.p99.Seconds()*1e3, r.each(r.services()), r.each(r.groups[postgres]), r.each(r.groups[generator]), r.others())
	}
	b.WriteString("\n")
}

func writeIdle(b *bytes.Buffer, i idle) {
	var sum int64
	for _, n := range i.memory {
		sum += n
	}
	fmt.Fprintf(b, "## Idle\n\nSix processes, %d tenants, %d waiting timers, a readiness probe of each process every %s, over %.0f s:\n"+
		"%.2f database transactions/s, %.1f %% of a core, %d MiB of memory (proportional set size) with Postgres.\n\n",
		idleTenants, idleTimers, probeEvery, i.took.Seconds(), i.transactions,
		100*(i.cpu.services()+i.cpu.groups[postgres]).Seconds()/i.took.Seconds(), sum>>20)
	b.WriteString("| process | MiB | CPU ms/s |\n|---|--:|--:|\n")
	for _, name := range slices.Sorted(maps.Keys(i.memory)) {
		fmt.Fprintf(b, "| %s | %d | %.2f |\n", name, i.memory[name]>>20, i.cpu.groups[name].Seconds()*1e3/i.took.Seconds())
	}
}

// machine says where, when and of what this was measured.
func machine(ctx context.Context) (string, error) {
	cpus, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "", err
	}
	kernel, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "", err
	}
	model := "unknown"
	for line := range strings.Lines(string(cpus)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			model = strings.TrimSpace(value)
			break
		}
	}
	commit, err := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--exclude=*").Output()
	if err != nil {
		commit = []byte("unknown")
	}
	return fmt.Sprintf("| | |\n|---|---|\n| processor | %s, %d cores |\n| kernel | Linux %s |\n| Go | %s |\n| date | %s |\n| commit | %s |\n", model,
		runtime.NumCPU(), bytes.TrimSpace(kernel), runtime.Version(), time.Now().UTC().Format(time.DateOnly), bytes.TrimSpace(commit)), nil
}
