package k8s_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// installBudget is how long an installation takes at most, with the images on the node.
	installBudget = 60 * time.Second
	// idleBudget is the memory of the whole platform without Postgres, in bytes.
	idleBudget = 500 << 20
)

// testManifests lets the API server validate all manifests that the chart can render, without making any of them.
func testManifests(t *testing.T, r *release) {
	variants := map[string][]string{
		"trial": {"--set", "global.trial.enabled=true"},
		"external": {"--set", "global.postgres.existingSecret=pg,global.redis.existingSecret=redis,global.tracing.endpoint=otel:4317",
			"--set", "gateway.service.type=LoadBalancer,gateway.ingress.enabled=true,global.public.url=https://aqtra.example"},
		"autoscaling": {"--set", "global.postgres.existingSecret=pg", "--set", "gateway.autoscaling.enabled=true,storage.autoscaling.enabled=true"},
	}
	for name, values := range variants {
		t.Run(name, func(t *testing.T) {
			text, err := command(t.Context(), nil, "helm", append([]string{"template", r.name, chart(t, version()), "--namespace", r.namespace}, values...)...)
			require.NoError(t, err)
			out, err := command(t.Context(), []byte(text), "kubectl", "-n", r.namespace, "apply", "--dry-run=server", "--validate=strict", "-f", "-")
			require.NoError(t, err)
			require.NotContains(t, out, "would violate PodSecurity")
			require.GreaterOrEqual(t, strings.Count(out, "(server dry run)"), 30, out)
		})
	}
}

// testInstall installs the platform and measures it.
func testInstall(t *testing.T, r *release) {
	took := r.install(t)
	t.Logf("helm install until all is ready: %.1f s (budget %.0f s)", took.Seconds(), installBudget.Seconds())
	require.Less(t, took, installBudget)

	var list objects
	read(t, &list, "-n", r.namespace, "get", "pods", "-o", "json")
	for _, p := range list.Items {
		for _, c := range p.Status.ContainerStatuses {
			require.Zero(t, c.RestartCount, "%s of %s started more than once: %+v", c.Name, p.Metadata.Name, c.LastState.Terminated)
		}
	}
	idle(t, r)
	for _, service := range services() {
		require.Regexp(t, `aqtra_build_info\{[^}]*revision="[0-9a-f]{7,}(-dirty)?",version="`+regexp.QuoteMeta(r.version)+`"`, r.metrics(t, r.pods(t, service)[0]))
	}
	out, err := command(t.Context(), nil, "helm", "test", r.name, "--namespace", r.namespace, "--timeout", "2m")
	require.NoError(t, err)
	require.Contains(t, out, "Succeeded")
}

// idle measures the memory that the pods need when nobody asks them anything.
func idle(t *testing.T, r *release) {
	t.Helper()
	node := kubectl(t, "get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")
	ready := time.Now()
	var sum int
	var table []string
	eventually(t, patience, "the kubelet has measured all pods", func() bool {
		var stats struct {
			Pods []struct {
				PodRef     struct{ Name, Namespace string }
				Containers []struct {
					Name   string
					Memory struct {
						Time            time.Time
						WorkingSetBytes int
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal([]byte(kubectl(t, "get", "--raw", "/api/v1/nodes/"+node+"/proxy/stats/summary")), &stats))
		sum, table = 0, nil
		measured := 0
		for _, p := range stats.Pods {
			if p.PodRef.Namespace != r.namespace {
				continue
			}
			for _, c := range p.Containers {
				if c.Memory.Time.Before(ready) || strings.HasPrefix(c.Name, "migrate") || c.Name == "setup" || c.Name == "await-schema" {
					continue
				}
				measured++
				table = append(table, c.Name+" "+mebibytes(c.Memory.WorkingSetBytes))
				if c.Name != "postgres" {
					sum += c.Memory.WorkingSetBytes
				}
			}
		}
		return measured >= len(services())+2 // with Postgres and Redis
	})
	t.Logf("memory when idle, without Postgres: %s (budget %s): %s", mebibytes(sum), mebibytes(idleBudget), strings.Join(table, ", "))
	require.Less(t, sum, idleBudget)
}

// testSignIn makes the first administrator with the link in the gateway's log, and signs in.
func testSignIn(t *testing.T, r *release) {
	link := regexp.MustCompile(`/setup#token=([A-Za-z0-9_.-]+)`)
	var found []string
	eventually(t, patience, "the one-time link is in the log", func() bool {
		found = link.FindStringSubmatch(kubectl(t, "-n", r.namespace, "logs", "deployment/"+r.name+"-gateway", "-c", "gateway"))
		return found != nil
	})
	nobody, err := r.public(t).connect(t).Client("")
	require.NoError(t, err)
	defer nobody.Close()
	_, err = ask(t.Context(), nobody, "POST", "/v1/setup:complete", body{
		"token": found[1], "tenantName": "Main", "email": "operator@example.com", "password": password, "displayName": "Operator",
	})
	require.NoError(t, err)
	session, err := ask(t.Context(), nobody, "POST", "/v1/sessions", body{"email": "operator@example.com", "password": password, "returnToken": true})
	require.NoError(t, err)
	require.NotEmpty(t, session["token"])
	page, err := nobody.Do(t.Context(), "GET", "/", nil)
	require.NoError(t, err)
	require.Equal(t, 200, page.Code)
	require.Contains(t, string(page.Body), "<div id=\"root\"", "the web UI")
}

// testInvoice runs the end-to-end test of the invoice app against the gateway's Service.
func testInvoice(t *testing.T, r *release) {
	program := os.Getenv("AQTRA_K8S_E2E")
	require.NotEmpty(t, program, "AQTRA_K8S_E2E names the compiled tests of tools/e2e")
	s := r.public(t)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-test.run", "^TestInvoice(Design|Entries|BatchFilterAndPages|Dataflows|Approval)$", "-test.v")
	cmd.Dir = "../e2e" // it reads the samples' files
	cmd.Env = append(os.Environ(), "AQTRA_E2E_ADDRESS="+s.address, "AQTRA_E2E_NAME="+s.name, "AQTRA_E2E_CA="+s.ca)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 5, strings.Count(string(out), "\n--- PASS: ")+strings.Count(string(out[:min(len(out), 9)]), "--- PASS: "), "%s", out)
}
