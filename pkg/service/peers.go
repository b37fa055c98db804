package service

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/config"
)

// peers dials on first use, so that services may start in any order.
type peers struct {
	dial func(service string) (*grpc.ClientConn, error)

	mu     sync.Mutex
	closed bool
	conns  map[string]*grpc.ClientConn
}

var _ Peers = (*peers)(nil)

func newPeers(dial func(service string) (*grpc.ClientConn, error)) *peers {
	return &peers{dial: dial, conns: make(map[string]*grpc.ClientConn)}
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
	c, err := p.dial(service)
	if err != nil {
		return noConn{err}
	}
	p.conns[service] = c
	return c
}

func (p *peers) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	var errs []error
	for _, c := range p.conns {
		errs = append(errs, c.Close())
	}
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
