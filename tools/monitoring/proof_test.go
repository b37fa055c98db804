package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

const (
	// promised is how long it may take until people know.
	promised = 2 * time.Minute
	look     = 200 * time.Millisecond
)

// prometheus asks a running one.
type prometheus struct{ url string }

type sample struct {
	Metric map[string]string
	Value  [2]any
}

func (p prometheus) get(ctx context.Context, path string, into any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // it was read to its end
	var body struct {
		Status, Error string
		Data          json.RawMessage
	}
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		return err
	}
	if body.Status != "success" {
		return fmt.Errorf("prometheus: %s", body.Error)
	}
	return json.Unmarshal(body.Data, into)
}

func (p prometheus) query(ctx context.Context, expr string) ([]sample, error) {
	var data struct{ Result []sample }
	err := p.get(ctx, "/api/v1/query?query="+url.QueryEscape(expr), &data)
	return data.Result, err
}

// program runs a program until the test ends, or fails the test when it ends before.
func program(t *testing.T, name string, args ...string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), name+".log")
	out, err := os.Create(log)
	require.NoError(t, err)
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr, cmd.Dir = out, out, t.TempDir()
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		_ = cmd.Wait()
		_ = out.Close()
		if text, err := os.ReadFile(log); err == nil && t.Failed() {
			t.Logf("%s:\n%s", name, text[max(0, len(text)-4000):])
		}
	})
}

// eventually waits until check has nothing to complain about.
func eventually(t *testing.T, within time.Duration, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("not within %s: %v", within, err)
		case <-tick.C:
		}
	}
}

// address is one that nobody listened on a moment ago.
func address(t *testing.T) string {
	t.Helper()
	lis := listen(t)
	require.NoError(t, lis.Close())
	return lis.Addr().String()
}

// TestOutageReachesPeople stops a service of a real platform and waits until it is told in Slack and by mail, by a real
// Prometheus and a real Alertmanager with the configuration that the chart gives. Addresses are the only thing of the test's own.
func TestOutageReachesPeople(t *testing.T) {
	t.Parallel()
	wanted(t)
	begun := time.Now()
	step := func(format string, args ...any) {
		t.Logf("%5.1f s  %s", time.Since(begun).Seconds(), fmt.Sprintf(format, args...))
	}
	beyond := newOutside(t)
	traces, collectorAddress := traceCollector(t, beyond)
	s := startPlatform(t, "AQTRA_OTLP_ENDPOINT="+collectorAddress, "AQTRA_OTLP_CA_FILE="+beyond.caFile, "AQTRA_TRACE_RATIO=1", "AQTRA_LOG_LEVEL=debug")
	step("six services run")

	chat, webhook := slack(t)
	letters, mailAddress := mailServer(t, beyond)
	ask := startMonitoring(t, s, beyond, webhook, mailAddress)
	admin := useSample(t, s)
	step("the invoice sample is installed and used")

	eventually(t, time.Minute, func() error { return has(t, ask, `up{platform="proof/proof"} == 1`, 6) })
	eventually(t, time.Minute, func() error { return has(t, ask, `aqtra:service:expected`, 6) })
	eventually(t, time.Minute, func() error { return has(t, ask, `ALERTS`, 0) })
	step("all six are scraped over TLS, no alert")

	_, err := s.Process("dataflow").End(syscall.SIGKILL, time.Minute)
	require.NoError(t, err)
	stopped := time.Now()
	step("dataflow is killed")
	answer, err := admin.Do(t.Context(), http.MethodPost, "/v1/components/invoice/dataflows/save:run", map[string]any{})
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, answer.Code, "%s", answer.Body)

	inboxes := map[string]*inbox{"slack": chat, "mail": &letters.inbox}
	for name, box := range inboxes {
		m := nth(t, box, 1, stopped)
		step("%s after %.0f s: %s", name, m.at.Sub(stopped).Seconds(), m.subject)
		require.Contains(t, m.subject, "dataflow is down")
		require.NotContains(t, m.subject, "Over")
		require.Contains(t, m.text, "No instance of dataflow has answered")
		require.Contains(t, m.text, "RUNBOOK.md#aqtraservicedown")
	}
	require.NoError(t, s.StartProcess(t.Context(), "dataflow"))
	back := time.Now()
	step("dataflow is back")
	for name, box := range inboxes {
		m := nth(t, box, 2, back)
		step("%s after %.0f s: %s", name, m.at.Sub(back).Seconds(), m.subject)
		require.Contains(t, m.subject, "Over: dataflow is down")
		require.Contains(t, m.text, "RUNBOOK.md#aqtraservicedown")
	}
	checkDashboard(t, ask)
	step("every panel of the dashboard has its metrics")
	checkTelemetry(t, s, traces)
	step("traces came over TLS, logs are JSON with their ids")
	for _, part := range []string{"text/plain", "text/html"} {
		require.Contains(t, letters.all()[0].text, part)
	}
	for name, box := range inboxes {
		require.Len(t, box.all(), 2, "%s: one message for each event", name)
	}
}

