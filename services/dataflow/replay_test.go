package dataflow_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/value"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// recordings keeps recordings in memory.
type recordings struct {
	storagev1.UnimplementedRecordingsServer

	mu   sync.Mutex
	kept []*storagev1.KeepRecordingRequest
}

func (r *recordings) KeepRecording(_ context.Context, req *storagev1.KeepRecordingRequest) (*emptypb.Empty, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = append(r.kept, req)
	return &emptypb.Empty{}, nil
}

func (r *recordings) ListRecordings(_ context.Context, req *storagev1.ListRecordingsRequest) (*storagev1.ListRecordingsResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	resp := &storagev1.ListRecordingsResponse{}
	for _, k := range r.kept {
		if k.GetTenant() == req.GetTenant() && k.GetComponent() == req.GetComponent() && k.GetDataflow() == req.GetDataflow() {
			resp.Recordings = append([]*storagev1.Recording{k.GetRecording()}, resp.Recordings...)
		}
	}
	return resp, nil
}

func (r *recordings) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.kept)
}

// replay plays the recordings of a dataflow with a changed component.
func (w *world) replay(component, dataflow string, change func(*libraryv1.Component)) *dataflowv1.ReplayRunsResponse {
	w.t.Helper()
	req := &dataflowv1.ReplayRunsRequest{Tenant: "t1", Release: "r1", Component: component, Dataflow: dataflow}
	for _, c := range w.library.release.GetComponents() {
		if c.GetId() != component {
			req.Others = append(req.Others, c)
			continue
		}
		req.Candidate = proto.CloneOf(c)
		change(req.GetCandidate())
	}
	resp, err := w.checks.ReplayRuns(w.t.Context(), req)
	require.NoError(w.t, err)
	return resp
}

// sameAgain requires that every run that was recorded so far goes as it went when nothing changes, and that a replay asks nobody.
func (w *world) sameAgain() {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.recorded.count() > 0 }, time.Minute, time.Millisecond)
	w.recorded.mu.Lock()
	flows := map[[2]string]bool{}
	for _, k := range w.recorded.kept {
		flows[[2]string{k.GetComponent(), k.GetDataflow()}] = true
	}
	w.recorded.mu.Unlock()
	w.storage.mu.Lock()
	w.storage.entries = nil
	w.storage.mu.Unlock()
	for f := range flows {
		resp := w.replay(f[0], f[1], func(*libraryv1.Component) {})
		require.Empty(w.t, resp.GetNote())
		require.NotEmpty(w.t, resp.GetRuns())
		for _, r := range resp.GetRuns() {
			require.Equal(w.t, libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME, r.GetOutcome(), "%s: %s", f, r.GetText())
		}
	}
}

