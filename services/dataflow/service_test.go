package dataflow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	dataflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/dataflow/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow"
)

const flows = `
id: shop
model:
  fields:
    - {name: code, type: FIELD_TYPE_STRING, primaryKey: true}
    - {name: total, type: FIELD_TYPE_NUMBER}
    - {name: parent, type: FIELD_TYPE_CATALOG, catalog: {component: shop}}
scripts: [{id: slow, source: "import time\ndef main(item):\n  time.sleep(30)"}]
workflows: [{id: approve}]
dataflows:
  - id: hidden
    roles: [boss]
    steps: [{id: read, type: get-empty-model}, {id: answer, type: write-response, sources: [read], params: {fields: {who: user.name, roles: user.roles}}}]
  - id: divide
    steps: [{id: read, type: get-raw-model}, {id: answer, type: write-response, sources: [read], params: {fields: {x: 1 / int(item.n)}}}]
  - id: cost
    steps:
      - {id: read, type: get-raw-model}
      - id: answer
        type: write-response
        sources: [read]
        params: {fields: {x: "item.list.map(a, item.list.map(b, item.list.map(c, 1)))"}}
  - id: again
    steps:
      - {id: read, type: get-raw-model}
      - {id: more, type: execute-dataflow, sources: [read], params: {dataflow: again, resultField: inner}}
  - id: twice
    steps:
      - {id: read, type: get-raw-model}
      - {id: store, type: update-entry, sources: [read], params: {component: shop, mode: create, fields: {code: item.code}, resultField: saved}}
      - {id: answer, type: write-response, sources: [store]}
  - id: many
    steps:
      - {id: read, type: get-raw-model}
      - {id: each, type: execute-dataflow, sources: [read], params: {dataflow: twice, input: item.list, resultField: answers}}
      - {id: answer, type: write-response, sources: [each]}
  - id: start
    steps:
      - {id: read, type: get-raw-model}
      - {id: go, type: execute-workflow, sources: [read], params: {workflow: approve, entryId: item.entry, resultField: run}}
      - {id: answer, type: write-response, sources: [go]}
  - id: slow
    steps: [{id: read, type: get-empty-model}, {id: run, type: execute-script, sources: [read], params: {script: slow}}]
  - id: list
    steps:
      - {id: read, type: get-empty-model}
      - {id: find, type: query-entity-by-filter, sources: [read], params: {component: shop, filter: total >= input.least, orderBy: total desc, limit: 310}}
      - {id: write, type: export-to-file, sources: [find], params: {format: csv, fileName: "'a.csv'", fields: {code: item.code, total: item.total, parent: item.parent.code}}}
      - {id: answer, type: write-response, sources: [write]}
  - id: load
    steps:
      - {id: read, type: get-raw-model}
      - {id: rows, type: import-file, sources: [read], params: {file: item.file, fields: {code: row.code, total: decimal(row.total)}}}
      - {id: collect, type: deferred-update-entry, sources: [rows], params: {component: shop}}
      - {id: apply, type: apply-deferred-update-operations, sources: [collect]}
      - {id: answer, type: write-response, sources: [apply]}
  - id: broken
    steps: [{id: read, type: get-row-model}]
`

