// Package localpg runs the Postgres of a single machine: `make up` keeps everything in one data folder.
//
// The folder holds postgres/data (the database), postgres/run (a socket that only the server's user can reach),
// secrets (passwords, made at the first start) and postgres.json, which notes the major version and the port. The note
// lies beside the database on purpose: when the database is missing and the note is not, something is wrong, and nothing
// is made anew over it.
package localpg

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/postgres/pgserver"
)

const (
	startTimeout = 2 * time.Minute // a recovery after a crash may take a while
	staleTimeout = 30 * time.Second
	stopTimeout  = 30 * time.Second
)

// Certificate is what the server shows, PEM: Cert with the chain below the authority CA, for 127.0.0.1.
// It must not be signed with Ed25519, which Postgres cannot bind a password exchange to.
type Certificate struct {
	Cert, Key, CA []byte
}

// Options says where the database lies and how it is reached.
type Options struct {
	// Dir is the platform's data folder. Every folder above it must let the server's user pass.
	Dir string
	// Binaries names the folder of Postgres' binaries (AQTRA_POSTGRES_BIN); empty looks for them.
	Binaries string
	// Certificate is used at the start; SetCertificate replaces it.
	Certificate Certificate
	Log         *slog.Logger
}

// Server is a running Postgres.
type Server struct {
	folder  folder
	port    int
	user    pgserver.User
	secret  string
	process *pgserver.Process
	lock    *os.File
	log     *slog.Logger
}

// Start makes the database if the data folder is new, and runs it until Stop or until this process ends, however it
// ends. A server that an earlier process left behind is stopped first. It returns ErrInUse, a *VersionError or
// ErrDataMissing when the folder must not be used; the folder is then as it was.
func Start(ctx context.Context, o Options) (*Server, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := o.Certificate.validate(); err != nil {
		return nil, err
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	f := folder{dir}
	lock, err := f.lock()
	if err != nil {
		return nil, err
	}
	s := &Server{folder: f, lock: lock, log: o.Log}
	if err := s.start(ctx, o); err != nil {
		if s.process != nil {
			s.process.StopNow()
		}
		return nil, errors.Join(err, lock.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, o Options) error {
	found, err := pgserver.Find(ctx, o.Binaries)
	if err != nil {
		return err
	}
	was, exists, err := s.folder.inspect()
	if err != nil {
		return err
	}
	bin := found[0]
	if exists {
		if bin, err = choose(found, was.Major, s.folder.data()); err != nil {
			return err
		}
	}
	if s.user, err = pgserver.RunAs(s.folder.postgres()); err != nil {
		return err
	}
	if s.secret, err = s.folder.superuser(exists); err != nil {
		return err
	}
	if err := s.folder.makeDirs(s.user); err != nil {
		return err
	}
	if !exists {
		s.log.InfoContext(ctx, "making a database", "dir", s.folder.data(), "postgres_major", bin.Major)
		if err := s.folder.initialise(ctx, bin, s.user, s.secret); err != nil {
			return err
		}
	}
	stopped, err := stopStale(ctx, s.folder.data())
	if err != nil {
		return err
	}
	if stopped > 0 {
		s.log.WarnContext(ctx, "stopped a postgres that an earlier process left", "processes", stopped)
	}
	if s.port, err = usablePort(was.Port); err != nil {
		return fmt.Errorf("find a port: %w", err)
	}
	if err := s.folder.writeNote(note{Major: bin.Major, Port: s.port}); err != nil {
		return err
	}
	if err := s.writeCertificate(o.Certificate); err != nil {
		return err
	}
	s.process, err = pgserver.Start(s.spec(bin))
	if err != nil {
		return err
	}
	if err := s.process.Wait(ctx, s.probe); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "postgres is ready", "port", s.port, "postgres_major", bin.Major)
	return nil
}

func (s *Server) spec(bin pgserver.Binaries) pgserver.Spec {
	socket := s.folder.run()
	if len(socket) > 80 { // a socket's path has room for 107 bytes
		socket = ""
	}
	return pgserver.Spec{Bin: bin, Dir: s.folder.data(), User: s.user, Death: syscall.SIGINT, Settings: map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(s.port),
		"unix_socket_directories": socket, "unix_socket_permissions": "0700",
		"ssl": "on", "ssl_min_protocol_version": "TLSv1.3", "ssl_cert_file": "server.crt", "ssl_key_file": "server.key",
		"password_encryption": "scram-sha-256", "timezone": "UTC",
		// What is acknowledged is on disk.
		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on",
		// The whole platform has 2 GiB and two cores.
		"shared_buffers": "96MB", "work_mem": "4MB", "maintenance_work_mem": "64MB", "max_connections": "100",
		"min_wal_size": "64MB", "max_wal_size": "512MB", "jit": "off", "autovacuum_max_workers": "2",
		"max_worker_processes": "4", "max_parallel_workers_per_gather": "1",
		// A week of logs, without statements and the values in them.
		"logging_collector": "on", "log_directory": "log", "log_filename": "postgresql-%a.log",
		"log_rotation_age": "1d", "log_rotation_size": "0", "log_truncate_on_rotation": "on", "log_file_mode": "0600",
		"log_error_verbosity": "terse", "log_min_error_statement": "panic", "log_min_duration_statement": "-1",
	}}
}

func (s *Server) probe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.url(pgserver.Superuser, s.secret, "postgres"))
	if err != nil {
		return err
	}
	// One that is brought back to a point in time answers while it still reads its archive.
	var recovering bool
	if err := errors.Join(conn.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&recovering), conn.Close(ctx)); err != nil {
		return err
	}
	if recovering {
		return errRecovering
	}
	return nil
}

