package service

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/config"
)

type sample struct {
	Workers int `default:"4" doc:"how many at once"`
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, arg := range []string{"--help", "-h", "help"} {
		var out, errs bytes.Buffer
		u := (&part{name: "python-runner"}).unit()
		u.Config = &sample{}
		require.Equal(t, 0, start(t.Context(), u, []string{arg}, config.Map(nil), &out, &errs))
		require.Empty(t, errs.String())
		for _, want := range []string{
			"AQTRA_PYTHON_RUNNER_WORKERS (int, default 4)\n        how many at once", "AQTRA_PYTHON_RUNNER_LISTEN (string, default :9443)",
			"AQTRA_CERTS_DIR", "AQTRA_DRAIN_WAIT (duration, default 5s)", "AQTRA_LOG_LEVEL", "AQTRA_STORAGE_ADDRESS (string, default storage:9443)",
		} {
			require.Contains(t, out.String(), want)
		}
		require.NotContains(t, out.String(), "AQTRA_PYTHON_RUNNER_ADDRESS", "nobody needs to reach itself")
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { taken.Close() })
	good := func(vars map[string]string) map[string]string {
		all := map[string]string{
			"AQTRA_STORAGE_LISTEN": "127.0.0.1:0", "AQTRA_STORAGE_METRICS_LISTEN": "127.0.0.1:0", "AQTRA_CERTS_DIR": t.TempDir(), "AQTRA_DRAIN_WAIT": "0s",
		}
		for k, v := range vars {
			all[k] = v
		}
		return all
	}
	for name, tc := range map[string]struct {
		args []string
		vars map[string]string
		code int
		want []string
	}{
		"argument":            {[]string{"serve"}, nil, 2, []string{`unknown argument "serve"`}},
		"bad settings":        {nil, good(map[string]string{"AQTRA_DRAIN_TIMEOUT": "0s", "AQTRA_STORAGE_MAX_MESSAGE": "1B", "AQTRA_LOG_FORMAT": "xml"}), 2, []string{"AQTRA_DRAIN_TIMEOUT", "MAX_MESSAGE", "AQTRA_LOG_FORMAT"}},
		"no certificate":      {nil, map[string]string{}, 2, []string{"AQTRA_CERTS_DIR"}},
		"port taken":          {nil, good(map[string]string{"AQTRA_STORAGE_LISTEN": taken.Addr().String()}), 1, []string{"address already in use"}},
		"admin port taken":    {nil, good(map[string]string{"AQTRA_STORAGE_METRICS_LISTEN": taken.Addr().String()}), 1, []string{"address already in use"}},
		"method without rule": {nil, good(nil), 1, []string{"/aqtra.test.v1.Echo/Get: no authorization rule"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, errs bytes.Buffer
			require.Equal(t, tc.code, start(t.Context(), (&part{name: "storage"}).unit(), tc.args, config.Map(tc.vars), &out, &errs))
			for _, w := range tc.want {
				require.Contains(t, errs.String(), w)
			}
			require.Empty(t, out.String())
		})
	}
}

// schemaStub records what it was asked for.
type schemaStub struct{ err error }

func (s schemaStub) Migrate(_ context.Context, prefix string, lookup config.Lookup) error {
	if url, _ := lookup(prefix + "_OWNER_URL"); url != "owner" {
		return errors.New("asked with the wrong settings")
	}
	return s.err
}

func (s schemaStub) Await(_ context.Context, prefix string, lookup config.Lookup, report func(string)) error {
	if url, _ := lookup(prefix + "_URL"); url != "app" {
		return errors.New("asked with the wrong settings")
	}
	report("for the schema")
	return s.err
}

func TestCommands(t *testing.T) {
	t.Parallel()
	lookup := config.Map(map[string]string{"AQTRA_STORAGE_DATABASE_OWNER_URL": "owner", "AQTRA_STORAGE_DATABASE_URL": "app"})
	broken := schemaStub{errors.New("no\n\tPostgres")}
	for name, tc := range map[string]struct {
		schema    Schema
		args      []string
		code      int
		out, errs string
	}{
		"migrate":      {schemaStub{}, []string{"migrate"}, 0, "the schema is up to date\n", ""},
		"await":        {schemaStub{}, []string{"await-schema"}, 0, "the schema is up to date\n", "waiting: for the schema\n"},
		"migrate not":  {broken, []string{"migrate"}, 1, "", "storage migrate: no Postgres\n"},
		"await not":    {broken, []string{"await-schema"}, 1, "", "waiting: for the schema\nstorage await-schema: no Postgres\n"},
		"no database":  {nil, []string{"migrate"}, 2, "", "unknown argument \"migrate\"; settings are environment variables, see --help\n"},
		"one too many": {schemaStub{}, []string{"migrate", "now"}, 2, "", "unknown argument \"now\"; settings are environment variables, see --help\n"},
		"version":      {nil, []string{"--version"}, 0, "storage dev\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			u := (&part{name: "storage"}).unit()
			u.Schema = tc.schema
			var out, errs bytes.Buffer
			require.Equal(t, tc.code, start(t.Context(), u, tc.args, lookup, &out, &errs))
			require.Equal(t, tc.out, out.String())
			require.Equal(t, tc.errs, errs.String())
		})
	}
	var out bytes.Buffer
	require.NoError(t, help(&out, Unit{Name: "storage", Schema: schemaStub{}}))
	require.Contains(t, out.String(), "await-schema  ends when the schema is at that version")
}

func TestUnitIsChecked(t *testing.T) {
	t.Parallel()
	require.ErrorContains(t, runOne(t.Context(), Unit{Name: "storage"}, Config{}, config.Map(nil), nil, newJournal().logger()), "no constructor")
}

// A service without an API of its own starts and stops through start, as Main does it.
func TestStartAndStop(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	u := Unit{Name: "storage", New: func(context.Context, Base) (Service, error) {
		return silent{&part{run: func(ctx context.Context, _ Base) error {
			cancel()
			<-ctx.Done()
			return nil
		}}}, nil
	}}
	var out, errs bytes.Buffer
	require.Equal(t, 0, start(ctx, u, nil, config.Map(map[string]string{
		"AQTRA_STORAGE_LISTEN": "127.0.0.1:0", "AQTRA_STORAGE_METRICS_LISTEN": "127.0.0.1:0", "AQTRA_CERTS_DIR": t.TempDir(), "AQTRA_DRAIN_WAIT": "0s",
	}), &out, &errs))
	require.Contains(t, errs.String(), `"msg":"service stopped"`)
}

func TestAddress(t *testing.T) {
	t.Parallel()
	lookup := config.Map(map[string]string{"AQTRA_STORAGE_ADDRESS": "10.0.0.1:1", "AQTRA_WORKFLOW_ADDRESS": "unix:///run/w", "AQTRA_GATEWAY_ADDRESS": ""})
	require.Equal(t, "dns:///10.0.0.1:1", Address("storage", lookup))
	require.Equal(t, "unix:///run/w", Address("workflow", lookup))
	require.Equal(t, "dns:///gateway:9443", Address("gateway", lookup))
	require.Equal(t, "dns:///python-runner:9443", Address("python-runner", lookup))
}
