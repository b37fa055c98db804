package storage_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

const (
	benchRows  = 1_000_000
	benchTypes = 1000 // rows of a state: a filter finds 1,000 of the million
	benchChunk = 50_000
)

// duel is one operation, done by the service and by bare pgx with the same SQL, in turns.
type duel struct {
	name        string
	goal        string
	rounds, ops int
	// service is the service's method, called by over gRPC or directly; bare does the same with nothing else.
	service func(by caller, n int) error
	bare    func(n int) error
	sql     string
}

// caller is a way to call the service.
type caller struct {
	entries interface {
		GetEntry(context.Context, *storagev1.GetEntryRequest) (*storagev1.Entry, error)
		ListEntries(context.Context, *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error)
		CreateEntry(context.Context, *storagev1.CreateEntryRequest) (*storagev1.Entry, error)
	}
	bulk func(context.Context, *storagev1.WriteChunkRequest) (*storagev1.WriteChunkResponse, error)
	// as gives a context of somebody.
	as func(p principal.Principal) context.Context
	// first is the number of its first operation, so that no two callers create the same.
	first int
}

// remote calls over gRPC.
type remote struct{ storagev1.EntriesClient }

func (r remote) GetEntry(ctx context.Context, q *storagev1.GetEntryRequest) (*storagev1.Entry, error) {
	return r.EntriesClient.GetEntry(ctx, q)
}

func (r remote) ListEntries(ctx context.Context, q *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	return r.EntriesClient.ListEntries(ctx, q)
}

func (r remote) CreateEntry(ctx context.Context, q *storagev1.CreateEntryRequest) (*storagev1.Entry, error) {
	return r.EntriesClient.CreateEntry(ctx, q)
}

// methods catches what a service registers.
type methods struct {
	entries storagev1.EntriesServer
	bulk    storagev1.BulkServer
}

func (m *methods) RegisterService(_ *grpc.ServiceDesc, impl any) {
	switch impl := impl.(type) {
	case storagev1.EntriesServer:
		m.entries = impl
	case storagev1.BulkServer:
		m.bulk = impl
	}
}

// callers are the ways to call: over gRPC, with everything that a call passes through, and the method itself.
func (w *world) callers(ctx context.Context) []caller {
	var m methods
	w.svc.Register(&m)
	return []caller{
		{remote{w.entries}, func(ctx context.Context, r *storagev1.WriteChunkRequest) (*storagev1.WriteChunkResponse, error) {
			return w.bulk.WriteChunk(ctx, r)
		}, w.as, 0},
		{m.entries, m.bulk.WriteChunk, func(p principal.Principal) context.Context {
			p.Tenant, p.Subject, p.Kind, p.Release = w.tenant, "u1", principal.KindUser, w.release
			return principal.With(ctx, p)
		}, 1_000_000},
	}
}

// cost is what an operation took: time, and CPU of this process, which is caller and service, and of Postgres.
type cost struct{ p50, cpu time.Duration }

// BenchmarkData measures storage, called over gRPC in memory with everything that a call passes through, beside bare pgx that sends the
// same statements to the same tables. With AQTRA_BENCH_RESULTS it writes the table to that file.
func BenchmarkData(b *testing.B) {
	for b.Loop() {
		measureData(b)
	}
}

