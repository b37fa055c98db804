package k8s_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// patience bounds whatever a test waits for.
const patience = 2 * time.Minute

// services are those of the platform, one Deployment each.
func services() []string {
	return []string{"gateway", "component-library", "workflow", "dataflow", "storage", "python-runner"}
}

// command runs a program to its end and returns what it wrote, and the error with what it complained of.
func command(ctx context.Context, input []byte, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(input), &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.String(), nil
}

// kubectl demands success.
func kubectl(t *testing.T, args ...string) string {
	t.Helper()
	out, err := command(t.Context(), nil, "kubectl", args...)
	require.NoError(t, err)
	return out
}

// read decodes what kubectl answers into out.
func read(t *testing.T, out any, args ...string) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(kubectl(t, args...)), out))
}

// object is what the tests read of any Kubernetes object.
type object struct {
	Kind     string
	Metadata struct {
		Name, UID         string
		DeletionTimestamp string
		Labels            map[string]string
	}
	Data   map[string]string
	Spec   struct{ Replicas int }
	Status struct {
		Phase                                    string
		ReadyReplicas, UpdatedReplicas, Replicas int
		ObservedGeneration                       int
		ContainerStatuses                        []containerStatus
		InitContainerStatuses                    []containerStatus
		Addresses                                []struct{ Type, Address string }
		Conditions                               []struct{ Type, Status, Reason, Message string }
	}
}

type containerStatus struct {
	Name         string
	RestartCount int
	Ready        bool
	State        struct {
		Terminated *struct{ Reason, Message string }
		Waiting    *struct{ Reason, Message string }
	}
	LastState struct {
		Terminated *struct{ Reason, Message string }
	}
}

type objects struct{ Items []object }

// eventually asks again until done says so.
func eventually(t *testing.T, within time.Duration, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for end := time.Now().Add(within); !done(); <-ticker.C {
		require.True(t, time.Now().Before(end), "%s within %s", what, within)
	}
}

// namespace makes an empty one in which only restricted pods may run, and removes it after the test.
func namespace(t *testing.T, name string) string {
	t.Helper()
	kubectl(t, "wait", "--for=delete", "namespace/"+name, "--timeout=2m") // that of an earlier run may be on its way out
	kubectl(t, "create", "namespace", name)
	t.Cleanup(func() {
		if t.Failed() {
			explain(t, name)
		}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		_, err := command(ctx, nil, "kubectl", "delete", "namespace", name, "--wait=false", "--ignore-not-found")
		if err != nil {
			t.Log(err)
		}
	})
	kubectl(t, "label", "namespace", name, "pod-security.kubernetes.io/enforce=restricted", "pod-security.kubernetes.io/enforce-version=latest")
	return name
}

// explain logs what a person would look at after a failure.
func explain(t *testing.T, namespace string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, args := range [][]string{
		{"get", "pods,jobs", "-o", "wide"},
		{"get", "events", "--field-selector=type=Warning", "--sort-by=.lastTimestamp"},
		{"logs", "--selector=app.kubernetes.io/part-of=aqtra", "--all-containers", "--prefix", "--tail=15", "--max-log-requests=50"},
	} {
		out, err := command(ctx, nil, "kubectl", append([]string{"-n", namespace}, args...)...)
		t.Logf("kubectl %s:\n%s%v", strings.Join(args, " "), out, err)
	}
}

// release is an installation of the platform.
type release struct {
	name, namespace, version string
	values                   []string // arguments of helm
}

// chart is the packed platform of a version.
func chart(t *testing.T, version string) string {
	t.Helper()
	folder := os.Getenv("AQTRA_K8S_CHARTS")
	if folder == "" {
		folder = filepath.Join("..", "..", ".charts")
	}
	file := filepath.Join(folder, "aqtra-"+version+".tgz")
	_, err := os.Stat(file)
	require.NoError(t, err, "make charts")
	return file
}

// version is what is tested, previous what is upgraded from.
func version() string  { return fromEnvironment("AQTRA_K8S_VERSION", "0.1.0") }
func previous() string { return os.Getenv("AQTRA_K8S_PREVIOUS") }

func fromEnvironment(name, otherwise string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return otherwise
}

