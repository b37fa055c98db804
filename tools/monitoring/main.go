// Command monitoring makes the Grafana dashboard of charts/monitoring from its readable source: run it in tools after a change.
// The tests of this package prove the chart; those that need Prometheus and Alertmanager run with AQTRA_MONITORING=1.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := run(filepath.Join("..", "charts", "monitoring", "dashboard")); err != nil {
		fmt.Fprintln(os.Stderr, "monitoring:", err)
		os.Exit(1)
	}
}

// run makes overview.json of overview.yaml, both in folder.
func run(folder string) error {
	source, err := os.ReadFile(filepath.Join(folder, "overview.yaml"))
	if err != nil {
		return err
	}
	text, err := dashboard(source)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "overview.json"), text, 0o644)
}
