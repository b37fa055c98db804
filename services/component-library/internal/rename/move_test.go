package rename_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/rename"
)

// linked draws two components with pages that open each other.
func linked(t *rapid.T) []*libraryv1.Component {
	home := map[string]string{}
	for n := range rapid.IntRange(2, 6).Draw(t, "pages") {
		home[fmt.Sprintf("p%d", n)] = rapid.SampledFrom([]string{"left", "right"}).Draw(t, "home")
	}
	all := []*libraryv1.Component{{Id: "left", Uid: "left000000"}, {Id: "right", Uid: "right00000"}}
	for n := range len(home) {
		id := fmt.Sprintf("p%d", n)
		nodes, children := obj{}, []any{}
		for k := range rapid.IntRange(0, 4).Draw(t, "nodes") {
			to := fmt.Sprintf("p%d", rapid.IntRange(0, len(home)-1).Draw(t, "to"))
			action := obj{"page": to}
			if home[to] != home[id] {
				action["component"] = home[to]
			}
			child := fmt.Sprintf("n%d", k)
			children = append(children, child)
			nodes[child] = obj{"type": "button", "props": obj{"action": action, "steps": []any{action}}}

		}
		nodes["r"] = obj{"type": "panel", "slots": obj{"children": children}}
		doc, err := value.ToProto(obj{"root": "r", "nodes": nodes})
		require.NoError(t, err)
		c := all[slices.Index([]string{"left", "right"}, home[id])]
		c.Pages = append(c.Pages, &libraryv1.Page{Id: id, Document: doc})
	}
	return all
}

// TestMoveThereAndBack moves a page of any app and moves it back: all is as it was, and in between everything opens what it opened.
func TestMoveThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := linked(t)
		before := checked(t, all)
		require.Empty(t, before.problems)
		from, to := all[0], all[1]
		if len(from.GetPages()) == 0 || len(to.GetPages()) > 0 && rapid.Bool().Draw(t, "right") {
			from, to = to, from
		}
		id := rapid.SampledFrom(from.GetPages()).Draw(t, "page").GetId()
		there := rename.Target{Component: from.GetId(), Kind: "page", ID: id, Old: id, New: id}
		moved, err := rename.Move(all, there, to.GetId(), before.references)
		require.NoError(t, err)
		between := checked(t, moved.All)
		require.Empty(t, between.problems)
		require.Equal(t, opened(before.references, moved.Place, func(r *catalogv1.Reference) string {
			if there.Uses(r) {
				return to.GetId()
			}
			return r.GetTargetComponent()
		}), opened(between.references, nil, (*catalogv1.Reference).GetTargetComponent))

		back, err := rename.Move(moved.All, rename.Target{Component: to.GetId(), Kind: "page", ID: id, Old: id, New: id}, from.GetId(), between.references)
		require.NoError(t, err)
		require.Len(t, back.Changes, len(moved.Changes))
		for i, c := range back.All {
			slices.SortFunc(c.GetPages(), func(a, b *libraryv1.Page) int { return strings.Compare(a.GetId(), b.GetId()) })
			require.True(t, proto.Equal(all[i], c), "%v\n%v", all[i], c)
		}
	})
}

