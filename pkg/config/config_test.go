package config_test

import (
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/config"
)

type database struct {
	URL      string `secret:"true" doc:"where it is"`
	MaxConns int    `default:"4"`
}

func (d database) Validate() error {
	if d.MaxConns > 100 {
		return errors.New("MAX_CONNS: at most 100")
	}
	return nil
}

type Shared struct {
	Level slog.Level `env:"TEST_LEVEL" default:"info"`
}

type settings struct {
	Workers    int           `default:"16" doc:"how many at once"`
	Small      uint8         `default:"1"`
	Lease      time.Duration `default:"30s"`
	Cache      config.Size   `default:"64MiB"`
	Ratio      float64
	Hosts      []string `default:"a, b"`
	Waits      []time.Duration
	Debug      bool
	PIN        int    `secret:"true"`
	HTTPListen string `env:"TEST_HTTP"`
	Preset     string
	Postgres   database
	Shared
	hidden int
}

func (s settings) Validate() error {
	if s.Workers < 1 {
		return errors.New("WORKERS: at least 1")
	}
	return nil
}

func TestLoadDefaults(t *testing.T) {
	t.Parallel()
	s := settings{Preset: "kept"}
	s.hidden = 3
	require.NoError(t, config.Load("TEST", &s, config.Map(map[string]string{"TEST_HIDDEN": "4"})))
	require.Equal(t, settings{
		Workers: 16, Small: 1, Lease: 30 * time.Second, Cache: 64 << 20, Hosts: []string{"a", "b"}, Preset: "kept",
		Postgres: database{MaxConns: 4}, hidden: 3,
	}, s)
}

func TestLoadVariables(t *testing.T) {
	t.Parallel()
	var s settings
	require.NoError(t, config.Load("TEST", &s, config.Map(map[string]string{
		"TEST_WORKERS": "3", "TEST_SMALL": "255", "TEST_LEASE": "1m", "TEST_CACHE": "1.5GiB", "TEST_RATIO": "0.25", "TEST_HOSTS": "x,,y ,",
		"TEST_WAITS": "1s,2s", "TEST_DEBUG": "true", "TEST_PIN": "7", "TEST_HTTP": ":80", "TEST_PRESET": "", "TEST_POSTGRES_URL": "u",
		"TEST_POSTGRES_MAX_CONNS": "9", "TEST_LEVEL": "debug",
	})))
	require.Equal(t, settings{
		Workers: 3, Small: 255, Lease: time.Minute, Cache: 3 << 29, Ratio: .25, Hosts: []string{"x", "y"},
		Waits: []time.Duration{time.Second, 2 * time.Second}, Debug: true, PIN: 7, HTTPListen: ":80",
		Postgres: database{URL: "u", MaxConns: 9}, Shared: Shared{slog.LevelDebug},
	}, s)
}

func TestLoadReportsEveryBadVariable(t *testing.T) {
	t.Parallel()
	var s settings
	err := config.Load("TEST", &s, config.Map(map[string]string{
		"TEST_WORKERS": "many", "TEST_SMALL": "256", "TEST_LEASE": "5", "TEST_CACHE": "big", "TEST_RATIO": "x", "TEST_DEBUG": "perhaps",
		"TEST_PIN": "hunter2", "TEST_WAITS": "1s,soon", "TEST_LEVEL": "loud",
	}))
	for _, name := range []string{
		"TEST_WORKERS", "TEST_SMALL", "TEST_LEASE", "TEST_CACHE", "TEST_RATIO", "TEST_DEBUG", "TEST_PIN", "TEST_WAITS", "TEST_LEVEL",
	} {
		require.ErrorContains(t, err, name)
	}
	require.NotContains(t, err.Error(), "hunter2", "a secret is never shown")
}

func TestLoadValidates(t *testing.T) {
	t.Parallel()
	var s settings
	err := config.Load("TEST", &s, config.Map(map[string]string{"TEST_WORKERS": "0", "TEST_POSTGRES_MAX_CONNS": "101"}))
	require.EqualError(t, err, "TEST_POSTGRES: MAX_CONNS: at most 100\nTEST: WORKERS: at least 1")

	// An embedded struct's Validate is promoted, and reports once all the same.
	type Database = database
	var embedding struct{ Database }
	err = config.Load("TEST", &embedding, config.Map(map[string]string{"TEST_MAX_CONNS": "101"}))
	require.EqualError(t, err, "TEST: MAX_CONNS: at most 100")
}

func TestLoadRefusesWhatItCannotFill(t *testing.T) {
	t.Parallel()
	require.Error(t, config.Load("TEST", settings{}, config.Map(nil)))
	require.Error(t, config.Load("TEST", (*settings)(nil), config.Map(nil)))
	require.Error(t, config.Docs(&strings.Builder{}, "TEST", 3))
	var s struct{ M map[string]string }
	require.ErrorContains(t, config.Load("TEST", &s, config.Map(map[string]string{"TEST_M": "a"})), "TEST_M")
}

func TestDocs(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	require.NoError(t, config.Docs(&b, "TEST", &settings{}))
	require.Contains(t, b.String(), "  TEST_WORKERS (int, default 16)\n        how many at once\n")
	require.Contains(t, b.String(), "  TEST_LEASE (duration, default 30s)\n")
	require.Contains(t, b.String(), "  TEST_CACHE (size, default 64MiB)\n")
	require.Contains(t, b.String(), "  TEST_WAITS (list of duration)\n")
	require.Contains(t, b.String(), "  TEST_POSTGRES_URL (string, secret)\n        where it is\n")
	require.NotContains(t, b.String(), "HIDDEN")
}

func TestUpperSnake(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Workers": "WORKERS", "MaxConns": "MAX_CONNS", "OwnerURL": "OWNER_URL", "HTTPListen": "HTTP_LISTEN", "S3Bucket": "S3_BUCKET",
		"python-runner": "PYTHON_RUNNER", "URL": "URL",
	} {
		require.Equal(t, want, config.UpperSnake(in))
	}
}

func FuzzSize(f *testing.F) {
	for _, s := range []string{"0", "64MiB", "1.5 GiB", "-1", "9e18", "1e300TiB", "NaN", "Inf", "B", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		size := config.Size(-1)
		if err := size.UnmarshalText([]byte(s)); err != nil {
			require.Equal(t, config.Size(-1), size)
			return
		}
		require.GreaterOrEqual(t, size, config.Size(0))
	})
}
