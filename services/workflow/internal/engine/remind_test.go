package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// TestRemindAndEscalate lets days pass: those asked are reminded each day, others are asked as well after two, and may answer.
func TestRemindAndEscalate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fake := clock.NewFake(time.Now())
	s.clock = fake
	s.document(t, "w", `
do:
  - both:
      fork:
        branches:
          - patient: {call: confirm, with: {title: Other, choices: [{value: 1, label: One}], roles: [boss]}, output: {as: "${ output.answer }"}}
          - asks:
              call: confirm
              with: {title: Pay, choices: [{value: true, label: Yes}], roles: [boss], remind: P1D, escalateAfter: P2D, escalateUsers: [eve], escalateRoles: [chief]}
              output: {as: "${ output.subject }"}
`)
	chief := principal.Principal{Tenant: "t1", Subject: "kim", Roles: []string{"chief"}, Release: "r1"}
	e, _ := s.engine()
	run := start(t, e, "w").ID
	s.asks(e, run, "Pay", "Other")
	pay := s.openTasks(e, run)["Pay"]
	read := func() engine.Task {
		one, err := e.Task(t.Context(), boss, pay)
		require.NoError(t, err)
		return one
	}
	require.Nil(t, read().RemindTime)
	_, err := e.Task(t.Context(), chief, pay)
	require.Error(t, err, "it is not theirs yet")

	until := func(ok func(engine.Task) bool) {
		require.Eventually(t, func() bool {
			fake.Advance(time.Hour) // little by little: the engine sets its alarm when it has parked the run
			return ok(read())
		}, time.Minute, 5*time.Millisecond)
	}
	until(func(q engine.Task) bool { return q.RemindTime != nil })
	until(func(q engine.Task) bool { return q.EscalateTime != nil })
	require.ElementsMatch(t, []string{"boss", "chief"}, read().Roles)
	require.Equal(t, []string{"eve"}, read().Users)
	until(func(q engine.Task) bool { return q.RemindTime.After(*q.EscalateTime) })

	_, err = e.Answer(t.Context(), chief, pay, true, "")
	require.NoError(t, err)
	s.asks(e, run, "Other")
	other, err := e.Task(t.Context(), boss, s.openTasks(e, run)["Other"])
	require.NoError(t, err)
	require.Nil(t, other.RemindTime, "only the one question")
	s.answer(e, run, "Other", int64(1))
	require.Equal(t, []any{int64(1), "kim"}, decode(t, s.finish(e, run).Output))

	count := map[string]int{}
	for _, line := range s.types(e, run) {
		count[line]++
	}
	require.GreaterOrEqual(t, count["task.reminded do/0/both/fork/branches/1/asks"], 2)
	require.Equal(t, 1, count["task.escalated do/0/both/fork/branches/1/asks"])
	again, note := s.replay(e, "w", s.workflows["w"])
	require.Empty(t, note)
	require.Equal(t, "", again[0].Text)
}
