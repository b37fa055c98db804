package localpg

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest/tlstest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
)

// dataDir is a folder that the server's user can reach, unlike t.TempDir's when root made it.
func dataDir(t *testing.T) string {
	t.Helper()
	if _, err := pgserver.Find(t.Context(), os.Getenv("AQTRA_POSTGRES_BIN")); errors.Is(err, pgserver.ErrNotFound) && os.Getenv("CI") == "" {
		t.Skip(err)
	}
	dir, err := os.MkdirTemp("", "localpg-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(dir, 0o755))
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return filepath.Join(dir, "data")
}

func certificate(t *testing.T) Certificate {
	t.Helper()
	c, err := tlstest.New()
	require.NoError(t, err)
	return Certificate{Cert: c.Cert, Key: c.Key, CA: c.CA}
}

func options(t *testing.T, dir string) Options {
	return Options{
		Dir: dir, Binaries: os.Getenv("AQTRA_POSTGRES_BIN"), Certificate: certificate(t),
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
}

func start(t *testing.T, dir string) *Server {
	t.Helper()
	s, err := Start(t.Context(), options(t, dir))
	require.NoError(t, err)
	t.Cleanup(s.process.Kill)
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	require.NoError(t, s.Stop(t.Context()))
}

func do(t *testing.T, s *Server, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), s.AdminURL("postgres"))
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
}

func TestStartAgain(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	do(t, s, "create table kept as select 1")
	_, err := Start(t.Context(), options(t, dir))
	require.ErrorIs(t, err, ErrInUse)

	services := []postgres.Service{{Schema: "library"}, {Schema: "storage", CanCreateRoles: true}}
	before, err := s.Provision(t.Context(), "aqtra", services)
	require.NoError(t, err)
	stop(t, s)

	again := start(t, dir)
	require.Equal(t, s.Port(), again.Port())
	do(t, again, "select * from kept")
	after, err := again.Provision(t.Context(), "aqtra", services)
	require.NoError(t, err)
	require.Equal(t, before, after)
	db, err := postgres.Open(t.Context(), after["library"], postgres.Options{Schema: "library"})
	require.NoError(t, err)
	require.NoError(t, db.Ready(t.Context()))
	db.Close()

	secrets, err := filepath.Glob(filepath.Join(dir, "secrets", "*"))
	require.NoError(t, err)
	require.Len(t, secrets, 5)
	for _, path := range append(secrets, filepath.Join(dir, "postgres", "data", "server.key")) {
		info, err := os.Stat(path)
		require.NoError(t, err)
		require.EqualValues(t, 0o600, info.Mode().Perm(), path)
	}
	if os.Getuid() == 0 {
		status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(again.process.PID()), "status"))
		require.NoError(t, err)
		require.Contains(t, string(status), "Uid:\t"+strconv.Itoa(again.user.UID()))
		require.NotZero(t, again.user.UID())
	}

	// The port is taken when it starts the next time: it moves.
	stop(t, again)
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(again.Port())))
	require.NoError(t, err)
	defer l.Close()
	moved := start(t, dir)
	require.NotEqual(t, again.Port(), moved.Port())
	do(t, moved, "select * from kept")
	stop(t, moved)
}

func TestFoldersThatMustNotBeUsed(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	do(t, s, "create table kept as select 1")
	stop(t, s)
	data := filepath.Join(dir, "postgres", "data")
	major := s.folderMajor(t)

	t.Log("another major version")
	require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("14\n"), 0o600))
	_, err := Start(t.Context(), options(t, dir))
	var wrong *VersionError
	require.ErrorAs(t, err, &wrong)
	require.Equal(t, 14, wrong.Needed)
	require.Contains(t, wrong.Found, major)
	require.ErrorContains(t, err, "pg_dumpall")
	require.NoError(t, os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte(strconv.Itoa(major)+"\n"), 0o600))

	t.Log("the database is gone")
	require.NoError(t, os.Rename(data, data+".away"))
	_, err = Start(t.Context(), options(t, dir))
	require.ErrorIs(t, err, ErrDataMissing)
	require.NoDirExists(t, data)
	require.NoError(t, os.Rename(data+".away", data))

	t.Log("the password is gone")
	secret := filepath.Join(dir, "secrets", "postgres-postgres")
	require.NoError(t, os.Rename(secret, secret+".away"))
	_, err = Start(t.Context(), options(t, dir))
	require.ErrorIs(t, err, ErrDataMissing)
	require.NoFileExists(t, secret)
	require.NoError(t, os.Rename(secret+".away", secret))

	t.Log("nothing was ruined, and a lost note is written anew")
	require.NoError(t, os.Remove(filepath.Join(dir, "postgres.json")))
	s = start(t, dir)
	require.Equal(t, major, s.folderMajor(t))
	do(t, s, "select * from kept")
	stop(t, s)
}

func (s *Server) folderMajor(t *testing.T) int {
	t.Helper()
	raw, err := os.ReadFile(s.folder.notePath())
	require.NoError(t, err)
	var n note
	require.NoError(t, json.Unmarshal(raw, &n))
	return n.Major
}

