package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// wanted skips a test that needs programs, unless they are asked for; then they must be there.
func wanted(t *testing.T) {
	t.Helper()
	if os.Getenv("AQTRA_MONITORING") == "" {
		t.Skip("needs Prometheus and Alertmanager: run make test-monitoring")
	}
}

// helm names the program.
func helm(t *testing.T) string {
	t.Helper()
	name := os.Getenv("AQTRA_HELM")
	if name == "" {
		name = filepath.Join("..", "..", ".bin", "helm")
	}
	if _, err := os.Stat(name); err != nil {
		require.Empty(t, os.Getenv("AQTRA_MONITORING"), "helm is missing: run make test-monitoring, or name it by AQTRA_HELM")
		t.Skip("helm is missing: run make test-monitoring, or name it by AQTRA_HELM")
	}
	return name
}

// runProgram runs a program to its end and returns what it wrote.
func runProgram(t *testing.T, name string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

// rendered is a Kubernetes object.
type rendered struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Labels          map[string]string
	}
	Data map[string]string
	Spec map[string]any
}

// render renders the chart with values, by kind and name.
func render(t *testing.T, values object) map[string]rendered {
	t.Helper()
	text, err := yaml.Marshal(values)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, text, 0o600))
	out, err := runProgram(t, helm(t), "template", "monitoring", chart, "--namespace", "proof", "--values", file)
	require.NoError(t, err, out)
	objects := map[string]rendered{}
	for d := yaml.NewDecoder(strings.NewReader(out)); ; {
		var o rendered
		if d.Decode(&o) != nil {
			return objects
		}
		if o.Kind != "" {
			require.Equal(t, "proof", o.Metadata.Namespace)
			require.Equal(t, "aqtra", o.Metadata.Labels["app.kubernetes.io/part-of"])
			objects[o.Kind+"/"+o.Metadata.Name] = o
		}
	}
}

func names(objects map[string]rendered) []string {
	var all []string
	for name := range objects {
		all = append(all, name)
	}
	return all
}

var told = object{
	"existingSecret": "night",
	"slack":          object{"enabled": true},
	"email":          object{"enabled": true, "to": "night@example.com", "from": "aqtra@example.com", "smarthost": "mail.example.com:587", "username": "aqtra", "caKey": "ca.crt"},
}

