package storage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

func triggered() []*libraryv1.Component {
	cs := order()
	cs[1].Settings.Triggers = []*libraryv1.Trigger{
		{Id: "t1", Operation: opCreate, Workflow: "approve"},
		{Id: "t2", Operation: opUpdate, Workflow: "remind", Condition: `entry.amount > 10 && entry.customer.city == "Köln"`},
		{Id: "t3", Operation: opDelete, Workflow: "archive"},
	}
	return cs
}

// await waits until the workflow service has so many starts.
func (w *world) await(n int) []*workflowv1.StartTriggeredRequest {
	w.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	for {
		w.workflow.mu.Lock()
		starts := append([]*workflowv1.StartTriggeredRequest(nil), w.workflow.starts...)
		w.workflow.mu.Unlock()
		if len(starts) >= n {
			return starts
		}
		select {
		case <-w.workflow.change:
		case <-deadline.C:
			require.FailNow(w.t, "too few starts", "%d of %d", len(starts), n)
		}
	}
}

func TestChangesStartWorkflowsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(triggered()...)
	// The first call for each start fails, half of them before the start is taken and half after: the relay cannot know.
	attempts := map[string]int{}
	unavailable := fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "not now")
	w.workflow.fail = func(r *workflowv1.StartTriggeredRequest) error {
		if attempts[r.GetRequestId()]++; attempts[r.GetRequestId()] == 1 && len(attempts)%2 == 0 {
			return unavailable
		}
		return nil
	}
	w.workflow.lose = func(r *workflowv1.StartTriggeredRequest) error {
		if attempts[r.GetRequestId()] == 1 {
			return unavailable
		}
		return nil
	}
	w.run(w.svc)
	w.run(w.replica()) // two share the work
	ctx := w.admin()
	koeln := w.create(ctx, "customer", values{"title": "Ada", "city": "Köln"})
	var ids []string
	for i := range 4 {
		e := w.create(ctx, "order", values{"number": fmt.Sprintf("A-%d", i), "amount": int64(1), "customer": koeln.GetId(), "secret": "hush"})
		ids = append(ids, e.GetId())
		for _, amount := range []int64{5, 20} { // the first does not fulfil the condition
			_, err := w.update(ctx, "order", e.GetId(), values{"amount": amount})
			require.NoError(t, err)
		}
		_, err := w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "order", Entry: e.GetId()})
		require.NoError(t, err)
	}
	starts := w.await(12)
	byEntry := map[string][]string{}
	for _, s := range starts {
		byEntry[s.GetEntry()] = append(byEntry[s.GetEntry()], s.GetWorkflow())
		require.Equal(t, w.release, s.GetRelease())
		require.Equal(t, "u1", s.GetSubject())
		in, _, err := value.FromProto(s.GetInput())
		require.NoError(t, err)
		require.Equal(t, s.GetEntry(), in.(map[string]any)["entry"])
		require.Equal(t, "hush", in.(map[string]any)["secret"])
	}
	for _, id := range ids {
		require.Equal(t, []string{"approve", "remind", "archive"}, byEntry[id], "each once, in order")
	}
	w.workflow.mu.Lock()
	require.Greater(t, w.workflow.calls, 12, "some calls had to be repeated")
	w.workflow.mu.Unlock()
}

func TestRefusedStartIsKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(triggered()...)
	w.workflow.fail = func(r *workflowv1.StartTriggeredRequest) error {
		if r.GetWorkflow() == "approve" {
			return fault.NotFound(faultv1.Reason_REASON_WORKFLOW_NOT_FOUND, "there is no such workflow")
		}
		return nil
	}
	ctx := w.admin()
	e := w.create(ctx, "order", values{"number": "A-1"})
	_, err := w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "order", Entry: e.GetId()})
	require.NoError(t, err)
	w.run(w.svc) // the rows are older than the relay
	require.Equal(t, "archive", w.await(1)[0].GetWorkflow())
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.URL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	_, err = conn.Exec(t.Context(), "SELECT set_config('aqtra.scope', 'system', false)")
	require.NoError(t, err)
	var failure string
	var plain bool
	require.NoError(t, conn.QueryRow(t.Context(), "SELECT failure, position('A-1'::bytea IN input) > 0 FROM storage.outbox WHERE workflow = 'approve'").Scan(&failure, &plain))
	require.Contains(t, failure, "WORKFLOW_NOT_FOUND")
	require.False(t, plain)
}

func TestRefusedWritesStartNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(triggered()...)
	ctx := w.admin()
	_, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: []*storagev1.WriteOperation{
		upsert(t, values{"number": "A-1"}), upsert(t, values{"number": "bad"}),
	}})
	require.Error(t, err)
	w.run(w.svc)
	w.create(ctx, "order", values{"number": "A-2"})
	starts := w.await(1)
	require.Len(t, starts, 1)
	in, _, err := value.FromProto(starts[0].GetInput())
	require.NoError(t, err)
	require.Equal(t, "A-2", in.(map[string]any)["number"])
}
