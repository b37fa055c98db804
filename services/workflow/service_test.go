package workflow_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

func wire(t *testing.T, v any) *typev1.Value {
	t.Helper()
	p, err := value.ToProto(v)
	require.NoError(t, err)
	return p
}

func plain(t *testing.T, p *typev1.Value) any {
	t.Helper()
	v, _, err := value.FromProto(p)
	require.NoError(t, err)
	return v
}

func requireFault(t *testing.T, err error, reason faultv1.Reason) {
	t.Helper()
	require.True(t, fault.Has(err, reason), "want %s, got %v", reason, err)
}

// TestInvoiceSample runs the workflow of the sample as it stands there.
func TestInvoiceSample(t *testing.T) {
	t.Parallel()
	components := readSample(t, "invoice")
	w := start(t, components...)
	checked, err := w.checks.CheckWorkflow(t.Context(), &workflowv1.CheckWorkflowRequest{Component: components[0], Workflow: "approval"})
	require.NoError(t, err)
	require.Empty(t, checked.GetProblems())
	require.NotEmpty(t, checked.GetReferences())

	clerk := user("clara", []string{"clerk"}, "workflows.start")
	accountant := user("anna", []string{"accountant"})
	for entry, total := range map[string]string{"small": "999.99", "large": "1000"} {
		w.mu.Lock()
		w.entries[entry] = map[string]any{"InvoiceNumber": "N-" + entry, "InvoiceName": "Chairs", "InvoiceTotalValue": value.MustDecimal(total), "InvoiceState": int64(0)}
		w.mu.Unlock()
		run, err := w.runs.StartRun(w.as(clerk), &workflowv1.StartRunRequest{
			Component: "invoice", Workflow: "approval", Input: wire(t, map[string]any{"entry": entry}), BusinessKey: entry, RequestId: entry,
		})
		require.NoError(t, err)
		want := int64(1)
		if entry == "large" {
			want = 2
			w.until(run.GetId(), workflowv1.RunState_RUN_STATE_WAITING)
			others, err := w.tasks.ListTasks(w.as(clerk), &workflowv1.ListTasksRequest{})
			require.NoError(t, err)
			require.Empty(t, others.GetTasks())
			mine, err := w.tasks.ListTasks(w.as(accountant), &workflowv1.ListTasksRequest{})
			require.NoError(t, err)
			require.Len(t, mine.GetTasks(), 1)
			task := mine.GetTasks()[0]
			require.Equal(t, "Approve invoice N-large?", task.GetTitle())
			require.Equal(t, "Chairs for 1000", task.GetDescription())
			require.Len(t, task.GetChoices(), 2)
			require.Equal(t, "add_view_invoice", task.GetPage())
			_, err = w.tasks.GetTask(w.as(clerk), &workflowv1.GetTaskRequest{Task: task.GetId()})
			requireFault(t, err, faultv1.Reason_REASON_TASK_NOT_FOUND)
			answered, err := w.tasks.AnswerTask(w.as(accountant), &workflowv1.AnswerTaskRequest{Task: task.GetId(), Answer: wire(t, int64(2)), Comment: "no budget"})
			require.NoError(t, err)
			require.Equal(t, workflowv1.TaskState_TASK_STATE_ANSWERED, answered.GetState())
			_, err = w.tasks.AnswerTask(w.as(accountant), &workflowv1.AnswerTaskRequest{Task: task.GetId(), Answer: wire(t, int64(2))})
			requireFault(t, err, faultv1.Reason_REASON_TASK_ANSWERED)
		}
		done := w.until(run.GetId(), workflowv1.RunState_RUN_STATE_SUCCEEDED)
		require.Equal(t, "clara", done.GetSubject())
		require.Equal(t, want, w.entries[entry]["InvoiceState"])
	}
	for _, s := range w.subjects {
		require.Equal(t, "clara", s, "calls are made for whom the run acts")
	}
}

