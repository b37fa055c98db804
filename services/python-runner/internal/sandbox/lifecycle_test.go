package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/python-runner/internal/launcher"
)

const whoami = "import os\ndef main(): return os.getppid()"

func TestNothingSurvivesACall(t *testing.T) {
	t.Parallel()
	b := setup(t)
	code := "import builtins, json, sys\ncount = getattr(builtins, 'count', 0) + 1\nbuiltins.count = json.count = count\nsys.modules['evil'] = json\n" +
		"def main(): return [count, getattr(json, 'count'), len(sys.modules)]"
	first, err := b.script(t, code)
	require.NoError(t, err)
	second, err := b.script(t, code)
	require.NoError(t, err)
	require.Equal(t, first.Value, second.Value)
	require.Equal(t, int64(1), first.Value.([]any)[0])
}

func TestTenantsShareNothing(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *Config) { c.Packages = packages(t) })
	parent := func(tenant, environment string) any {
		res, err := b.Call(t.Context(), Call{Tenant: tenant, Environment: environment, Code: whoami})
		require.NoError(t, err)
		return res.Value
	}
	acme := parent("acme", "")
	require.Equal(t, acme, parent("acme", ""))
	require.NotEqual(t, acme, parent("globex", ""))
	require.NotEqual(t, acme, parent("acme", "env1"))
	if os.Geteuid() != 0 {
		return
	}
	uids := make(map[any]bool)
	for _, tenant := range []string{"acme", "globex"} {
		res, err := b.Call(t.Context(), Call{Tenant: tenant, Code: "import os\ndef main(): return [os.getuid(), os.geteuid(), os.getgid()]"})
		require.NoError(t, err)
		ids := res.Value.([]any)
		require.GreaterOrEqual(t, ids[0], int64(61000))
		require.Equal(t, []any{ids[0], ids[0], ids[0]}, ids)
		uids[ids[0]] = true
	}
	require.Len(t, uids, 2)
}

// packages returns a folder with the environment env1, readable for the sandbox's users.
func packages(t testing.TB) string {
	root, err := os.MkdirTemp("", "packages")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	require.NoError(t, os.Chmod(root, 0o755))
	for _, env := range []string{"env1", "env2"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, env), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, env, "greet.py"), []byte("NAME = '"+env+"'\n"), 0o644))
	}
	return root
}

func TestPackages(t *testing.T) {
	t.Parallel()
	root := packages(t)
	b := setup(t, func(c *Config) { c.Packages = root })
	res, err := b.Call(t.Context(), Call{Tenant: "acme", Environment: "env1", Code: "import greet\ndef main(): return greet.NAME"})
	require.NoError(t, err)
	require.Equal(t, "env1", res.Value)
	for _, code := range []string{
		"def main(): return open(" + fmt.Sprintf("%q", root+"/env2/greet.py") + ").read()",
		"def main(): return open(" + fmt.Sprintf("%q", root+"/env1/greet.py") + ", 'a')",
	} {
		_, err = b.Call(t.Context(), Call{Tenant: "acme", Environment: "env1", Code: code})
		require.Contains(t, requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED).Message, "PermissionError")
	}
	_, err = b.Call(t.Context(), Call{Tenant: "acme", Code: "import greet\ndef main(): pass"})
	requireFault(t, err, faultv1.Reason_REASON_SCRIPT_FAILED)
}

func TestKilledInterpreter(t *testing.T) {
	t.Parallel()
	b := setup(t)
	asked, answer := make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := b.Call(t.Context(), Call{Tenant: "acme", Code: "import aqtra\ndef main():\n    aqtra.call('x')\n    while True: pass", Limits: Limits{Wall: time.Minute},
			Broker: brokerFunc(func(context.Context, string, map[string]any) (any, error) {
				close(asked)
				return nil, nil
			})})
		answer <- err
	}()
	<-asked
	b.mu.Lock()
	pid := b.processes[owner{tenant: "acme"}].cmd.Process.Pid
	b.mu.Unlock()
	require.NoError(t, syscall.Kill(pid, syscall.SIGKILL))
	requireFault(t, <-answer, faultv1.Reason_REASON_SANDBOX_UNAVAILABLE)
	res, err := b.script(t, whoami)
	require.NoError(t, err)
	require.NotEqual(t, int64(pid), res.Value)
}

