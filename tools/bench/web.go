package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// webOnly is the name by which the measurement of the web UI is asked for alone.
const webOnly = "web"

// webRow is something that was measured in a browser, many times. Times are in milliseconds.
type webRow struct {
	Name  string
	P50   float64
	P95   float64
	Mean  float64
	Count int
	// Goal is for the median; 0 when there is none.
	Goal float64
}

// measureWeb runs the measurements of frontend/bench in a browser against the installation.
func measureWeb(ctx context.Context, s *stand.Stand) (rows []webRow, err error) {
	folder, err := os.MkdirTemp("", "aqtra-bench-web-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, "rows.json")
	cmd := exec.CommandContext(ctx, "npm", "run", "--silent", "bench")
	cmd.Dir = filepath.Join("..", "frontend")
	cmd.Env = append(os.Environ(), "AQTRA_URL="+s.URL, "AQTRA_BENCH_RESULTS="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("npm run bench: %w\n%s", err, out)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(text, &rows)
	return rows, err
}

func writeWeb(b *bytes.Buffer, rows []webRow) {
	b.WriteString("## Web UI\n\nChromium without a screen and without a graphics processor, which shares the cores with the services, in a window of 1440 by 900;\n" +
		"the page has 1,010 controls in ten panels. A frame takes 16.7 ms at least. Goals are for medians.\n\n" +
		"| what | p50 ms | p95 ms | mean ms | times | goal ms |\n|---|--:|--:|--:|--:|--:|\n")
	for _, r := range rows {
		goal := ""
		if r.Goal > 0 {
			goal = strconv.FormatFloat(r.Goal, 'f', -1, 64)
		}
		fmt.Fprintf(b, "| %s | %.1f | %.1f | %.1f | %d | %s |\n", r.Name, r.P50, r.P95, r.Mean, r.Count, goal)
	}
	b.WriteString("\n")
}
