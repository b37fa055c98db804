package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// A run keeps an entry until it gives it back, which a run that fails does by itself.
func TestHold(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.entries["e1"] = map[string]any{"total": int64(5)}
	e, _ := s.engine()
	const keep = `{keep: {call: entry, with: {action: hold, component: invoice, entry: e1}, export: {as: "${ output.total }"}}}`
	s.document(t, "well", `{do: [`+keep+`, {back: {call: entry, with: {action: reset, component: invoice, entry: e1}}}], output: {as: "${ [context, output.id] }"}}`)
	done := s.finish(e, start(t, e, "well").ID)
	require.Equal(t, engine.Succeeded, done.State, "%v", done.Error)
	require.Equal(t, []any{value.MustDecimal("5"), "e1"}, decode(t, done.Output))
	require.Equal(t, []string{"well holds e1", "released e1"}, s.held)

	s.held = nil
	s.document(t, "fails", `{do: [`+keep+`, {stop: {raise: {error: {type: "https://example.com/stop", status: 409}}}}]}`)
	require.Equal(t, engine.Failed, s.finish(e, start(t, e, "fails").ID).State)
	require.Equal(t, []string{"fails holds e1", "released e1"}, s.held)

	s.held = nil
	s.document(t, "own", `{do: [{keep: {call: entry, with: {action: hold, component: invoice, entry: e1}, metadata: {compensate: [{none: {set: 1}}]}}}, {stop: {raise: {error: {type: "https://example.com/stop", status: 409}}}}]}`)
	require.Equal(t, engine.Failed, s.finish(e, start(t, e, "own").ID).State)
	require.Equal(t, []string{"own holds e1"}, s.held, "who says how it is undone is taken at the word")
}
