package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// openTasks are the titles of the questions that a run has put.
func (s *site) openTasks(e *engine.Engine, run string) map[string]string {
	s.t.Helper()
	list, _, err := e.Tasks(s.t.Context(), boss, engine.Open, "", 100)
	require.NoError(s.t, err)
	out := map[string]string{}
	for _, q := range list {
		if q.Run == run {
			out[q.Title] = q.ID
		}
	}
	return out
}

func (s *site) asks(e *engine.Engine, run string, titles ...string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		open := s.openTasks(e, run)
		return len(open) == len(titles) && !slices.ContainsFunc(titles, func(title string) bool { return open[title] == "" })
	}, time.Minute, 5*time.Millisecond)
}

func (s *site) answer(e *engine.Engine, run, title string, answer any) {
	s.t.Helper()
	_, err := e.Answer(s.t.Context(), boss, s.openTasks(e, run)[title], answer, "")
	require.NoError(s.t, err)
}

// TestForkAsksAtOnce has two people answer in any order; one who answers for both withdraws the other's question.
func TestForkAsksAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	choices := `choices: [{value: true, label: Yes}, {value: false, label: No}], roles: [boss]`
	s.document(t, "both", `
do:
  - approve:
      fork:
        branches:
          - one: {call: confirm, with: {title: One, `+choices+`}, output: {as: "${ output.answer }"}}
          - two: {call: confirm, with: {title: Two, `+choices+`}, output: {as: "${ output.answer }"}}
`)
	s.document(t, "either", `
do:
  - approve:
      fork:
        compete: true
        branches:
          - one: {call: confirm, with: {title: One, `+choices+`}, output: {as: "${ output.answer }"}}
          - two: {call: confirm, with: {title: Two, `+choices+`}, output: {as: "${ output.answer }"}}
          - late: {do: [{wait: {wait: {hours: 1}}}]}
  - then: {call: confirm, with: {title: Three, `+choices+`}, output: {as: "${ input.first }"}, input: {from: "${ {'first': output} }"}}
`)
	e, _ := s.engine()
	run := start(t, e, "both").ID
	s.asks(e, run, "One", "Two")
	s.answer(e, run, "Two", false)
	s.asks(e, run, "One")
	s.answer(e, run, "One", true)
	require.Equal(t, []any{true, false}, decode(t, s.finish(e, run).Output))

	run = start(t, e, "either").ID
	s.asks(e, run, "One", "Two")
	s.answer(e, run, "Two", true)
	s.asks(e, run, "Three")
	s.answer(e, run, "Three", true)
	require.Equal(t, true, decode(t, s.finish(e, run).Output))
}

// TestForkCallsAtOnce has two calls that each wait until the other one has begun, beside a branch that goes on meanwhile.
func TestForkCallsAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `
do:
  - both:
      fork:
        branches:
          - a: {call: python, with: {component: invoice, script: echo, input: 1}}
          - b: {call: python, with: {component: invoice, script: echo, input: 2}}
          - c:
              do:
                - nap: {wait: {milliseconds: 1}}
                - tell: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ 3 }"}, output: {as: "${ output.echo }"}}
`)
	told := make(chan struct{})
	s.flow = func(call) (any, error) { close(told); return map[string]any{"echo": int64(3)}, nil }
	s.together, s.before = make(chan struct{}, 2), told
	e, _ := s.engine()
	done := s.finish(e, start(t, e, "w").ID)
	require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
	require.Equal(t, []any{int64(1), int64(2), int64(3)}, decode(t, done.Output))
}

// TestForkRetried tries a run again after one of its branches failed: the others begin what they waited for anew, with what is done
// kept.
func TestForkRetried(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `
do:
  - both:
      fork:
        branches:
          - done: {call: dataflow, with: {component: invoice, dataflow: other}}
          - asks: {call: confirm, with: {title: One, choices: [{value: true, label: Yes}], roles: [boss]}, output: {as: "${ output.answer }"}}
          - fails: {do: [{nap: {wait: {milliseconds: 20}}}, {send: {call: dataflow, with: {component: invoice, dataflow: noop}}}]}
`)
	fails := true
	s.flow = func(c call) (any, error) { // called under the world's lock
		if c.Name == "noop" && fails {
			fails = false
			return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "bad")
		}
		return "ok", nil
	}
	e, _ := s.engine()
	run := start(t, e, "w").ID
	require.Equal(t, engine.Failed, s.finish(e, run).State)
	require.Empty(t, s.openTasks(e, run), "nobody is asked for a run that has failed")
	_, err := e.Retry(t.Context(), ada.Tenant, run)
	require.NoError(t, err)
	s.asks(e, run, "One")
	s.answer(e, run, "One", true)
	require.Equal(t, []any{"ok", true, "ok"}, decode(t, s.finish(e, run).Output))
	require.Len(t, s.callsOf("other"), 1)
}
