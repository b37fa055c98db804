package charts

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/rpc"
)

// pod returns the pod that a manifest makes, if it makes one.
func (m manifest) pod() (spec node, labels node) {
	var p any
	switch m.Kind {
	case "Deployment", "StatefulSet", "Job":
		p = at(m.Body, "spec", "template")
	case "CronJob":
		p = at(m.Body, "spec", "jobTemplate", "spec", "template")
	case "Pod":
		p = m.Body
	default:
		return nil, nil
	}
	spec, _ = at(p, "spec").(node)
	labels, _ = at(p, "metadata", "labels").(node)
	return spec, labels
}

func containers(pod node) []any { return append(all(pod["initContainers"]), all(pod["containers"])...) }

// TestRules holds what each case renders against every rule.
func TestRules(t *testing.T) {
	t.Parallel()
	dir := charts(t)
	rules := map[string]func(*testing.T, []manifest){
		"pods": checkPods, "deployments": checkDeployments, "names": checkNames, "network policies": checkNetworkPolicies,
		"settings": checkSettings, "no secrets": checkNoSecrets, "disruption": checkDisruption,
	}
	for name, args := range cases() {
		objects := template(t, filepath.Join(dir, "platform"), args...)
		for rule, check := range rules {
			t.Run(name+" "+rule, func(t *testing.T) { check(t, objects) })
		}
	}
}

// checkPods: every pod passes Pod Security `restricted`, and more than that.
func checkPods(t *testing.T, objects []manifest) {
	pods := 0
	for _, m := range objects {
		pod, _ := m.pod()
		if pod == nil {
			continue
		}
		pods++
		where := m.Kind + " " + m.Name
		security := pod["securityContext"]
		require.Equal(t, true, at(security, "runAsNonRoot"), where)
		require.Equal(t, 65532, at(security, "runAsUser"), where)
		require.Equal(t, "RuntimeDefault", at(security, "seccompProfile", "type"), where)
		require.Equal(t, false, pod["enableServiceLinks"], where)
		for _, forbidden := range []string{"hostNetwork", "hostPID", "hostIPC"} {
			require.NotContains(t, pod, forbidden, where)
		}
		// Only setup talks to the Kubernetes API.
		setup := regexp.MustCompile(`-(setup-1|certificates|remove)$`).MatchString(m.Name)
		require.Equal(t, setup, pod["automountServiceAccountToken"], where)
		for _, v := range all(pod["volumes"]) {
			kinds := slices.DeleteFunc(slices.Sorted(maps.Keys(v.(node))), func(k string) bool { return k == "name" })
			require.Subset(t, []string{"configMap", "secret", "projected", "emptyDir", "persistentVolumeClaim"}, kinds, where)
			if kinds[0] == "emptyDir" {
				require.NotEmpty(t, at(v, "emptyDir", "sizeLimit"), where)
			}
		}
		for _, c := range containers(pod) {
			where := where + " " + at(c, "name").(string)
			require.Equal(t, node{
				"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": node{"drop": []any{"ALL"}},
			}, at(c, "securityContext"), where)
			require.Equal(t, "FallbackToLogsOnError", at(c, "terminationMessagePolicy"), where)
			for _, path := range [][2]string{{"requests", "cpu"}, {"requests", "memory"}, {"limits", "memory"}} {
				require.NotEmpty(t, at(c, "resources", path[0], path[1]), where)
			}
			image := at(c, "image").(string)
			require.Regexp(t, `/?aqtra/[a-z-]+:[^:]+$`, image, where)
			require.NotContains(t, image, "latest", where)
			for _, port := range all(at(c, "ports")) {
				require.NotContains(t, port, "hostPort", where)
			}
		}
		if m.Kind == "Deployment" || m.Kind == "StatefulSet" {
			main := at(pod, "containers", 0)
			for _, probe := range []string{"startupProbe", "livenessProbe", "readinessProbe"} {
				require.NotNil(t, at(main, probe), where)
			}
		}
	}
	require.GreaterOrEqual(t, pods, 8)
}

