package journal_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/journal"
	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
)

const migration = `-- +goose Up
CREATE TABLE notes.log (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant_id text NOT NULL, create_time timestamptz NOT NULL, subject text NOT NULL, value bytea
);
CREATE TABLE notes.seals (
    tenant_id text NOT NULL, log text NOT NULL, block bigint NOT NULL, from_id bigint NOT NULL, to_id bigint NOT NULL, rows bigint NOT NULL,
    head bytea NOT NULL, create_time timestamptz NOT NULL, PRIMARY KEY (tenant_id, log, block)
);
CREATE TABLE notes.seal_cursors (log text PRIMARY KEY, sealed bigint NOT NULL DEFAULT 0, pending bigint NOT NULL DEFAULT 0, holders text[] NOT NULL DEFAULT '{}');
CREATE TABLE notes.log_copy (LIKE notes.log);
CREATE TABLE notes.seals_copy (LIKE notes.seals);
INSERT INTO notes.seal_cursors (log) VALUES ('log');
`

type world struct {
	*testing.T
	db  *postgres.DB
	log *journal.Log
}

func newWorld(t *testing.T) *world {
	t.Helper()
	cfg := pgtest.Database(t, "notes", fstest.MapFS{"00001_notes.sql": {Data: []byte(migration)}})
	db, err := postgres.Open(t.Context(), cfg, postgres.Options{Schema: "notes"})
	require.NoError(t, err)
	t.Cleanup(db.Close)
	return &world{T: t, db: db, log: &journal.Log{
		DB: db, Schema: "notes", Table: "log", Columns: []string{"create_time", "subject", "value"}, Clock: clock.Real(), Log: slog.New(slog.DiscardHandler),
		Key: func(_ context.Context, tenant string) ([]byte, error) {
			if tenant == "gone" {
				return nil, nil
			}
			return []byte("key of " + tenant), nil
		},
	}}
}

func (w *world) add(ctx context.Context, db postgres.DBTX, tenant string, n int) {
	for i := range n {
		var value []byte
		if i%2 == 0 {
			value = fmt.Appendf(nil, "value %d", i)
		}
		_, err := db.Exec(ctx, "INSERT INTO notes.log (tenant_id, create_time, subject, value) VALUES ($1, now(), $2, $3)", tenant, fmt.Sprint("user ", i), value)
		require.NoError(w, err)
	}
}

// seal seals until nothing is left.
func (w *world) seal() {
	w.Helper()
	for range 3 { // the first round only looks how far it may go
		for more := true; more; {
			var err error
			more, err = w.log.Seal(w.Context())
			require.NoError(w, err)
		}
	}
}

func (w *world) verify(tenant string) journal.Report {
	w.Helper()
	r, err := w.log.Verify(w.Context(), tenant, journal.Head{}, 1<<40)
	require.NoError(w, err)
	return r
}

func TestSealAndVerify(t *testing.T) {
	w := newWorld(t)
	require.Equal(t, journal.Report{Done: true}, w.verify("a"))
	w.add(t.Context(), w.db.System(), "a", 3)
	w.add(t.Context(), w.db.System(), "gone", 1)
	r := w.verify("a")
	require.EqualValues(t, 3, r.Unsealed)
	w.seal()
	w.add(t.Context(), w.db.System(), "b", 2)
	w.add(t.Context(), w.db.System(), "a", 2)
	w.seal()
	r = w.verify("a")
	require.Empty(t, r.Problem)
	require.True(t, r.Done)
	require.EqualValues(t, []int64{5, 0, 2}, []int64{r.Rows, r.Unsealed, r.Head.Block})
	require.EqualValues(t, 2, w.verify("b").Rows)

	// In parts, and from what was seen before.
	part, err := w.log.Verify(t.Context(), "a", journal.Head{}, 1)
	require.NoError(t, err)
	require.False(t, part.Done)
	require.EqualValues(t, 1, part.Head.Block)
	rest, err := w.log.Verify(t.Context(), "a", part.Head, 100)
	require.NoError(t, err)
	require.Equal(t, []any{"", true, r.Head}, []any{rest.Problem, rest.Done, rest.Head})
	rest, err = w.log.Verify(t.Context(), "a", journal.Head{Block: 1, Mac: []byte("another")}, 100)
	require.NoError(t, err)
	require.Contains(t, rest.Problem, "is not the one that was seen before")
}

// A row whose transaction is open while others are sealed is sealed after it.
func TestOpenTransaction(t *testing.T) {
	w := newWorld(t)
	tx, err := w.db.SystemPool().Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.WithoutCancel(t.Context())) }()
	w.add(t.Context(), tx, "a", 1)
	w.add(t.Context(), w.db.System(), "a", 1)
	w.seal()
	require.EqualValues(t, 1, w.verify("a").Unsealed, "a lower number may still come")
	require.NoError(t, tx.Commit(t.Context()))
	w.seal()
	r := w.verify("a")
	require.Empty(t, r.Problem)
	require.EqualValues(t, []int64{2, 0}, []int64{r.Rows, r.Unsealed})
}

