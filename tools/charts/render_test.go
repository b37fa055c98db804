package charts

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write the schemas and the golden files anew")

const root = "../.."

// charts returns a folder with all charts, each with those that it depends on; the working copy stays as it is.
func charts(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join(root, "charts"))))
	for _, name := range append(append([]string{}, services...), "trial") {
		library := filepath.Join(dir, name, "charts", "aqtra-lib")
		require.NoError(t, os.RemoveAll(filepath.Dir(library)))
		require.NoError(t, os.CopyFS(library, os.DirFS(filepath.Join(dir, "lib"))))
	}
	parts := filepath.Join(dir, "platform", "charts")
	require.NoError(t, os.RemoveAll(parts))
	require.NoError(t, os.CopyFS(filepath.Join(parts, "aqtra-lib"), os.DirFS(filepath.Join(dir, "lib"))))
	for _, name := range append(append([]string{}, services...), "trial") {
		require.NoError(t, os.CopyFS(filepath.Join(parts, name), os.DirFS(filepath.Join(dir, name))))
	}
	return dir
}

// helm runs helm away from any cluster and returns what it prints, or what it complains about.
func helm(t *testing.T, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	program, err := find("AQTRA_HELM", "helm")
	if err != nil {
		if os.Getenv("CI") != "" {
			require.NoError(t, err, "helm is needed: make charts builds it")
		}
		t.Skip("no helm: make charts builds it")
	}
	var out, complaint bytes.Buffer
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	cmd.Env = []string{"HOME=" + t.TempDir(), "KUBECONFIG=/dev/null", "PATH=" + os.Getenv("PATH")}
	err = cmd.Run()
	return out.String(), complaint.String(), err
}

type node = map[string]any

// object is a rendered manifest.
type manifest struct {
	Kind, Name string
	Body       node
}

func template(t *testing.T, chart string, args ...string) []manifest {
	t.Helper()
	out, complaint, err := helm(t, append([]string{"template", "acme", chart, "--namespace", "apps", "--kube-version", "1.34.0"}, args...)...)
	require.NoError(t, err, complaint)
	return parse(t, out)
}

func parse(t *testing.T, text string) []manifest {
	t.Helper()
	var found []manifest
	for d := yaml.NewDecoder(strings.NewReader(text)); ; {
		var body node
		err := d.Decode(&body)
		if err != nil {
			require.ErrorContains(t, err, "EOF")
			return found
		}
		if body == nil {
			continue
		}
		found = append(found, manifest{Kind: body["kind"].(string), Name: at(body, "metadata", "name").(string), Body: body})
	}
}

// at follows a path; nil where there is nothing.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := value.(node)
			value = m[step]
		case int:
			l, _ := value.([]any)
			if step >= len(l) {
				return nil
			}
			value = l[step]
		}
	}
	return value
}

func all(value any) []any {
	l, _ := value.([]any)
	return l
}

// cases are the ways of installing that are looked at.
func cases() map[string][]string {
	return map[string][]string{
		"external": {"--set", "global.postgres.existingSecret=pg,global.public.url=https://aqtra.example.com"},
		"trial":    {"--set", "global.trial.enabled=true"},
		"cert-manager": {
			"--set", "global.postgres.existingSecret=pg,global.redis.existingSecret=redis,global.certificates.mode=cert-manager",
			"--set", "global.public.url=https://aqtra.example.com,global.certificates.publicIssuerRef.name=letsencrypt,global.certificates.publicIssuerRef.kind=ClusterIssuer",
		},
		"full": {"--values", "testdata/full.yaml"},
	}
}

var random = regexp.MustCompile(`(postgres-password: |redis-password: |postgres:|default:|requirepass )[A-Za-z0-9]{32}`)

func TestGolden(t *testing.T) {
	t.Parallel()
	dir := charts(t)
	for name, args := range cases() {
		t.Run(name, func(t *testing.T) {
			out, complaint, err := helm(t, append([]string{"template", "acme", filepath.Join(dir, "platform"), "--namespace", "apps", "--kube-version", "1.34.0"}, args...)...)
			require.NoError(t, err, complaint)
			// What a trial makes up differs each time.
			out = random.ReplaceAllString(out, "${1}RANDOM")
			path := filepath.Join("testdata", name+".golden.yaml")
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(out), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, string(want), out, "run go test ./charts -update in tools, and read the difference")
		})
	}
}

