package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func val(t require.TestingT, v any) *typev1.Value {
	out, err := value.ToProto(v)
	require.NoError(t, err)
	return out
}

type m = map[string]any

func node(kind string, props m, children ...any) m {
	n := m{"type": kind, "props": props}
	if len(children) > 0 {
		n["slots"] = m{"content": children}
	}
	return n
}

// sample is a component with something of everything.
func sample(t require.TestingT) *libraryv1.Component {
	return &libraryv1.Component{
		DisplayName: "Invoice",
		Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
			{Id: "f1", Name: "number", Title: "Number", Type: libraryv1.FieldType_FIELD_TYPE_STRING, Required: true, Rules: &libraryv1.Field_String_{String_: &libraryv1.StringRules{MaxLength: 40}}},
			{Id: "f2", Name: "total", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER},
		}},
		Pages: []*libraryv1.Page{{Id: "form", Title: "Form", Document: val(t, m{"root": "n1", "nodes": m{
			"n1": node("page", m{}, "n2", "n3", "n4"),
			"n2": node("text-field", m{"field": "number", "label": "No."}),
			"n3": node("button", m{"label": "Save", "visible": m{"$expr": "entry.total > 0"}}),
			"n4": node("panel", m{"title": "More"}, "n5"),
			"n5": node("label", m{"text": "Hello"}),
		}})}},
		Dataflows: []*libraryv1.Dataflow{{Id: "save", Title: "Save", Steps: []*libraryv1.Step{
			{Id: "s1", Type: "input"}, {Id: "s2", Type: "store", Sources: []string{"s1"}, Params: map[string]*typev1.Value{"mapping": val(t, m{"total": m{"$expr": "input.a"}})}},
		}}},
		Workflows: []*libraryv1.Workflow{{Id: "approve", Document: val(t, m{"do": []any{m{"ask": m{"call": "confirm"}}, m{"wait": m{"wait": "PT1H"}}}})}},
		Scripts:   []*libraryv1.Script{{Id: "due", Source: "def main(item):\n    return 1\n"}},
		Settings: &libraryv1.Settings{
			HomePage: "form", Access: []*libraryv1.AccessRule{{Role: "clerk", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}}},
			Triggers: []*libraryv1.Trigger{{Id: "t1", Operation: libraryv1.Operation_OPERATION_CREATE, Workflow: "approve"}},
		},
	}
}

