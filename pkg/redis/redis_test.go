package redis_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/redis"
	"github.com/aqtra/aqtra/pkg/redistest"
)

func TestOpen(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	c, err := redis.Open(redis.Config{URL: srv.URL(), CAFile: srv.CAFile})
	require.NoError(t, err)
	defer c.Close()
	require.NoError(t, c.Set(t.Context(), "k", "v", 0).Err())

	untrusting, err := redis.Open(redis.Config{URL: srv.URL()})
	require.NoError(t, err)
	defer untrusting.Close()
	require.ErrorContains(t, untrusting.Ping(t.Context()).Err(), "certificate")

	none, err := redis.Open(redis.Config{})
	require.NoError(t, err)
	require.Nil(t, none)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	for url, ok := range map[string]bool{
		"":                                         true,
		"rediss://:secret@redis:6379/0":            true,
		"unix:///run/redis.sock":                   true,
		"redis://:secret@redis:6379/0":             false,
		"rediss://redis:6379?skip_verify=true":     false,
		"http://redis":                             false,
		"rediss://:secret@redis:6379/not-a-number": false,
	} {
		err := redis.Config{URL: url}.Validate()
		require.Equal(t, ok, err == nil, "%s: %v", url, err)
		if err != nil {
			require.NotContains(t, err.Error(), "secret")
		}
	}
	require.ErrorContains(t, redis.Config{URL: "rediss://redis:6379", CAFile: "/does/not/exist"}.Validate(), "AQTRA_REDIS_CA_FILE")
}
