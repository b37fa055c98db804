package engine_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

// testCase is one file of testdata.
type testCase struct {
	Workflow any
	Input    any
	// RepeatText makes the input {"text": "xxx.."} of this length.
	RepeatText int `yaml:"repeat_text"`
	Signals    []struct {
		Type string
		Data any
	}
	// Fail is how the first calls of the dataflow "noop" go wrong.
	Fail []string
	Want struct {
		Output any
		Error  *task.Error
		Path   []string
		Keys   []string
	}
	Problems []string
}

func readCases(t *testing.T, folder string) map[string]testCase {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	out := map[string]testCase{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var c testCase
		require.NoError(t, yaml.Unmarshal(text, &c), file)
		out[strings.TrimSuffix(filepath.Base(file), ".yaml")] = c
	}
	return out
}

func yamlOf(t *testing.T, v any) string {
	t.Helper()
	b, err := yaml.Marshal(v)
	require.NoError(t, err)
	return string(b)
}

var failures = map[string]error{
	"invalid":     fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "bad"),
	"conflict":    fault.Conflict(faultv1.Reason_REASON_ETAG_MISMATCH, "crossed"),
	"unavailable": fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "away"),
}

// TestCases runs every document on a real database.
func TestCases(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	cases := readCases(t, "cases")
	for name, c := range cases {
		s.document(t, name, yamlOf(t, c.Workflow))
	}
	var mu sync.Mutex
	failed := map[string]int{}
	s.flow = func(c call) (any, error) {
		run, _, _ := strings.Cut(c.Key, "/")
		mu.Lock()
		defer mu.Unlock()
		r, err := s.store.Run(t.Context(), ada.Tenant, run)
		if err != nil {
			return nil, err
		}
		n := failed[run]
		if fail := cases[r.Workflow].Fail; n < len(fail) && c.Name == "noop" {
			failed[run]++
			return nil, failures[fail[n]]
		}
		return map[string]any{"echo": c.Input}, nil
	}
	e, _ := s.engine()
	t.Run("all", func(t *testing.T) {
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				input := plain(c.Input)
				if c.RepeatText > 0 {
					input = map[string]any{"text": strings.Repeat("x", c.RepeatText)}
				}
				run, err := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: name, Input: input})
				require.NoError(t, err)
				for _, sig := range c.Signals {
					_, err := e.Signal(t.Context(), ada, run.ID, sig.Type, "", plain(sig.Data))
					require.NoError(t, err)
				}
				done := s.finish(e, run.ID)
				again, note := s.replay(e, name, c.Workflow)
				require.Empty(t, note)
				for _, r := range again {
					if r.Text != "its history is too long" {
						require.Equal(t, libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME, r.Outcome, "%s: %s", r.Step, r.Text)
					}
				}
				if c.Want.Keys != nil {
					var keys []string
					for _, k := range s.callsOf("noop") {
						if key, ok := strings.CutPrefix(k.Key, run.ID+"/"); ok {
							keys = append(keys, key)
						}
					}
					require.Equal(t, c.Want.Keys, keys)
				}
				if want := c.Want.Error; want != nil {
					require.Equal(t, engine.Failed, done.State)
					got := *done.Error
					got.Type = strings.TrimPrefix(got.Type, task.TypeBase)
					require.Equal(t, want.Type, got.Type)
					require.Equal(t, want.Status, got.Status)
					if want.Detail != "" {
						require.Equal(t, want.Detail, got.Detail)
					}
					if want.Instance != "" {
						require.Equal(t, want.Instance, got.Instance)
					}
					return
				}
				require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
				got := decode(t, done.Output)
				require.True(t, value.Equal(plain(c.Want.Output), got), "got %v", got)
				if c.Want.Path != nil {
					var path []string
					for _, line := range s.types(e, run.ID) {
						if at, ok := strings.CutPrefix(line, "task.completed "); ok {
							path = append(path, at)
						}
					}
					require.Equal(t, c.Want.Path, path)
				}
			})
		}
	})
}