func startPlatform(t *testing.T, settings ...string) *stand.Stand {
	t.Helper()
	binaries := os.Getenv("AQTRA_BIN")
	if binaries == "" {
		binaries = filepath.Join("..", "..", ".bin")
	}
	folder := t.TempDir()
	// Postgres runs as another user and must get in.
	for dir := folder; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
	s, err := stand.Start(t.Context(), stand.Config{Binaries: binaries, Folder: folder, Mode: stand.Six, Settings: settings})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Stop()) })
	return s
}

// startMonitoring starts Prometheus and Alertmanager with what the chart renders.
func startMonitoring(t *testing.T, s *stand.Stand, beyond outside, webhook, mailAddress string) prometheus {
	t.Helper()
	rules, secrets, files := t.TempDir(), t.TempDir(), t.TempDir()
	authority, err := os.ReadFile(beyond.caFile)
	require.NoError(t, err)
	secret(t, secrets, "slack-url", webhook)
	secret(t, secrets, "smtp-password", mailPassword)
	secret(t, secrets, "mail-ca", string(authority))
	var targets []object
	for service, at := range s.Metrics() {
		targets = append(targets, object{"service": service, "address": at})
	}
	prometheusAddress, alertmanagerAddress := address(t), address(t)
	objects := render(t, object{
		"platform":   object{"release": "proof"},
		"scrape":     object{"caFile": filepath.Join(s.Data, "certs", "ca.crt"), "static": targets},
		"prometheus": object{"rulesFolder": rules, "alertmanagers": []string{alertmanagerAddress}},
		"alertmanager": object{
			"existingSecret": "night", "secretsFolder": secrets, "slack": object{"enabled": true, "channel": "#night"},
			"email": object{
				"enabled": true, "to": "night@example.com", "from": "aqtra@example.com", "smarthost": mailAddress, "username": mailUser, "caKey": "mail-ca",
			},
		},
	})
	write := func(folder, name string) {
		for file, text := range objects["ConfigMap/proof-"+name].Data {
			require.NotContains(t, text, mailPassword)
			require.NotContains(t, text, webhook)
			require.NoError(t, os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600))
		}
	}
	write(rules, "rules")
	write(files, "prometheus")
	write(files, "alertmanager")
	out, err := runProgram(t, "promtool", "check", "config", filepath.Join(files, "prometheus.yml"))
	require.NoError(t, err, out)
	program(t, "prometheus-alertmanager", "--config.file="+filepath.Join(files, "alertmanager.yml"), "--storage.path="+t.TempDir(),
		"--web.listen-address="+alertmanagerAddress, "--cluster.listen-address=")
	program(t, "prometheus", "--config.file="+filepath.Join(files, "prometheus.yml"), "--storage.tsdb.path="+t.TempDir(),
		"--web.listen-address="+prometheusAddress)
	return prometheus{"http://" + prometheusAddress}
}