func measureData(b *testing.B) {
	w := newWorld(b)
	components := []*libraryv1.Component{component("item",
		field("number", typString, key, queried, named), field("state", typString, queried), field("amount", typNumber), field("place", typInteger))}
	components[0].Settings = &libraryv1.Settings{Access: []*libraryv1.AccessRule{access("clerk", `entry.place < 50`, opRead)}}
	w.publish(components...)
	owner, err := pgx.Connect(b.Context(), w.cfg.Database.OwnerURL)
	require.NoError(b, err)
	defer owner.Close(b.Context())
	table := fmt.Sprintf("t_%s.c_u_item", w.tenant)
	for _, sql := range []string{
		fmt.Sprintf(`INSERT INTO %s (id, name, creator_subject, update_subject, create_time, update_time, f_id_number, f_id_state, f_id_amount, f_id_place)
			SELECT lpad(n::text, 12, '0'), 'N-' || n, 'u', 'u', now(), now(), 'N-' || n, 'S-' || n %% %d, n / 100.0, n / %[2]d %% 100 FROM generate_series(1, %d) AS n`,
			table, benchRows/benchTypes, benchRows),
		"VACUUM ANALYZE " + table,
	} {
		_, err = owner.Exec(b.Context(), sql)
		require.NoError(b, err)
	}
	pool, err := pgxpool.New(b.Context(), w.cfg.Database.URL)
	require.NoError(b, err)
	defer pool.Close()
	conn, err := pool.Acquire(b.Context())
	require.NoError(b, err)
	defer conn.Release()

	var out bytes.Buffer
	fmt.Fprintf(&out, "| operation | call µs | method µs | bare µs | method/bare | call CPU µs | method CPU µs | bare CPU µs | method/bare | goal |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n")
	var texts []string
	callers := w.callers(b.Context())
	duels := append(w.reads(b, conn, components), w.writes(b, conn, table)...)
	for _, d := range duels {
		c := d.fight(b, owner, callers)
		micros := func(d time.Duration) int64 { return d.Microseconds() }
		fmt.Fprintf(&out, "| %s | %d | %d | %d | %.2f | %d | %d | %d | %.2f | %s |\n", d.name, micros(c[0].p50), micros(c[1].p50), micros(c[2].p50),
			float64(c[1].p50)/float64(c[2].p50), micros(c[0].cpu), micros(c[1].cpu), micros(c[2].cpu), float64(c[1].cpu)/float64(c[2].cpu), d.goal)
		texts = append(texts, fmt.Sprintf("%s:\n\n```sql\n%s\n```\n", d.name, d.sql))
	}
	fmt.Fprintf(&out, "\n%s", strings.Join(texts, "\n"))
	b.Log("\n" + out.String())
	if file := os.Getenv("AQTRA_BENCH_RESULTS"); file != "" {
		require.NoError(b, os.WriteFile(file, append([]byte("# The data layer beside bare pgx\n\nWritten by `make bench`. One caller at a time, a million rows; the service is called over "+
			"gRPC in memory with all that a call passes through, CPU is that of caller and service together.\n\n"), out.Bytes()...), 0o644))
	}
}

// reads are the duels that change nothing.
func (w *world) reads(b *testing.B, conn *pgxpool.Conn, components []*libraryv1.Component) []duel {
	admin := principal.Principal{Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}}
	clerk := principal.Principal{Roles: []string{"clerk"}, Grants: []principal.Grant{{Permission: "entries.*"}}}
	release, err := model.Compile("r", components, clock.Real())
	require.NoError(b, err)
	c, _ := release.Component("item")
	scope := query.Scope{Schema: "t_" + w.tenant, Release: release, Now: time.Now()}
	bare := func(stmt query.Statement) error {
		batch := &pgx.Batch{}
		batch.Queue("SELECT set_config('role', $1, true)", "t_"+w.tenant)
		batch.Queue(stmt.SQL, stmt.Args...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				if _, err := rows.Values(); err != nil {
					return err
				}
			}
			return rows.Err()
		})
		return conn.SendBatch(b.Context(), batch).Close()
	}
	id := func(n int) string { return fmt.Sprintf("%012d", 1+n*7919%benchRows) }
	state := func(n int) string { return fmt.Sprintf("state == 'S-%d'", n%100*7) }
	fresh := func(n int) string { return fmt.Sprintf("state == 'S-%d' && place < %d", n%1000, 1000+n) } // the second holds for all
	byID := func(n int) query.Statement {
		stmt, _, err := scope.ByID(c, []string{id(n)}, query.StoredFields(c), false, query.Sight{All: true})
		require.NoError(b, err)
		return stmt
	}
	list := func(filter string, sight query.Sight) query.Statement {
		stmt, _, err := scope.Select(query.List{Component: c, Filter: filter, Sight: sight, Fields: query.StoredFields(c), Limit: 21, Orders: mustOrder(b, c)})
		require.NoError(b, err)
		return stmt
	}
	rule := query.SightOf(c, opRead, principal.Principal{Roles: []string{"clerk"}})
	lists := func(p principal.Principal, filter func(int) string) func(caller, int) error {
		return func(by caller, n int) error {
			page, err := by.entries.ListEntries(by.as(p), &storagev1.ListEntriesRequest{Component: "item", Filter: filter(by.first + n), PageSize: 20})
			if _, direct := by.entries.(storagev1.EntriesServer); err == nil && !direct && len(page.GetEntries()) != 20 {
				err = fmt.Errorf("%d entries", len(page.GetEntries()))
			}
			return err
		}
	}
	// The bare side's statements are made before, as somebody would write them by hand.
	prepared := func(make func(int) query.Statement) func(int) error {
		var stmts []query.Statement
		for n := range 500 {
			stmts = append(stmts, make(n))
		}
		return func(n int) error { return bare(stmts[n%500]) }
	}
	all := query.Sight{All: true}
	return []duel{
		{name: "read by id", goal: "1.3", rounds: 6, ops: 1500, sql: byID(1).SQL, bare: prepared(byID), service: func(by caller, n int) error {
			_, err := by.entries.GetEntry(by.as(admin), &storagev1.GetEntryRequest{Component: "item", Entry: id(n)})
			return err
		}},
		{name: "list 20 by an indexed field", goal: "1.3", rounds: 6, ops: 800, sql: list(state(1), all).SQL,
			bare: prepared(func(n int) query.Statement { return list(state(n), all) }), service: lists(admin, state)},
		{name: "the same with a row rule", goal: "1.3", rounds: 6, ops: 800, sql: list(state(1), rule).SQL,
			bare: prepared(func(n int) query.Statement { return list(state(n), rule) }), service: lists(clerk, state)},
		{name: "list 20 by a filter never seen before", goal: "", rounds: 6, ops: 800, sql: list(fresh(1), all).SQL,
			bare: prepared(func(n int) query.Statement { return list(fresh(n), all) }), service: lists(admin, fresh)},
	}
}

