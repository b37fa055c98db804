package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

const approval = `
do:
  - read: {call: entry, with: {action: get, component: invoice, entry: "${ input.entry }"}, export: {as: "${ {'invoice': output} }"}}
  - decide:
      switch:
        - small: {when: "${ context.invoice.total < 1000 }", then: accept}
        - large: {then: ask}
  - accept: {set: {answer: 1}, export: {as: "${ {'invoice': context.invoice, 'state': 1} }"}, then: store}
  - ask:
      call: confirm
      with:
        title: "${ 'Approve ' + context.invoice.name + '?' }"
        description: "${ 'for ' + string(context.invoice.total) }"
        choices: [{value: 1, label: Yes}, {value: 2, label: No}]
        roles: [boss]
        data: "${ context.invoice }"
        page: form
      export: {as: "${ {'invoice': context.invoice, 'state': output.answer} }"}
  - store: {call: entry, with: {action: update, component: invoice, entry: "${ input.entry }", fields: {state: "${ context.state }"}}}
`

func TestApproval(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "approval", approval)
	s.entries["e1"] = map[string]any{"total": value.MustDecimal("1500.5")}
	e, _ := s.engine()

	run, err := e.Start(t.Context(), ada, engine.StartRequest{Component: "invoice", Workflow: "approval", Input: map[string]any{"entry": "e1"}, RequestID: "1"})
	require.NoError(t, err)
	waiting := s.until(e, run.ID, func(r engine.Run) bool { return r.State == engine.Waiting })
	require.Equal(t, "do/3/ask", waiting.Position)

	boss := principal.Principal{Tenant: "t1", Subject: "bob", Roles: []string{"boss"}}
	mine, more, err := e.Tasks(t.Context(), ada, engine.Open, "", 10)
	require.NoError(t, err)
	require.False(t, more)
	require.Empty(t, mine)
	tasks, _, err := e.Tasks(t.Context(), boss, engine.Open, "", 10)
	require.NoError(t, err)
	require.Len(t, tasks, 1)
	require.Equal(t, "Approve entry e1?", tasks[0].Title)
	require.Equal(t, "for 1500.5", tasks[0].Description)
	require.Equal(t, "form", tasks[0].Page)

	_, err = e.Answer(t.Context(), ada, tasks[0].ID, int64(2), "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_NOT_FOUND), "%v", err)
	_, err = e.Answer(t.Context(), boss, tasks[0].ID, int64(7), "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_ANSWER_INVALID), "%v", err)
	_, err = e.Answer(t.Context(), boss, tasks[0].ID, int64(2), "too much")
	require.NoError(t, err)
	_, err = e.Answer(t.Context(), boss, tasks[0].ID, int64(1), "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_ANSWERED), "%v", err)

	done := s.finish(e, run.ID)
	require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
	require.Equal(t, int64(2), s.entries["e1"]["state"])
	require.Equal(t, []string{
		"run.started ", "task.started do/0/read", "task.completed do/0/read", "task.completed do/1/decide", "task.waiting do/3/ask",
		"task.answered do/3/ask", "task.completed do/3/ask", "task.started do/4/store", "task.completed do/4/store", "run.succeeded ",
	}, s.types(e, run.ID))
}