// TestReplay changes the dataflow "sum", which closes the dear ones of a list.
func TestReplay(t *testing.T) {
	t.Parallel()
	const text = `
id: shop
model: {fields: [{name: code, type: FIELD_TYPE_STRING, primaryKey: true}, {name: total, type: FIELD_TYPE_NUMBER}, {name: seen, type: FIELD_TYPE_DATETIME}]}
scripts: [{id: twice, source: "def main(item):\n  return item"}, {id: thrice, source: "def main(item):\n  return item"}]
dataflows:
  - id: sum
    steps:
      - {id: read, type: get-raw-model}
      - {id: find, type: query-entity-by-filter, sources: [read], params: {component: shop, filter: total >= input.least, orderBy: code, limit: 100}}
      - {id: dear, type: filter-source, sources: [find], params: {condition: item.total > 10.0}}
      - {id: mark, type: update-entry, sources: [dear], params: {component: shop, mode: update, entryId: item.id, fields: {seen: now()}, resultField: marked}}
      - {id: answer, type: write-response, sources: [mark]}
`
	w := start(t, nil, yamlComponent(t, text))
	for code, total := range map[string]string{"a": "5", "b": "20", "c": "30"} {
		_, err := w.storage.one(t.Context(), "shop", step.Write{Mode: step.Create, Fields: map[string]any{"code": code, "total": value.MustDecimal(total)}}, "")
		require.NoError(t, err)
	}
	for i, least := range []int64{0, 25} {
		_, _, err := w.run(admin(), "shop", "sum", map[string]any{"least": least})
		require.NoError(t, err)
		require.Eventually(t, func() bool { return w.recorded.count() == i+1 }, time.Minute, time.Millisecond)
	}
	w.sameAgain()

	const same, different, unknown = libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME, libraryv1.ReplayOutcome_REPLAY_OUTCOME_DIFFERENT, libraryv1.ReplayOutcome_REPLAY_OUTCOME_UNKNOWN
	type result struct {
		outcome    libraryv1.ReplayOutcome
		step, text string
	}
	param := func(i int, name string, v any) func(*libraryv1.Component) {
		return func(c *libraryv1.Component) {
			p, err := value.ToProto(v)
			require.NoError(t, err)
			s := c.GetDataflows()[0].GetSteps()[i]
			if s.Params == nil {
				s.Params = map[string]*typev1.Value{}
			}
			s.Params[name] = p
		}
	}
	ok := result{outcome: same}
	for name, c := range map[string]struct {
		change    func(*libraryv1.Component)
		all, dear result // of the runs with 0 and with 25
	}{
		"a filter that means the same":   {param(2, "condition", "!(item.total <= 10.0)"), ok, ok},
		"another filter":                 {param(2, "condition", "item.total > 25.0"), result{different, "dear", `from step "dear" on: it changes other data`}, ok},
		"other fields":                   {param(3, "fields", map[string]any{"seen": "now()", "total": "1.0"}), result{different, "mark", `from step "mark" on: it changes other data`}, result{different, "mark", `from step "mark" on: it changes other data`}},
		"it reads something else":        {param(1, "filter", "total > input.least"), result{unknown, "find", `step "find" asks for something that was not recorded`}, result{unknown, "find", `step "find" asks for something that was not recorded`}},
		"it fails":                       {param(2, "condition", "1 / (int(item.total) - 30) < 2"), result{different, "dear", `from step "dear" on: it fails in step "dear"`}, result{different, "dear", `from step "dear" on: it fails in step "dear"`}},
		"another answer":                 {param(4, "fields", map[string]any{"n": "item.code"}), result{different, "answer", `from step "answer" on: it gives another result`}, result{different, "answer", `from step "answer" on: it gives another result`}},
		"what nobody needs is not asked": {func(c *libraryv1.Component) { c.Description = "new" }, ok, ok},
	} {
		t.Run(name, func(t *testing.T) {
			resp := w.replay("shop", "sum", c.change)
			require.Empty(t, resp.GetNote())
			var got []result
			for _, r := range resp.GetRuns() {
				got = append(got, result{r.GetOutcome(), r.GetStep(), r.GetText()})
			}
			require.Equal(t, []result{c.dear, c.all}, got, "newest first")
		})
	}
	resp := w.replay("shop", "sum", func(c *libraryv1.Component) { c.GetDataflows()[0].GetSteps()[1].Type = "nonsense" })
	require.Equal(t, "the dataflow has problems", resp.GetNote())
	_, err := w.foreign.ReplayRuns(t.Context(), &dataflowv1.ReplayRunsRequest{})
	requireFault(t, err, faultv1.Reason_REASON_PEER_NOT_ALLOWED)
}

func TestRunsAreRecordedNowAndThen(t *testing.T) {
	t.Parallel()
	w := start(t, map[string]string{"AQTRA_DATAFLOW_RECORD_EVERY": "1h"}, yamlComponent(t, flows))
	for range 3 {
		_, _, err := w.run(admin(), "shop", "twice", map[string]any{"code": strings.Repeat("x", 9)}, func(r *dataflowv1.RunDataflowRequest) { r.RequestId = "1" })
		require.NoError(t, err)
	}
	big := map[string]any{"code": strings.Repeat("x", 600<<10)}
	_, _, _ = w.run(admin(), "shop", "divide", big) // too large to be kept
	_, _, err := w.run(admin(), "shop", "list", map[string]any{"least": int64(0)})
	require.NoError(t, err)
	require.Eventually(t, func() bool { return w.recorded.count() == 2 }, time.Minute, time.Millisecond)
	w.recorded.mu.Lock()
	defer w.recorded.mu.Unlock()
	require.Equal(t, []string{"twice", "list"}, []string{w.recorded.kept[0].GetDataflow(), w.recorded.kept[1].GetDataflow()})
}
