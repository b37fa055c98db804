// Package journal seals tables that rows are only added to, so that a row which was changed, removed or slipped in afterwards is found.
//
// Rows are written with what they tell of, in its transaction and without further cost. Shortly after, all new rows of a tenant are
// sealed as a block: its head is an HMAC over the head before, the block's bounds and the rows. The key is not in the database, so
// whoever can only write there cannot make a head. Whoever keeps a head elsewhere (aqtractl does) also finds that the end of a
// chain was cut off, or that somebody with the key wrote it anew.
//
// A block ends where no row can come any more: at a number that the table's sequence had given out, once every transaction has ended
// that could write to the table then. Those hold its lock before they take a number; a transaction's id would not tell, because a row
// has its number a moment before its transaction has an id.
package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/postgres"
)

const (
	// sealEvery is how often is looked for new rows, and sealSoon how soon after some were found.
	sealEvery = 15 * time.Second
	sealSoon  = 2 * time.Second
	// blockRows bounds how many numbers of the sequence are sealed at once.
	blockRows = 20_000
)

// Log is a table with the columns id, counted up by the database, and tenant_id. Beside it, in its schema, are the tables seals and
// seal_cursors. Its texts are constants.
type Log struct {
	DB     *postgres.DB
	Schema string
	Table  string
	// Columns are what is sealed, in this order.
	Columns []string
	// Only is a condition on rows t that are sealed; others may change. Empty for all.
	Only string
	// Key returns the key of a tenant's seals, and nil when the tenant is gone.
	Key   func(ctx context.Context, tenant string) ([]byte, error)
	Clock clock.Clock
	Log   *slog.Logger
}

// Run seals until ctx ends. What fails is tried again.
func (l *Log) Run(ctx context.Context) {
	for wait := sealEvery; clock.Sleep(ctx, l.Clock, wait) == nil; {
		wait = sealEvery
		more, err := l.Seal(ctx)
		if err != nil && ctx.Err() == nil {
			l.Log.WarnContext(ctx, "not sealed", "table", l.Schema+"."+l.Table, "error", err)
		}
		if more {
			wait = sealSoon
		}
	}
}

// Seal seals what can be sealed, and tells whether there is more of it now, or soon. Of several processes one does.
func (l *Log) Seal(ctx context.Context) (more bool, err error) {
	err = l.DB.SystemTx(ctx, func(tx pgx.Tx) error {
		more = false
		// Up to pending, rows can be sealed as soon as the holders have ended, who may have taken a number below it.
		var sealed, pending, last int64
		var final bool
		err := tx.QueryRow(ctx, fmt.Sprintf(`
SELECT sealed, pending, NOT EXISTS (SELECT FROM pg_locks k WHERE k.relation = '%s'::regclass AND k.virtualtransaction = ANY (c.holders)),
    coalesce(pg_sequence_last_value(pg_get_serial_sequence('%s.%s', 'id')), 0)
FROM %s c WHERE log = $1 FOR UPDATE SKIP LOCKED`, l.table(l.Table), l.Schema, l.Table, l.table("seal_cursors")), l.Table).Scan(&sealed, &pending, &final, &last)
		if errors.Is(err, pgx.ErrNoRows) { // another process is at it
			return nil
		}
		if err != nil {
			return fmt.Errorf("read cursor: %w", err)
		}
		switch {
		case pending > sealed && !final, pending == sealed && last == sealed:
			return nil
		case pending > sealed:
			to := min(pending, sealed+blockRows)
			if err := l.sealRows(ctx, tx, sealed, to); err != nil {
				return err
			}
			sealed = to
		}
		more = last > sealed
		if sealed < pending {
			_, err = tx.Exec(ctx, fmt.Sprintf("UPDATE %s SET sealed = $2 WHERE log = $1", l.table("seal_cursors")), l.Table, sealed)
			return err
		}
		// After the number was read, in a statement of its own: who took one below it holds the lock by now, or has ended.
		_, err = tx.Exec(ctx, fmt.Sprintf(`
UPDATE %s SET sealed = $2, pending = $3, holders = ARRAY(SELECT k.virtualtransaction FROM pg_locks k WHERE k.relation = '%s'::regclass AND k.mode = 'RowExclusiveLock')
WHERE log = $1`, l.table("seal_cursors"), l.table(l.Table)), l.Table, sealed, last)
		return err
	})
	return more, err
}