var errRecovering = errors.New("postgres is still in recovery")

func (s *Server) url(user, password, database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.UserPassword(user, password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), Path: "/" + database,
		RawQuery: url.Values{"sslmode": {"verify-full"}, "sslrootcert": {s.folder.ca()}}.Encode(),
	}
	return u.String()
}

// AdminURL connects as the superuser. It holds the password.
func (s *Server) AdminURL(database string) string {
	return s.url(pgserver.Superuser, s.secret, database)
}

// Port is where the server listens on 127.0.0.1; it stays the same over restarts while it is free.
func (s *Server) Port() int { return s.port }

// Provision makes a database with a schema and roles for each service, or repairs it, and returns how each connects, by
// schema. Passwords are made at the first call and kept in the data folder's secrets; those of services are ignored.
func (s *Server) Provision(ctx context.Context, database string, services []postgres.Service) (map[string]postgres.Config, error) {
	with, configs, err := s.configs(database, services)
	if err != nil {
		return nil, err
	}
	if err := postgres.Bootstrap(ctx, s.AdminURL(database), with); err != nil {
		return nil, fmt.Errorf("provision %s: %w", database, err)
	}
	return configs, nil
}

// configs says how each service connects, with its passwords.
func (s *Server) configs(database string, services []postgres.Service) ([]postgres.Service, map[string]postgres.Config, error) {
	configs := make(map[string]postgres.Config, len(services))
	with := make([]postgres.Service, 0, len(services))
	for _, svc := range services {
		var err error
		if svc.OwnerPassword, err = s.folder.password(svc.OwnerRole()); err != nil {
			return nil, nil, err
		}
		if svc.AppPassword, err = s.folder.password(svc.AppRole()); err != nil {
			return nil, nil, err
		}
		with = append(with, svc)
		configs[svc.Schema] = postgres.Config{
			URL:      s.url(svc.AppRole(), svc.AppPassword, database),
			OwnerURL: s.url(svc.OwnerRole(), svc.OwnerPassword, database),
		}
	}
	return with, configs, nil
}

// SetCertificate replaces the certificate without a restart: new connections see it, existing ones go on.
func (s *Server) SetCertificate(c Certificate) error {
	if err := c.validate(); err != nil {
		return err
	}
	if err := s.writeCertificate(c); err != nil {
		return err
	}
	return s.process.Reload()
}

func (s *Server) writeCertificate(c Certificate) error {
	for path, pem := range map[string][]byte{
		filepath.Join(s.folder.data(), "server.crt"): c.Cert,
		filepath.Join(s.folder.data(), "server.key"): c.Key,
		s.folder.ca(): c.CA,
	} {
		if err := s.user.WriteFile(path, pem); err != nil {
			return fmt.Errorf("write certificate: %w", err)
		}
	}
	return nil
}

func (c Certificate) validate() error {
	pair, err := tls.X509KeyPair(c.Cert, c.Key)
	if err != nil {
		return fmt.Errorf("postgres certificate: %w", err)
	}
	if pair.Leaf.SignatureAlgorithm == x509.PureEd25519 {
		return errors.New("postgres certificate: signed with ed25519, which postgres cannot bind passwords to")
	}
	if !x509.NewCertPool().AppendCertsFromPEM(c.CA) {
		return errors.New("postgres certificate: no authority")
	}
	return nil
}

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.process.Done() }

// Stop ends the server: a fast shutdown for at most 30 seconds or until ctx ends, then an immediate one.
// It returns an error when it was not a fast one; nothing acknowledged is lost either way.
func (s *Server) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	return errors.Join(s.process.Stop(ctx), s.lock.Close())
}

// usablePort returns the port asked for while it is free, else another.
func usablePort(port int) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		if l, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			return 0, err
		}
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
