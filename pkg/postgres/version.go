package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// MinMajor is the oldest major version of Postgres that the platform runs on.
const MinMajor = 15

// TooOldError says that a server is older than MinMajor.
type TooOldError struct {
	Server  string // host and port
	Version string // as the server tells it
}

func (e *TooOldError) Error() string {
	return fmt.Sprintf("the Postgres at %s has version %s; version %d or newer is needed", e.Server, e.Version, MinMajor)
}

// retryEvery is how long Await waits between attempts.
const retryEvery = time.Second

// Await connects to Postgres, once a second for at most patience, and checks its version: *TooOldError. A password or database
// that is refused is an error at once. Errors are one line and tell the server, never the password. Close the connection.
func Await(ctx context.Context, dsn string, patience time.Duration) (*pgx.Conn, error) {
	pc, err := parse(dsn)
	if err != nil {
		return nil, err
	}
	cc := pc.ConnConfig
	cc.ConnectTimeout = 5 * time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var last error
	for {
		conn, err := pgx.ConnectConfig(ctx, cc)
		if err == nil {
			return checkVersion(ctx, conn)
		}
		if pe, ok := pgError(err); ok && !IsUnavailable(pe) {
			return nil, fmt.Errorf("the Postgres at %s refuses the connection: %s", server(cc), pe.Message)
		}
		if last == nil || ctx.Err() == nil { // what ends with ctx says nothing new
			last = err
		}
		timer := time.NewTimer(retryEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, &awayError{server: server(cc), patience: patience, cause: last, ended: context.Cause(ctx)}
		}
	}
}

// awayError is a server that could not be reached in time.
type awayError struct {
	server   string
	patience time.Duration
	cause    error
	ended    error
}

func (e *awayError) Error() string {
	if errors.Is(e.ended, context.Canceled) {
		return "stopped while waiting for Postgres at " + e.server
	}
	return fmt.Sprintf("Postgres at %s cannot be reached (tried for %s): %s", e.server, e.patience, reason(e.cause))
}

func (e *awayError) Unwrap() error { return e.cause }

// reason is the innermost cause on one line: pgx lists one attempt per address.
func reason(err error) string {
	for {
		inner := errors.Unwrap(err)
		if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
			inner = joined.Unwrap()[0]
		}
		if inner == nil {
			return strings.Join(strings.Fields(err.Error()), " ")
		}
		err = inner
	}
}

func server(cc *pgx.ConnConfig) string {
	if strings.HasPrefix(cc.Host, "/") {
		return cc.Host
	}
	return net.JoinHostPort(cc.Host, strconv.Itoa(int(cc.Port)))
}

func checkVersion(ctx context.Context, conn *pgx.Conn) (*pgx.Conn, error) {
	version := conn.PgConn().ParameterStatus("server_version")
	if major(version) >= MinMajor {
		return conn, nil
	}
	err := &TooOldError{Server: server(conn.Config()), Version: version}
	closeConn(ctx, conn)
	return nil, err
}

// major reads the number that "15.18 (Debian 15.18-0+deb12u1)" or "17beta1" begins with.
func major(version string) int {
	end := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(version)
	}
	n, _ := strconv.Atoi(version[:end]) // none is 0, which is too old
	return n
}
