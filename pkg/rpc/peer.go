package rpc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"

	"github.com/aqtra/aqtra/pkg/certs"
)

// Callers returns the services that may call service. It is the one list of edges; network policies and the audience of tokens
// follow it.
func Callers(service string) []string {
	switch service {
	case "gateway": // hosts identity, which its own edge asks, too
		return []string{"gateway", "workflow", "dataflow"}
	case "component-library":
		return []string{"gateway", "workflow", "dataflow", "storage", "python-runner"}
	case "workflow":
		return []string{"gateway", "component-library", "dataflow", "storage"}
	case "dataflow":
		return []string{"gateway", "component-library", "workflow", "python-runner"}
	case "storage":
		return []string{"gateway", "component-library", "workflow", "dataflow", "python-runner"}
	case "python-runner":
		return []string{"gateway", "component-library", "workflow", "dataflow"}
	}
	return nil
}

func mayCall(caller, service string) bool { return slices.Contains(Callers(service), caller) }

// Caller returns the name of the service at the other end of the connection, as its certificate, or this process, asserts it.
func Caller(ctx context.Context) (string, bool) {
	p, ok := peer.FromContext(ctx)
	if !ok {
		return "", false
	}
	switch info := p.AuthInfo.(type) {
	case localInfo:
		return info.peer, true
	case credentials.TLSInfo:
		return callerOf(info.State)
	}
	return "", false
}

// callerOf trusts only a chain that the handshake has verified.
func callerOf(state tls.ConnectionState) (string, bool) {
	if len(state.VerifiedChains) == 0 {
		return "", false
	}
	name, err := certs.ServiceOf(state.VerifiedChains[0][0])
	return name, err == nil
}

// LocalCredentials are for connections that never leave the process: each end tells the other its name, and is believed.
func LocalCredentials(name string) credentials.TransportCredentials { return localCredentials{name} }

type localCredentials struct{ name string }

type localInfo struct {
	credentials.CommonAuthInfo
	peer string
}

func (localInfo) AuthType() string { return "local" }

func newLocalInfo(peer string) localInfo {
	return localInfo{credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}, peer}
}

func (c localCredentials) ClientHandshake(ctx context.Context, _ string, conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	if len(c.name) > 255 {
		return nil, nil, errors.New("name is too long")
	}
	// A write into a pipe that nobody reads would wait forever.
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if _, err := conn.Write(append([]byte{byte(len(c.name))}, c.name...)); err != nil {
		return nil, nil, fmt.Errorf("send own name: %w", err)
	}
	return conn, newLocalInfo(""), nil
}

func (c localCredentials) ServerHandshake(conn net.Conn) (net.Conn, credentials.AuthInfo, error) {
	var size [1]byte
	if _, err := io.ReadFull(conn, size[:]); err != nil {
		return nil, nil, fmt.Errorf("read name of peer: %w", err)
	}
	name := make([]byte, size[0])
	if _, err := io.ReadFull(conn, name); err != nil {
		return nil, nil, fmt.Errorf("read name of peer: %w", err)
	}
	return conn, newLocalInfo(string(name)), nil
}

func (c localCredentials) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "local"}
}

func (c localCredentials) Clone() credentials.TransportCredentials { return c }

func (c localCredentials) OverrideServerName(string) error { return nil }
