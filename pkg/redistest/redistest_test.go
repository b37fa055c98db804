package redistest_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/redistest"
)

func TestServer(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	ctx := t.Context()
	opts, err := redis.ParseURL(s.URL())
	require.NoError(t, err)
	opts.TLSConfig = s.TLS()
	opts.MaxRetries = -1
	client := redis.NewClient(opts)
	t.Cleanup(func() { require.NoError(t, client.Close()) })
	require.NoError(t, client.Set(ctx, "k", "v", 0).Err())
	require.Equal(t, "v", client.Get(ctx, "k").Val())

	s.Kill()
	require.Error(t, client.Ping(ctx).Err())
	s.Start(t)
	require.ErrorIs(t, client.Get(ctx, "k").Err(), redis.Nil)
}

func TestServerRefusesWeakClients(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t)
	old := s.TLS()
	old.MinVersion, old.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	_, err := tls.Dial("tcp", s.Addr, old)
	require.ErrorContains(t, err, "protocol version")

	plain, err := net.Dial("tcp", s.Addr)
	require.NoError(t, err)
	defer plain.Close()
	_, err = plain.Write([]byte("PING\r\n"))
	require.NoError(t, err)
	reply := make([]byte, 64)
	n, _ := plain.Read(reply)
	require.NotContains(t, string(reply[:n]), "PONG")

	conn, err := tls.Dial("tcp", s.Addr, s.TLS())
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("PING\r\n"))
	require.NoError(t, err)
	n, err = conn.Read(reply)
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(reply[:n]), "-NOAUTH"), "without the password nothing is answered")
}