func TestWithoutTheOperator(t *testing.T) {
	t.Parallel()
	objects := render(t, object{"alertmanager": told})
	require.ElementsMatch(t, []string{"ConfigMap/aqtra-rules", "ConfigMap/aqtra-prometheus", "ConfigMap/aqtra-alertmanager", "ConfigMap/aqtra-dashboard"}, names(objects))
	require.Equal(t, "1", objects["ConfigMap/aqtra-dashboard"].Metadata.Labels["grafana_dashboard"])
	require.Equal(t, read(t, "dashboard/overview.json"), objects["ConfigMap/aqtra-dashboard"].Data["aqtra-overview.json"])
	rules := objects["ConfigMap/aqtra-rules"].Data
	for name, text := range rules {
		require.NotContains(t, text, `="aqtra"`, "%s is of another installation", name)
		require.NotContains(t, text, "platform: aqtra", name)
		require.NotContains(t, text, "runbook_url: RUNBOOK.md", name)
	}
	require.Contains(t, rules["alerts.yaml"], `pod=~"aqtra-.*"`)
	require.Contains(t, rules["alerts.yaml"], `namespace="proof"`)

	require.Len(t, render(t, object{}), 3, "nobody to tell, nothing to configure")
	require.Len(t, render(t, object{"dashboard": object{"enabled": false}}), 2)

	if os.Getenv("AQTRA_MONITORING") == "" {
		return
	}
	dir := t.TempDir()
	for _, o := range objects {
		for name, text := range o.Data {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
	}
	out, err := runProgram(t, "promtool", "check", "rules", filepath.Join(dir, "recording.yaml"), filepath.Join(dir, "alerts.yaml"))
	require.NoError(t, err, out)
	// The syntax alone: the files that it names are in another place. Debian's Prometheus was built without Kubernetes.
	var config struct {
		ScrapeConfigs []object `yaml:"scrape_configs"`
		Rest          object   `yaml:",inline"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(objects["ConfigMap/aqtra-prometheus"].Data["prometheus.yml"]), &config))
	require.Len(t, config.ScrapeConfigs, 6)
	for _, job := range config.ScrapeConfigs {
		require.Equal(t, []any{object{"role": "pod", "namespaces": object{"names": []any{"proof"}}}}, job["kubernetes_sd_configs"])
		delete(job, "kubernetes_sd_configs")
	}
	text, err := yaml.Marshal(config)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prometheus.yml"), text, 0o600))
	out, err = runProgram(t, "promtool", "check", "config", "--syntax-only", filepath.Join(dir, "prometheus.yml"))
	require.NoError(t, err, out)
	out, err = runProgram(t, "amtool", "check-config", filepath.Join(dir, "alertmanager.yml"))
	require.NoError(t, err, out)
}

// TestWithTheOperator checks that its objects say the same as the files.
func TestWithTheOperator(t *testing.T) {
	t.Parallel()
	plain := render(t, object{"alertmanager": told})
	objects := render(t, object{"alertmanager": told, "operator": object{"enabled": true, "labels": object{"release": "stack"}}})
	want := []string{"PrometheusRule/aqtra-recording", "PrometheusRule/aqtra-alerts", "AlertmanagerConfig/aqtra", "ConfigMap/aqtra-dashboard"}
	for _, s := range []string{"gateway", "component-library", "workflow", "dataflow", "storage", "python-runner"} {
		want = append(want, "ServiceMonitor/aqtra-"+s)
	}
	require.ElementsMatch(t, want, names(objects))
	for name, o := range objects {
		if o.Kind != "ConfigMap" {
			require.Equal(t, "stack", o.Metadata.Labels["release"], name)
		}
	}
	for _, name := range []string{"recording", "alerts"} {
		var file map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(plain["ConfigMap/aqtra-rules"].Data[name+".yaml"]), &file))
		require.Equal(t, file, objects["PrometheusRule/aqtra-"+name].Spec)
	}
	receiver := objects["AlertmanagerConfig/aqtra"].Spec["receivers"].([]any)[0].(object)
	s, e := receiver["slackConfigs"].([]any)[0].(object), receiver["emailConfigs"].([]any)[0].(object)
	require.Equal(t, object{"name": "night", "key": "slack-url"}, s["apiURL"])
	require.Equal(t, object{"name": "night", "key": "smtp-password"}, e["authPassword"])
	var am struct {
		Receivers []struct {
			Slack []object `yaml:"slack_configs"`
			Email []object `yaml:"email_configs"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(plain["ConfigMap/aqtra-alertmanager"].Data["alertmanager.yml"]), &am))
	for _, field := range []string{"title", "text", "fallback", "color", "channel"} {
		require.Equal(t, am.Receivers[0].Slack[0][field], s[field], field)
	}
	for _, field := range []string{"text", "html", "to", "from", "smarthost"} {
		require.Equal(t, am.Receivers[0].Email[0][field], e[field], field)
	}
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"platfrom.release=x":                 "platfrom",
		"scrape.interval=soon":               "scrape/interval",
		"operator.enabled=maybe":             "operator/enabled",
		"platform.release=Not_A_Name":        "platform/release",
		"alertmanager.slack.enabled=true":    "alertmanager.existingSecret must name the secret",
		"alertmanager.slack.url=https://x.y": "url",
		"alertmanager.email.enabled=true":    "alertmanager.email needs to, from and smarthost",
		"scrape.static[0].address=x:1":       "service",
	} {
		out, err := runProgram(t, helm(t), "template", "monitoring", chart, "--set", value)
		require.Error(t, err, value)
		require.Contains(t, strings.ReplaceAll(out, "'", ""), strings.ReplaceAll(want, "'", ""), value)
	}
	out, err := runProgram(t, helm(t), "lint", "--strict", chart)
	require.NoError(t, err, out)
}

// TestRules has promtool prove that each alert fires when it must and not when it need not.
func TestRules(t *testing.T) {
	t.Parallel()
	wanted(t)
	files, err := filepath.Glob(filepath.Join(chart, "tests", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out, err := runProgram(t, "promtool", append([]string{"test", "rules"}, files...)...)
	require.NoError(t, err, out)
}