// Rows come from everywhere while several processes seal.
func TestManySeal(t *testing.T) {
	w := newWorld(t)
	var writers, sealers sync.WaitGroup
	stop := make(chan struct{})
	for range 4 {
		sealers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					_, _ = w.log.Seal(t.Context()) // what fails shows below
				}
			}
		})
	}
	for i := range 6 {
		writers.Go(func() {
			for range 40 {
				_ = w.db.SystemTx(t.Context(), func(tx pgx.Tx) error {
					_, err := tx.Exec(t.Context(), "INSERT INTO notes.log (tenant_id, create_time, subject) SELECT $1, now(), 'x' FROM generate_series(1, 3)", fmt.Sprint("t", i%2))
					if rand.N(4) == 0 {
						return errors.New("rolled back")
					}
					return err
				})
			}
		})
	}
	writers.Wait()
	close(stop)
	sealers.Wait()
	w.seal()
	var rows int64
	require.NoError(t, w.db.System().QueryRow(t.Context(), "SELECT count(*) FROM notes.log").Scan(&rows))
	a, b := w.verify("t0"), w.verify("t1")
	require.Equal(t, []string{"", ""}, []string{a.Problem, b.Problem})
	require.Equal(t, rows, a.Rows+b.Rows)
	require.Zero(t, a.Unsealed+b.Unsealed)
}

// restore puts a table back to what keep kept.
func (w *world) restore(table string) {
	w.Helper()
	for _, sql := range []string{"DELETE FROM notes.%[1]s", "INSERT INTO notes.%[1]s OVERRIDING SYSTEM VALUE SELECT * FROM notes.%[1]s_copy ORDER BY 1"} {
		_, err := w.db.System().Exec(w.Context(), fmt.Sprintf(sql, table))
		require.NoError(w, err)
	}
}

func (w *world) keep(table string) {
	w.Helper()
	_, err := w.db.System().Exec(w.Context(), fmt.Sprintf("INSERT INTO notes.%[1]s_copy SELECT * FROM notes.%[1]s", table))
	require.NoError(w, err)
}

// flipText changes a bit of a text's byte so that it stays text.
func flipText(column string) string {
	return fmt.Sprintf("convert_from(set_byte(convert_to(%[1]s, 'UTF8'), $1 %% length(%[1]s), get_byte(convert_to(%[1]s, 'UTF8'), $1 %% length(%[1]s)) # 1), 'UTF8')", column)
}

// Whatever bit of rows or seals is changed, it is found; so are rows that were removed or slipped in.
func TestTampering(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		w.add(t.Context(), w.db.System(), "a", 7)
		w.seal()
	}
	require.Empty(t, w.verify("a").Problem)
	w.keep("log")
	w.keep("seals")
	places := []struct{ table, column string }{
		{"log", "tenant_id"}, {"log", "create_time"}, {"log", "subject"}, {"log", "value"}, {"log", "id"},
		{"seals", "tenant_id"}, {"seals", "log"}, {"seals", "block"}, {"seals", "from_id"}, {"seals", "to_id"}, {"seals", "rows"}, {"seals", "head"}, {"seals", "create_time"},
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range 1000 {
		p := places[i%len(places)]
		var at string
		require.NoError(t, w.db.System().QueryRow(t.Context(), fmt.Sprintf("SELECT ctid::text FROM notes.%s WHERE %s IS NOT NULL ORDER BY ctid OFFSET $1 %% (SELECT count(*) FROM notes.%s WHERE %s IS NOT NULL) LIMIT 1",
			p.table, p.column, p.table, p.column), random.IntN(1000)).Scan(&at))
		flip := map[string]string{
			// A bit that leaves text text, and a number within its range.
			"tenant_id": flipText("tenant_id"), "subject": flipText("subject"), "log": flipText("log"),
			"create_time": "create_time + (1 << ($1 % 20)) * interval '1 microsecond'",
			"value":       "set_bit(value, $1 % (8 * length(value)), 1 - get_bit(value, $1 % (8 * length(value))))",
			"head":        "set_bit(head, $1 % (8 * length(head)), 1 - get_bit(head, $1 % (8 * length(head))))",
		}[p.column]
		if flip == "" {
			flip = p.column + " # (1::bigint << (7 + $1 % 40))"
		}
		set := p.column + " = " + flip
		if p.column == "id" { // given by the database alone
			set = "subject = subject || 'x'"
		}
		err := w.db.SystemTx(t.Context(), func(tx pgx.Tx) error {
			tag, err := tx.Exec(t.Context(), fmt.Sprintf("UPDATE notes.%s SET %s WHERE ctid = $2::tid AND $1 >= 0", p.table, set), int32(random.IntN(1<<20)), at)
			require.NoError(t, err, p)
			require.EqualValues(t, 1, tag.RowsAffected())
			return nil
		})
		require.NoError(t, err)
		r := w.verify("a")
		require.NotEmpty(t, r.Problem, "%v at %s", p, at)
		w.restore(p.table)
	}
	for _, sql := range []string{
		"DELETE FROM notes.log WHERE id = 9", "DELETE FROM notes.seals WHERE block = 5", "DELETE FROM notes.seals WHERE block = 2",
		"INSERT INTO notes.log (id, tenant_id, create_time, subject) OVERRIDING SYSTEM VALUE SELECT 0, tenant_id, create_time, subject FROM notes.log WHERE id = 1",
	} {
		_, err := w.db.System().Exec(t.Context(), sql)
		require.NoError(t, err)
		require.NotEmpty(t, w.verify("a").Problem, sql)
		w.restore("log")
		w.restore("seals")
	}
	require.Empty(t, w.verify("a").Problem)
}