func TestLeastRecentlyUsedGoes(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *Config) { c.MaxZygotes = 2 })
	for _, step := range []struct {
		tenant string
		starts float64
	}{{"a", 1}, {"b", 2}, {"a", 2}, {"c", 3}, {"a", 3}, {"b", 4}} {
		_, err := b.Call(t.Context(), Call{Tenant: step.tenant, Code: echo, Args: []any{nil}})
		require.NoError(t, err)
		require.Equal(t, step.starts, testutil.ToFloat64(b.metrics.starts))
		require.LessOrEqual(t, b.count(), 2)
	}
}

func TestAllBusy(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *Config) { c.MaxZygotes = 1 })
	broker := brokerFunc(func(ctx context.Context, _ string, _ map[string]any) (any, error) {
		_, err := b.Call(ctx, Call{Tenant: "other", Code: echo, Args: []any{nil}})
		requireFault(t, err, faultv1.Reason_REASON_SANDBOX_UNAVAILABLE)
		return "refused", nil
	})
	res, err := b.Call(t.Context(), Call{Tenant: "acme", Code: "import aqtra\ndef main(): return aqtra.call('x')", Broker: broker})
	require.NoError(t, err)
	require.Equal(t, "refused", res.Value)
}

func TestIdleInterpretersEnd(t *testing.T) {
	t.Parallel()
	fake := clock.NewFake(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	b := setupClock(t, fake)
	_, err := b.script(t, whoami)
	require.NoError(t, err)
	fake.Advance(b.cfg.Idle / 2)
	require.Equal(t, 1, b.count())
	require.Eventually(t, func() bool {
		fake.Advance(b.cfg.Idle / 4)
		return b.count() == 0
	}, 10*time.Second, time.Millisecond)
	_, err = b.script(t, whoami)
	require.NoError(t, err)
}

func TestCanceledCallEnds(t *testing.T) {
	t.Parallel()
	b := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := b.Call(ctx, Call{Tenant: "acme", Code: "import aqtra\ndef main():\n    aqtra.call('x')\n    while True: pass", Limits: Limits{Wall: time.Minute},
		Broker: brokerFunc(func(context.Context, string, map[string]any) (any, error) {
			cancel()
			return nil, nil
		})})
	require.ErrorIs(t, err, context.Canceled)
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	b := setup(t, func(c *Config) { c.MaxZygotes = 4 })
	var wg sync.WaitGroup
	for i := range int64(60) {
		wg.Go(func() {
			res, err := b.Call(t.Context(), Call{Tenant: fmt.Sprint("t", i%3), Code: echo, Args: []any{i}})
			require.NoError(t, err)
			require.Equal(t, i, res.Value)
		})
	}
	wg.Wait()
	require.Equal(t, float64(60), testutil.ToFloat64(b.metrics.calls.WithLabelValues("ok")))
}

func TestRefusesWithoutConfinement(t *testing.T) {
	t.Parallel()
	build := func(cfg Config, f launcher.Features) *Supervisor {
		s, err := newSupervisor(cfg, slog.New(slog.DiscardHandler), clock.Real(), prometheus.NewRegistry(), f)
		require.NoError(t, err)
		return s
	}
	cfg := testConfig(t)
	for _, f := range []launcher.Features{{}, {Landlock: 7}, {Seccomp: true}} {
		s := build(cfg, f)
		require.Error(t, s.Available())
		_, err := s.Call(t.Context(), Call{Tenant: "acme", Code: echo})
		requireFault(t, err, faultv1.Reason_REASON_SANDBOX_UNAVAILABLE)
	}
	cfg.SandboxedBy = "gvisor"
	relaxed := build(cfg, launcher.Features{})
	require.NoError(t, relaxed.Available())
	done := make(chan error, 1)
	go func() { done <- relaxed.Run(context.WithoutCancel(t.Context())) }()
	res, err := relaxed.Call(t.Context(), Call{Tenant: "acme", Code: echo, Args: []any{"declared"}})
	require.NoError(t, err)
	require.Equal(t, "declared", res.Value)
	relaxed.Close()
	require.NoError(t, <-done)
	cfg.SandboxedBy = "hope"
	require.Error(t, cfg.Validate())
	cfg = testConfig(t)
	cfg.Launcher = "/nowhere/aqtra-launcher"
	require.Error(t, build(cfg, launcher.Detect()).Available())
}

func TestClosedSupervisorRefuses(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, err := b.script(t, whoami)
	require.NoError(t, err)
	b.Close()
	_, err = b.script(t, whoami)
	requireFault(t, err, faultv1.Reason_REASON_SANDBOX_UNAVAILABLE)
	b.Close()
}

const helperVariable = "AQTRA_SANDBOX_TEST_HELPER"

// TestDiesWithSupervisor kills a supervisor in another process, without warning, in the middle of calls.
func TestDiesWithSupervisor(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("finds the sandbox's processes by their user ids, which only root gives out")
	}
	if first := os.Getenv(helperVariable); first != "" {
		superviseForever(t)
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run=^TestDiesWithSupervisor$")
	cmd.Env = append(os.Environ(), helperVariable+"=1")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && !strings.Contains(lines.Text(), "looping") {
		t.Log(lines.Text())
	}
	require.Len(t, processesOf(t, 64000, 65000), 3) // a zygote and two calls
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	require.Eventually(t, func() bool { return len(processesOf(t, 64000, 65000)) == 0 }, 5*time.Second, 10*time.Millisecond)
}

func superviseForever(t *testing.T) {
	b := setup(t, func(c *Config) { c.FirstUID = 64000 })
	var both sync.WaitGroup
	both.Add(2)
	for range 2 {
		go func() {
			_, _ = b.Call(t.Context(), Call{Tenant: "acme", Code: "import aqtra\ndef main():\n    aqtra.call('x')\n    while True: pass", Limits: Limits{Wall: time.Minute, CPU: time.Minute},
				Broker: brokerFunc(func(context.Context, string, map[string]any) (any, error) {
					both.Done()
					return nil, nil
				})})
		}()
	}
	both.Wait()
	fmt.Println("looping")
	<-t.Context().Done()
}

// processesOf lists the running processes whose user id is in the range.
func processesOf(t testing.TB, from, to uint32) []string {
	var out []string
	dirs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range dirs {
		var stat syscall.Stat_t
		if syscall.Stat(dir, &stat) == nil && stat.Uid >= from && stat.Uid < to {
			out = append(out, dir)
		}
	}
	return slices.Clip(out)
}

func TestNoOrphans(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("finds the sandbox's processes by their user ids, which only root gives out")
	}
	b := setup(t, func(c *Config) { c.FirstUID = 62500; c.UIDs = 100 })
	_, err := b.Call(t.Context(), Call{Tenant: "acme", Code: "def main():\n    while True: pass", Limits: Limits{Wall: 300 * time.Millisecond}})
	requireFault(t, err, faultv1.Reason_REASON_SCRIPT_TIMEOUT)
	require.Len(t, processesOf(t, 62500, 62600), 1)
	b.Close()
	require.Empty(t, processesOf(t, 62500, 62600))
}

func BenchmarkWarmCall(b *testing.B) {
	s := setup(b)
	c := Call{Tenant: "acme", Code: "def main(item): return {'total': item['a'] + 1}", Args: []any{map[string]any{"a": int64(1)}}}
	_, err := s.Call(b.Context(), c)
	require.NoError(b, err)
	var times []time.Duration
	for b.Loop() {
		began := time.Now()
		_, err := s.Call(b.Context(), c)
		require.NoError(b, err)
		times = append(times, time.Since(began))
	}
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)/2].Microseconds()), "p50-us")
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds()), "p99-us")
}
