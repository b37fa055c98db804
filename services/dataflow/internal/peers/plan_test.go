package peers_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/columnar"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/rpc"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
	"github.com/aqtra/aqtra/services/dataflow/internal/peers"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// bulk answers plans as a test says; pages counts the lists that were asked for.
type bulk struct {
	storagev1.UnimplementedBulkServer
	storagev1.UnimplementedEntriesServer

	plan  func(*storagev1.QueryPlanRequest, storagev1.Bulk_QueryPlanServer) error
	plans atomic.Int64
	pages atomic.Int64
	left  chan struct{} // closed when a plan has ended
}

func (b *bulk) QueryPlan(r *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
	defer close(b.left)
	b.plans.Add(1)
	return b.plan(r, stream)
}

func (b *bulk) ListEntries(context.Context, *storagev1.ListEntriesRequest) (*storagev1.ListEntriesResponse, error) {
	b.pages.Add(1)
	return &storagev1.ListEntriesResponse{Entries: []*storagev1.Entry{{Id: "paged"}}}, nil
}

func (b *bulk) entries(t *testing.T) (*peers.Entries, context.Context) {
	t.Helper()
	b.left = make(chan struct{})
	lis := bufconn.Listen(1 << 20)
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: "storage", Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Clock: clock.Real(), MaxMessage: 4 << 20,
		Authenticate: func(context.Context, string, metadata.MD) (principal.Principal, error) {
			return principal.Principal{Tenant: "t", Subject: "u", Kind: principal.KindUser, Grants: []principal.Grant{{Permission: "*"}}}, nil
		},
	}, rpc.LocalCredentials("storage"))
	require.NoError(t, err)
	storagev1.RegisterBulkServer(server, b)
	storagev1.RegisterEntriesServer(server, b)
	done := make(chan error, 1)
	go func() { done <- server.Serve(lis) }()
	t.Cleanup(func() {
		server.Stop()
		require.NoError(t, <-done)
	})
	clients, err := rpc.NewClients(rpc.ClientConfig{Metrics: prometheus.NewRegistry(), Clock: clock.Real(), Deadline: time.Minute, MaxMessage: 4 << 20})
	require.NoError(t, err)
	conn, err := clients.Dial("storage", "passthrough:///storage", rpc.LocalCredentials("dataflow"),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close()) })
	return peers.NewEntries(conn), rpc.WithToken(t.Context(), []byte("x"))
}

// answer is a whole stream of rows.
func answer(t *testing.T, columns []columnar.Column, rows ...[]any) []byte {
	t.Helper()
	var to bytes.Buffer
	w, err := columnar.NewWriter(&to, columns)
	require.NoError(t, err)
	for _, row := range rows {
		require.NoError(t, w.Append(row))
	}
	require.NoError(t, w.Close())
	return to.Bytes()
}

func sending(chunks ...[]byte) func(*storagev1.QueryPlanRequest, storagev1.Bulk_QueryPlanServer) error {
	return func(_ *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
		for _, c := range chunks {
			if err := stream.Send(&storagev1.QueryPlanResponse{Chunk: c}); err != nil {
				return err
			}
		}
		return nil
	}
}

var ids = []columnar.Column{{Name: "id", Kind: value.Text}, {Name: "n", Kind: value.Int}}

func TestManyEntriesComeByPlan(t *testing.T) {
	t.Parallel()
	b := &bulk{}
	entries, ctx := b.entries(t)
	whole := answer(t, ids, []any{"a", int64(1)}, []any{"b", nil})
	b.plan = func(r *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
		require.Equal(t, []any{"car", "n > 1", "n desc", int64(5000)}, []any{r.GetComponent(), r.GetFilter(), r.GetOrderBy(), r.GetLimit()})
		return sending(whole[:20], nil, whole[20:])(r, stream)
	}
	got, err := entries.List(ctx, step.Query{Component: "car", Filter: "n > 1", OrderBy: "n desc", Limit: 5000, Snapshot: true})
	require.NoError(t, err)
	require.Equal(t, []step.Entry{{ID: "a", Fields: map[string]any{"id": "a", "n": int64(1)}}, {ID: "b", Fields: map[string]any{"id": "b", "n": nil}}}, got)
	for _, q := range []step.Query{{Limit: 1000, Snapshot: true}, {Limit: 5000}} {
		got, err = entries.List(ctx, q)
		require.NoError(t, err)
		require.Equal(t, "paged", got[0].ID)
	}
	require.EqualValues(t, 1, b.plans.Load())
}

