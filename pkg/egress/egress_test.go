package egress_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/egress"
)

func TestAllowed(t *testing.T) {
	t.Parallel()
	open := egress.Config{Internet: true}
	for _, ip := range []string{"8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8"} {
		require.True(t, open.Allowed(netip.MustParseAddr(ip)), ip)
		require.False(t, egress.Config{}.Allowed(netip.MustParseAddr(ip)), ip)
	}
	for _, ip := range []string{
		"127.0.0.1", "127.9.9.9", "10.0.0.1", "172.16.5.5", "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "0.1.2.3", "255.255.255.255",
		"224.0.0.1", "239.1.1.1", "192.0.0.192", "198.18.0.1", "240.0.0.1", "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12:3456::1", "ff02::1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2001::1",
	} {
		require.False(t, open.Allowed(netip.MustParseAddr(ip)), ip)
	}
	some := egress.Config{Internet: true, Allow: []string{"10.1.0.0/16", "fd00:1::/32"}}
	require.NoError(t, some.Validate())
	for ip, want := range map[string]bool{"10.1.2.3": true, "10.2.0.1": false, "fd00:1::9": true, "fd00:2::9": false, "::ffff:10.1.0.1": true} {
		require.Equal(t, want, some.Allowed(netip.MustParseAddr(ip)), ip)
	}
	require.ErrorContains(t, egress.Config{Allow: []string{"10.1"}}.Validate(), "not a network")
}

// TestClient dials what a name leads to, and follows nothing.
func TestClient(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.RedirectHandler("http://169.254.169.254/latest", http.StatusFound))
	t.Cleanup(server.Close)
	get := func(c egress.Config, url string) (*http.Response, error) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
		require.NoError(t, err)
		res, err := c.Client().Do(req)
		if err == nil {
			require.NoError(t, res.Body.Close())
		}
		return res, err
	}
	for _, url := range []string{server.URL, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), strings.Replace(server.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1)} {
		_, err := get(egress.Config{Internet: true}, url)
		require.ErrorIs(t, err, egress.ErrRefused, url)
	}
	res, err := get(egress.Config{Allow: []string{"127.0.0.0/8"}}, server.URL)
	require.NoError(t, err)
	require.Equal(t, http.StatusFound, res.StatusCode, "a redirect is an answer")
}
