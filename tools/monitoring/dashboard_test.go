package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const chart = "../../charts/monitoring"

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chart, name))
	require.NoError(t, err)
	return string(text)
}

// TestDashboardIsFresh compares what is committed with what the source gives.
func TestDashboardIsFresh(t *testing.T) {
	t.Parallel()
	want, err := dashboard([]byte(read(t, "dashboard/overview.yaml")))
	require.NoError(t, err)
	require.Equal(t, string(want), read(t, "dashboard/overview.json"), "run go run ./monitoring in tools")
}

func TestDashboardFits(t *testing.T) {
	t.Parallel()
	var d struct {
		Panels []struct {
			ID      int
			Title   string
			Type    string
			GridPos struct{ X, Y, W, H int }
			Targets []struct{ Expr, RefID string }
		}
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, "dashboard/overview.json")), &d))
	ids, taken := map[int]bool{}, map[[2]int]string{}
	for _, p := range d.Panels {
		require.False(t, ids[p.ID], "the number of %q is given twice", p.Title)
		ids[p.ID] = true
		g := p.GridPos
		require.LessOrEqual(t, g.X+g.W, columns, p.Title)
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				require.Empty(t, taken[[2]int{x, y}], "%q lies on another", p.Title)
				taken[[2]int{x, y}] = p.Title
			}
		}
		for _, q := range p.Targets {
			require.Contains(t, q.Expr, `platform="$platform"`, "%q is of all installations", p.Title)
			require.NotRegexp(t, `\$p\b`, q.Expr)
		}
	}
}

func TestSourceIsChecked(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"title: x\nrows: [{title: r, panles: []}]":                                      "panles",
		"rows: [{panels: [{title: a, unit: s, width: 25, queries: [{expr: x}]}]}]":      "lacks",
		"rows: [{panels: [{title: a, unit: s, width: 8, queries: []}]}]":                "lacks",
		"rows: [{panels: [{title: a, width: 8, unit: '', queries: [{expr: x}]}]}]":      "lacks",
		"rows: [{panels: [{title: '', width: 8, unit: s, queries: [{expr: up}]}]}] # x": "lacks",
	} {
		_, err := readSource([]byte(text))
		require.ErrorContains(t, err, want, text)
	}
}

// TestRunbookExplainsEveryAlert finds for each alert its section in the runbook, and no section without an alert.
func TestRunbookExplainsEveryAlert(t *testing.T) {
	t.Parallel()
	alerts := regexp.MustCompile(`(?m)^\s+- alert: (\w+)$`).FindAllStringSubmatch(read(t, "rules/alerts.yaml"), -1)
	require.NotEmpty(t, alerts)
	rules, book := read(t, "rules/alerts.yaml"), read(t, "RUNBOOK.md")
	sections := regexp.MustCompile(`(?m)^## (Aqtra\w+)$`).FindAllStringSubmatch(book, -1)
	require.Len(t, sections, len(alerts))
	tests := ""
	files, err := filepath.Glob(filepath.Join(chart, "tests", "*.yaml"))
	require.NoError(t, err)
	for _, f := range files {
		tests += read(t, "tests/"+filepath.Base(f))
	}
	for _, a := range alerts {
		name := a[1]
		require.Contains(t, book, "\n## "+name+"\n")
		section := strings.SplitN(strings.SplitN(book, "\n## "+name+"\n", 2)[1], "\n## ", 2)[0]
		for _, part := range []string{"**What it means.**", "**Look at.**", "**Do.**"} {
			require.Contains(t, section, part, name)
		}
		require.Contains(t, rules, "runbook_url: RUNBOOK.md#"+strings.ToLower(name)+"\n")
		require.Contains(t, tests, name, "no promtool test names %s", name)
	}
}