// checkDeployments: a rolling update never has fewer pods than before, and processes have time to drain.
func checkDeployments(t *testing.T, objects []manifest) {
	found := 0
	for _, m := range objects {
		if m.Kind != "Deployment" {
			continue
		}
		found++
		require.Equal(t, node{"maxUnavailable": 0, "maxSurge": 1}, at(m.Body, "spec", "strategy", "rollingUpdate"), m.Name)
		pod, _ := m.pod()
		// 5 s for load balancers, 20 for the edge, 20 for calls, 10 for background work, 10 for traces.
		require.Greater(t, pod["terminationGracePeriodSeconds"], 65, m.Name)
		main := at(pod, "containers", 0)
		require.Equal(t, "/healthz", at(main, "livenessProbe", "httpGet", "path"), m.Name)
		require.Equal(t, "/readyz", at(main, "readinessProbe", "httpGet", "path"), m.Name)
		require.Equal(t, "HTTPS", at(main, "readinessProbe", "httpGet", "scheme"), m.Name)
		require.Len(t, all(pod["topologySpreadConstraints"]), 2, m.Name)
		for _, e := range all(at(main, "env")) {
			if at(e, "name") == "GOMEMLIMIT" {
				require.Equal(t, "limits.memory", at(e, "valueFrom", "resourceFieldRef", "resource"))
			}
		}
	}
	require.Equal(t, len(services), found)
}

// checkNames: names and labels are as Kubernetes takes them, and selectors hold nothing that ever changes.
func checkNames(t *testing.T, objects []manifest) {
	seen := map[string]bool{}
	for _, m := range objects {
		key := m.Kind + "/" + m.Name
		require.False(t, seen[key], "%s is there twice", key)
		seen[key] = true
		limit := 63
		if m.Kind == "CronJob" {
			limit = 52
		}
		require.LessOrEqual(t, len(m.Name), limit, key)
		labels, _ := at(m.Body, "metadata", "labels").(node)
		for _, label := range []string{"name", "instance", "component", "part-of", "version", "managed-by"} {
			require.NotEmpty(t, labels["app.kubernetes.io/"+label], "%s has no label %s", key, label)
		}
		var selector any
		switch m.Kind {
		case "Deployment", "StatefulSet", "PodDisruptionBudget":
			selector = at(m.Body, "spec", "selector", "matchLabels")
		case "Service":
			selector = at(m.Body, "spec", "selector")
		case "NetworkPolicy":
			selector = at(m.Body, "spec", "podSelector", "matchLabels")
		default:
			continue
		}
		require.Equal(t, node{"app.kubernetes.io/name": labels["app.kubernetes.io/name"], "app.kubernetes.io/instance": "acme"}, selector, key)
	}
}

// checkNetworkPolicies: who is let in by port 9443, and who may go there, is exactly the table of calls.
func checkNetworkPolicies(t *testing.T, objects []manifest) {
	in, out := map[string][]string{}, map[string][]string{}
	selected := map[string]bool{}
	for _, m := range objects {
		if m.Kind != "NetworkPolicy" {
			continue
		}
		require.Equal(t, []any{"Ingress", "Egress"}, at(m.Body, "spec", "policyTypes"), m.Name)
		me := at(m.Body, "spec", "podSelector", "matchLabels", "app.kubernetes.io/name").(string)
		selected[me] = true
		for _, rule := range all(at(m.Body, "spec", "ingress")) {
			if at(rule, "ports", 0, "port") == "grpc" {
				in[me] = append(in[me], peersOf(t, rule, "from")...)
			} else if at(rule, "ports", 0, "port") != "https" {
				require.NotEmpty(t, all(at(rule, "from")), "%s is open to everybody", m.Name)
			}
		}
		for _, rule := range all(at(m.Body, "spec", "egress")) {
			if at(rule, "ports", 0, "port") == 9443 {
				out[me] = append(out[me], peersOf(t, rule, "to")...)
			}
		}
	}
	wantOut := map[string][]string{}
	for _, s := range services {
		require.ElementsMatch(t, rpc.Callers(s), in[s], "callers of %s", s)
		for _, caller := range rpc.Callers(s) {
			wantOut[caller] = append(wantOut[caller], s)
		}
	}
	require.Len(t, in, len(services))
	for _, s := range services {
		require.ElementsMatch(t, wantOut[s], out[s], "callees of %s", s)
	}
	require.Len(t, out, len(services))
	// Nothing that runs for long is without one.
	for _, m := range objects {
		if _, labels := m.pod(); labels != nil && m.Kind != "Pod" {
			require.True(t, selected[labels["app.kubernetes.io/name"].(string)], "%s has no network policy", m.Name)
		}
	}
}