func TestSchemas(t *testing.T) {
	t.Parallel()
	files, err := Schemas(programs(t))
	require.NoError(t, err)
	for name, text := range files {
		path := filepath.Join(root, "charts", name, "values.schema.json")
		if *update {
			require.NoError(t, os.WriteFile(path, text, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.True(t, bytes.Equal(want, text), "the schema of %s is stale: run go test ./charts -update in tools", name)
	}
}

// programs returns the folder of the services' programs.
func programs(t *testing.T) string {
	t.Helper()
	bin := os.Getenv("AQTRA_BIN")
	if bin == "" {
		bin = filepath.Join(root, ".bin")
	}
	bin, err := filepath.Abs(bin)
	require.NoError(t, err)
	if _, err := os.Stat(filepath.Join(bin, "gateway")); err != nil {
		if os.Getenv("CI") != "" {
			require.NoError(t, err, "run make build")
		}
		t.Skip("no programs: run make build")
	}
	return bin
}

func TestLint(t *testing.T) {
	t.Parallel()
	dir := charts(t)
	for _, name := range append(append([]string{}, services...), "trial") {
		out, complaint, err := helm(t, "lint", "--strict", "--kube-version", "1.34.0", filepath.Join(dir, name))
		require.NoError(t, err, out+complaint)
	}
	for _, args := range cases() {
		out, complaint, err := helm(t, append([]string{"lint", "--strict", "--kube-version", "1.34.0", filepath.Join(dir, "platform")}, args...)...)
		require.NoError(t, err, out+complaint)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	dir := charts(t)
	for _, tc := range []struct{ name, set, want string }{
		{"nothing said", "", "There is no Postgres"},
		{"typo", "global.trial.enabled=true,gateway.replica=2", "replica"},
		{"typo in global", "global.trail.enabled=true", "trail"},
		{"unknown chart", "global.trial.enabled=true,gatway.replicas=2", "gatway"},
		{"wrong type", "global.trial.enabled=true,gateway.replicas=two", "gateway:\n- at '/replicas'"},
		{"unknown setting", "global.trial.enabled=true,storage.env.AQTRA_STORAGE_MAXFILE=1GiB", "AQTRA_STORAGE_MAXFILE"},
		{"setting of the chart", "global.trial.enabled=true,gateway.env.AQTRA_LISTEN=:1", "AQTRA_LISTEN"},
		{"secret setting", "global.trial.enabled=true,gateway.env.AQTRA_PASSWORD_PEPPER=x", "AQTRA_PASSWORD_PEPPER"},
		{"plain http", "global.trial.enabled=true,global.public.url=http://x", "/global/public/url"},
		{"both", "global.trial.enabled=true,global.postgres.existingSecret=pg", "Unset one of them"},
		{"trial with cert-manager", "global.trial.enabled=true,global.certificates.mode=cert-manager", "must be built-in"},
		{"issuer unused", "global.trial.enabled=true,global.certificates.issuerRef.name=x", "only with global.certificates.mode=cert-manager"},
		{"long name", "global.trial.enabled=true,global.fullnameOverride=" + strings.Repeat("a", 40), "has 40 characters, and at most 39 are possible"},
		{"name with dots", "global.trial.enabled=true,global.fullnameOverride=a.b", "lower-case letters, digits and dashes"},
		{"gvisor without class", "global.trial.enabled=true,python-runner.gvisor=true", "names no RuntimeClass"},
		{"no room to scale", "global.trial.enabled=true,gateway.autoscaling.enabled=true,gateway.autoscaling.maxReplicas=1", "is below minReplicas"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, complaint, err := helm(t, "template", "acme", filepath.Join(dir, "platform"), "--kube-version", "1.34.0", "--set", tc.set)
			require.Error(t, err)
			require.Contains(t, complaint, tc.want)
		})
	}
	// The longest name works.
	template(t, filepath.Join(dir, "platform"), "--set", "global.trial.enabled=true,global.fullnameOverride="+strings.Repeat("a", 39))
}