// useSample makes the first administrator, installs the invoice sample, which publishes it and starts a workflow, and waits for
// the question that this asks.
func useSample(t *testing.T, s *stand.Stand) *stand.Client {
	t.Helper()
	token, err := s.SetupToken(t.Context())
	require.NoError(t, err)
	nobody, err := s.Client("")
	require.NoError(t, err)
	defer nobody.Close()
	var first struct{ Token string }
	do := func(c *stand.Client, method, path string, body, into any) {
		t.Helper()
		a, err := c.Do(t.Context(), method, path, body)
		require.NoError(t, err)
		require.Equal(t, 200, a.Code, "%s: %s", path, a.Body)
		require.NoError(t, json.Unmarshal(a.Body, into))
	}
	do(nobody, http.MethodPost, "/v1/setup:complete", object{
		"token": token, "tenantName": "Main", "email": "operator@example.com", "password": "correct horse battery staple", "displayName": "Operator",
		"returnToken": true,
	}, &first)
	admin, err := s.Client(first.Token)
	require.NoError(t, err)
	t.Cleanup(admin.Close)
	do(admin, http.MethodPost, "/v1/samples/invoice:install", object{}, &object{})
	eventually(t, time.Minute, func() error {
		var now struct{ State string }
		do(admin, http.MethodGet, "/v1/samples/invoice/installation", nil, &now)
		if now.State != "INSTALLATION_STATE_SUCCEEDED" {
			return fmt.Errorf("the installation of the sample is %s", now.State)
		}
		return nil
	})
	eventually(t, time.Minute, func() error {
		var tasks struct{ Tasks []object }
		do(admin, http.MethodGet, "/v1/tasks", nil, &tasks)
		if len(tasks.Tasks) == 0 {
			return fmt.Errorf("no question yet")
		}
		return nil
	})
	return admin
}

// has returns why the query does not give n samples.
func has(t *testing.T, p prometheus, expr string, n int) error {
	t.Helper()
	got, err := p.query(t.Context(), expr)
	if err == nil && len(got) != n {
		err = fmt.Errorf("%s gives %v, want %d", expr, got, n)
	}
	return err
}

// nth waits for the nth message of a box.
func nth(t *testing.T, box *inbox, n int, since time.Time) message {
	t.Helper()
	eventually(t, promised-time.Since(since), func() error {
		if len(box.all()) < n {
			return fmt.Errorf("nobody was told")
		}
		return nil
	})
	return box.all()[n-1]
}

// checkDashboard asks a Prometheus that watches a running platform for what each panel shows.
func checkDashboard(t *testing.T, p prometheus) {
	t.Helper()
	var known []string
	require.NoError(t, p.get(t.Context(), "/api/v1/label/__name__/values", &known))
	d, err := readSource([]byte(read(t, "dashboard/overview.yaml")))
	require.NoError(t, err)
	name := regexp.MustCompile(`\b(aqtra|process)[_:][a-z0-9_:]+`)
	for _, r := range d.Rows {
		for _, panel := range r.Panels {
			for _, q := range panel.Queries {
				expr := strings.NewReplacer("$platform", "proof/proof", "$__rate_interval", "1m").Replace(q.Expr)
				_, err := p.query(t.Context(), expr)
				require.NoError(t, err, "%s: %s", panel.Title, expr)
				for _, n := range name.FindAllString(expr, -1) {
					require.Contains(t, known, n, "%s: no such metric", panel.Title)
				}
			}
		}
	}
	// The same for what alerts look at, but for what the cluster tells.
	for _, file := range []string{"rules/recording.yaml", "rules/alerts.yaml"} {
		for line := range strings.Lines(read(t, file)) {
			if strings.Contains(line, "name: ") || strings.Contains(line, "#") {
				continue
			}
			for _, n := range name.FindAllString(line, -1) {
				require.Contains(t, known, n, "%s: no such metric", file)
			}
		}
	}
}

// checkTelemetry reads the traces that came and the logs that were written.
func checkTelemetry(t *testing.T, s *stand.Stand, traces *collector) {
	t.Helper()
	var id string
	eventually(t, 30*time.Second, func() error {
		if id = traces.through("gateway", "storage"); id == "" {
			return fmt.Errorf("no trace passes gateway and storage")
		}
		return nil
	})
	var found []string
	for _, service := range stand.Services() {
		withTrace := false
		for line := range strings.Lines(s.Process(service).Log()) {
			var entry struct {
				Time, Level, Msg string
				TraceID          string `json:"trace_id"`
			}
			require.NoError(t, json.Unmarshal([]byte(line), &entry), "%s: a line is no JSON: %s", service, line)
			require.NotEmpty(t, entry.Time+entry.Level+entry.Msg, line)
			withTrace = withTrace || entry.TraceID != ""
			if entry.TraceID == id && !slices.Contains(found, service) {
				found = append(found, service)
			}
		}
		require.True(t, withTrace || service == "python-runner" || service == "dataflow", "no line of %s has a trace id", service)
	}
	require.Contains(t, found, "storage", "the line of a call and its trace have the same id")
}