func mustOrder(b *testing.B, c *model.Component) []query.Order {
	orders, err := query.ParseOrder(c, "")
	require.NoError(b, err)
	return orders
}

// writes are the duels that store entries.
func (w *world) writes(b *testing.B, conn *pgxpool.Conn, table string) []duel {
	admin := principal.Principal{Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}}
	fields := func(n int) values {
		return values{"number": "C-" + strconv.Itoa(n), "state": "S-1", "amount": value.NewDecimal(int64(n)), "place": int64(n % 100)}
	}
	insert := fmt.Sprintf(`INSERT INTO %s (id, name, creator_subject, update_subject, create_time, update_time, f_id_number, f_id_state, f_id_amount, f_id_place)
VALUES ($1, $2, $3, $3, $4, $4, $5, $6, $7, $8)`, table)
	history := `INSERT INTO storage.entry_changes (tenant_id, component_uid, entry, change_time, subject, operation, before_values, after_values, release)
VALUES ($1, $2, $3, $4, $5, 1, '', $6, $7)`
	after := bytes.Repeat([]byte{7}, 120)
	bareCreate := func(n int) error {
		id, now := fmt.Sprintf("bare-%d", n), time.Now()
		batch := &pgx.Batch{}
		batch.Queue("BEGIN")
		batch.Queue("SELECT set_config('role', $1, true), set_config('aqtra.tenant', $2, true)", "t_"+w.tenant, w.tenant)
		batch.Queue(insert, id, "B-"+strconv.Itoa(n), "u1", now, "B-"+strconv.Itoa(n), "S-1", strconv.Itoa(n), int64(n%100))
		batch.Queue("SELECT set_config('role', 'none', true)")
		batch.Queue(history, w.tenant, "u_item", id, now, "u1", after, "r1")
		batch.Queue("COMMIT")
		return conn.SendBatch(b.Context(), batch).Close()
	}
	bulkFields := []string{"number", "state", "amount", "place"}
	chunkOf := func(n, salt int) *storagev1.WriteChunkRequest {
		r := &storagev1.WriteChunkRequest{Component: "item", Fields: bulkFields}
		for i := range benchChunk {
			row := &typev1.ListValue{}
			for _, v := range []any{"N-" + strconv.Itoa(1+(n*benchChunk+i)%benchRows), "S-" + strconv.Itoa(i%1000), value.NewDecimal(int64(i + n + salt)), int64(i % 100)} {
				p, err := value.ToProto(v)
				require.NoError(b, err)
				row.Items = append(row.Items, p)
			}
			r.Rows = append(r.Rows, row)
		}
		return r
	}
	const columns = "f_id_number, f_id_state, f_id_amount, f_id_place"
	upsert := fmt.Sprintf(`INSERT INTO %s AS e (id, name, creator_subject, update_subject, create_time, update_time, version, %s)
SELECT id, '', 'u', 'u', now(), now(), 1, %[2]s FROM bare_chunk ON CONFLICT (f_id_number) WHERE delete_time IS NULL
DO UPDATE SET f_id_state = excluded.f_id_state, f_id_amount = excluded.f_id_amount, f_id_place = excluded.f_id_place, version = e.version + 1, update_time = excluded.update_time
WHERE (e.f_id_state, e.f_id_amount, e.f_id_place) IS DISTINCT FROM (excluded.f_id_state, excluded.f_id_amount, excluded.f_id_place)`, table, columns)
	bareChunk := func(n int) error {
		return pgx.BeginFunc(b.Context(), conn, func(tx pgx.Tx) error {
			if _, err := tx.Exec(b.Context(), "CREATE TEMP TABLE bare_chunk (id text, f_id_number text, f_id_state text, f_id_amount numeric, f_id_place bigint) ON COMMIT DROP"); err != nil {
				return err
			}
			var text bytes.Buffer
			for i := range benchChunk {
				fmt.Fprintf(&text, "bare-%d-%d\tN-%d\tS-%d\t%d\t%d\n", n, i, 1+(n*benchChunk+i)%benchRows, i%1000, i+n, i%100)
			}
			if _, err := tx.Conn().PgConn().CopyFrom(b.Context(), &text, "COPY bare_chunk FROM STDIN"); err != nil {
				return err
			}
			for _, sql := range []string{"GRANT SELECT ON bare_chunk TO t_" + w.tenant, "SET LOCAL ROLE t_" + w.tenant, upsert} {
				if _, err := tx.Exec(b.Context(), sql); err != nil {
					return err
				}
			}
			return nil
		})
	}
	made := map[int]*storagev1.WriteChunkRequest{} // making requests is the caller's work, not the service's
	for n := range 10 {
		made[n], made[n+1_000_000] = chunkOf(n, 0), chunkOf(n, 7)
	}
	return []duel{
		{name: "create an entry (bare: insert and history)", goal: "1.5", rounds: 6, ops: 500, sql: insert + ";\n" + history, bare: bareCreate, service: func(by caller, n int) error {
			p, err := value.MapToProto(fields(by.first + n))
			if err == nil {
				_, err = by.entries.CreateEntry(by.as(admin), &storagev1.CreateEntryRequest{Component: "item", Entry: &storagev1.Entry{Fields: p}})
			}
			return err
		}},
		{name: "bulk upsert of 50,000 rows, 4 columns (bare: COPY and upsert)", goal: "1.67", rounds: 4, ops: 2, sql: upsert,
			bare: func(n int) error { return bareChunk(n + 100) },
			service: func(by caller, n int) error {
				r := made[by.first+n]
				r.Job = fmt.Sprint("bench-", by.first+n)
				_, err := by.bulk(by.as(admin), r)
				return err
			}},
	}
}

