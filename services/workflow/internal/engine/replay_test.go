package engine_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// replay replays the runs of a workflow with another document.
func (s *site) replay(e *engine.Engine, workflow string, document any) ([]engine.Replayed, string) {
	s.t.Helper()
	c := component()
	p, err := value.ToProto(plain(parse(s.t, yamlOf(s.t.(*testing.T), document))))
	require.NoError(s.t, err)
	c.Workflows = []*libraryv1.Workflow{{Id: workflow, Document: p}}
	runs, note, err := e.Replay(s.t.Context(), engine.ReplayRequest{Tenant: ada.Tenant, Release: ada.Release, Component: "invoice", Workflow: workflow, Candidate: c})
	require.NoError(s.t, err)
	return runs, note
}

// replayed asks about dear things, books what is approved, and gives up after a day.
const replayed = `
do:
  - check: {switch: [{dear: {when: "${ input.total > 100 }", then: ask}}, {other: {then: code}}]}
  - ask:
      timeout: {after: P1D}
      call: confirm
      with: {title: "${ 'Pay ' + string(input.total) + '?' }", choices: [{value: "yes", label: "Yes"}, {value: "no", label: "No"}], roles: [clerk], due: PT1H}
  - answered: {switch: [{refused: {when: "${ output.answer == 'no' }", then: tell}}, {other: {then: code}}]}
  - code: {if: "${ input.total == 80 }", call: python, with: {component: invoice, script: echo, input: "${ input.total }"}}
  - book:
      call: dataflow
      with: {component: invoice, dataflow: noop, input: {total: "${ input.total }"}}
      output: {as: "${ output.echo }"}
      then: exit
  - tell:
      call: dataflow
      with: {component: invoice, dataflow: other}
`

func TestReplay(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	clk := clock.NewFake(time.Now().Truncate(time.Hour))
	s.clock = clk
	s.document(t, "approval", replayed)
	e, _ := s.engine()
	start := func(total int64) string {
		run, err := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "approval", Input: map[string]any{"total": total}})
		require.NoError(t, err)
		return run.ID
	}
	names := map[string]string{}
	for name, total := range map[string]int64{"cheap": 50, "middle": 80, "yes": 200, "no": 300, "late": 400} {
		id := start(total)
		names[id] = name
		if name == "yes" || name == "no" {
			s.until(e, id, func(r engine.Run) bool { return r.State == engine.Waiting })
			open, _, err := e.Tasks(t.Context(), ada, engine.Open, "", 9)
			require.NoError(t, err)
			clk.Advance(10 * time.Minute)
			for _, task := range open {
				if task.Run == id {
					_, err := e.Answer(t.Context(), ada, task.ID, name, "")
					require.NoError(t, err)
				}
			}
		}
		if name == "late" {
			s.until(e, id, func(r engine.Run) bool { return r.State == engine.Waiting })
			s.until(e, id, func(r engine.Run) bool { // again and again: a waiting run is stored before the engine sets its alarm
				clk.Advance(25 * time.Hour)
				return r.State.Finished()
			})
		}
		s.finish(e, id)
	}
	const same, different, unknown = libraryv1.ReplayOutcome_REPLAY_OUTCOME_SAME, libraryv1.ReplayOutcome_REPLAY_OUTCOME_DIFFERENT, libraryv1.ReplayOutcome_REPLAY_OUTCOME_UNKNOWN
	type result struct {
		outcome    libraryv1.ReplayOutcome
		step, text string
	}
	all := func(r result) map[string]result {
		return map[string]result{"cheap": r, "middle": r, "yes": r, "no": r, "late": r}
	}
	with := func(m map[string]result, name string, r result) map[string]result { m[name] = r; return m }
	ok := result{outcome: same}
	cases := map[string]struct {
		old, new string
		want     map[string]result
	}{
		"nothing": {"PT1H", "PT1H", all(ok)},
		"another threshold": {"input.total > 100", "input.total > 60", with(all(ok), "middle",
			result{different, "ask", `after "check": asks people in "ask" instead of: calls python in "code"`})},
		"a task before all others": {"do:\n", "do:\n  - first: {set: \"${ input }\"}\n", all(ok)},
		"another name of a task":   {"answered:", "judged:", all(ok)},
		"other arguments": {`{total: "${ input.total }"}`, `{total: "${ input.total + (input.total > 100 ? 1 : 0) }"}`, with(all(ok), "yes",
			result{different, "book", `after "answered": calls dataflow in "book", with other values`})},
		"another output": {"${ output.echo }", "${ output }", func() map[string]result {
			m := all(result{different, "", `after "book": ends well, with other values`})
			m["no"], m["late"] = ok, ok
			return m
		}()},
		"another dataflow": {"dataflow: other", "dataflow: noop", with(all(ok), "no",
			result{different, "tell", `after "answered": calls dataflow in "tell", with other values`})},
		"less time": {"P1D", "PT5M", func() map[string]result {
			r := result{different, "", `after "check": ends with a timeout error instead of: calls dataflow in `}
			yes, no := r, r
			yes.text, no.text = r.text+`"book"`, r.text+`"tell"`
			return with(with(all(ok), "yes", yes), "no", no)
		}()},
		"another question": {"'Pay '", "'Please pay '", func() map[string]result {
			r := result{different, "ask", `after "check": asks people in "ask", with other values`}
			return with(with(with(all(ok), "yes", r), "no", r), "late", r)
		}()},
		"one call more": {"then: exit", "then: tell", func() map[string]result {
			r := result{different, "tell", `after "book": calls dataflow in "tell" instead of: ends well`}
			return with(with(with(all(ok), "yes", r), "cheap", r), "middle", r)
		}()},
		"without end": {"then: exit", "then: answered", func() map[string]result {
			r := result{different, "book", `after "book": calls dataflow in "book" instead of: ends well`}
			middle := result{different, "code", `after "book": calls python in "code" instead of: ends well`}
			return with(with(with(all(ok), "yes", r), "cheap", r), "middle", middle)
		}()},
		"other code": {"script: echo", "script: raise", with(all(ok), "middle", result{unknown, "", `what the call in "code" gives is not known`})},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			changed := replaceOnce(t, replayed, c.old, c.new)
			runs, note := s.replay(e, "approval", parse(t, changed))
			require.Empty(t, note)
			got := map[string]result{}
			for _, r := range runs {
				got[names[r.Run]] = result{r.Outcome, r.Step, r.Text}
			}
			require.Equal(t, c.want, got)
		})
	}
}

func replaceOnce(t *testing.T, text, old, with string) string {
	t.Helper()
	require.Equal(t, 1, strings.Count(text, old), "%q", old)
	return strings.Replace(text, old, with, 1)
}
