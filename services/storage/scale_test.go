package storage_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/value"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// TestDeepPagesCostWhatTheFirstCosts counts the blocks that Postgres touches for a page near the beginning and near the end.
func TestDeepPagesCostWhatTheFirstCosts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.OwnerURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	table := fmt.Sprintf("t_%s.c_u_order", w.tenant)
	const rows = 60_000
	_, err = conn.Exec(t.Context(), fmt.Sprintf(`INSERT INTO %s (id, creator_subject, update_subject, create_time, update_time, f_id_number, f_id_amount)
		SELECT lpad(n::text, 8, '0'), 'u', 'u', now(), now(), 'A-' || n, CASE WHEN n %% 10 > 0 THEN n / 3 END FROM generate_series(1, %d) AS n`, table, rows))
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "VACUUM ANALYZE "+table)
	require.NoError(t, err)

	release, err := model.Compile("r", order(), clock.Real())
	require.NoError(t, err)
	c, _ := release.Component("order")
	s := query.Scope{Schema: "t_" + w.tenant, Release: release}
	indexed := func(order string) bool { return order != "total" && order != "exact" }
	blocks := func(order string, after []any) int {
		orders, err := query.ParseOrder(c, order)
		require.NoError(t, err)
		number, _ := c.Field("number")
		stmt, _, err := s.Select(query.List{Component: c, Sight: query.Sight{All: true}, Fields: []*model.Field{number}, Orders: orders, After: after, Limit: 50})
		require.NoError(t, err)
		var text []byte
		require.NoError(t, conn.QueryRow(t.Context(), "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) "+stmt.SQL, stmt.Args...).Scan(&text))
		var plan []struct {
			Plan struct {
				Hit  int `json:"Shared Hit Blocks"`
				Read int `json:"Shared Read Blocks"`
			}
		}
		require.NoError(t, json.Unmarshal(text, &plan))
		if indexed(order) {
			require.NotContains(t, string(text), "Seq Scan", "order %q", order)
			require.Contains(t, string(text), "Index", "order %q", order)
		}
		require.NotContains(t, stmt.SQL, "OFFSET")
		return plan[0].Plan.Hit + plan[0].Plan.Read
	}
	id := func(n int) string { return fmt.Sprintf("%08d", n) }
	for order, deep := range map[string][]any{
		"":            {id(rows - 100)},
		"id desc":     {id(100)},
		"amount":      {int64((rows - 101) / 3), id(rows - 101)},
		"amount desc": {int64(30), id(91)},
		"number":      {"A-9990", id(9990)},
		"number desc": {"A-1001", id(1001)},
		// Among the empty ones, which are last, or first when descending; and from the last of those to what follows.
		"amount, id":       {nil, id(rows - 100)},
		"amount desc, id ": {nil, id(rows)},
		// Equal in the first field and in the other direction in the next.
		"amount desc, id asc":      {int64(30), id(91)},
		"number desc, amount":      {"A-1001", int64(333), id(1001)},
		"amount desc, number desc": {int64(30), "A-91", id(91)},
	} {
		orders, err := query.ParseOrder(c, order)
		require.NoError(t, err)
		require.Len(t, deep, len(orders))
		first, last := blocks(order, nil), blocks(order, deep)
		t.Logf("order %q: %d blocks for the first page, %d for a deep one", order, first, last)
		require.Less(t, last, 4*max(first, 60), "order %q", order)
	}
	require.Greater(t, blocks("total", nil)+blocks("exact", nil), 4*60, "an order without an index shows that the measure works")
}

func TestUpsertsOfTheSameKeysAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	type answer struct {
		got *storagev1.BatchWriteEntriesResponse
		err error
	}
	answers := make(chan answer, 6)
	for i := range cap(answers) {
		go func() {
			var ops []*storagev1.WriteOperation
			for n := range 30 {
				fields, err := value.MapToProto(values{"number": fmt.Sprintf("A-%d", (n*7+i*11)%30), "amount": int64(i)})
				if err != nil {
					answers <- answer{err: err}
					return
				}
				ops = append(ops, &storagev1.WriteOperation{Action: storagev1.WriteAction_WRITE_ACTION_UPSERT, Entry: &storagev1.Entry{Fields: fields}})
			}
			got, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops})
			answers <- answer{got, err}
		}()
	}
	created := int64(0)
	for range cap(answers) {
		a := <-answers
		require.NoError(t, a.err)
		created += a.got.GetCreated()
	}
	require.Equal(t, int64(30), created)
	require.Len(t, w.ids(ctx, &storagev1.ListEntriesRequest{Component: "order"}), 30)
}
