package k8s_test

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recovery is how long a service may be away after its only pod was killed.
const recovery = 30 * time.Second

// testKill kills the only pod of each service while requests are under way. What was acknowledged is there afterwards.
func testKill(t *testing.T, r *release) {
	n := signUp(t, r.public(t).connect(t), "kill")
	l := n.start(t, "K")
	for _, service := range services() {
		l.flows(t)
		pods := r.pods(t, service)
		require.Len(t, pods, 1)
		start := time.Now()
		kubectl(t, "-n", r.namespace, "delete", "pod", pods[0].Metadata.Name, "--grace-period=0", "--force")
		eventually(t, recovery, service+" is ready again", func() bool {
			now := r.pods(t, service)
			return r.ready(t, service) && len(now) == 1 && now[0].Metadata.UID != pods[0].Metadata.UID
		})
		ready := time.Since(start)
		require.NoError(t, l.answers(t.Context(), recovery-ready))
		t.Logf("%-18s ready %4.1f s after its pod was killed", service, ready.Seconds())
	}
	l.flows(t)
	l.stop()
	requests, failed := l.count()
	t.Logf("%d requests, %d without success; %d invoices and %d runs acknowledged", requests, failed, len(l.made), len(l.runs))
	l.kept(t)
}

// testRoll replaces the pods of all Deployments while requests are under way. None of them fails.
func testRoll(t *testing.T, r *release) {
	n := signUp(t, r.public(t).connect(t), "roll")
	l := n.start(t, "R")
	for _, service := range services() {
		l.flows(t)
		kubectl(t, "-n", r.namespace, "rollout", "restart", "deployment/"+r.name+"-"+service)
		kubectl(t, "-n", r.namespace, "rollout", "status", "deployment/"+r.name+"-"+service, "--timeout=90s")
	}
	// The last of the old pods ends while nobody waits for it.
	eventually(t, patience, "the old pods have gone", func() bool {
		return len(strings.Fields(kubectl(t, "-n", r.namespace, "get", "pods", "-o", "name", "-l", "app.kubernetes.io/component in ("+strings.Join(services(), ",")+")"))) == len(services())
	})
	l.flows(t)
	l.stop()
	t.Logf("%d requests", l.requests)
	l.unharmed(t)
	l.kept(t)
}

// testScale gives workflow and dataflow three pods each and looks at how many calls each of them answered.
func testScale(t *testing.T, r *release) {
	scaled := []string{"workflow", "dataflow"}
	set := func(replicas int) {
		for _, service := range scaled {
			kubectl(t, "-n", r.namespace, "scale", "deployment/"+r.name+"-"+service, fmt.Sprintf("--replicas=%d", replicas))
		}
	}
	set(3)
	for _, service := range scaled {
		kubectl(t, "-n", r.namespace, "rollout", "status", "deployment/"+r.name+"-"+service, "--timeout=90s")
	}
	n := signUp(t, r.public(t).connect(t), "scale")
	l := n.start(t, "S")
	eventually(t, patience, "every pod answers calls", func() bool {
		for _, service := range scaled {
			for _, p := range r.pods(t, service) {
				if r.calls(t, p, service) < 10 {
					return false
				}
			}
		}
		return true
	})
	l.stop()
	for _, service := range scaled {
		var counts []int
		for _, p := range r.pods(t, service) {
			counts = append(counts, r.calls(t, p, service))
		}
		require.Len(t, counts, 3)
		t.Logf("calls answered by each pod of %s: %v", service, counts)
	}
	l.unharmed(t)
	l.kept(t)
	set(1)
	for _, service := range scaled {
		kubectl(t, "-n", r.namespace, "rollout", "status", "deployment/"+r.name+"-"+service, "--timeout=90s")
	}
	// What it was given to do is not kept for ever.
	idle(t, r)
}

// metrics are those of a pod, as text.
func (r *release) metrics(t *testing.T, pod object) string {
	t.Helper()
	return kubectl(t, "get", "--raw", "/api/v1/namespaces/"+r.namespace+"/pods/https:"+pod.Metadata.Name+":9444/proxy/metrics")
}

// calls is how many calls of the service's own contract a pod has answered with success.
func (r *release) calls(t *testing.T, pod object, service string) int {
	t.Helper()
	text := r.metrics(t, pod)
	line := regexp.MustCompile(`(?m)^aqtra_rpc_server_seconds_count\{[^}]*code="OK"[^}]*method="[^"]*aqtra\.` + service + `\.[^"]*"[^}]*\} (\d+)`)
	sum := 0
	for _, m := range line.FindAllStringSubmatch(text, -1) {
		n, err := strconv.Atoi(m[1])
		require.NoError(t, err)
		sum += n
	}
	return sum
}

func mebibytes(n int) string { return fmt.Sprintf("%d MiB", n>>20) }