func TestInterruptedInitIsRepeated(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	half := filepath.Join(dir, "postgres", "data.new", "base")
	require.NoError(t, os.MkdirAll(half, 0o755))
	s := start(t, dir)
	require.NoDirExists(t, filepath.Dir(half))
	stop(t, s)
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	shown := func() []byte {
		cc, err := pgx.ParseConfig(s.AdminURL("postgres"))
		require.NoError(t, err)
		conn, err := pgx.ConnectConfig(t.Context(), cc)
		require.NoError(t, err)
		defer conn.Close(t.Context())
		state := conn.PgConn().Conn().(*tls.Conn).ConnectionState()
		require.EqualValues(t, tls.VersionTLS13, state.Version)
		return state.PeerCertificates[0].Raw
	}
	first := shown()
	next := certificate(t)
	require.NoError(t, s.SetCertificate(next))
	pair, err := tls.X509KeyPair(next.Cert, next.Key)
	require.NoError(t, err)
	require.NotEqual(t, first, pair.Certificate[0])
	require.Eventually(t, func() bool {
		conn, err := pgx.Connect(t.Context(), s.AdminURL("postgres")) // trusts the new authority only
		if err != nil {
			return false
		}
		defer conn.Close(t.Context())
		return bytes.Equal(conn.PgConn().Conn().(*tls.Conn).ConnectionState().PeerCertificates[0].Raw, pair.Certificate[0])
	}, 10*time.Second, 10*time.Millisecond)

	old, err := pgx.ParseConfig(s.AdminURL("postgres"))
	require.NoError(t, err)
	old.TLSConfig.MinVersion, old.TLSConfig.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
	_, err = pgx.ConnectConfig(t.Context(), old)
	require.ErrorContains(t, err, "protocol version")
	old.TLSConfig = nil
	_, err = pgx.ConnectConfig(t.Context(), old)
	require.ErrorContains(t, err, "no encryption")

	require.Error(t, s.SetCertificate(Certificate{Cert: next.Cert, Key: certificate(t).Key, CA: next.CA}), "another key")
	require.Error(t, s.SetCertificate(Certificate{Cert: next.Cert, Key: next.Key}), "no authority")
	stop(t, s)
}

// parentEnv makes this test binary the parent process of TestParentDies.
const parentEnv = "LOCALPG_TEST_PARENT"

func TestParent(t *testing.T) {
	dir := os.Getenv(parentEnv)
	if dir == "" {
		t.Skip("runs within TestParentDies only")
	}
	s, err := Start(t.Context(), options(t, dir))
	require.NoError(t, err)
	do(t, s, "create table kept as select 1")
	_, err = os.Stdout.WriteString("\nready " + strconv.Itoa(s.process.PID()) + "\n")
	require.NoError(t, err)
	<-s.Done() // until killed
}

func TestParentDies(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestParent$", "-test.timeout=60s")
	cmd.Env = append(os.Environ(), parentEnv+"="+dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	require.Positive(t, readPID(t, out))
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())

	s := start(t, dir)
	do(t, s, "select * from kept")
	stop(t, s)
	// A worker of the server may take a moment longer than the server.
	require.Eventually(t, func() bool {
		left, err := residents(s.folder.data())
		return err == nil && len(left) == 0
	}, 10*time.Second, 10*time.Millisecond)
}

func readPID(t *testing.T, r io.Reader) int {
	t.Helper()
	var all []byte
	buf := make([]byte, 256)
	for {
		n, err := r.Read(buf)
		all = append(all, buf[:n]...)
		if _, rest, ok := bytes.Cut(all, []byte("\nready ")); ok && bytes.Contains(rest, []byte("\n")) {
			pid, err := strconv.Atoi(string(rest[:bytes.IndexByte(rest, '\n')]))
			require.NoError(t, err)
			return pid
		}
		require.NoError(t, err, "%s", all)
	}
}

func TestServerLeftBehind(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	do(t, s, "create table kept as select 1")
	stop(t, s)

	// A server that outlived its parent: nothing told it to end.
	found, err := pgserver.Find(t.Context(), os.Getenv("AQTRA_POSTGRES_BIN"))
	require.NoError(t, err)
	spec := s.spec(found[0])
	spec.Death = 0
	left, err := pgserver.Start(spec)
	require.NoError(t, err)
	t.Cleanup(left.Kill)
	require.NoError(t, left.Wait(t.Context(), s.probe))
	next := start(t, dir)
	<-left.Done()
	do(t, next, "select * from kept")

	// Its main process alone is killed: the children are waited for.
	next.process.Kill()
	require.NoError(t, next.lock.Close())
	last := start(t, dir)
	do(t, last, "select * from kept")
	stop(t, last)

	// The note of a dead server names a number that a stranger has now.
	stranger := exec.CommandContext(t.Context(), "sleep", "60")
	require.NoError(t, stranger.Start())
	pidFile := filepath.Join(s.folder.data(), "postmaster.pid")
	require.NoError(t, os.WriteFile(pidFile, []byte(strconv.Itoa(stranger.Process.Pid)+"\n"+s.folder.data()+"\n"), 0o600))
	require.NoError(t, s.user.Own(pidFile))
	final := start(t, dir)
	do(t, final, "select * from kept")
	stop(t, final)
	require.NoError(t, stranger.Process.Signal(syscall.Signal(0)), "the stranger was left alone")
	require.NoError(t, stranger.Process.Kill())
	_ = stranger.Wait() // it was killed
}

func TestStopIsBounded(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	s := start(t, dir)
	do(t, s, "create table kept as select 1")
	// The checkpointer cannot take part, so that a fast shutdown cannot end.
	pids, err := residents(s.folder.data())
	require.NoError(t, err)
	for pid := range pids {
		if pid != s.process.PID() {
			if err := syscall.Kill(pid, syscall.SIGSTOP); !errors.Is(err, syscall.ESRCH) { // a worker may have ended by itself
				require.NoError(t, err)
			}
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, s.Stop(ctx), context.DeadlineExceeded)
	again := start(t, dir)
	do(t, again, "select * from kept")
	stop(t, again)
}
