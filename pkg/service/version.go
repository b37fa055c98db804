package service

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
)

// version is set when a release is linked: -ldflags "-X github.com/aqtra/aqtra/pkg/service.version=1.2.3".
var version = "dev"

// revision is set alike where the build does not know the repository, as that of images.
var revision = ""

// Version is the version of the platform that this program belongs to, "dev" unless it was built as a release.
func Version() string { return version }

// builtFrom is the commit that this program was built from.
func builtFrom() string {
	if revision != "" {
		return revision
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value
			}
		}
	}
	return "unknown"
}

// registerBuild adds the metric aqtra_build_info, whose labels tell what runs.
func registerBuild(reg prometheus.Registerer) error {
	g := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "aqtra_build_info", Help: "Always 1; the labels tell what was built.",
		ConstLabels: prometheus.Labels{"version": Version(), "revision": builtFrom(), "go_version": runtime.Version()},
	})
	g.Set(1)
	if err := reg.Register(g); err != nil {
		return fmt.Errorf("register build metric: %w", err)
	}
	return nil
}