// fight lets all sides take turns, so that what else the machine does meets all, and tells what an operation cost each: over gRPC,
// as a method, and bare.
func (d duel) fight(b *testing.B, admin *pgx.Conn, callers []caller) [3]cost {
	var costs [3]cost
	var took [3][]time.Duration
	for round := range d.rounds + 1 { // the first warms up
		for side := range costs {
			do := d.bare
			if side < len(callers) {
				do = func(n int) error { return d.service(callers[side], n) }
			}
			before := ownCPU() + postgresCPU(b, admin)
			var times []time.Duration
			for n := range d.ops {
				start := time.Now()
				require.NoError(b, do(round*d.ops+n), d.name)
				times = append(times, time.Since(start))
			}
			if round > 0 {
				costs[side].cpu += ownCPU() + postgresCPU(b, admin) - before
				took[side] = append(took[side], times...)
			}
		}
	}
	for side := range costs {
		slices.Sort(took[side])
		costs[side].p50 = took[side][len(took[side])/2]
		costs[side].cpu /= time.Duration(len(took[side]))
	}
	return costs
}

func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// postgresCPU is the CPU time of all backends that are there, in the ticks of the kernel, of 10 ms.
func postgresCPU(b *testing.B, conn *pgx.Conn) time.Duration {
	rows, err := conn.Query(b.Context(), "SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
	require.NoError(b, err)
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	require.NoError(b, err)
	var all time.Duration
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue
		}
		f := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+2:]))
		for _, ticks := range f[11:13] {
			n, err := strconv.Atoi(ticks)
			require.NoError(b, err)
			all += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return all
}
