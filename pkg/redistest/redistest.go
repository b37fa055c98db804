// Package redistest gives tests a real redis-server that speaks TLS 1.3 only.
package redistest

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest/tlstest"
)

const startTimeout = 20 * time.Second

// Server is a redis-server on this machine that keeps nothing when it stops.
type Server struct {
	// Addr is its host and port, the same after a restart.
	Addr string
	// Password is needed by every client; the user is "default".
	Password string
	// CAFile is the PEM file of the authority that signed its certificate.
	CAFile string

	pool *x509.CertPool
	dir  string
	done chan struct{}
	pid  int
}

// Start runs a redis-server that ends with t. Without the binary, t is skipped, or fails when the environment variable
// CI is set.
func Start(t testing.TB) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		if os.Getenv("CI") == "" {
			t.Skip("no redis-server on the PATH")
		}
		require.NoError(t, err)
	}
	cert, err := tlstest.New()
	require.NoError(t, err)
	s := &Server{dir: t.TempDir(), Password: rand.Text(), pool: x509.NewCertPool()}
	for name, pem := range map[string][]byte{"ca.crt": cert.CA, "server.crt": cert.Cert, "server.key": cert.Key} {
		require.NoError(t, os.WriteFile(filepath.Join(s.dir, name), pem, 0o600))
	}
	s.CAFile = filepath.Join(s.dir, "ca.crt")
	require.True(t, s.pool.AppendCertsFromPEM(cert.CA))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	s.Addr = l.Addr().String()
	require.NoError(t, l.Close())
	s.Start(t)
	t.Cleanup(s.Kill)
	return s
}

// URL is what AQTRA_REDIS_URL and redis.ParseURL take; the client also needs TLS.
func (s *Server) URL() string {
	u := url.URL{Scheme: "rediss", User: url.UserPassword("default", s.Password), Host: s.Addr, Path: "/0"}
	return u.String()
}

// TLS is a client's configuration that trusts this server only.
func (s *Server) TLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: s.pool}
}

// Start runs the server again after Kill, empty, and waits until it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	_, port, err := net.SplitHostPort(s.Addr)
	require.NoError(t, err)
	// The password goes by standard input: arguments are for everyone to read.
	cmd := exec.Command("redis-server", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf(`bind 127.0.0.1
port 0
tls-port %s
tls-cert-file server.crt
tls-key-file server.key
tls-ca-cert-file ca.crt
tls-auth-clients no
tls-protocols "TLSv1.3"
requirepass %s
save ""
appendonly no
daemonize no
`, port, s.Password))
	cmd.Dir = s.dir
	log, err := os.Create(filepath.Join(s.dir, "redis.log"))
	require.NoError(t, err)
	defer log.Close()
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	started, done := make(chan error, 1), make(chan struct{})
	go func() {
		// The death signal follows the thread that started the child, so that thread must live as long.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // it is always killed
			close(done)
		}
	}()
	require.NoError(t, <-started)
	s.pid, s.done = cmd.Process.Pid, done

	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		if err = s.ping(ctx); err == nil {
			return
		}
		select {
		case <-ticker.C:
			continue
		case <-done:
		case <-ctx.Done():
		}
		said, _ := os.ReadFile(log.Name()) // only to explain
		require.NoError(t, err, "redis-server: %s", said)
	}
}

// Kill ends the server with kill -9 and waits for it.
func (s *Server) Kill() {
	select {
	case <-s.done:
		return
	default:
	}
	_ = syscall.Kill(s.pid, syscall.SIGKILL) // it may have ended meanwhile
	<-s.done
}

// ping asks for a reply with the password, without a client library.
func (s *Server) ping(ctx context.Context) error {
	conn, err := (&tls.Dialer{Config: s.TLS()}).DialContext(ctx, "tcp", s.Addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(conn, "AUTH %s\r\n", s.Password); err != nil {
		return err
	}
	reply := make([]byte, 64)
	n, err := conn.Read(reply)
	if err != nil {
		return err
	}
	if got := string(reply[:n]); got != "+OK\r\n" {
		return fmt.Errorf("redis answered %q", got)
	}
	return nil
}
