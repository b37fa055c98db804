package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

const travel = `
do:
  - book:
      call: dataflow
      with: {component: invoice, dataflow: noop, input: flight}
      output: {as: "${ output.echo }"}
      metadata: {compensate: [{cancel: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ 'no ' + output }"}}}]}
  - rooms:
      for: {in: "${ ['a', 'b'] }", each: room}
      do: [{keep: {set: "${ room }", metadata: {compensate: [{free: {call: dataflow, with: {component: invoice, dataflow: noop, input: "${ 'free ' + room }"}}}]}}}]
  - pay: {call: dataflow, with: {component: invoice, dataflow: noop, input: pay}, output: {as: "${ output.echo }"}}
`

// failing has the call with an input fail, as often as said.
func (s *site) failing(times map[string]int) {
	s.flow = func(c call) (any, error) { // under the world's lock
		if name, _ := c.Input.(string); times[name] > 0 {
			times[name]--
			return nil, fault.Invalid(faultv1.Reason_REASON_VALUE_INVALID, "no "+name)
		}
		return map[string]any{"echo": c.Input}, nil
	}
}

func (s *site) inputs() (all []any) {
	for _, c := range s.callsOf("noop") {
		all = append(all, c.Input)
	}
	return all
}

// TestCompensate undoes what was done, the last first, when a run fails. Who tries the run again begins anew.
func TestCompensate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", travel)
	s.failing(map[string]int{"pay": 1})
	e, _ := s.engine()
	run := start(t, e, "w").ID
	done := s.finish(e, run)
	require.Equal(t, engine.Failed, done.State)
	require.Equal(t, "no pay", done.Error.Detail)
	require.Equal(t, []any{"flight", "pay", "free b", "free a", "no flight"}, s.inputs())

	_, err := e.Retry(t.Context(), ada.Tenant, run)
	require.NoError(t, err)
	require.Equal(t, "pay", decode(t, s.finish(e, run).Output))
	require.Equal(t, []any{"flight", "pay", "free b", "free a", "no flight", "flight", "pay"}, s.inputs())
	require.Len(t, s.results, 6, "a failed call has none, and all others have keys of their own")
}

// TestCompensationFails has a compensation fail: the run says so, and trying it again goes on undoing.
func TestCompensationFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", travel)
	s.failing(map[string]int{"pay": 1, "free a": 1})
	e, _ := s.engine()
	run := start(t, e, "w").ID
	done := s.finish(e, run)
	require.Equal(t, engine.Failed, done.State)
	require.Equal(t, "no free a", done.Error.Detail)
	require.Equal(t, []any{"flight", "pay", "free b", "free a"}, s.inputs())

	_, err := e.Retry(t.Context(), ada.Tenant, run)
	require.NoError(t, err)
	done = s.finish(e, run)
	require.Equal(t, "no pay", done.Error.Detail, "the first error is told when all is undone")
	require.Equal(t, []any{"flight", "pay", "free b", "free a", "free a", "no flight"}, s.inputs())
}