// opened counts which page opens which.
func opened(refs []*catalogv1.Reference, place func(component, path string) (string, string), leads func(*catalogv1.Reference) string) map[string]int {
	out := map[string]int{}
	for _, r := range refs {
		if r.GetKind() != "page" {
			continue
		}
		component, path := r.GetComponent(), r.GetPath()
		if place != nil {
			component, path = place(component, path)
		}
		out[fmt.Sprintf("%s %s %s/%s", component, path, leads(r), r.GetTargetId())]++
	}
	return out
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	all := []*libraryv1.Component{
		{
			Id: "c", Dataflows: []*libraryv1.Dataflow{{Id: "takes", Steps: []*libraryv1.Step{{Id: "a", Type: "get-action-model"}}}},
			Settings: &libraryv1.Settings{HomePage: "main", Triggers: []*libraryv1.Trigger{{Id: "t", Workflow: "w"}}}, Pages: []*libraryv1.Page{{Id: "main"}},
			Workflows: []*libraryv1.Workflow{{Id: "w"}},
		},
		{Id: "d"},
	}
	for kind, one := range map[string]struct{ id, path string }{
		"page": {"main", "settings/home_page"}, "workflow": {"w", "settings/triggers/t/workflow"}, "dataflow": {"takes", "dataflows/takes/steps/a"},
	} {
		target := rename.Target{Component: "c", Kind: kind, ID: one.id, Old: one.id, New: one.id}
		_, err := rename.Move(all, target, "d", []*catalogv1.Reference{{
			Component: "c", Path: one.path, Kind: kind, TargetComponent: "c", TargetId: one.id, Length: int32(len(one.id)),
		}})
		var unplaced *rename.UnplacedError
		require.ErrorAs(t, err, &unplaced)
		require.Equal(t, one.path, unplaced.Path)
	}
}

// TestMoveNamesTheComponent moves parts that steps, tasks and texts in quotes name, and that name others themselves.
func TestMoveNamesTheComponent(t *testing.T) {
	t.Parallel()
	document, err := value.ToProto(obj{"do": []any{obj{"sum": obj{"call": "dataflow", "with": obj{"component": "c", "dataflow": "sum"}}}}})
	require.NoError(t, err)
	all := []*libraryv1.Component{
		{Id: "c", Dataflows: []*libraryv1.Dataflow{
			{Id: "sum", Steps: []*libraryv1.Step{{Id: "more", Params: params(t, obj{"dataflow": "other"})}, {Id: "there", Params: params(t, obj{"component": "d", "dataflow": "far"})}}},
			{Id: "other", Steps: []*libraryv1.Step{{Id: "show", Params: params(t, obj{"params": obj{"page": "'main'"}})}}},
		}, Pages: []*libraryv1.Page{{Id: "main"}}, Workflows: []*libraryv1.Workflow{{Id: "w", Document: document}}},
		{Id: "d", Dataflows: []*libraryv1.Dataflow{{Id: "far"}}},
	}
	use := func(path, kind, component, id string, offset int32) *catalogv1.Reference {
		return &catalogv1.Reference{Component: "c", Path: path, Kind: kind, TargetComponent: component, TargetId: id, Offset: offset, Length: int32(len(id))}
	}
	refs := []*catalogv1.Reference{
		use("dataflows/sum/steps/more/params/dataflow", "dataflow", "c", "other", 0), use("dataflows/sum/steps/there/params/dataflow", "dataflow", "d", "far", 0),
		use("dataflows/other/steps/show/params/params/page", "page", "c", "main", 1), use("workflows/w/document/do/0/sum/with/dataflow", "dataflow", "c", "sum", 0),
	}
	moved, err := rename.Move(all, rename.Target{Component: "c", Kind: "dataflow", ID: "sum", Old: "sum", New: "sum"}, "d", refs)
	require.NoError(t, err)
	sum := moved.All[1].GetDataflows()[1]
	require.Equal(t, "c", sum.GetSteps()[0].GetParams()["component"].GetText(), "the part that stayed is named")
	require.NotContains(t, sum.GetSteps()[1].GetParams(), "component", "its own component needs no name")
	task := moved.All[0].GetWorkflows()[0].GetDocument().GetMap().GetFields()["do"].GetList().GetItems()[0].GetMap().GetFields()["sum"]
	require.Equal(t, "d", task.GetMap().GetFields()["with"].GetMap().GetFields()["component"].GetText())
	require.Equal(t, []string{"c", "d"}, moved.Changed)

	moved, err = rename.Move(all, rename.Target{Component: "c", Kind: "page", ID: "main", Old: "main", New: "main"}, "d", refs)
	require.NoError(t, err)
	show := moved.All[0].GetDataflows()[1].GetSteps()[0].GetParams()["params"].GetMap().GetFields()
	require.Equal(t, "'d'", show["component"].GetText(), "what is computed stays so")
}
