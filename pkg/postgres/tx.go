package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	txAttempts = 5
	txBackoff  = 5 * time.Millisecond
)

// TenantTx runs fn in a transaction that sees only the rows of one tenant, and commits when fn returns nil.
// After a deadlock or a serialization failure it runs fn again, up to five times in all, so fn must not keep what
// an earlier attempt left in variables. The transaction is rolled back when fn fails, panics or ctx ends.
func (db *DB) TenantTx(ctx context.Context, tenant string, fn func(pgx.Tx) error) error {
	if tenant == "" {
		return ErrNoTenant
	}
	return retryTx(ctx, db.app, fn, func(b *pgx.Batch) { b.Queue(setTenant, tenant) })
}

// SystemTx is TenantTx across tenants.
func (db *DB) SystemTx(ctx context.Context, fn func(pgx.Tx) error) error {
	return retryTx(ctx, db.system, fn, func(*pgx.Batch) {})
}

func retryTx(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error, prepare func(*pgx.Batch)) error {
	backoff := txBackoff
	for attempt := 1; ; attempt++ {
		err := runTx(ctx, pool, fn, prepare)
		if err == nil || attempt == txAttempts || !IsRetryable(err) {
			return err
		}
		// Full jitter keeps two that met once from meeting again.
		timer := time.NewTimer(rand.N(backoff) + time.Millisecond)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		backoff *= 2
	}
}

// runTx sends BEGIN and what prepare queues in one round trip.
func runTx(ctx context.Context, pool *pgxpool.Pool, fn func(pgx.Tx) error, prepare func(*pgx.Batch)) error {
	b := &pgx.Batch{}
	b.BeginTx(pgx.TxOptions{})
	prepare(b)
	br := pool.SendBatch(ctx, b)
	tx := br.Tx()
	defer func() {
		// The caller's context may have ended; the connection is closed when even this roll-back cannot be sent.
		rctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = tx.Rollback(rctx) // after a commit this does nothing
	}()
	if err := br.Close(); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		if errors.Is(err, pgx.ErrTxCommitRollback) {
			return fmt.Errorf("commit after a failed statement: %w", err)
		}
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