func TestComponents(t *testing.T) {
	t.Parallel()
	// page edits the document of the only page.
	page := func(edit func(nodes m)) func(*libraryv1.Component) {
		return func(c *libraryv1.Component) {
			v, _, err := value.FromProto(c.GetPages()[0].GetDocument())
			require.NoError(t, err)
			edit(v.(m)["nodes"].(m))
			c.Pages[0].Document = val(t, v)
		}
	}
	for name, c := range map[string]struct {
		edit func(*libraryv1.Component)
		want []string
	}{
		"nothing": {func(*libraryv1.Component) {}, nil},
		"name":    {func(c *libraryv1.Component) { c.DisplayName = "Bill" }, []string{`changed display_name: display name changed from "Invoice" to "Bill"`}},
		"field renamed and its rules": {
			func(c *libraryv1.Component) {
				f := c.Model.Fields[0]
				f.Name, f.Required, f.GetString_().MaxLength, f.GetString_().Pattern = "nr", false, 20, "[0-9]+"
			},
			[]string{
				`changed model/fields/nr/name: field "Number": renamed from number to nr`, `changed model/fields/nr/required: field "Number": required switched off`,
				`changed model/fields/nr/string/max_length: field "Number": max length changed from 40 to 20`, `changed model/fields/nr/string/pattern: field "Number": pattern set to "[0-9]+"`,
			},
		},
		"type": {
			func(c *libraryv1.Component) { c.Model.Fields[1].Type = libraryv1.FieldType_FIELD_TYPE_INTEGER },
			[]string{`changed model/fields/total/type: field "total": type changed from "number" to "integer"`},
		},
		"fields added, removed": {
			func(c *libraryv1.Component) {
				c.Model.Fields = []*libraryv1.Field{c.Model.Fields[1], {Id: "f3", Name: "paid", Type: libraryv1.FieldType_FIELD_TYPE_BOOLEAN}}
			},
			[]string{`removed model/fields/f1: field "Number" removed`, `added model/fields/f3: field "paid" added`},
		},
		"order": {func(c *libraryv1.Component) { slices.Reverse(c.Model.Fields) }, []string{`moved model/fields: the order of fields changed`}},
		"settings of a control": {
			page(func(nodes m) {
				nodes["n3"] = node("button", m{"label": "Store", "visible": m{"$expr": "entry.total > 1"}, "disabled": true})
			}),
			[]string{
				`changed pages/form/nodes/n3/props/disabled: page "Form", button "Store": disabled switched on`,
				`changed pages/form/nodes/n3/props/label: page "Form", button "Store": label changed from "Save" to "Store"`,
				`changed pages/form/nodes/n3/props/visible: page "Form", button "Store": visible changed from the expression entry.total > 0 to the expression entry.total > 1`,
			},
		},
		"control moved": {
			page(func(nodes m) {
				nodes["n1"], nodes["n4"] = node("page", m{}, "n2", "n4"), node("panel", m{"title": "More"}, "n3", "n5")
			}),
			[]string{`moved pages/form/nodes/n3: page "Form", button "Save": moved to panel "More"`},
		},
		"order of controls": {
			page(func(nodes m) { nodes["n1"] = node("page", m{}, "n3", "n2", "n4") }),
			[]string{`moved pages/form/nodes/n1/slots/content: page "Form", the page itself: the order of what is in it changed`},
		},
		"controls removed and added": {
			page(func(nodes m) {
				delete(nodes, "n4")
				delete(nodes, "n5")
				nodes["n1"], nodes["n6"] = node("page", m{}, "n2", "n3", "n6"), node("switch", m{"field": "paid"})
			}),
			[]string{`removed pages/form/nodes/n4: page "Form": panel "More" with 1 control in it removed`, `added pages/form/nodes/n6: page "Form": switch "paid" added`},
		},
		"dataflow": {
			func(c *libraryv1.Component) {
				s := c.Dataflows[0].Steps
				s[1].Params["mapping"] = val(t, m{"total": m{"$expr": "input.b"}, "tax": int64(1)})
				c.Dataflows[0].Steps = append(s, &libraryv1.Step{Id: "s3", Title: "Tell", Type: "notify"})
			},
			[]string{
				`changed dataflows/save/steps/s2/params/mapping/tax: dataflow "Save", step "s2": mapping tax set to 1`,
				`changed dataflows/save/steps/s2/params/mapping/total: dataflow "Save", step "s2": mapping total changed from the expression input.a to the expression input.b`,
				`added dataflows/save/steps/s3: dataflow "Save": step "Tell" added`,
			},
		},
		"workflow": {
			func(c *libraryv1.Component) {
				c.Workflows[0].Document = val(t, m{"do": []any{m{"ask": m{"call": "confirm", "with": m{"role": "boss"}}}, m{"tell": m{"call": "notify"}}}})
			},
			[]string{
				`removed workflows/approve/document/do/wait: workflow "approve": do "wait" removed`,
				`changed workflows/approve/document/do/ask/with: workflow "approve", do "ask": with set to {"role":"boss"}`,
				`added workflows/approve/document/do/tell: workflow "approve": do "tell" added`,
			},
		},
		"script": {
			func(c *libraryv1.Component) { c.Scripts[0].Source = "import os\ndef main(item):\n    return 2\n" },
			[]string{`changed scripts/due/source: script "due": source changed, 2 lines added and 1 line removed`},
		},
		"settings": {
			func(c *libraryv1.Component) {
				c.Settings.HomePage, c.Settings.Hidden = "", true
				c.Settings.Triggers[0].Condition = "entry.total > 1"
				c.Settings.Access = []*libraryv1.AccessRule{{Role: "boss", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ, libraryv1.Operation_OPERATION_UPDATE}, Filter: "entry.total > 5"}}
			},
			[]string{
				`changed settings/home_page: settings: home page cleared, was "form"`, `changed settings/hidden: settings: hidden switched on`,
				`changed settings/triggers/t1/condition: settings, trigger of "approve": condition set to "entry.total > 1"`,
				`removed settings/access: settings: access of role "clerk" removed`,
				`added settings/access: settings: access of role "boss": read, update where entry.total > 5 added`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := sample(t), sample(t)
			c.edit(after)
			list, more := Components(before, after)
			require.False(t, more)
			var got []string
			for _, d := range list {
				kind := strings.ToLower(strings.TrimPrefix(d.GetKind().String(), "DIFFERENCE_KIND_"))
				got = append(got, fmt.Sprintf("%s %s: %s", kind, d.GetPath(), d.GetText()))
			}
			require.Equal(t, c.want, got)
		})
	}
}

// From nothing everything is new, back again everything is gone, and there is an end to what is told.
func TestWhole(t *testing.T) {
	t.Parallel()
	c := sample(t)
	list, _ := Components(&libraryv1.Component{}, c)
	require.Contains(t, list[1].GetText(), "added")
	back, _ := Components(c, &libraryv1.Component{})
	require.Len(t, back, len(list))
	for i := range 2 * Max {
		c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{Id: fmt.Sprint("g", i), Name: fmt.Sprint("g", i)})
	}
	list, more := Components(sample(t), c)
	require.Len(t, list, Max)
	require.True(t, more)
}

// Whatever changes in a document is told, with the path to it; and what is the same is not.
func TestEveryChangeIsTold(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, after := sample(t), sample(t)
		v, _, err := value.FromProto(after.GetPages()[0].GetDocument())
		require.NoError(t, err)
		nodes := v.(m)["nodes"].(m)
		id := rapid.SampledFrom(slices.Sorted(maps.Keys(nodes))).Draw(t, "node")
		props := nodes[id].(m)["props"].(m)
		key := rapid.SampledFrom([]string{"label", "text", "data", "options"}).Draw(t, "setting")
		was := props[key]
		props[key] = anything(2).Draw(t, "value")
		after.Pages[0].Document = val(t, v)
		list, _ := Components(before, after)
		if value.Equal(was, props[key]) {
			require.Empty(t, list)
			return
		}
		require.NotEmpty(t, list)
		for _, d := range list {
			require.Contains(t, d.GetPath(), "pages/form/nodes/"+id+"/props/"+key)
			require.NotEmpty(t, d.GetText())
		}
		require.True(t, proto.Equal(before, sample(t)), "revisions are shared and must stay as they are")
	})
}

func anything(depth int) *rapid.Generator[any] {
	kinds := []*rapid.Generator[any]{rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Bool().AsAny()}
	if depth > 0 {
		kinds = append(kinds, rapid.Map(rapid.SliceOfN(anything(depth-1), 0, 3), func(l []any) any { return l }),
			rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-z]{1,3}|id|\$expr`), anything(depth-1), 0, 3), func(v map[string]any) any { return v }))
	}
	return rapid.OneOf(kinds...)
}
