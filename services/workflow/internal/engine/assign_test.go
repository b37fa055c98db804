package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// TestClaimAndDelegate has one of several people take a question, give it back, and hand it to somebody whom it was not for.
func TestClaimAndDelegate(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", `do: [{ask: {call: confirm, with: {title: Pay, choices: [{value: 1}], roles: [boss]}, output: {as: "${ output.subject }"}}}]`)
	e, _ := s.engine()
	run := start(t, e, "w").ID
	s.asks(e, run, "Pay")
	id := s.openTasks(e, run)["Pay"]
	person := func(subject string, roles ...string) principal.Principal {
		return principal.Principal{Tenant: "t1", Subject: subject, DisplayName: subject, Roles: roles, Release: "r1"}
	}
	kim, lee, eve, root := person("kim", "boss"), person("lee", "boss"), person("eve", "clerk"), person("root", "admin")
	held := func(_ engine.Task, err error) {
		t.Helper()
		require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_NOT_YOURS), "%v", err)
	}
	missing := func(_ engine.Task, err error) {
		t.Helper()
		require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_NOT_FOUND), "%v", err)
	}

	missing(e.Claim(t.Context(), eve, id))
	got, err := e.Claim(t.Context(), kim, id)
	require.NoError(t, err)
	require.Equal(t, []string{"kim", "kim"}, []string{got.Assignee, got.AssigneeName})
	_, err = e.Claim(t.Context(), kim, id)
	require.NoError(t, err, "twice is once")
	held(e.Claim(t.Context(), lee, id))
	held(e.Release(t.Context(), lee, id))
	held(e.Delegate(t.Context(), lee, id, "eve"))
	held(e.Answer(t.Context(), lee, id, int64(1), ""))

	_, err = e.Release(t.Context(), kim, id)
	require.NoError(t, err)
	_, err = e.Claim(t.Context(), lee, id)
	require.NoError(t, err)
	_, err = e.Delegate(t.Context(), lee, id, "nobody@example.com")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_INVALID_FIELDS))
	got, err = e.Delegate(t.Context(), root, id, "eve@example.com")
	require.NoError(t, err, "administrators take it from anybody")
	require.Equal(t, []string{"eve", "Eve"}, []string{got.Assignee, got.AssigneeName})
	held(e.Answer(t.Context(), lee, id, int64(1), ""))
	mine, _, err := e.Tasks(t.Context(), eve, engine.Open, "", 10)
	require.NoError(t, err)
	require.Len(t, mine, 1)
	_, err = e.Answer(t.Context(), eve, id, int64(1), "")
	require.NoError(t, err)
	require.Equal(t, "eve", decode(t, s.finish(e, run).Output))
	_, err = e.Claim(t.Context(), kim, id)
	require.True(t, fault.Has(err, faultv1.Reason_REASON_TASK_ANSWERED))

	// Of two who take it at the same moment one has it.
	run = start(t, e, "w").ID
	s.asks(e, run, "Pay")
	open, err := e.Task(t.Context(), kim, s.openTasks(e, run)["Pay"])
	require.NoError(t, err)
	_, err = s.store.Assign(t.Context(), open, "kim", "kim")
	require.NoError(t, err)
	_, err = s.store.Assign(t.Context(), open, "lee", "lee")
	require.ErrorIs(t, err, engine.ErrFinished)
}
