package rename_test

import (
	"context"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/check"
	"github.com/aqtra/aqtra/services/component-library/internal/rename"
)

// nobody owns no parts: generated apps have none but pages and scripts.
type nobody struct{}

func (nobody) CheckDataflow(context.Context, *libraryv1.Component, string, []*libraryv1.Component) (check.Answer, error) {
	return check.Answer{}, nil
}

func (nobody) CheckWorkflow(context.Context, *libraryv1.Component, string, []*libraryv1.Component) (check.Answer, error) {
	return check.Answer{}, nil
}

func (nobody) CheckSource(context.Context, string) (check.Answer, error) { return check.Answer{}, nil }

type obj = map[string]any

// app draws two components that refer to each other, with pages, rules and triggers over random fields.
func app(t *rapid.T) []*libraryv1.Component {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z][A-Za-z0-9_]{0,3}q`), 4, 8, rapid.ID).Draw(t, "names")
	all := []*libraryv1.Component{{Id: "left", Uid: "left000000"}, {Id: "right", Uid: "right00000"}}
	for i, c := range all {
		other := all[1-i].GetId()
		c.Model = &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{
			Id: fmt.Sprintf("ref%d000000", i), Name: "other", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG,
			Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: other}},
		}}}
		for n, name := range names { // both have fields of the same names
			c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{
				Id: fmt.Sprintf("f%d%07d%d", i, n, i), Name: name, Type: libraryv1.FieldType_FIELD_TYPE_STRING, Query: true,
			})
		}
		name := rapid.SampledFrom(names)
		text := rapid.Custom(func(t *rapid.T) string {
			a, b := name.Draw(t, "a"), name.Draw(t, "b")
			return rapid.SampledFrom([]string{
				"entry." + a + " == '" + b + "'", "entry.other." + a + " != entry." + b, "has(entry . other.other. `" + a + "`)",
				"['ä', '" + a + "'].exists(" + b + ", " + b + " == entry." + a + ")", "// " + b + "\nentry." + a + " in [entry.other." + b + ", entry." + a + "]",
			}).Draw(t, "form")
		})
		nodes, children := obj{}, []any{}
		for n := range rapid.IntRange(1, 6).Draw(t, "nodes") {
			id := fmt.Sprintf("n%d", n)
			children = append(children, id)
			nodes[id] = obj{"type": "text", "props": obj{
				"field":   rapid.SampledFrom([]string{"", "other.", "other.other."}).Draw(t, "path") + name.Draw(t, "field"),
				"visible": obj{"$expr": text.Draw(t, "visible")},
				"columns": []any{obj{"field": name.Draw(t, "column")}},
				"action":  obj{"page": rapid.SampledFrom([]string{"main", "more"}).Draw(t, "page"), "params": obj{name.Draw(t, "param"): "x"}},
			}}
		}
		nodes["r"] = obj{"type": "panel", "slots": obj{"children": children}}
		doc, err := value.ToProto(obj{"root": "r", "nodes": nodes})
		require.NoError(t, err)
		c.Pages = []*libraryv1.Page{{Id: "main", Document: doc}, {Id: "more", Document: proto.CloneOf(doc)}}
		c.Settings = &libraryv1.Settings{HomePage: "more", Access: []*libraryv1.AccessRule{{Role: "clerk", Filter: text.Draw(t, "filter")}}}
	}
	return all
}

// TestThereAndBack renames anything of any app to a new name and back: all is as it was, and in between nothing is wrong and
// everything refers to what it referred to.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := app(t)
		before := checked(t, all)
		require.Empty(t, before.problems)
		target := rename.Target{Component: rapid.SampledFrom([]string{"left", "right"}).Draw(t, "component"), Kind: "page", ID: "main", Old: "main", New: "zz"}
		if rapid.Bool().Draw(t, "field") {
			f := rapid.SampledFrom(all[0].GetModel().GetFields()).Draw(t, "target")
			if target.Component == "right" {
				f = all[1].GetModel().GetFields()[indexOf(all[0], f)]
			}
			target = rename.Target{Component: target.Component, Kind: "field", ID: f.GetId(), Old: f.GetName(), New: "zz"}
		}
		made, err := rename.Apply(all, target, before.references)
		require.NoError(t, err)
		between := checked(t, made.All)
		require.Empty(t, between.problems)
		require.Equal(t, uses(before.references, target, func(c, p string) string { return made.Moved(target, c, p) }), uses(between.references, rename.Target{}, nil))

		back := target
		back.Old, back.New = target.New, target.Old
		if target.Kind == "page" {
			back.ID = target.New
		}
		again, err := rename.Apply(made.All, back, between.references)
		require.NoError(t, err)
		for i := range all {
			require.True(t, proto.Equal(all[i], again.All[i]), "%s: %v\n%v", target.Old, all[i], again.All[i])
		}
		require.Len(t, again.Changes, len(made.Changes))
	})
}

func indexOf(c *libraryv1.Component, f *libraryv1.Field) int {
	for i, g := range c.GetModel().GetFields() {
		if f == g {
			return i
		}
	}
	return -1
}

type found struct {
	problems   []*catalogv1.Problem
	references []*catalogv1.Reference
}

func checked(t *rapid.T, all []*libraryv1.Component) found {
	res, err := check.New(nobody{}, slog.New(slog.DiscardHandler)).Check(context.Background(), all, []string{"left", "right"})
	require.NoError(t, err)
	return found{res.Problems, res.References}
}

// uses counts who refers to what; with a target, as it must be after the rename.
func uses(refs []*catalogv1.Reference, target rename.Target, moved func(component, path string) string) map[string]int {
	out := map[string]int{}
	for _, r := range refs {
		path, id := r.GetPath(), r.GetTargetId()
		if moved != nil {
			path = moved(r.GetComponent(), path)
			if target.Kind == "page" && target.Uses(r) {
				id = target.New
			}
		}
		out[fmt.Sprintf("%s %s %s %s/%s", r.GetComponent(), path, r.GetKind(), r.GetTargetComponent(), id)]++
	}
	return out
}

func TestApplyRefuses(t *testing.T) {
	t.Parallel()
	steps := []*libraryv1.Step{{Id: "a", Params: params(t, obj{"fields": obj{"old": "1", "new": "2"}, "key": []any{"old"}, "x/y": obj{"old": "item.old"}})}}
	all := []*libraryv1.Component{{
		Id: "c", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{Id: "f000000000", Name: "old"}}}, Dataflows: []*libraryv1.Dataflow{{Id: "d", Steps: steps}},
	}}
	target := rename.Target{Component: "c", Kind: "field", ID: "f000000000", Old: "old", New: "new"}
	use := func(path string, offset, length int32, inKey bool) *catalogv1.Reference {
		return &catalogv1.Reference{
			Component: "c", Path: "dataflows/d/steps/a/params/" + path, Kind: "field", TargetComponent: "c", TargetId: "f000000000", Offset: offset, Length: length, InKey: inKey,
		}
	}
	for _, bad := range []*catalogv1.Reference{
		use("fields/old", 0, 3, true), use("fields/older", 0, 3, true), use("key/1", 0, 3, false), use("key/0", 1, 3, false), use("key/0", 0, 0, false), use("key", 0, 3, false),
		use("x/y/old", 4, 3, false), use("x/y/old", 50, 3, false),
	} {
		_, err := rename.Apply(all, target, []*catalogv1.Reference{bad})
		var unplaced *rename.UnplacedError
		require.ErrorAs(t, err, &unplaced, "%v", bad)
	}
	good := []*catalogv1.Reference{use("x/y/old", 5, 3, false), use("x/y/old", 0, 3, true), use("key/0", 0, 3, false), use("key/0", 0, 3, false)}
	made, err := rename.Apply(all, target, good)
	require.NoError(t, err)
	require.True(t, proto.Equal(made.All[0].GetDataflows()[0].GetSteps()[0], &libraryv1.Step{
		Id: "a", Params: params(t, obj{"fields": obj{"old": "1", "new": "2"}, "key": []any{"new"}, "x/y": obj{"new": "item.new"}}),
	}))
	require.Equal(t, "old", all[0].GetModel().GetFields()[0].GetName(), "what was given is not changed")
	require.Equal(t, "dataflows/d/steps/a/params/x/y/new/z", made.Moved(target, "c", "dataflows/d/steps/a/params/x/y/old/z"))
}

func params(t *testing.T, v obj) map[string]*typev1.Value {
	t.Helper()
	out, err := value.MapToProto(v)
	require.NoError(t, err)
	return out
}