// Only when storage has no room are pages read; other refusals are the caller's.
func TestRefusedPlans(t *testing.T) {
	t.Parallel()
	many := step.Query{Limit: 5000, Snapshot: true}
	whole := answer(t, ids, []any{"a", int64(1)})
	for name, c := range map[string]struct {
		plan   func(*storagev1.QueryPlanRequest, storagev1.Bulk_QueryPlanServer) error
		reason faultv1.Reason
		says   string
		pages  int64
	}{
		"no room": {func(*storagev1.QueryPlanRequest, storagev1.Bulk_QueryPlanServer) error {
			return fault.Exhausted(faultv1.Reason_REASON_OVERLOADED, "full")
		}, 0, "", 1},
		"not allowed": {func(*storagev1.QueryPlanRequest, storagev1.Bulk_QueryPlanServer) error {
			return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "not you")
		}, faultv1.Reason_REASON_PERMISSION_DENIED, "not you", 0},
		"failed between rows": {func(r *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
			return errors.Join(sending(whole[:len(whole)-8])(r, stream), fault.DeadlineExceeded(faultv1.Reason_REASON_DEADLINE_EXCEEDED, "too long"))
		}, faultv1.Reason_REASON_DEADLINE_EXCEEDED, "too long", 0},
		"failed after the rows": {func(r *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
			return errors.Join(sending(whole)(r, stream), fault.DeadlineExceeded(faultv1.Reason_REASON_DEADLINE_EXCEEDED, "too long"))
		}, faultv1.Reason_REASON_DEADLINE_EXCEEDED, "too long", 0},
		"cut off": {sending(whole[:len(whole)/2]), 0, "query entries", 0},
		"empty":   {sending(), 0, "query entries", 0},
		"more":    {sending(whole, []byte("more")), 0, "4 bytes after the end", 0},
	} {
		b := &bulk{plan: c.plan}
		entries, ctx := b.entries(t)
		got, err := entries.List(ctx, many)
		require.Equal(t, c.pages, b.pages.Load(), name)
		if c.pages > 0 {
			require.NoError(t, err, name)
			require.Len(t, got, 1)
			continue
		}
		require.ErrorContains(t, err, c.says, name)
		if c.reason != 0 {
			require.True(t, fault.Has(err, c.reason), "%s: %v", name, err)
		}
	}
}

// Of entries without end no more is kept than a step may hold, and storage is told that nobody reads on.
func TestEndlessPlansEnd(t *testing.T) {
	t.Parallel()
	b := &bulk{plan: func(_ *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
		r, w := io.Pipe()
		defer r.Close()
		go func() {
			rows, err := columnar.NewWriter(w, ids)
			for i := int64(0); err == nil; i++ {
				err = rows.Append([]any{strings.Repeat("x", 10_000), i})
			}
		}()
		for {
			piece := make([]byte, 1<<20)
			n, err := r.Read(piece)
			if err != nil {
				return err
			}
			if err := stream.Send(&storagev1.QueryPlanResponse{Chunk: piece[:n]}); err != nil {
				return err
			}
		}
	}}
	entries, ctx := b.entries(t)
	_, err := entries.List(ctx, step.Query{Limit: 100_000, Snapshot: true})
	require.ErrorContains(t, err, "64 MiB")
	select {
	case <-b.left:
	case <-ctx.Done():
		t.Fatal("storage goes on")
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	columns := []columnar.Column{{Name: "k0", Kind: value.Text}, {Name: "t0", Kind: value.Int}, {Name: "t1", Kind: value.DecimalKind}, {Name: "$entries", Kind: value.Int}, {Name: "$first", Kind: value.Int}}
	grouping := step.Grouping{
		Keys: []step.GroupKey{{Name: "_ort", Field: "city"}},
		Totals: []step.GroupTotal{{Name: "n", Op: aggregate.Count, Type: value.Type{Kind: value.Int}},
			{Name: "sum", Op: aggregate.Sum, Field: "n", Type: value.Type{Kind: value.Int}}},
	}
	b := &bulk{}
	entries, ctx := b.entries(t)
	b.plan = func(r *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
		require.Equal(t, `[field:"city" name:"k0"]`, strings.ReplaceAll(fmt.Sprint(r.GetGroupBy()), "  ", " "))
		require.Equal(t, `n`, r.GetMeasures()[1].GetField())
		return sending(answer(t, columns, []any{"Bern", int64(2), value.NewDecimal(7), int64(2), int64(3)}, []any{nil, int64(1), nil, int64(1), int64(9)}))(r, stream)
	}
	groups, read, err := entries.Group(ctx, step.Query{Component: "car", Limit: 5}, grouping)
	require.NoError(t, err)
	require.EqualValues(t, 3, read)
	require.Equal(t, []step.Item{
		{Fields: map[string]any{"_ort": "Bern", "n": int64(2), "sum": int64(7)}, Line: 3},
		{Fields: map[string]any{"_ort": nil, "n": int64(1), "sum": nil}, Line: 9},
	}, groups)

	b = &bulk{plan: sending(answer(t, columns, []any{"Bern", int64(2), value.MustDecimal("99999999999999999999"), int64(2), int64(3)}))}
	entries, ctx = b.entries(t)
	_, _, err = entries.Group(ctx, step.Query{}, grouping)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_EXPRESSION_FAILED), "a whole number beyond 64 bits: %v", err)
}