func (l *Log) table(name string) string { return pgx.Identifier{l.Schema, name}.Sanitize() }

// head is where a tenant's chain stands.
type head struct {
	block, to int64
	mac       []byte
}

// sealRows seals the rows with ids above from, up to to: a block for each tenant that has any.
func (l *Log) sealRows(ctx context.Context, tx pgx.Tx, from, to int64) error {
	type group struct {
		tenant string
		digest hash.Hash
		rows   int64
	}
	var groups []*group
	err := l.rows(ctx, tx, "t.id > $1 AND t.id <= $2", []any{from, to}, func(tenant string, row [][]byte) {
		if len(groups) == 0 || groups[len(groups)-1].tenant != tenant {
			groups = append(groups, &group{tenant: tenant, digest: sha256.New()})
		}
		g := groups[len(groups)-1]
		addRow(g.digest, row)
		g.rows++
	})
	if err != nil {
		return err
	}
	for _, g := range groups {
		key, err := l.Key(ctx, g.tenant)
		if err != nil {
			return err
		}
		if key == nil { // the rows go as well
			continue
		}
		var last head
		err = tx.QueryRow(ctx, fmt.Sprintf("SELECT block, to_id, head FROM %s WHERE tenant_id = $1 AND log = $2 ORDER BY block DESC LIMIT 1", l.table("seals")),
			g.tenant, l.Table).Scan(&last.block, &last.to, &last.mac)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("read seal: %w", err)
		}
		s := seal{block: last.block + 1, from: last.to, to: to, rows: g.rows, time: l.Clock.Now().UTC().Truncate(time.Microsecond)}
		_, err = tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (tenant_id, log, block, from_id, to_id, rows, head, create_time) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", l.table("seals")),
			g.tenant, l.Table, s.block, s.from, s.to, s.rows, s.head(key, l.Table, g.tenant, last.mac, g.digest.Sum(nil)), s.time)
		if err != nil {
			return fmt.Errorf("store seal: %w", err)
		}
	}
	return nil
}

// rows passes on the rows that meet a condition, by tenant and id, as Postgres sends them in its binary form.
func (l *Log) rows(ctx context.Context, db postgres.DBTX, where string, args []any, each func(tenant string, row [][]byte)) error {
	if l.Only != "" {
		where += " AND (" + l.Only + ")"
	}
	sql := fmt.Sprintf("SELECT t.tenant_id, t.id, %s FROM %s t WHERE %s ORDER BY t.tenant_id, t.id", "t."+strings.Join(l.Columns, ", t."), l.table(l.Table), where)
	rows, err := db.Query(ctx, sql, append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, args...)...)
	if err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		row := rows.RawValues()
		each(string(row[0]), row)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	return nil
}

// addRow adds the cells of a row, each with its length, so that no two rows are the same bytes.
func addRow(h hash.Hash, row [][]byte) {
	var n [4]byte
	for _, cell := range row {
		length := uint32(len(cell))
		if cell == nil {
			length = 1<<32 - 1
		}
		binary.BigEndian.PutUint32(n[:], length)
		h.Write(n[:])
		h.Write(cell)
	}
}

// seal is the block of a tenant.
type seal struct {
	block, from, to, rows int64
	time                  time.Time
}

func (s seal) head(key []byte, log, tenant string, before, digest []byte) []byte {
	mac := hmac.New(sha256.New, key)
	addRow(mac, [][]byte{[]byte(log), []byte(tenant), before, digest})
	for _, n := range []int64{s.block, s.from, s.to, s.rows, s.time.UnixMicro()} {
		mac.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
	return mac.Sum(nil)
}
