package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// made is what the platform's chart makes, as far as monitoring looks at it.
type made struct {
	Kind     string
	Metadata struct {
		Name   string
		Labels map[string]string
	}
	Spec struct {
		Ports    []struct{ Name string }
		Template struct {
			Metadata struct{ Labels map[string]string }
			Spec     struct {
				Containers []struct {
					Name  string
					Ports []struct{ Name string }
				}
			}
		}
	}
}

// TestMonitorsFindThePlatform holds what monitoring looks for against what the platform's chart makes.
func TestMonitorsFindThePlatform(t *testing.T) {
	t.Parallel()
	platform := filepath.Join(chart, "..", "platform")
	if _, err := os.Stat(filepath.Join(platform, "charts")); err != nil {
		require.Empty(t, os.Getenv("AQTRA_MONITORING"), "the platform's chart is not packed: run make charts")
		t.Skip("the platform's chart is not packed: run make charts")
	}
	out, err := runProgram(t, helm(t), "template", "blue", platform, "--namespace", "proof", "--set", "global.trial.enabled=true")
	require.NoError(t, err, out)
	var all []made
	for d := yaml.NewDecoder(strings.NewReader(out)); ; {
		var m made
		if d.Decode(&m) != nil {
			break
		}
		all = append(all, m)
	}
	monitors := render(t, object{"platform": object{"release": "blue"}, "operator": object{"enabled": true}})
	for _, service := range []string{"gateway", "component-library", "workflow", "dataflow", "storage", "python-runner"} {
		monitor, ok := monitors["ServiceMonitor/blue-"+service]
		require.True(t, ok)
		wanted := monitor.Spec["selector"].(object)["matchLabels"].(object)
		matches := func(labels map[string]string) bool {
			for name, value := range wanted {
				if labels[name] != value {
					return false
				}
			}
			return true
		}
		services, pods := 0, 0
		for _, m := range all {
			if m.Kind == "Service" && matches(m.Metadata.Labels) {
				for _, p := range m.Spec.Ports {
					if p.Name == "metrics" {
						services++
					}
				}
			}
			if m.Kind == "Deployment" && matches(m.Spec.Template.Metadata.Labels) {
				require.True(t, strings.HasPrefix(m.Metadata.Name, "blue-"), "restarts are counted by the pod's name: %s", m.Metadata.Name)
				for _, c := range m.Spec.Template.Spec.Containers {
					for _, p := range c.Ports {
						if p.Name == "metrics" {
							pods++
						}
					}
				}
			}
		}
		require.Equal(t, 1, services, "services of %s with metrics: each pod is to be scraped once", service)
		require.Equal(t, 1, pods, "ports of the pods of %s for metrics", service)
		tls := monitor.Spec["endpoints"].([]any)[0].(object)["tlsConfig"].(object)
		require.Equal(t, service, tls["serverName"])
		secret := tls["ca"].(object)["secret"].(object)["name"].(string)
		require.Contains(t, out, secret, "the secret of the certificate")
	}
}
