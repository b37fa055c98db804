package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// echo is a server that answers POST with the body and GET with a text of n bytes.
func echo(t *testing.T, n int) target {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer key":
			w.WriteHeader(http.StatusUnauthorized)
		case r.Method == http.MethodPost:
			_, _ = io.Copy(w, r.Body)
		default:
			_, _ = io.WriteString(w, strings.Repeat("x", n))
		}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return target{server.Listener.Addr().String(), &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: pool}, "key"}
}

func TestConn(t *testing.T) {
	t.Parallel()
	to := echo(t, 100_000)
	c, err := dial(to.address, to.tls, to.token)
	require.NoError(t, err)
	defer func() { require.NoError(t, c.close()) }()
	for range 3 {
		var text bytes.Buffer
		status, err := c.do(request{method: http.MethodGet, path: "/"}, &text)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		require.Equal(t, 100_000, text.Len())

		text.Reset()
		status, err = c.do(request{http.MethodPost, "/", []byte(`{"a":1}`)}, &text)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		require.JSONEq(t, `{"a":1}`, text.String())
	}
}

func TestRun(t *testing.T) {
	t.Parallel()
	to := echo(t, 10)
	var n atomic.Uint64
	var calls []string
	note := func(what string) func() error {
		return func() error { calls = append(calls, what); return nil }
	}
	s := scenario{name: "get", next: func(uint64) request { return request{method: http.MethodGet, path: "/"} }}
	l, err := run(t.Context(), to, s, &n, 4, 20*time.Millisecond, 50*time.Millisecond, note("begin"), note("end"))
	require.NoError(t, err)
	require.Equal(t, []string{"begin", "end"}, calls)
	require.Positive(t, l.requests)
	require.Greater(t, n.Load(), uint64(l.requests), "the warm-up does not count")
	require.LessOrEqual(t, l.p50, l.p99)

	to.token = "other"
	_, err = run(t.Context(), to, s, &n, 1, 0, time.Second, note("begin"), note("end"))
	require.ErrorContains(t, err, "401")
}

func TestPercentile(t *testing.T) {
	t.Parallel()
	var all []time.Duration
	for i := range 200 {
		all = append(all, time.Duration(i+1))
	}
	require.EqualValues(t, 100, percentile(all, 50))
	require.EqualValues(t, 198, percentile(all, 99))
	require.EqualValues(t, 1, percentile(all[:1], 99))
}

func TestProc(t *testing.T) {
	t.Parallel()
	d, err := cpuTime([]byte("12 (a) b) S 1 12 12 0 -1 4194560 100 0 0 0 150 50 7 3 20 0 9 0 1234 1 2\n"))
	require.NoError(t, err)
	require.Equal(t, 2100*time.Millisecond, d)
	_, err = cpuTime([]byte("12 (a) S 1\n"))
	require.Error(t, err)

	d, err = machineTime([]byte("cpu  100 20 30 4000 50 6 7 8 0 0\ncpu0 1 2 3 4 5 6 7 8 0 0\n"))
	require.NoError(t, err)
	require.Equal(t, 1630*time.Millisecond, d, "busy, without idle, waiting for disks and stolen time")

	n, err := proportional([]byte(fmt.Sprintf("%s\nRss:  10 kB\nPss:                4096 kB\nPss_Dirty: 1 kB\n", "00400000-7ffc [rollup]")))
	require.NoError(t, err)
	require.EqualValues(t, 4<<20, n)
}