func peersOf(t *testing.T, rule any, side string) []string {
	t.Helper()
	var names []string
	for _, p := range all(at(rule, side)) {
		require.Len(t, p, 1)
		labels := at(p, "podSelector", "matchLabels").(node)
		require.Equal(t, "acme", labels["app.kubernetes.io/instance"])
		names = append(names, labels["app.kubernetes.io/name"].(string))
	}
	require.NotEmpty(t, names)
	return names
}

// checkSettings: whatever a chart sets is a setting of the program, and no secret is in a ConfigMap.
func checkSettings(t *testing.T, objects []manifest) {
	bin := programs(t)
	known := map[string]map[string]setting{}
	for _, s := range services {
		settings, err := help(bin, s)
		require.NoError(t, err)
		known[s] = map[string]setting{}
		for _, one := range settings {
			known[s][one.Name] = one
		}
		// Its own address is none of its settings, except that the gateway calls itself.
		known[s]["AQTRA_GATEWAY_ADDRESS"] = setting{}
	}
	checked := 0
	for _, m := range objects {
		if m.Kind == "ConfigMap" {
			service := at(m.Body, "metadata", "labels", "app.kubernetes.io/name").(string)
			if known[service] == nil {
				continue // of the trial
			}
			for name := range at(m.Body, "data").(node) {
				s, ok := known[service][name]
				require.True(t, ok, "%s is no setting of %s", name, service)
				require.False(t, s.Secret, "%s is a secret", name)
				checked++
			}
		}
		pod, _ := m.pod()
		for _, c := range containers(pod) {
			program := regexp.MustCompile(`aqtra/([a-z-]+):`).FindStringSubmatch(at(c, "image").(string))[1]
			for _, e := range all(at(c, "env")) {
				name := at(e, "name").(string)
				if known[program] == nil || name == "GOMEMLIMIT" {
					continue
				}
				s, ok := known[program][name]
				require.True(t, ok, "%s is no setting of %s", name, program)
				if s.Secret {
					require.NotEmpty(t, at(e, "valueFrom", "secretKeyRef", "name"), "%s of %s is not from a secret", name, program)
				}
				checked++
			}
		}
	}
	require.Greater(t, checked, 60)
}

// checkNoSecrets: of secrets, Helm renders only the trial's; nothing that looks like one is anywhere else.
func checkNoSecrets(t *testing.T, objects []manifest) {
	for _, m := range objects {
		if m.Kind == "Secret" {
			require.Equal(t, "acme-trial", m.Name)
			continue
		}
		text := fmt.Sprint(m.Body)
		require.NotRegexp(t, `(postgres|rediss?)://[^ ]*:[^ ]*@|PRIVATE KEY|requirepass`, text, m.Name)
	}
}

// checkDisruption: a drain of a node can always evict one pod, and never more.
func checkDisruption(t *testing.T, objects []manifest) {
	budgets := map[string]any{}
	for _, m := range objects {
		if m.Kind == "PodDisruptionBudget" {
			require.NotContains(t, at(m.Body, "spec"), "minAvailable")
			budgets[m.Name] = at(m.Body, "spec", "maxUnavailable")
		}
	}
	for _, m := range objects {
		if m.Kind == "Deployment" {
			require.Equal(t, 1, budgets[m.Name], m.Name)
		}
	}
}

