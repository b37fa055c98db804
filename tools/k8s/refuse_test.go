package k8s_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testBadInput shows the chart what is known to be wrong before anything changes.
func testBadInput(t *testing.T) {
	ns := namespace(t, "aqtra-test-refused")
	external := []string{"global.trial.enabled=false", "global.postgres.existingSecret=pg"}
	for name, c := range map[string]struct {
		release string
		values  []string
		says    []string
	}{
		"typo":           {"shop", []string{"gateway.replica=3"}, []string{"gateway", "replica"}},
		"wrong type":     {"shop", []string{"storage.replicas=many"}, []string{"storage", "replicas"}},
		"missing secret": {"shop", external, []string{`global.postgres.existingSecret names the secret "pg"`, "has none of that name"}},
		"no Postgres":    {"shop", external[:1], []string{"There is no Postgres", "global.postgres.existingSecret"}},
		"long name":      {strings.Repeat("a", 40), nil, []string{"has 40 characters", "at most 39"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := release{name: c.release, namespace: ns, version: version()}
			for _, v := range c.values {
				r.values = append(r.values, "--set", v)
			}
			_, err := command(t.Context(), nil, "helm", r.arguments(t, "install", r.version)...)
			require.Error(t, err)
			for _, text := range c.says {
				require.ErrorContains(t, err, text)
			}
		})
	}
	require.Empty(t, left(t, ns), "nothing was made")
}

// unreachable is an installation whose Postgres does not answer. Setup waits for it for minutes, so it is looked at late.
type unreachable struct {
	release
	cancel context.CancelFunc
	done   chan error
}

func startUnreachable(t *testing.T) *unreachable {
	t.Helper()
	u := &unreachable{release: release{name: "away", namespace: namespace(t, "aqtra-test-away"), version: version()}, done: make(chan error, 1)}
	kubectl(t, "-n", u.namespace, "create", "secret", "generic", "pg", "--from-literal=url=postgres://admin:secret-of-pg@localhost:1/aqtra")
	u.values = []string{"--set", "global.trial.enabled=false,global.postgres.existingSecret=pg"}
	args := u.arguments(t, "install", u.version)
	ctx, cancel := context.WithCancel(t.Context())
	u.cancel = cancel
	go func() {
		_, err := command(ctx, nil, "helm", args...)
		u.done <- err
	}()
	return u
}

// testUnreachable reads why the installation does not come up, and that nothing of it runs.
func testUnreachable(t *testing.T, u *unreachable) {
	eventually(t, 4*time.Minute, "setup gives up", func() bool {
		return strings.Contains(described(t, u.release), "cannot be reached")
	})
	text := described(t, u.release)
	require.Contains(t, text, "Postgres at localhost:1 cannot be reached")
	require.NotContains(t, text, "secret-of-pg")
	u.cancel()
	require.Error(t, <-u.done)
	require.Empty(t, strings.Fields(kubectl(t, "-n", u.namespace, "get", "deployments,services,configmaps,secrets", "-o", "name",
		"-l", "app.kubernetes.io/instance="+u.name)), "nothing but setup was made")
}

// described is what kubectl describe says of the pods of setup.
func described(t *testing.T, r release) string {
	t.Helper()
	return kubectl(t, "-n", r.namespace, "describe", "pods", "-l", "app.kubernetes.io/name=setup,app.kubernetes.io/instance="+r.name)
}
