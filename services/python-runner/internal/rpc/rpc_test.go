package rpc_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	pythonv1 "github.com/aqtra/aqtra/proto/gen/aqtra/python/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/python-runner/internal/broker"
	"github.com/aqtra/aqtra/services/python-runner/internal/rpc"
	"github.com/aqtra/aqtra/services/python-runner/internal/sandbox"
)

const askSource = `
import aqtra

def main(item):
    car = aqtra.call("entries.get", component="car", id=item["id"])
    print("read", car["id"])
    return {"brand": car["brand"], "twice": item["price"] * 2}
`

// away is a connection to a service that is not there, or that answers one call from a function.
type away struct {
	answer func(ctx context.Context, method string, args, reply any) error
}

func (a away) Invoke(ctx context.Context, method string, args, reply any, _ ...grpc.CallOption) error {
	if a.answer == nil {
		return errors.New("away")
	}
	return a.answer(ctx, method, args, reply)
}

func (away) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, errors.New("away")
}

func servers(t *testing.T) (*rpc.Scripts, *rpc.Runner) {
	t.Helper()
	launcher := filepath.Join(t.TempDir(), "aqtra-launcher")
	build := exec.Command("go", "build", "-o", launcher, "github.com/aqtra/aqtra/services/python-runner/cmd/aqtra-launcher")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	for dir := launcher; dir != "/"; dir = filepath.Dir(dir) { // the sandbox runs as another user
		if info, err := os.Stat(dir); err == nil && info.Mode().Perm()&0o005 != 0o005 {
			require.NoError(t, os.Chmod(dir, info.Mode().Perm()|0o055))
		}
	}
	supervisor, err := sandbox.New(sandbox.Config{
		Python: "/usr/bin/python3", Launcher: launcher, FirstUID: 62000, UIDs: 100, MaxZygotes: 4, MaxCalls: 4, Idle: time.Minute,
		Start: 20 * time.Second, MaxWall: time.Minute, MaxMemory: 1 << 30, MaxOutput: 64 << 20, MaxProcesses: 1,
	}, slog.New(slog.DiscardHandler), clock.Real(), prometheus.NewRegistry())
	require.NoError(t, err)
	require.NoError(t, supervisor.Available())
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- supervisor.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })

	storage := away{answer: func(ctx context.Context, _ string, args, reply any) error {
		p, _ := principal.From(ctx)
		req, ok := args.(*storagev1.GetEntryRequest)
		if !ok || p.Subject != "u1" || req.GetEntry() != "e1" {
			return fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "there is no such entry")
		}
		proto.Merge(reply.(*storagev1.Entry), &storagev1.Entry{Id: "e1", Fields: map[string]*typev1.Value{"brand": {Kind: &typev1.Value_Text{Text: "Volvo"}}}})
		return nil
	}}
	library := away{answer: func(_ context.Context, _ string, _, reply any) error {
		proto.Merge(reply.(*libraryv1.Release), &libraryv1.Release{Id: "r1", Components: []*libraryv1.Component{{Id: "car", Scripts: []*libraryv1.Script{
			{Id: "ask", Source: askSource}, {Id: "secret", Roles: []string{"boss"}, Source: "def main(item):\n  return 1\n"},
			{Id: "broken", Source: "def main(item):\n  raise ValueError('bad ' + item)\n"},
		}}}})
		return nil
	}}
	entries, files := storagev1.NewEntriesClient(storage), storagev1.NewFilesClient(storage)
	b := rpc.Brokers{Live: broker.New(entries, files, nil), Try: broker.Trying(entries, files)}
	return rpc.NewScripts(supervisor, releases.New(library, 4, rpc.Compile), libraryv1.NewReleasesClient(library), b, 10*time.Second), rpc.NewRunner(supervisor, b)
}

func wire(t *testing.T, v any) *typev1.Value {
	t.Helper()
	w, err := value.ToProto(v)
	require.NoError(t, err)
	return w
}