// TestRefused checks documents that must not be published.
func TestRefused(t *testing.T) {
	t.Parallel()
	kinds, err := tasks.All(newWorld(), nil, nil)
	require.NoError(t, err)
	for name, c := range readCases(t, "refused") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			doc, err := value.ToProto(parse(t, yamlOf(t, c.Workflow)))
			require.NoError(t, err)
			result := dsl.Compile(kinds, &task.Scope{Component: component()}, &libraryv1.Workflow{Id: "w", Document: doc})
			require.Nil(t, result.Program)
			var got []string
			for _, p := range result.Problems {
				require.NotEmpty(t, p.GetMessage())
				require.Equal(t, "invoice", p.GetComponent())
				got = append(got, p.GetReason()+" "+p.GetPath())
			}
			require.ElementsMatch(t, c.Problems, got)
		})
	}
}

// TestReferences checks that what a workflow uses is found by stable ids.
func TestReferences(t *testing.T) {
	t.Parallel()
	kinds, err := tasks.All(newWorld(), nil, nil)
	require.NoError(t, err)
	doc, err := value.ToProto(parse(t, `
do:
  - a: {call: entry, with: {action: get, component: invoice, entry: x}, export: {as: "${ output.total }"}}
  - b: {call: entry, with: {action: update, component: invoice, entry: x, fields: {state: 1}}}
  - c: {call: dataflow, with: {component: invoice, dataflow: noop}}
  - d: {call: confirm, with: {title: t, choices: {field: state}, roles: [boss], page: form}}
`))
	require.NoError(t, err)
	result := dsl.Compile(kinds, &task.Scope{Component: component()}, &libraryv1.Workflow{Id: "w", Document: doc})
	require.NotNil(t, result.Program, "%v", result.Problems)
	var got []string
	for _, r := range result.References {
		got = append(got, strings.Join([]string{strings.TrimPrefix(r.GetPath(), "workflows/w/document/do/"), r.GetKind(), r.GetTargetComponent(), r.GetTargetId()}, " "))
	}
	require.Equal(t, []string{
		"0/a/with/component component invoice ", "0/a/export/as field invoice f1", "1/b/with/component component invoice ",
		"1/b/with/fields/state field invoice f2", "2/c/with/component component invoice ", "2/c/with/dataflow dataflow invoice noop",
		"3/d/with/choices/field field invoice f2", "3/d/with/roles role  boss", "3/d/with/page page invoice form",
	}, got)
	at := func(i int) []any {
		r := result.References[i]
		return []any{r.GetOffset(), r.GetLength(), r.GetInKey()}
	}
	require.Equal(t, []any{int32(len("${ output.")), int32(len("total")), false}, at(1))
	require.Equal(t, []any{int32(0), int32(len("state")), true}, at(3))
	require.Equal(t, []any{int32(0), int32(len("noop")), false}, at(5))
}

// TestRoles checks that a workflow of other roles looks like a missing one.
func TestRoles(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{a: {set: 1}}]`)
	s.roles = []string{"boss"}
	e, _ := s.engine()
	_, err := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "w"})
	_, missing := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "nowhere"})
	require.Error(t, err)
	require.Equal(t, missing.Error(), err.Error())
	for _, role := range []string{"boss", "admin"} {
		_, err := e.Start(t.Context(), principal.Principal{Tenant: "t1", Subject: "x", Roles: []string{role}, Release: "r1"}, engine.StartRequest{Component: "invoice", Workflow: "w"})
		require.NoError(t, err)
	}
	_, err = e.Start(t.Context(), principal.Principal{Tenant: "t1", Subject: "x"}, engine.StartRequest{Component: "invoice", Workflow: "w"})
	require.True(t, fault.Has(err, faultv1.Reason_REASON_NOTHING_PUBLISHED))
}
