package sandbox

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/python-runner/internal/launcher"
)

const launcherVariable = "AQTRA_PYTHON_RUNNER_LAUNCHER"

func TestMain(m *testing.M) {
	folder, err := buildLauncher()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if folder != "" {
			_ = os.RemoveAll(folder)
		}
		os.Exit(code)
	}))
}

// buildLauncher builds the launcher as it is shipped and names it in the environment, unless one is named there already.
func buildLauncher() (string, error) {
	if os.Getenv(launcherVariable) != "" {
		return "", nil
	}
	folder, err := os.MkdirTemp("", "aqtra-launcher")
	if err != nil {
		return "", err
	}
	// A runner that is not root executes it as somebody else than its builder.
	if err := os.Chmod(folder, 0o755); err != nil {
		return "", err
	}
	path := filepath.Join(folder, "aqtra-launcher")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, "github.com/aqtra/aqtra/services/python-runner/cmd/aqtra-launcher")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the launcher: %w: %s", err, out)
	}
	return folder, os.Setenv(launcherVariable, path)
}

func testConfig(t testing.TB) Config {
	var cfg Config
	require.NoError(t, config.Load("AQTRA_PYTHON_RUNNER_SANDBOX", &cfg, config.Map(map[string]string{
		launcherVariable: os.Getenv(launcherVariable),
	})))
	return cfg
}

type bench struct {
	*Supervisor
	registry *prometheus.Registry
}

// setup runs a supervisor until the test ends.
func setup(t testing.TB, change ...func(*Config)) bench {
	return setupClock(t, clock.Real(), change...)
}

func setupClock(t testing.TB, c clock.Clock, change ...func(*Config)) bench {
	if err := launcher.Detect().Missing(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	cfg := testConfig(t)
	for _, f := range change {
		f(&cfg)
	}
	registry := prometheus.NewRegistry()
	s, err := New(cfg, slog.New(slog.NewTextHandler(t.Output(), nil)), c, registry)
	require.NoError(t, err)
	require.NoError(t, s.Available())
	done := make(chan error, 1)
	go func() { done <- s.Run(context.WithoutCancel(t.Context())) }()
	t.Cleanup(func() {
		s.Close()
		require.NoError(t, <-done)
	})
	return bench{s, registry}
}

// script calls code in the tenant "acme".
func (b bench) script(t testing.TB, code string, args ...any) (Result, error) {
	return b.Call(t.Context(), Call{Tenant: "acme", Code: code, Args: args, Limits: Limits{Wall: 20 * time.Second}})
}

func requireFault(t testing.TB, err error, reason faultv1.Reason) *fault.Error {
	t.Helper()
	require.Error(t, err)
	f, ok := fault.As(err)
	require.True(t, ok, "not a fault: %v", err)
	require.Equal(t, reason.String(), f.Reason.String(), f.Error())
	return f
}

func requireAnyFault(t testing.TB, err error) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "not a fault: %v", err)
	return f
}
