package journal

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
)

// Head is a point of a chain that was seen before. The zero value is its beginning.
type Head struct {
	Block int64
	// Mac is the head of the block. What is in the database must be the same.
	Mac []byte
}

// Report says what a verification found.
type Report struct {
	// Head is the last block that was looked at.
	Head Head
	// Time is when it was sealed.
	Time time.Time
	// Rows were looked at.
	Rows int64
	// Done tells that there are no more blocks. Unsealed rows follow, which no seal protects yet.
	Done     bool
	Unsealed int64
	// Problem says what is wrong; empty when nothing is.
	Problem string
}

// Verify compares the rows of a tenant with their seals, from a head on that was verified before. It stops at the first problem, or
// after most rows.
func (l *Log) Verify(ctx context.Context, tenant string, from Head, most int64) (Report, error) {
	r := Report{Head: from}
	key, err := l.Key(ctx, tenant)
	if err != nil {
		return r, err
	}
	err = l.DB.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		r = Report{Head: from}
		// First, because more may be sealed meanwhile.
		var sealed int64
		if err := tx.QueryRow(ctx, fmt.Sprintf("SELECT sealed FROM %s WHERE log = $1", l.table("seal_cursors")), l.Table).Scan(&sealed); err != nil {
			return fmt.Errorf("read cursor: %w", err)
		}
		return l.verify(ctx, tx, tenant, key, most, sealed, &r)
	})
	return r, err
}

// unsealed counts the rows after the last block. There must be none up to where everything is sealed.
func (l *Log) unsealed(ctx context.Context, tx pgx.Tx, tenant string, from, sealed int64, r *Report) error {
	var lost int64
	err := l.rows(ctx, tx, "t.tenant_id = $1 AND t.id > $2", []any{tenant, from}, func(_ string, row [][]byte) {
		if r.Unsealed++; int64(binary.BigEndian.Uint64(row[1])) <= sealed {
			lost++
		}
	})
	if err == nil && lost > 0 {
		r.Problem = fmt.Sprintf("%d rows after block %d have no seal, which they once had or should have", lost, r.Head.Block)
	}
	return err
}

type stored struct {
	seal
	head []byte
}

func (l *Log) verify(ctx context.Context, tx pgx.Tx, tenant string, key []byte, most, sealed int64, r *Report) error {
	last := head{}
	if r.Head.Block > 0 {
		known, err := l.seals(ctx, tx, tenant, "block = $3", r.Head.Block)
		if err != nil {
			return err
		}
		if len(known) != 1 || !hmac.Equal(known[0].head, r.Head.Mac) {
			r.Problem = fmt.Sprintf("block %d is not the one that was seen before", r.Head.Block)
			return nil
		}
		last = head{block: r.Head.Block, to: known[0].to, mac: r.Head.Mac}
	}
	for r.Rows < most {
		blocks, err := l.seals(ctx, tx, tenant, "block > $3", last.block)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			r.Done = true
			return l.unsealed(ctx, tx, tenant, last.to, sealed, r)
		}
		for _, b := range blocks {
			digest, n, above := sha256.New(), int64(0), b.from
			if b.block == 1 { // numbers that no sequence gives
				above = math.MinInt64
			}
			err := l.rows(ctx, tx, "t.tenant_id = $1 AND t.id > $2 AND t.id <= $3", []any{tenant, above, b.to}, func(_ string, row [][]byte) {
				addRow(digest, row)
				n++
			})
			if err != nil {
				return err
			}
			r.Rows += n
			if b.block != last.block+1 || b.from != last.to || !hmac.Equal(b.head, b.seal.head(key, l.Table, tenant, last.mac, digest.Sum(nil))) {
				r.Problem = fmt.Sprintf("block %d (%d rows with ids %d to %d, sealed %s) is not what was sealed; %d rows are there now",
					b.block, b.rows, b.from+1, b.to, b.time.UTC().Format(time.RFC3339), n)
				return nil
			}
			last = head{block: b.block, to: b.to, mac: b.head}
			r.Head, r.Time = Head{Block: b.block, Mac: b.head}, b.time
			if r.Rows >= most {
				break
			}
		}
	}
	return nil
}

// seals reads seals that meet a condition, by their numbers.
func (l *Log) seals(ctx context.Context, tx pgx.Tx, tenant, where string, block int64) ([]stored, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf("SELECT block, from_id, to_id, rows, create_time, head FROM %s WHERE tenant_id = $1 AND log = $2 AND %s ORDER BY block LIMIT 1000", l.table("seals"), where),
		tenant, l.Table, block)
	if err != nil {
		return nil, fmt.Errorf("read seals: %w", err)
	}
	list, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (s stored, err error) {
		return s, row.Scan(&s.block, &s.from, &s.to, &s.rows, &s.time, &s.head)
	})
	if err != nil {
		return nil, fmt.Errorf("read seals: %w", err)
	}
	return list, nil
}