// TestRollout: a change of settings replaces the pods, and only of the service that it concerns.
func TestRollout(t *testing.T) {
	t.Parallel()
	platform := filepath.Join(charts(t), "platform")
	checksums := func(set string) map[string]string {
		found := map[string]string{}
		for _, m := range template(t, platform, "--set", "global.postgres.existingSecret=pg"+set) {
			if m.Kind == "Deployment" {
				a := at(m.Body, "spec", "template", "metadata", "annotations")
				found[strings.TrimPrefix(m.Name, "acme-")] = fmt.Sprint(at(a, "checksum/config"), at(a, "checksum/secrets"))
			}
		}
		return found
	}
	before := checksums("")
	require.Equal(t, before, checksums(""))
	after := checksums(",storage.env.AQTRA_STORAGE_MAX_FILE=2GiB")
	for s := range before {
		require.Equal(t, s == "storage", before[s] != after[s], s)
	}
	for s, sum := range checksums(",global.log.level=debug") {
		require.NotEqual(t, before[s], sum, s)
	}
	for s, sum := range checksums(",global.redis.existingSecret=r") {
		require.NotEqual(t, before[s], sum, s)
	}
}

// TestCertificates: cert-manager makes for each service the identity and the names by which it is called and scraped.
func TestCertificates(t *testing.T) {
	t.Parallel()
	found := map[string]node{}
	for _, m := range template(t, filepath.Join(charts(t), "platform"), cases()["cert-manager"]...) {
		if m.Kind == "Certificate" {
			found[at(m.Body, "spec", "secretName").(string)] = m.Body["spec"].(node)
		}
		require.NotEqual(t, "CronJob", m.Kind)
	}
	require.Len(t, found, len(services)+2)
	for _, s := range services {
		c := found["acme-"+s+"-tls"]
		require.Equal(t, []any{"spiffe://aqtra/" + s}, c["uris"])
		require.Equal(t, []any{s, "acme-" + s, "acme-" + s + ".apps", "acme-" + s + ".apps.svc", "acme-" + s + ".apps.svc.cluster.local"}, c["dnsNames"])
		require.Equal(t, node{"name": "acme-ca", "kind": "Issuer"}, c["issuerRef"])
		require.Contains(t, c["usages"], "client auth")
	}
	require.Equal(t, []any{"aqtra.example.com"}, found["acme-public-tls"]["dnsNames"])
	require.Equal(t, node{"name": "letsencrypt", "kind": "ClusterIssuer"}, found["acme-public-tls"]["issuerRef"])
	require.Equal(t, true, found["acme-ca"]["isCA"])
}

// TestDocumentedDefaults: the values that platform shows are those that the library falls back to.
func TestDocumentedDefaults(t *testing.T) {
	t.Parallel()
	shown, err := os.ReadFile(filepath.Join(root, "charts", "platform", "values.yaml"))
	require.NoError(t, err)
	var values node
	require.NoError(t, yaml.Unmarshal(shown, &values))
	library, err := os.ReadFile(filepath.Join(root, "charts", "lib", "templates", "_names.tpl"))
	require.NoError(t, err)
	m := regexp.MustCompile(`(?s)define "aqtra.globalDefaults" -}}\n(.*?)\n{{- end`).FindSubmatch(library)
	require.NotNil(t, m)
	var defaults node
	require.NoError(t, yaml.Unmarshal(m[1], &defaults))
	require.Equal(t, defaults, values["global"])
}

// TestAlone: a chart that is installed alone makes what it makes within the platform.
func TestAlone(t *testing.T) {
	t.Parallel()
	dir := charts(t)
	alone := template(t, filepath.Join(dir, "storage"))
	together := template(t, filepath.Join(dir, "platform"), "--set", "global.postgres.existingSecret=pg")
	within := map[string]node{}
	for _, m := range together {
		within[m.Kind+"/"+m.Name] = m.Body
	}
	require.NotEmpty(t, alone)
	for _, m := range alone {
		if m.Kind != "Deployment" { // whose checksum knows of the named secrets
			require.Equal(t, within[m.Kind+"/"+m.Name], m.Body, m.Name)
		}
	}
}
