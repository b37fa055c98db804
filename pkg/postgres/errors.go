package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
)

// IsUnique tells whether err is a violated unique constraint, and which one.
func IsUnique(err error) (constraint string, ok bool) { return violated(err, "23505") }

// IsForeignKey tells whether err is a violated foreign key, and which one.
func IsForeignKey(err error) (constraint string, ok bool) { return violated(err, "23503") }

// IsCheck tells whether err is a violated check constraint, and which one.
func IsCheck(err error) (constraint string, ok bool) { return violated(err, "23514") }

// IsNotNull tells whether err is a missing value, and of which column.
func IsNotNull(err error) (column string, ok bool) {
	if pe, found := pgError(err); found && pe.Code == "23502" {
		return pe.ColumnName, true
	}
	return "", false
}

// IsData tells whether err is about the values of a statement, which will never be stored: a text with a zero byte, a number out
// of range, a violated constraint, a row that is too large.
func IsData(err error) bool {
	pe, ok := pgError(err)
	return ok && (strings.HasPrefix(pe.Code, "22") || strings.HasPrefix(pe.Code, "23") || strings.HasPrefix(pe.Code, "54"))
}

// IsLockTimeout tells whether err is a wait for a lock that took longer than lock_timeout.
func IsLockTimeout(err error) bool {
	pe, ok := pgError(err)
	return ok && pe.Code == "55P03"
}

// IsRetryable tells whether err is a deadlock or a serialization failure: the whole transaction may be tried again.
func IsRetryable(err error) bool {
	pe, ok := pgError(err)
	return ok && (pe.Code == "40001" || pe.Code == "40P01")
}

// IsUnavailable tells whether Postgres could not be reached, is going down or coming up, or has no room for
// a connection. What a statement did whose reply was lost is unknown. It is false when the caller's context ended.
func IsUnavailable(err error) bool {
	if pe, ok := pgError(err); ok {
		switch pe.Code {
		case "57P01", "57P02", "57P03", // shutting down, crash of another session, starting up
			"53300", // too many connections
			"25006": // a server that became a standby
			return true
		}
		return strings.HasPrefix(pe.Code, "08") || strings.HasPrefix(pe.Code, "58")
	}
	if errors.Is(err, context.Canceled) {
		return false
	}
	var ce *pgconn.ConnectError
	var ne net.Error
	var oe *net.OpError
	switch {
	case errors.As(err, &ce), errors.As(err, &oe):
		return true
	case errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.As(err, &ne), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, syscall.ECONNREFUSED):
		return true
	}
	return errors.Is(err, pgconn.ErrConnClosed)
}

func violated(err error, code string) (string, bool) {
	if pe, ok := pgError(err); ok && pe.Code == code {
		return pe.ConstraintName, true
	}
	return "", false
}

func pgError(err error) (*pgconn.PgError, bool) {
	var pe *pgconn.PgError
	ok := errors.As(err, &pe)
	return pe, ok
}