func TestScriptsAndRunner(t *testing.T) {
	t.Parallel()
	scripts, runner := servers(t)
	as := func(subject string, roles ...string) context.Context {
		return principal.With(context.Background(), principal.Principal{Tenant: "t1", Subject: subject, Roles: roles, Release: "r1"})
	}
	item := map[string]any{"id": "e1", "price": value.MustDecimal("1.25")}

	t.Run("a script reads an entry as its caller", func(t *testing.T) {
		got, err := scripts.RunScript(as("u1"), &pythonv1.RunScriptRequest{Component: "car", Script: "ask", Input: wire(t, item)})
		require.NoError(t, err)
		output, _, err := value.FromProto(got.GetOutput())
		require.NoError(t, err)
		require.Equal(t, map[string]any{"brand": "Volvo", "twice": value.MustDecimal("2.5")}, output)
		require.Equal(t, "read e1", got.GetLogs()[0].GetText())
	})
	t.Run("and no more than its caller", func(t *testing.T) {
		_, err := scripts.RunScript(as("u2"), &pythonv1.RunScriptRequest{Component: "car", Script: "ask", Input: wire(t, item)})
		require.True(t, fault.Has(err, faultv1.Reason_REASON_SCRIPT_FAILED), "%v", err)
		require.ErrorContains(t, err, "there is no such entry")
	})
	t.Run("roles", func(t *testing.T) {
		req := &pythonv1.RunScriptRequest{Component: "car", Script: "secret"}
		_, err := scripts.RunScript(as("u1", "clerk"), req)
		require.True(t, fault.Has(err, faultv1.Reason_REASON_SCRIPT_NOT_FOUND))
		for _, role := range []string{"boss", "admin"} {
			_, err = scripts.RunScript(as("u1", role), req)
			require.NoError(t, err)
		}
	})
	t.Run("what is not there", func(t *testing.T) {
		for _, req := range []*pythonv1.RunScriptRequest{{Component: "car", Script: "none"}, {Component: "none", Script: "ask"}} {
			_, err := scripts.RunScript(as("u1"), req)
			require.True(t, fault.Has(err, faultv1.Reason_REASON_SCRIPT_NOT_FOUND))
		}
	})
	t.Run("an exception names its line", func(t *testing.T) {
		_, err := scripts.RunScript(as("u1"), &pythonv1.RunScriptRequest{Component: "car", Script: "broken", Input: wire(t, "total")})
		f, ok := fault.As(err)
		require.True(t, ok)
		require.Equal(t, "2", f.Meta["line"])
		require.Contains(t, f.Message, "bad total")
	})
	t.Run("execute gives an outcome per item", func(t *testing.T) {
		got, err := runner.Execute(as("u1"), &pythonv1.ExecuteRequest{
			Source: "def double(x):\n    if x == 2: raise ValueError('two')\n    return x * 2\n", Function: "double",
			Items: []*typev1.Value{wire(t, int64(1)), wire(t, int64(2)), wire(t, int64(3))},
		})
		require.NoError(t, err)
		require.Len(t, got.GetOutcomes(), 3)
		require.EqualValues(t, 2, got.GetOutcomes()[0].GetValue().GetInt())
		require.Contains(t, got.GetOutcomes()[1].GetError().GetMessage(), "two")
		require.EqualValues(t, 2, got.GetOutcomes()[1].GetError().GetLine())
		require.EqualValues(t, 6, got.GetOutcomes()[2].GetValue().GetInt())
	})
	t.Run("execute without identity", func(t *testing.T) {
		_, err := runner.Execute(context.Background(), &pythonv1.ExecuteRequest{Source: "def main(x): return x"})
		require.True(t, fault.Has(err, faultv1.Reason_REASON_UNAUTHENTICATED))
	})
	t.Run("check", func(t *testing.T) {
		got, err := runner.CheckSource(as("u1"), &pythonv1.CheckSourceRequest{Source: "def other(x):\n  return x\n"})
		require.NoError(t, err)
		require.Len(t, got.GetProblems(), 1)
		require.Contains(t, got.GetProblems()[0].GetMessage(), "main")
		got, err = runner.CheckSource(as("u1"), &pythonv1.CheckSourceRequest{Source: "def main(x:\n"})
		require.NoError(t, err)
		require.EqualValues(t, 1, got.GetProblems()[0].GetLine())
	})
	t.Run("the broker refuses what it does not know", func(t *testing.T) {
		b := broker.New(storagev1.NewEntriesClient(away{}), storagev1.NewFilesClient(away{}), nil)
		for name, args := range map[string]map[string]any{
			"os.system":    {},
			"entries.get":  {"component": "car"},
			"entries.list": {"component": "car", "limit": int64(100_000)},
			"files.read":   {"file": "f", "mode": "w"},
		} {
			_, err := b.Invoke(as("u1"), name, args)
			require.True(t, fault.Has(err, faultv1.Reason_REASON_INVALID_FIELDS), "%s: %v", name, err)
		}
	})
}
