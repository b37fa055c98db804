package edge

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/aqtra/aqtra/pkg/config"
)

// Config tunes the public listener. It is embedded in the gateway's configuration.
type Config struct {
	// Listen is the address of the listener.
	Listen string `default:"localhost:8443" env:"AQTRA_LISTEN" doc:"address of the public listener (TLS 1.3)"`
	// TrustedProxies may name the client in X-Forwarded-For.
	TrustedProxies []Prefix `doc:"networks of proxies in front, whose X-Forwarded-For is believed, such as 10.0.0.0/8"`

	// MaxBody and MaxBatchBody bound JSON requests; files are streamed and bounded by storage.
	MaxBody      config.Size `default:"1MiB" doc:"largest JSON request"`
	MaxBatchBody config.Size `default:"16MiB" doc:"largest JSON request of a batch"`
	// MaxMessage bounds gRPC messages, either way; the services behind must accept as much.
	MaxMessage config.Size `default:"16MiB" env:"AQTRA_GATEWAY_EDGE_MAX_MESSAGE" doc:"largest gRPC message"`
	// Timeout bounds the answer to a request that is not a stream.
	Timeout time.Duration `default:"60s" doc:"longest time to answer a request that is not a stream"`
	// BodyTimeout bounds the arrival of a JSON request, and every pause of an upload or download.
	BodyTimeout time.Duration `default:"30s" doc:"longest time for a JSON request to arrive, and longest pause of an upload or download"`
	// DrainTimeout bounds the wait for running requests when stopping. The process gives Run no more than its shutdown time.
	DrainTimeout time.Duration `default:"8s" doc:"how long running requests may take to end when stopping; less than AQTRA_SHUTDOWN_TIMEOUT"`

	TenantRate   int `default:"20000" doc:"requests per second of one tenant; 0: no limit"`
	SubjectRate  int `default:"20000" doc:"requests per second of one user or API key; 0: no limit"`
	AddressRate  int `default:"50" doc:"requests per second of one client address without credentials; 0: no limit"`
	AddressBurst int `default:"200" doc:"requests without credentials that one client address may send at once"`
	// RedisPatience is how long a request waits for Redis before the process judges a rate by itself.
	RedisPatience time.Duration `default:"100ms" doc:"how long a request waits for Redis before the process judges a rate by itself"`
}

// Validate reports every bad field at once, by name.
func (c Config) Validate() error {
	var errs []error
	check := func(ok bool, field, need string) {
		if !ok {
			errs = append(errs, fmt.Errorf("%s %s", field, need))
		}
	}
	check(c.Listen != "", "Listen", "is required")
	check(c.MaxBody >= 1<<10 && c.MaxBody <= 64<<20, "MaxBody", "must be within 1KiB and 64MiB")
	check(c.MaxBatchBody >= c.MaxBody && c.MaxBatchBody <= 256<<20, "MaxBatchBody", "must be within MaxBody and 256MiB")
	check(c.MaxMessage >= 64<<10 && c.MaxMessage <= 256<<20, "MaxMessage", "must be within 64KiB and 256MiB")
	check(c.Timeout > 0, "Timeout", "must be positive")
	check(c.BodyTimeout > 0, "BodyTimeout", "must be positive")
	check(c.DrainTimeout > 0, "DrainTimeout", "must be positive")
	check(c.TenantRate >= 0, "TenantRate", "must not be negative")
	check(c.SubjectRate >= 0, "SubjectRate", "must not be negative")
	check(c.AddressRate >= 0, "AddressRate", "must not be negative")
	check(c.AddressBurst >= 0, "AddressBurst", "must not be negative")
	check(c.RedisPatience > 0, "RedisPatience", "must be positive")
	return errors.Join(errs...)
}

// Prefix is a network in a configuration.
type Prefix struct{ netip.Prefix }

// UnmarshalText reads a network or a single address.
func (p *Prefix) UnmarshalText(text []byte) error {
	if a, err := netip.ParseAddr(string(text)); err == nil {
		p.Prefix = netip.PrefixFrom(a, a.BitLen())
		return nil
	}
	n, err := netip.ParsePrefix(string(text))
	if err != nil {
		return fmt.Errorf("%q is not a network, such as 10.0.0.0/8", text)
	}
	p.Prefix = n.Masked()
	return nil
}