// arguments are those of helm for the installation or an upgrade.
func (r release) arguments(t *testing.T, verb, version string) []string {
	t.Helper()
	args := []string{
		verb, r.name, chart(t, version), "--namespace", r.namespace, "--wait", "--wait-for-jobs", "--timeout", "3m",
		"--set", "global.image.registry=" + os.Getenv("AQTRA_K8S_REGISTRY"), "--set", "global.trial.enabled=true",
		// Tests come from one address and make tenants of their own.
		"--set", "gateway.service.type=NodePort,gateway.env.AQTRA_GATEWAY_IDENTITY_SIGN_UPS=10000",
		"--set", "gateway.env.AQTRA_GATEWAY_ADDRESS_RATE=10000,gateway.env.AQTRA_GATEWAY_ADDRESS_BURST=10000",
		// A work item of a process that was killed is soon taken up again.
		"--set", "workflow.env.AQTRA_WORKFLOW_ENGINE_LEASE=5s,workflow.env.AQTRA_WORKFLOW_ENGINE_POLL=2s",
		"--set", "component-library.env.AQTRA_COMPONENT_LIBRARY_PUBLICATION_LEASE=5s",
	}
	return append(args, r.values...)
}

// install makes the release and returns how long it took until everything was ready.
func (r release) install(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	_, err := command(t.Context(), nil, "helm", r.arguments(t, "install", r.version)...)
	if err != nil {
		explain(t, r.namespace)
	}
	require.NoError(t, err)
	return time.Since(start)
}

// pods are those of a service that are not about to go.
func (r release) pods(t *testing.T, service string) []object {
	t.Helper()
	var list objects
	read(t, &list, "-n", r.namespace, "get", "pods", "-o", "json", "-l", "app.kubernetes.io/instance="+r.name+",app.kubernetes.io/name="+service)
	var pods []object
	for _, p := range list.Items {
		if p.Metadata.DeletionTimestamp == "" {
			pods = append(pods, p)
		}
	}
	return pods
}

// ready tells whether all pods of a service are the newest ones, and serve.
func (r release) ready(t *testing.T, service string) bool {
	t.Helper()
	var d object
	read(t, &d, "-n", r.namespace, "get", "deployment", r.name+"-"+service, "-o", "json")
	s := d.Status
	return s.ReadyReplicas == d.Spec.Replicas && s.UpdatedReplicas == d.Spec.Replicas && s.Replicas == d.Spec.Replicas
}

// site is where the public reaches a release.
type site struct{ address, name, ca string }

// public finds the address of the gateway's Service: a port of a node.
func (r release) public(t *testing.T) site {
	t.Helper()
	var nodes objects
	read(t, &nodes, "get", "nodes", "-o", "json")
	address := ""
	for _, a := range nodes.Items[0].Status.Addresses {
		if a.Type == "InternalIP" {
			address = a.Address
		}
	}
	require.NotEmpty(t, address)
	port := kubectl(t, "-n", r.namespace, "get", "service", r.name, "-o", "jsonpath={.spec.ports[0].nodePort}")
	var secret object
	read(t, &secret, "-n", r.namespace, "get", "secret", r.name+"-public-tls", "-o", "json")
	ca, err := base64.StdEncoding.DecodeString(secret.Data["ca.crt"])
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "ca.crt")
	require.NoError(t, os.WriteFile(file, ca, 0o600))
	return site{address: address + ":" + port, name: r.name + "." + r.namespace + ".svc", ca: file}
}

// left names what a release left behind. What Kubernetes itself puts into each namespace does not count.
func left(t *testing.T, namespace string) []string {
	t.Helper()
	kinds := strings.Fields(kubectl(t, "api-resources", "--namespaced", "--verbs=list", "-o", "name"))
	var own []string
	for _, kind := range kinds {
		// Events are history; leases and slices of endpoints follow other objects.
		if kind != "events" && kind != "events.events.k8s.io" && kind != "bindings" {
			own = append(own, kind)
		}
	}
	var names []string
	for name := range strings.FieldsSeq(kubectl(t, "-n", namespace, "get", strings.Join(own, ","), "-o", "name", "--ignore-not-found")) {
		if name != "configmap/kube-root-ca.crt" && name != "serviceaccount/default" {
			names = append(names, name)
		}
	}
	return names
}
