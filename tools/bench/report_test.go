package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/bench/plain"
	"github.com/aqtra/aqtra/tools/e2e/stand"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	got, err := numbers("16, 64")
	require.NoError(t, err)
	require.Equal(t, []int{16, 64}, got)
	for _, text := range []string{"", "16,", "0", "-1", "many"} {
		_, err := numbers(text)
		require.Error(t, err, text)
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	read := scenario{name: "read entry", budget: map[stand.Mode]int{stand.One: 130, stand.Six: 200}, bare: 53}
	save := scenario{name: "run Save"}
	// One request in a second, so that a CPU time is that of the request.
	measured := func(server string, sc scenario, connections int, group string, cpu time.Duration) row {
		return row{server, sc, connections, load{requests: 1, took: time.Second}, usage{groups: map[string]time.Duration{
			group: cpu, postgres: 30 * time.Microsecond, generator: 20 * time.Microsecond,
		}}}
	}
	all := results{
		rows: []row{
			measured("one", read, 16, "aqtra", 250*time.Microsecond),
			measured("one", read, 64, "aqtra", 250*time.Microsecond),
			measured("one", save, 16, "aqtra", 500*time.Microsecond),
			measured("six", read, 16, "gateway", 400*time.Microsecond),
		},
		reference: []row{
			measured(plain.HTTP, read, 16, plain.HTTP, 100*time.Microsecond),
			measured(plain.GRPC, read, 16, plain.GRPC, 200*time.Microsecond),
		},
	}
	var b bytes.Buffer
	writeMode(&b, stand.One, all)
	writeMode(&b, stand.Six, all)
	writeReference(&b, all.reference)
	writeWeb(&b, []webRow{{Name: "a frame", P50: 16.7, P95: 33.31, Mean: 18, Count: 7, Goal: 20}, {Name: "a key", P50: 5}})
	text := b.String()
	// Services, budget, ratio, budget as ratio, Postgres, generator.
	for _, want := range []string{
		"| read entry | 16 | 1 | 0.00 | 0.00 | 250 | 130 | 2.50 | 2.45 | 30 | 20 |",
		"| read entry | 64 | 1 | 0.00 | 0.00 | 250 | 130 |  | 2.45 | 30 | 20 |", // no reference at 64
		"| run Save | 16 | 1 | 0.00 | 0.00 | 500 |  |  |  | 30 | 20 |",
		"| read entry | 16 | 1 | 0.00 | 0.00 | 400 | 200 | 4.00 | 3.77 | 30 | 20 | 0 % | gateway 400 |",
		"were set: read entry 53 µs.\n",
		"| net/http + pgx | read entry | 16 | 1 | 0.00 | 0.00 | 100 | 30 | 20 |",
		"| a frame | 16.7 | 33.3 | 18.0 | 7 | 20 |",
		"| a key | 5.0 | 0.0 | 0.0 | 0 |  |",
		"| grpc-gateway + gRPC + pgx | read entry | 16 | 1 | 0.00 | 0.00 | 200 | 30 | 20 |",
	} {
		require.Contains(t, text, want)
	}
	// A table whose head and rows differ in width is no table.
	for table := range strings.SplitSeq(text, "\n\n") {
		if !strings.HasPrefix(table, "|") {
			continue
		}
		lines := strings.Split(strings.TrimSpace(table), "\n")
		for _, line := range lines {
			require.Equal(t, strings.Count(lines[0], "|"), strings.Count(line, "|"), line)
		}
	}
}

func TestServeReferenceNeedsConfiguration(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.Error(t, serveReference(t.Context(), strings.NewReader("none"), &out))
	require.Error(t, serveReference(t.Context(), strings.NewReader(`{"Kind":"other","Database":"postgres://localhost/x"}`), &out))
	require.Empty(t, out.String(), "it gave an address")
}
