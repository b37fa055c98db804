package service

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// version is set when a release is linked: -ldflags "-X github.com/aqtra/aqtra/pkg/service.version=1.2.3".
var version = "dev"

// Version is the version of the platform that this program belongs to, "dev" unless it was built as a release.
func Version() string { return version }

// registerBuild adds the metric aqtra_build_info, whose labels tell what runs.
func registerBuild(reg prometheus.Registerer) error {
	revision := "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value
			}
		}
	}
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "aqtra_build_info", Help: "Always 1; the labels tell what was built.",
		ConstLabels: prometheus.Labels{"version": Version(), "revision": revision, "go_version": runtime.Version()},
	})
	g.Set(1)
	if err := reg.Register(g); err != nil {
		return fmt.Errorf("register build metric: %w", err)
	}
	return nil
}
