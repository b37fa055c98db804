package service

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/config"
)

// peers dials on first use, so that services may start in any order.
type peers struct {
	dial dialer

	mu      sync.Mutex
	closed  bool
	conns   map[string]grpc.ClientConnInterface
	closers []io.Closer
}

// dialer makes the connection to a service, and says what ends it.
type dialer func(service string) (grpc.ClientConnInterface, io.Closer, error)

var _ Peers = (*peers)(nil)

func newPeers(dial dialer) *peers {
	return &peers{dial: dial, conns: make(map[string]grpc.ClientConnInterface)}
}

func (p *peers) Conn(service string) grpc.ClientConnInterface {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c, ok := p.conns[service]; ok {
		return c
	}
	if p.closed {
		return noConn{errors.New("process is stopping")}
	}
	if !slices.Contains(Names(), service) {
		return noConn{fmt.Errorf("no service %q", service)}
	}
	c, closer, err := p.dial(service)
	if err != nil {
		return noConn{err}
	}
	p.conns[service] = c
	p.closers = append(p.closers, closer)
	return c
}

func (p *peers) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for _, c := range p.closers {
		errs = append(errs, c.Close())
	}
	p.closers = nil
	clear(p.conns)
	return errors.Join(errs...)
}

// noConn fails every call.
type noConn struct{ err error }

func (c noConn) Invoke(context.Context, string, any, any, ...grpc.CallOption) error { return c.err }

func (c noConn) NewStream(context.Context, *grpc.StreamDesc, string, ...grpc.CallOption) (grpc.ClientStream, error) {
	return nil, c.err
}

// Address returns the target of a service: AQTRA_<SERVICE>_ADDRESS, or the service's name at the usual port.
func Address(service string, lookup config.Lookup) string {
	address, ok := lookup(Prefix(service) + "_ADDRESS")
	if !ok || address == "" {
		address = service + ":9443"
	}
	if strings.Contains(address, "://") {
		return address
	}
	return "dns:///" + address
}
