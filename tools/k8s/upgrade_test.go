package k8s_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// decoded is a value of a secret.
func decoded(t *testing.T, r release, secret, key string) string {
	t.Helper()
	var s object
	read(t, &s, "-n", r.namespace, "get", "secret", r.name+"-"+secret, "-o", "json")
	text, err := base64.StdEncoding.DecodeString(s.Data[key])
	require.NoError(t, err)
	require.NotEmpty(t, text, "%s of %s", key, secret)
	return string(text)
}

// opening lets pods of another namespace reach the Postgres of a trial.
const opening = `{"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "from-the-second-release"}, "spec": {
	"podSelector": {"matchLabels": {"app.kubernetes.io/name": "postgres"}}, "policyTypes": ["Ingress"],
	"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "aqtra-test-2"}}}]}]}}`

// testSecondRelease installs the previous version beside the first release, in a namespace of its own, with a Postgres outside of
// the release and an administrator from a secret. Then it is upgraded, taken back, and upgraded again while requests are under way.
func testSecondRelease(t *testing.T, first release) {
	r := release{name: "second", namespace: namespace(t, "aqtra-test-2"), version: version()}
	if previous() != "" {
		r.version = previous()
	}
	_, err := command(t.Context(), []byte(opening), "kubectl", "-n", first.namespace, "apply", "-f", "-")
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := command(context.Background(), nil, "kubectl", "-n", first.namespace, "delete", "networkpolicy", "from-the-second-release")
		require.NoError(t, err)
	})
	u, err := url.Parse(decoded(t, first, "trial", "postgres-url"))
	require.NoError(t, err)
	u.Host = strings.Replace(u.Host, first.name+"-postgres", first.name+"-postgres."+first.namespace+".svc", 1)
	u.Path = "/second"
	kubectl(t, "-n", r.namespace, "create", "secret", "generic", "pg", "--from-literal=url="+u.String(),
		"--from-literal=ca.crt="+decoded(t, first, "postgres-ca", "ca.crt"))
	kubectl(t, "-n", r.namespace, "create", "secret", "generic", "admin", "--from-literal=email=admin@example.com", "--from-literal=password="+password)
	r.values = []string{"--set", "global.trial.enabled=false,global.postgres.existingSecret=pg,global.admin.existingSecret=admin,global.secrets.keep=false",
		"--set", "gateway.replicas=1,component-library.replicas=1,workflow.replicas=1,dataflow.replicas=1,storage.replicas=1,python-runner.replicas=1"}
	t.Logf("helm install until all is ready: %.1f s", r.install(t).Seconds())

	st := r.public(t).connect(t)
	nobody, err := st.Client("")
	require.NoError(t, err)
	defer nobody.Close()
	// The first sign-in makes the tenant; while the gateway has not found storage it is told to sign in again.
	require.Eventually(t, func() bool {
		_, err = ask(t.Context(), nobody, "POST", "/v1/sessions", body{"email": "admin@example.com", "password": password, "returnToken": true})
		return err == nil || !strings.Contains(err.Error(), "sign in again in a moment")
	}, time.Minute, time.Second)
	require.NoError(t, err, "the administrator of the secret signs in")
	_, err = ask(t.Context(), nobody, "POST", "/v1/sessions", body{"email": "operator@example.com", "password": password, "returnToken": true})
	require.ErrorContains(t, err, "answered 401", "an account of the first release")

	if previous() != "" {
		l := signUp(t, st, "upgrade").start(t, "U")
		l.flows(t)
		_, err = command(t.Context(), nil, "helm", r.arguments(t, "upgrade", version())...)
		require.NoError(t, err)
		require.Equal(t, []string{version()}, r.versions(t))
		l.flows(t)
		_, err = command(t.Context(), nil, "helm", "rollback", r.name, "1", "--namespace", r.namespace, "--wait", "--wait-for-jobs", "--timeout", "3m")
		require.NoError(t, err)
		require.Equal(t, []string{previous()}, r.versions(t))
		l.flows(t)
		l.stop()
		t.Logf("%d requests while upgrading and going back", l.requests)
		l.unharmed(t)
		l.kept(t)
	}
	testNewerSchema(t, r, first)
	testUninstall(t, r, "secret/pg", "secret/admin")
}

// versions are those that the pods of services run.
func (r release) versions(t *testing.T) []string {
	t.Helper()
	seen := map[string]bool{}
	var versions []string
	for _, service := range services() {
		image := kubectl(t, "-n", r.namespace, "get", "deployment", r.name+"-"+service, "-o", "jsonpath={.spec.template.spec.containers[0].image}")
		if v := image[strings.LastIndex(image, ":")+1:]; !seen[v] {
			seen[v] = true
			versions = append(versions, v)
		}
	}
	return versions
}

// testNewerSchema upgrades a release whose database a newer version has been at: the upgrade says so, and what runs goes on.
func testNewerSchema(t *testing.T, r, first release) {
	t.Helper()
	conn := first.postgres(t, "second")
	_, err := conn.Exec(t.Context(), "insert into storage.schema_version (version_id, is_applied) select max(version_id) + 1000, true from storage.schema_version")
	require.NoError(t, err)
	before := kubectl(t, "-n", r.namespace, "get", "deployments,replicasets", "-o", "jsonpath={.items[*].metadata.generation}{.items[*].metadata.uid}")
	_, err = command(t.Context(), nil, "helm", r.arguments(t, "upgrade", version())...)
	require.Error(t, err)
	require.Contains(t, described(t, r), "newer")
	require.Equal(t, before, kubectl(t, "-n", r.namespace, "get", "deployments,replicasets", "-o",
		"jsonpath={.items[*].metadata.generation}{.items[*].metadata.uid}"), "nothing was changed")
	for _, service := range services() {
		require.True(t, r.ready(t, service), service)
	}
	_, err = conn.Exec(t.Context(), "delete from storage.schema_version where version_id > 1000")
	require.NoError(t, err)
	// The failed job stays for a day, so that its reason can be read; this was its reader.
	kubectl(t, "-n", r.namespace, "delete", "jobs", "-l", "app.kubernetes.io/name=setup,app.kubernetes.io/instance="+r.name)
}

// postgres connects to a database of the release's own Postgres through the Kubernetes API.
func (r release) postgres(t *testing.T, database string) *pgx.Conn {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "kubectl", "-n", r.namespace, "port-forward", "--address=127.0.0.1", "statefulset/"+r.name+"-postgres", ":5432")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it ends no other way
		_ = cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	port := regexp.MustCompile(`127\.0\.0\.1:(\d+)`).FindStringSubmatch(line)
	require.NotNil(t, port, line)
	u, err := url.Parse(decoded(t, r, "trial", "postgres-url"))
	require.NoError(t, err)
	// Encrypted, and not verified: the way goes through the API server, which was.
	cfg, err := pgx.ParseConfig(fmt.Sprintf("postgres://%s@127.0.0.1:%s/%s?sslmode=require", u.User, port[1], database))
	require.NoError(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// testUninstall removes a release. Nothing is left but what was there before.
func testUninstall(t *testing.T, r release, before ...string) {
	t.Helper()
	_, err := command(t.Context(), nil, "helm", "uninstall", r.name, "--namespace", r.namespace, "--wait", "--timeout", "2m")
	require.NoError(t, err)
	var rest []string
	eventually(t, patience, "all is gone", func() bool {
		rest = left(t, r.namespace)
		return len(rest) <= len(before)
	})
	require.ElementsMatch(t, before, rest)
}