// TestDealershipSample runs the workflow of the other sample as it stands there.
func TestDealershipSample(t *testing.T) {
	t.Parallel()
	components := readSample(t, "dealership")
	w := start(t, components...)
	var fleet *libraryv1.Component
	var others []*libraryv1.Component
	for _, c := range components {
		if c.GetId() == "car_fleet" {
			fleet = c
		} else {
			others = append(others, c)
		}
	}
	checked, err := w.checks.CheckWorkflow(t.Context(), &workflowv1.CheckWorkflowRequest{Component: fleet, Workflow: "contract", Others: others})
	require.NoError(t, err)
	require.Empty(t, checked.GetProblems())
	for answer, calls := range map[string]int{"no": 0, "yes": 1} {
		w.mu.Lock()
		w.asked = nil
		w.mu.Unlock()
		run, err := w.runs.StartRun(w.as(admin()), &workflowv1.StartRunRequest{
			Component: "car_fleet", Workflow: "contract", Input: wire(t, map[string]any{"car_vin": "VIN1"}),
		})
		require.NoError(t, err)
		w.until(run.GetId(), workflowv1.RunState_RUN_STATE_WAITING)
		list, err := w.tasks.ListTasks(w.as(user("sam", []string{"specialist"})), &workflowv1.ListTasksRequest{})
		require.NoError(t, err)
		require.Len(t, list.GetTasks(), 1)
		require.Equal(t, "Sell car VIN1?", list.GetTasks()[0].GetTitle())
		_, err = w.tasks.AnswerTask(w.as(user("sam", []string{"specialist"})), &workflowv1.AnswerTaskRequest{Task: list.GetTasks()[0].GetId(), Answer: wire(t, answer)})
		require.NoError(t, err)
		w.until(run.GetId(), workflowv1.RunState_RUN_STATE_SUCCEEDED)
		require.Len(t, w.asked, calls)
		for _, req := range w.asked {
			require.Equal(t, "enter_contract", req.GetDataflow())
			require.Equal(t, run.GetId()+"/do/2/sell/0", req.GetRequestId())
			require.Equal(t, map[string]any{"car_vin": "VIN1"}, plain(t, req.GetInput()))
		}
	}
}

func small(t *testing.T) *libraryv1.Component {
	t.Helper()
	doc := map[string]any{
		"document": map[string]any{"dsl": "1.0.3", "namespace": "n", "name": "w", "version": "1"},
		"do": []any{
			map[string]any{"hear": map[string]any{"listen": map[string]any{"to": map[string]any{"one": map[string]any{"with": map[string]any{"type": "go"}}}}}},
		},
	}
	return &libraryv1.Component{Id: "c", Workflows: []*libraryv1.Workflow{{Id: "w", Document: wire(t, doc)}}}
}