func TestAccess(t *testing.T) {
	t.Parallel()
	w := start(t, nil, yamlComponent(t, flows))
	nothing := admin()
	nothing.Release = ""
	unknown := admin()
	unknown.Release = "r7"
	long := func(r *dataflowv1.RunDataflowRequest) { r.RequestId = strings.Repeat("x", 101) }
	for name, c := range map[string]struct {
		user            principal.Principal
		component, flow string
		change          func(*dataflowv1.RunDataflowRequest)
		want            faultv1.Reason
	}{
		"no permission":       {user: user(nil, "entries.*"), component: "shop", flow: "divide", want: faultv1.Reason_REASON_PERMISSION_DENIED},
		"another role":        {user: user([]string{"clerk"}, "dataflows.run"), component: "shop", flow: "hidden", want: faultv1.Reason_REASON_DATAFLOW_NOT_FOUND},
		"no such dataflow":    {user: admin(), component: "shop", flow: "hiddn", want: faultv1.Reason_REASON_DATAFLOW_NOT_FOUND},
		"no such component":   {user: admin(), component: "shp", flow: "hidden", want: faultv1.Reason_REASON_COMPONENT_NOT_FOUND},
		"nothing published":   {user: nothing, component: "shop", flow: "hidden", want: faultv1.Reason_REASON_NOTHING_PUBLISHED},
		"no such release":     {user: unknown, component: "shop", flow: "hidden", want: faultv1.Reason_REASON_RELEASE_NOT_FOUND},
		"a long request id":   {user: admin(), component: "shop", flow: "hidden", change: long, want: faultv1.Reason_REASON_INVALID_FIELDS},
		"no dataflow":         {user: admin(), component: "shop", want: faultv1.Reason_REASON_INVALID_FIELDS},
		"published as broken": {user: admin(), component: "shop", flow: "broken", want: faultv1.Reason_REASON_DATAFLOW_INVALID},
	} {
		t.Run(name, func(t *testing.T) {
			if c.change == nil {
				c.change = func(*dataflowv1.RunDataflowRequest) {}
			}
			_, _, err := w.run(c.user, c.component, c.flow, nil, c.change)
			requireFault(t, err, c.want)
		})
	}
	out, _, err := w.run(user([]string{"boss"}, "dataflows.run"), "shop", "hidden", nil)
	require.NoError(t, err)
	require.Equal(t, map[string]any{"who": "Ada", "roles": []any{"boss"}}, out)
	_, _, err = w.run(admin(), "shop", "hidden", nil)
	require.NoError(t, err, "administrators pass")
}

// TestUserErrors: what an author did wrong is never our internal error.
func TestUserErrors(t *testing.T) {
	t.Parallel()
	w := start(t, nil, yamlComponent(t, flows))
	out, _, err := w.run(admin(), "shop", "divide", map[string]any{"n": "4"})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"x": int64(0)}, out)
	for _, input := range []any{map[string]any{"n": "0"}, map[string]any{"n": "x"}, map[string]any{}, nil, int64(5), []any{nil}} {
		_, _, err := w.run(admin(), "shop", "divide", input)
		f := requireFault(t, err, faultv1.Reason_REASON_EXPRESSION_FAILED)
		require.Equal(t, "answer", f.Meta["step"])
		require.Contains(t, f.Message, `step "answer" (write-response): `)
	}
	list := make([]any, 200)
	for i := range list {
		list[i] = int64(i)
	}
	_, _, err = w.run(admin(), "shop", "cost", map[string]any{"list": list})
	requireFault(t, err, faultv1.Reason_REASON_EXPRESSION_COST)
	w.sameAgain()
}

func TestDataflowsCallDataflows(t *testing.T) {
	t.Parallel()
	w := start(t, nil, yamlComponent(t, flows))
	_, _, err := w.run(admin(), "shop", "again", map[string]any{"a": int64(1)})
	f := requireFault(t, err, faultv1.Reason_REASON_STEP_FAILED)
	require.Contains(t, f.Message, "more than 8 levels deep")

	input := map[string]any{"list": []any{map[string]any{"code": "a"}, map[string]any{"code": "b"}, map[string]any{"code": "c"}}}
	once := func(r *dataflowv1.RunDataflowRequest) { r.RequestId = strings.Repeat("é", 50) }
	var first any
	for range 2 { // the same request again: every write of every level is done once
		out, _, err := w.run(admin(), "shop", "many", input, once)
		require.NoError(t, err)
		answers := out.(map[string]any)["answers"].([]any)
		require.Len(t, answers, 3)
		require.Equal(t, "b", answers[1].(map[string]any)["code"], "in order")
		if first != nil {
			require.Equal(t, first, out)
		}
		first = out
	}
	_, _, err = w.run(admin(), "shop", "many", input)
	f = requireFault(t, err, faultv1.Reason_REASON_ENTRY_EXISTS)
	require.Equal(t, "store", f.Meta["step"], "the step at fault, not the one that called it")
	w.sameAgain()
}

