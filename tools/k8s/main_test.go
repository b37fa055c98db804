// Package k8s_test tests the charts and images on a real Kubernetes: installation, failures under load, upgrades, removal.
//
// `make test-k8s` prepares the cluster and runs it. A plain `go test` skips it: it needs AQTRA_K8S=1, kubectl with a context that
// may make namespaces, helm, the images on the cluster's nodes (or below AQTRA_K8S_REGISTRY), the packed charts
// (AQTRA_K8S_CHARTS), and a way from here to the ports of nodes.
//
// The tests run in the order of this file and share one installation, because each one takes a while.
package k8s_test

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestKubernetes(t *testing.T) {
	if os.Getenv("AQTRA_K8S") != "1" {
		t.Skip("needs a cluster: run make test-k8s")
	}
	r := &release{name: "shop", namespace: namespace(t, "aqtra-test"), version: version()}
	step := func(name string, test func(t *testing.T)) {
		start := time.Now()
		ok := t.Run(name, test)
		t.Logf("%-14s %5.1f s", name, time.Since(start).Seconds())
		require.True(t, ok, "what follows needs this")
	}
	step("manifests", func(t *testing.T) { testManifests(t, r) })
	step("bad_input", testBadInput)
	step("install", func(t *testing.T) { testInstall(t, r) })
	step("sign_in", func(t *testing.T) { testSignIn(t, r) })
	away := startUnreachable(t)
	step("invoice", func(t *testing.T) { testInvoice(t, r) })
	step("kill", func(t *testing.T) { testKill(t, r) })
	step("roll", func(t *testing.T) { testRoll(t, r) })
	step("scale", func(t *testing.T) { testScale(t, r) })
	step("second_release", func(t *testing.T) { testSecondRelease(t, *r) })
	step("unreachable", func(t *testing.T) { testUnreachable(t, away) })
	step("uninstall", func(t *testing.T) { testUninstall(t, *r) })
}
