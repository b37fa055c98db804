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

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// row is a measured scenario.
type row struct {
	mode        stand.Mode
	scenario    scenario
	connections int
	load
	usage
}

// results are all that was measured.
type results struct {
	rows    []row
	idle    *idle
	restart time.Duration
}

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
	return fmt.Sprintf("%s: %s, %d connections: %.0f/s, p50 %s, p99 %s; µs of CPU: %s, Postgres %d, generator %d; other programs %.0f %%", r.mode, r.scenario.name,
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
		writeMode(&b, mode, all.rows)
	}
	if all.restart > 0 {
		fmt.Fprintf(&b, "## Start\n\nOne process with existing data, from start to the first answered request: %.1f s.\n\n", all.restart.Seconds())
	}
	if all.idle != nil {
		writeIdle(&b, *all.idle)
	}
	return b.String(), nil
}

func writeMode(b *bytes.Buffer, mode stand.Mode, rows []row) {
	title := "One process"
	if mode == stand.Six {
		title = "Six processes"
	}
	fmt.Fprintf(b, "## %s\n\n", title)
	b.WriteString("| operation | connections | requests/s | p50 ms | p99 ms | services µs | budget µs | Postgres µs | generator µs | other programs |")
	if mode == stand.Six {
		b.WriteString(" services µs, each |")
	}
	b.WriteString("\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
	if mode == stand.Six {
		b.WriteString("---|")
	}
	b.WriteString("\n")
	for _, r := range rows {
		if r.mode != mode {
			continue
		}
		budget := ""
		if n := r.scenario.budget[mode]; n > 0 {
			budget = strconv.Itoa(n)
		}
		fmt.Fprintf(b, "| %s | %d | %.0f | %.2f | %.2f | %d | %s | %d | %d | %.0f %% |", r.scenario.name, r.connections, r.perSecond(), r.p50.Seconds()*1e3,
			r.p99.Seconds()*1e3, r.each(r.services()), budget, r.each(r.groups[postgres]), r.each(r.groups[generator]), r.others())
		if mode == stand.Six {
			fmt.Fprintf(b, " %s |", r.costs())
		}
		b.WriteString("\n")
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