func TestWorkflowsAreStarted(t *testing.T) {
	t.Parallel()
	w := start(t, nil, yamlComponent(t, flows))
	out, _, err := w.run(admin(), "shop", "start", map[string]any{"entry": "e1"}, func(r *dataflowv1.RunDataflowRequest) { r.RequestId = "k" })
	require.NoError(t, err)
	require.Equal(t, "run-1", out.(map[string]any)["run"])
	require.Equal(t, "e1", w.workflow.starts[0].GetEntry())
	require.Equal(t, "k/go/0", w.workflow.starts[0].GetRequestId())
	require.Equal(t, "approve", w.workflow.starts[0].GetWorkflow())
	w.sameAgain()
}

// TestFilesInAndOut reads a file larger than a message into entries, and writes entries of several pages into a file.
func TestFilesInAndOut(t *testing.T) {
	t.Parallel()
	w := start(t, nil, yamlComponent(t, flows))
	var csv strings.Builder
	csv.WriteString("code;total\n")
	for i := range 400 {
		csv.WriteString(strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26) + ";" + value.NewDecimal(int64(i)).String() + "\n")
	}
	csv.WriteString("bad;much\n")
	w.files.put("f1", "a.csv", "text/csv", []byte(csv.String()))
	out, resp, err := w.run(admin(), "shop", "load", map[string]any{"file": "f1"})
	require.NoError(t, err)
	require.Equal(t, int64(400), out.(map[string]any)["created"])
	rows := resp.GetSteps()[1]
	require.Equal(t, []int64{401, 400, 1}, []int64{rows.GetRowsIn(), rows.GetRowsOut(), rows.GetRowsFailed()})
	require.Equal(t, int64(402), rows.GetErrors()[0].GetLine())
	require.Equal(t, "total", rows.GetErrors()[0].GetField())

	out, _, err = w.run(admin(), "shop", "list", map[string]any{"least": int64(10)})
	require.NoError(t, err)
	require.Equal(t, int64(310), out.(map[string]any)["rows"], "of several pages as many as allowed")
	content, info, err := w.files.files.Read(t.Context(), string(out.(map[string]any)["file"].(value.File)), 1<<20)
	require.NoError(t, err)
	require.Equal(t, "a.csv", info.Name)
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	require.Len(t, lines, 311)
	require.Equal(t, "code;parent;total", lines[0])
	require.True(t, strings.HasSuffix(lines[1], ";;399"), lines[1])

	w.files.put("big", "big.csv", "text/csv", make([]byte, 33<<20))
	_, _, err = w.run(admin(), "shop", "load", map[string]any{"file": "big"})
	requireFault(t, err, faultv1.Reason_REASON_FILE_TOO_LARGE)
	_, _, err = w.run(admin(), "shop", "load", map[string]any{"file": "none"})
	requireFault(t, err, faultv1.Reason_REASON_FILE_NOT_FOUND)
	w.sameAgain()
}

