package store

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// Each implements engine.Store.
func (s *Store) Each(ctx context.Context, p engine.Place, stmt query.Statement, cols query.Columns, limit time.Duration, f func(engine.Entry) error) error {
	return s.stream(ctx, p, stmt, limit, func(rows pgx.Rows, refuse func(error) error) error {
		return eachEntry(rows, cols, p.Key, func(e engine.Entry) error { return refuse(f(e)) })
	})
}

// stream runs a statement in one snapshot. Rows are taken from the connection as read reads them, so no more than its buffer is in
// memory. An error that read gets from elsewhere goes through refuse.
func (s *Store) stream(
	ctx context.Context, p engine.Place, stmt query.Statement, limit time.Duration, read func(rows pgx.Rows, refuse func(error) error) error,
) error {
	var refused error
	err := again(func() error { // of such an error no row was read
		// Where the context ends before the rows do, the connection ends with it: the rest is not read to be thrown away.
		ctx, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return pgx.BeginTxFunc(ctx, s.db.Pool(), pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, "SELECT set_config('role', $1, true), set_config('statement_timeout', $2, true)",
				p.Role, strconv.FormatInt(limit.Milliseconds(), 10)); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, stmt.SQL, stmt.Args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			return read(rows, func(err error) error {
				if refused = err; refused != nil {
					cancel()
				}
				return refused
			})
		})
	})
	switch {
	case refused != nil:
		return refused
	case err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded):
		return fault.DeadlineExceeded(faultv1.Reason_REASON_DEADLINE_EXCEEDED, "it took longer than "+limit.String()+"; ask for less at once", fault.Cause(err))
	case err != nil:
		return fmt.Errorf("read entries: %w", classify(err))
	}
	return nil
}
