package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest/tlstest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
)

// URLEnv names a superuser's URL of a server to use instead of starting one per test process.
const URLEnv = "AQTRA_TEST_POSTGRES_URL"

const startTimeout = 60 * time.Second

// shared is this process's server. It is the one variable of the package: a server per test would take seconds each.
var shared = sync.OnceValues(func() (server, error) {
	if dsn := os.Getenv(URLEnv); dsn != "" {
		return newServer(dsn)
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	r, err := prepare(ctx)
	if err != nil {
		return server{}, err
	}
	r.spec.Disposable = true
	if err := r.start(ctx); err != nil {
		_ = os.RemoveAll(r.dir)
		return server{}, err
	}
	return newServer(r.adminURL("postgres"))
})

// runner is a server that this process starts.
type runner struct {
	dir      string
	port     int
	password string
	spec     pgserver.Spec
	process  *pgserver.Process
}

// prepare makes a folder with certificates and an empty data folder.
func prepare(ctx context.Context) (*runner, error) {
	found, err := pgserver.Find(ctx, os.Getenv("AQTRA_POSTGRES_BIN"))
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest-")
	if err != nil {
		return nil, err
	}
	r := &runner{dir: dir, password: rand.Text()}
	if err := r.initialise(ctx, found[0]); err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return r, nil
}

func (r *runner) initialise(ctx context.Context, bin pgserver.Binaries) error {
	data := filepath.Join(r.dir, "data")
	u, err := pgserver.RunAs(data)
	if err != nil {
		return err
	}
	if err := u.Own(r.dir); err != nil {
		return err
	}
	if err := pgserver.Init(ctx, bin, data, u, r.password, false); err != nil {
		return err
	}
	cert, err := tlstest.New()
	if err != nil {
		return err
	}
	for name, pem := range map[string][]byte{"ca.crt": cert.CA, "server.crt": cert.Cert, "server.key": cert.Key} {
		if err := u.WriteFile(filepath.Join(data, name), pem); err != nil {
			return err
		}
	}
	if r.port, err = freePort(); err != nil {
		return err
	}
	r.spec = pgserver.Spec{Bin: bin, Dir: data, User: u, Death: syscall.SIGQUIT, Settings: map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(r.port), "unix_socket_directories": "",
		"ssl": "on", "ssl_min_protocol_version": "TLSv1.3", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key",
		// Only a power cut would show the difference: what was committed survives kill -9 all the same.
		"fsync": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
		"shared_buffers": "64MB", "max_connections": "300", "jit": "off", "timezone": "UTC",
	}}
	return nil
}

func (r *runner) start(ctx context.Context) error {
	var err error
	if r.process, err = pgserver.Start(r.spec); err != nil {
		return err
	}
	return r.process.Wait(ctx, func(ctx context.Context) error {
		conn, err := pgx.Connect(ctx, r.adminURL("postgres"))
		if err != nil {
			return err
		}
		return conn.Close(ctx)
	})
}

func (r *runner) adminURL(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(pgserver.Superuser, r.password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(r.port)), Path: "/" + database,
		RawQuery: url.Values{"sslmode": {"verify-full"}, "sslrootcert": {filepath.Join(r.spec.Dir, "ca.crt")}}.Encode(),
	}
	return u.String()
}

// freePort finds a port that nobody has. Someone may take it before the server does; the start then fails and says so.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// Instance is a server of one test alone, to stop, start and kill.
type Instance struct {
	server
	runner *runner
}

// Server starts a server for t alone; it ends with t. Use it for tests of failures, Database for everything else.
func Server(t testing.TB) *Instance {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	r, err := prepare(ctx)
	skipOrFail(t, err)
	t.Cleanup(func() {
		if r.process != nil {
			r.process.StopNow()
		}
		require.NoError(t, os.RemoveAll(r.dir))
	})
	require.NoError(t, r.start(ctx))
	s, err := newServer(r.adminURL("postgres"))
	require.NoError(t, err)
	return &Instance{server: s, runner: r}
}

// Database is the function Database on this server.
func (i *Instance) Database(t testing.TB, schema string, migrations fs.FS) postgres.Config {
	t.Helper()
	return i.server.database(t, schema, migrations)
}

// AdminURL connects as the superuser.
func (i *Instance) AdminURL(database string) string { return i.runner.adminURL(database) }

// Stop ends the server with an immediate shutdown: no checkpoint, connections cut, recovery at the next start.
func (i *Instance) Stop(t testing.TB) {
	t.Helper()
	i.runner.process.StopNow()
}

// Kill ends the server's main process with kill -9; the others notice and end too.
func (i *Instance) Kill(t testing.TB) {
	t.Helper()
	i.runner.process.Kill()
}

// Start starts the server again, on the same port and data, and waits until it answers. After Kill it tries again
// while processes of the server before still hold its memory.
func (i *Instance) Start(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), startTimeout)
	defer cancel()
	for {
		err := i.runner.start(ctx)
		if err == nil {
			return
		}
		require.NoError(t, ctx.Err(), "last error: %v", err)
		select {
		case <-i.runner.process.Done():
		default:
			require.NoError(t, err)
		}
	}
}

// skipOrFail skips a test on a machine without Postgres, unless it is the one that must have it.
func skipOrFail(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, pgserver.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	require.NoError(t, err)
}

func randomName(prefix string) string {
	b := make([]byte, 8)
	_, _ = rand.Read(b) // never fails
	return fmt.Sprintf("%s_%x", prefix, b)
}