func TestDeadlineOfTheCaller(t *testing.T) {
	t.Parallel()
	w := start(t, nil, yamlComponent(t, flows))
	ctx, cancel := context.WithTimeout(w.as(admin()), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := w.runs.RunDataflow(ctx, &dataflowv1.RunDataflowRequest{Component: "shop", Dataflow: "slow"})
	require.Less(t, time.Since(began), 10*time.Second, "the script would take 30")
	f, ok := fault.As(err)
	require.True(t, ok, "%v", err)
	// The call of the script ends a little before the caller's own time is up, and then its service counts as away.
	require.Contains(t, []fault.Kind{fault.KindDeadlineExceeded, fault.KindUnavailable}, f.Kind, f.Message)
}

func TestTooManyRunsAreRefused(t *testing.T) {
	t.Parallel()
	w := start(t, map[string]string{"AQTRA_DATAFLOW_MAX_RUNS": "1"}, yamlComponent(t, flows))
	ctx, cancel := context.WithCancel(w.as(admin()))
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := w.runs.RunDataflow(ctx, &dataflowv1.RunDataflowRequest{Component: "shop", Dataflow: "slow"})
		ended <- err
	}()
	<-w.python.started
	_, _, err := w.run(admin(), "shop", "hidden", nil)
	requireFault(t, err, faultv1.Reason_REASON_OVERLOADED)
	cancel()
	requireFault(t, <-ended, faultv1.Reason_REASON_CANCELED)
	require.Eventually(t, func() bool {
		_, _, err := w.run(admin(), "shop", "hidden", nil)
		return err == nil
	}, 20*time.Second, time.Millisecond, "the place is free again")
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	c := yamlComponent(t, `
id: order
dataflows:
  - id: f
    steps:
      - {id: read, type: get-raw-model}
      - {id: code, type: execute-script, sources: [read], params: {source: "def mian(item): pass", result: {total: decimal}}}
      - {id: store, type: update-entry, sources: [code], params: {component: shop, fields: {code: string(item.x), total: item.totl}}}
`)
	call := func(client dataflowv1.DefinitionsClient, flow string) (*dataflowv1.CheckDataflowResponse, error) {
		return client.CheckDataflow(w.as(admin()), &dataflowv1.CheckDataflowRequest{
			Component: c, Dataflow: flow, Others: []*libraryv1.Component{yamlComponent(t, flows), c},
		})
	}
	resp, err := call(w.checks, "f")
	require.NoError(t, err)
	var problems []string
	for _, p := range resp.GetProblems() {
		require.Equal(t, "order", p.GetComponent())
		problems = append(problems, p.GetReason()+" "+p.GetPath()+" "+p.GetSuggestion())
	}
	require.Equal(t, []string{"missing-function dataflows/f/steps/code/params/source "}, problems,
		"the raw item may have any fields, so the misspelt one cannot be known")
	require.Equal(t, "any", resp.GetOutputTypes()["store"])
	var references []string
	for _, r := range resp.GetReferences() {
		references = append(references, r.GetKind()+" "+r.GetTargetComponent()+"/"+r.GetTargetId())
	}
	require.Equal(t, []string{"component shop/", "field shop/shop_code", "field shop/shop_total"}, references)

	_, err = call(w.checks, "g")
	requireFault(t, err, faultv1.Reason_REASON_DATAFLOW_NOT_FOUND)
	_, err = call(w.foreign, "f")
	requireFault(t, err, faultv1.Reason_REASON_PEER_NOT_ALLOWED)
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	w := start(t, nil)
	listed, err := w.catalog.ListStepTypes(w.as(user(nil)), &dataflowv1.DescribeRequest{})
	require.NoError(t, err)
	described, err := w.checks.Describe(w.as(admin()), &dataflowv1.DescribeRequest{})
	require.NoError(t, err)
	require.Len(t, described.GetSpecs(), len(listed.GetSpecs()))
	types := map[string]*catalogv1.Spec{}
	for _, s := range listed.GetSpecs() {
		types[s.GetType()] = s
	}
	for _, want := range []string{"get-action-model", "update-entry", "write-response", "execute-script", "import-file", "join-models", "get-user-info"} {
		require.Contains(t, types, want)
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	var cfg dataflow.Config
	err := config.Load(service.Prefix("dataflow"), &cfg, config.Map(map[string]string{
		"AQTRA_DATAFLOW_MAX_RUNS": "0", "AQTRA_DATAFLOW_RELEASE_CACHE": "1KiB",
	}))
	require.ErrorContains(t, err, "MaxRuns")
	require.ErrorContains(t, err, "ReleaseCache")
}