// TestSurface goes through the rest of the API.
func TestSurface(t *testing.T) {
	t.Parallel()
	w := start(t, small(t))
	ctx := w.as(admin())
	for _, key := range []string{"a", "b", "c"} {
		_, err := w.runs.StartRun(ctx, &workflowv1.StartRunRequest{Component: "c", Workflow: "w", BusinessKey: key})
		require.NoError(t, err)
	}
	page, err := w.runs.ListRuns(ctx, &workflowv1.ListRunsRequest{PageSize: 2})
	require.NoError(t, err)
	require.Len(t, page.GetRuns(), 2)
	require.Equal(t, "c", page.GetRuns()[0].GetBusinessKey())
	rest, err := w.runs.ListRuns(ctx, &workflowv1.ListRunsRequest{PageSize: 2, PageToken: page.GetNextPageToken()})
	require.NoError(t, err)
	require.Len(t, rest.GetRuns(), 1)
	require.Empty(t, rest.GetNextPageToken())
	for _, req := range []*workflowv1.ListRunsRequest{{PageToken: page.GetNextPageToken(), Component: "x"}, {PageToken: "nonsense"}} {
		_, err = w.runs.ListRuns(ctx, req)
		requireFault(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	}
	foreign := admin()
	foreign.Tenant = "t2"
	_, err = w.runs.ListRuns(w.as(foreign), &workflowv1.ListRunsRequest{PageToken: page.GetNextPageToken()})
	requireFault(t, err, faultv1.Reason_REASON_PAGE_TOKEN_INVALID)
	filtered, err := w.runs.ListRuns(ctx, &workflowv1.ListRunsRequest{BusinessKey: "b", Workflow: "w", Component: "c"})
	require.NoError(t, err)
	require.Len(t, filtered.GetRuns(), 1)
	id := filtered.GetRuns()[0].GetId()
	_, err = w.runs.GetRun(w.as(foreign), &workflowv1.GetRunRequest{Run: id})
	requireFault(t, err, faultv1.Reason_REASON_RUN_NOT_FOUND)
	_, err = w.runs.GetRun(w.as(user("m", []string{"member"})), &workflowv1.GetRunRequest{Run: id})
	requireFault(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)

	_, err = w.runs.SignalRun(ctx, &workflowv1.SignalRunRequest{Run: id, Type: "go", Data: wire(t, "now")})
	require.NoError(t, err)
	done := w.until(id, workflowv1.RunState_RUN_STATE_SUCCEEDED)
	require.Equal(t, []any{"now"}, plain(t, done.GetOutput()))
	events, err := w.runs.ListRunEvents(ctx, &workflowv1.ListRunEventsRequest{Run: id, PageSize: 2})
	require.NoError(t, err)
	require.Len(t, events.GetEvents(), 2)
	require.Equal(t, "run.started", events.GetEvents()[0].GetType())
	more, err := w.runs.ListRunEvents(ctx, &workflowv1.ListRunEventsRequest{Run: id, PageToken: events.GetNextPageToken()})
	require.NoError(t, err)
	require.Equal(t, int64(3), more.GetEvents()[0].GetSeq())
	require.Empty(t, more.GetNextPageToken())

	canceled, err := w.runs.CancelRun(ctx, &workflowv1.CancelRunRequest{Run: page.GetRuns()[0].GetId(), Reason: "enough"})
	require.NoError(t, err)
	require.Equal(t, workflowv1.RunState_RUN_STATE_CANCELED, canceled.GetState())
	_, err = w.runs.RetryRun(ctx, &workflowv1.RetryRunRequest{Run: id})
	requireFault(t, err, faultv1.Reason_REASON_RUN_NOT_RETRYABLE)

	for range 2 {
		started, err := w.triggers.StartTriggered(t.Context(), &workflowv1.StartTriggeredRequest{
			Tenant: "t1", Release: "r1", Subject: "eve", Component: "c", Workflow: "w", Entry: "e1", RequestId: "o1",
		})
		require.NoError(t, err)
		run, err := w.runs.GetRun(ctx, &workflowv1.GetRunRequest{Run: started.GetRun()})
		require.NoError(t, err)
		require.Equal(t, "eve", run.GetSubject())
	}
	triggered, err := w.runs.ListRuns(ctx, &workflowv1.ListRunsRequest{})
	require.NoError(t, err)
	require.Len(t, triggered.GetRuns(), 4)
	pinned, err := w.checks.ListPinnedReleases(t.Context(), &workflowv1.ListPinnedReleasesRequest{Tenant: "t1"})
	require.NoError(t, err)
	require.Equal(t, []string{"r1"}, pinned.GetReleases())
	_, err = w.foreign.ListPinnedReleases(ctx, &workflowv1.ListPinnedReleasesRequest{Tenant: "t1"})
	require.Error(t, err)
	types, err := w.catalog.ListTaskTypes(ctx, &workflowv1.DescribeRequest{})
	require.NoError(t, err)
	described, err := w.checks.Describe(t.Context(), &workflowv1.DescribeRequest{})
	require.NoError(t, err)
	require.Len(t, types.GetSpecs(), 15)
	require.Len(t, described.GetSpecs(), 15)
	_, err = w.runs.StartRun(ctx, &workflowv1.StartRunRequest{Component: "c", Workflow: "none"})
	requireFault(t, err, faultv1.Reason_REASON_WORKFLOW_NOT_FOUND)
}
