package check

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

func TestPositions(t *testing.T) {
	t.Parallel()
	all := good(t)
	for _, c := range all {
		if c.GetId() == "invoice" {
			c.Dataflows[0].Steps = []*libraryv1.Step{{Id: "read", Type: modelStep}}
			c.Pages[0].Document = doc(t, obj{"root": "r", "nodes": obj{
				"r": node("panel", obj{}, "a", "b", "c"),
				"a": node("text", obj{"field": "customer.city", "text": expression("'ä' + entry.customer.city + entry.customer.city")}),
				"b": node("button", obj{"action": obj{"dataflow": "save", "input": obj{"title": expression("entry.title"), "other": "title"}}}),
				"c": node("button", obj{"action": obj{"page": "edit", "params": obj{"title": "title"}}}),
			}})
		}
	}
	res, err := New(&owner{}, slog.New(slog.DiscardHandler)).Check(t.Context(), all, []string{"invoice"})
	require.NoError(t, err)
	got := map[string]int{}
	for _, r := range res.References {
		got[fmt.Sprintf("%s %d+%d %v %s/%s", r.GetPath(), r.GetOffset(), r.GetLength(), r.GetInKey(), r.GetTargetComponent(), r.GetTargetId())]++
	}
	const nodes = "pages/edit/nodes/"
	for _, want := range []string{
		nodes + "a/props/field 0+8 false invoice/customer00",
		nodes + "a/props/field 9+4 false customer/city000000",
		nodes + "a/props/text 12+8 false invoice/customer00",
		nodes + "a/props/text 21+4 false customer/city000000",
		nodes + "a/props/text 34+8 false invoice/customer00",
		nodes + "a/props/text 43+4 false customer/city000000",
		nodes + "b/props/action/dataflow 0+4 false invoice/save",
		nodes + "b/props/action/input/title 0+5 true invoice/title00000",
		nodes + "b/props/action/input/title 6+5 false invoice/title00000",
		nodes + "c/props/action/page 0+4 false invoice/edit",
		"settings/triggers/made/workflow 0+7 false invoice/approve",
	} {
		require.Equal(t, 1, got[want], "%s in %v", want, got)
	}
	require.NotContains(t, fmt.Sprint(got), "params/title")
}
