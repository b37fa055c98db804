// Package egress lets definitions of tenants call the outside world, and nothing inside: which address a name has is looked at when the
// connection is made, after every look-up, so neither a name that changes its address nor a redirect leads in.
package egress

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"
)

// Config says where calls may go.
type Config struct {
	Internet bool     `default:"true" doc:"whether workflows may call public addresses"`
	Allow    []string `doc:"further networks that workflows may call, such as 10.1.0.0/16; private, loopback and link-local addresses are refused otherwise"`
}

// Validate reports a network that is none.
func (c Config) Validate() error {
	_, err := c.networks()
	return err
}

func (c Config) networks() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, text := range c.Allow {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, fmt.Errorf("Allow: %q is not a network such as 10.1.0.0/16", text)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}

// ErrRefused says that an address must not be called.
var ErrRefused = errors.New("calls to this address are not allowed")

// inside are addresses that lead into a network, beside those that netip knows by a name. See the special-purpose address registries of
// IANA, RFC 6890.
var inside = prefixes("0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "5f00::/16")

func prefixes(list ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(list))
	for i, text := range list {
		out[i] = netip.MustParsePrefix(text)
	}
	return out
}

// Allowed reports whether an address may be called.
func (c Config) Allowed(ip netip.Addr) bool {
	ip = ip.Unmap().WithZone("")
	networks, err := c.networks()
	if err != nil {
		return false
	}
	for _, p := range networks {
		if p.Contains(ip) {
			return true
		}
	}
	if !c.Internet || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range inside {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// Client makes a client whose connections go only where they may, that follows no redirects and uses no proxy. TLS is 1.2 at least:
// others' servers are not ours to choose.
func (c Config) Client() *http.Client {
	dialer := &net.Dialer{
		Timeout: 10 * time.Second,
		// The address is that which is connected to, after the name was looked up.
		Control: func(_, address string, _ syscall.RawConn) error {
			at, err := netip.ParseAddrPort(address)
			if err != nil || !c.Allowed(at.Addr()) {
				return ErrRefused
			}
			return nil
		},
	}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
			TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}, MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConns: 100, MaxIdleConnsPerHost: 4, MaxConnsPerHost: 64, IdleConnTimeout: time.Minute,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
