package engine_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

func wellFormed() *libraryv1.Component {
	return &libraryv1.Component{
		Id: "invoice", Uid: "abcdefghij",
		Model:     &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{Id: "bcdefghijk", Name: "number", Type: libraryv1.FieldType_FIELD_TYPE_STRING}}},
		Pages:     []*libraryv1.Page{{Id: "all"}},
		Dataflows: []*libraryv1.Dataflow{{Id: "save", Steps: []*libraryv1.Step{{Id: "a", Type: "update-entry"}}}},
		Workflows: []*libraryv1.Workflow{{Id: "approve"}},
		Scripts:   []*libraryv1.Script{{Id: "calc"}},
		Settings: &libraryv1.Settings{
			Access:   []*libraryv1.AccessRule{{Role: "clerk", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}}},
			Triggers: []*libraryv1.Trigger{{Id: "t", Operation: libraryv1.Operation_OPERATION_CREATE, Workflow: "approve"}},
			HomePage: "all",
		},
	}
}

func text(s string) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Text{Text: s}} }

func nested(levels int) *typev1.Value {
	v := text("deep")
	for range levels {
		v = &typev1.Value{Kind: &typev1.Value_List{List: &typev1.ListValue{Items: []*typev1.Value{v}}}}
	}
	return v
}

func page(nodes map[string]any) map[string]any { return map[string]any{"root": "r", "nodes": nodes} }

func TestForm(t *testing.T) {
	t.Parallel()
	require.NoError(t, engine.CheckForm(wellFormed()))
	doc := func(v map[string]any) func(*libraryv1.Component) {
		return func(c *libraryv1.Component) { c.Pages[0].Document = document(t, v) }
	}
	for path, change := range map[string]func(*libraryv1.Component){
		"id":                   func(c *libraryv1.Component) { c.Id = "Invoice" },
		"uid":                  func(c *libraryv1.Component) { c.Uid = "1bcdefghij" },
		"display_name":         func(c *libraryv1.Component) { c.DisplayName = strings.Repeat("ä", 201) },
		"description":          func(c *libraryv1.Component) { c.Description = strings.Repeat("a", 10_001) },
		"model.fields[0].id":   func(c *libraryv1.Component) { c.Model.Fields[0].Id = "short" },
		"model.fields[0].name": func(c *libraryv1.Component) { c.Model.Fields[0].Name = "1st" },
		"model.fields[1].name": func(c *libraryv1.Component) {
			c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{Id: "cdefghijkl", Name: "number", Type: 1})
		},
		"model.fields[1].id": func(c *libraryv1.Component) {
			c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{Id: "bcdefghijk", Name: "other", Type: 1})
		},
		"model.fields[0].type": func(c *libraryv1.Component) { c.Model.Fields[0].Type = 99 },
		"model.fields[0].string.pattern": func(c *libraryv1.Component) {
			c.Model.Fields[0].Rules = &libraryv1.Field_String_{String_: &libraryv1.StringRules{Pattern: "("}}
		},
		"model.fields":                    func(c *libraryv1.Component) { c.Model.Fields = make([]*libraryv1.Field, 501) },
		"pages[0].id":                     func(c *libraryv1.Component) { c.Pages[0].Id = "a/b" },
		"pages[1].id":                     func(c *libraryv1.Component) { c.Pages = append(c.Pages, &libraryv1.Page{Id: "all"}) },
		"pages":                           func(c *libraryv1.Component) { c.Pages = make([]*libraryv1.Page, 201) },
		"pages[0].roles[0]":               func(c *libraryv1.Component) { c.Pages[0].Roles = []string{""} },
		"pages[0].title":                  func(c *libraryv1.Component) { c.Pages[0].Title = strings.Repeat("a", 201) },
		"pages[0].document":               func(c *libraryv1.Component) { c.Pages[0].Document = text("x") },
		"pages[0].document.root":          doc(map[string]any{"nodes": map[string]any{}}),
		"pages[0].document.nodes":         doc(map[string]any{"root": "r"}),
		"pages[0].document.nodes.r":       doc(page(map[string]any{"r": "x"})),
		"pages[0].document.nodes.r.type":  doc(page(map[string]any{"r": map[string]any{}})),
		"pages[0].document.nodes.r.name":  doc(page(map[string]any{"r": map[string]any{"type": "panel", "name": int64(1)}})),
		"pages[0].document.nodes.r.props": doc(page(map[string]any{"r": map[string]any{"type": "panel", "props": "x"}})),
		"pages[0].document.nodes.r.slots": doc(page(map[string]any{"r": map[string]any{"type": "panel", "slots": map[string]any{"a": "b"}}})),
		"dataflows[0].id":                 func(c *libraryv1.Component) { c.Dataflows[0].Id = "" },
		"dataflows[0].steps":              func(c *libraryv1.Component) { c.Dataflows[0].Steps = make([]*libraryv1.Step, 501) },
		"dataflows[0].steps[0].id":        func(c *libraryv1.Component) { c.Dataflows[0].Steps[0].Id = "A B" },
		"dataflows[0].steps[0].type":      func(c *libraryv1.Component) { c.Dataflows[0].Steps[0].Type = "" },
		"dataflows[0].steps[0].params.x": func(c *libraryv1.Component) {
			c.Dataflows[0].Steps[0].Params = map[string]*typev1.Value{"x": nested(32)}
		},
		"dataflows[0].steps[0].params.y": func(c *libraryv1.Component) {
			c.Dataflows[0].Steps[0].Params = map[string]*typev1.Value{"y": {Kind: &typev1.Value_Decimal{Decimal: "1,5"}}}
		},
		"workflows[0].document":            func(c *libraryv1.Component) { c.Workflows[0].Document = text("x") },
		"scripts[0].source":                func(c *libraryv1.Component) { c.Scripts[0].Source = strings.Repeat("a", 256<<10+1) },
		"settings.access[0].role":          func(c *libraryv1.Component) { c.Settings.Access[0].Role = "" },
		"settings.access[0].operations":    func(c *libraryv1.Component) { c.Settings.Access[0].Operations = nil },
		"settings.access[0].operations[0]": func(c *libraryv1.Component) { c.Settings.Access[0].Operations[0] = 9 },
		"settings.access[0].filter":        func(c *libraryv1.Component) { c.Settings.Access[0].Filter = strings.Repeat("a", 8<<10+1) },
		"settings.triggers[0].id":          func(c *libraryv1.Component) { c.Settings.Triggers[0].Id = "" },
		"settings.triggers[0].operation":   func(c *libraryv1.Component) { c.Settings.Triggers[0].Operation = 0 },
		"settings.triggers[0].workflow":    func(c *libraryv1.Component) { c.Settings.Triggers[0].Workflow = "" },
		"settings.home_page":               func(c *libraryv1.Component) { c.Settings.HomePage = "no page" },
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			c := wellFormed()
			change(c)
			f := requireReason(t, engine.CheckForm(c), faultv1.Reason_REASON_DEFINITION_INVALID)
			var paths []string
			for _, v := range f.Violations {
				paths = append(paths, v.Field)
			}
			require.Contains(t, paths, path)
		})
	}
	c := wellFormed()
	c.Pages[0].Document = document(t, map[string]any{"x": strings.Repeat("a", 4<<20)})
	requireReason(t, engine.CheckForm(c), faultv1.Reason_REASON_DEFINITION_TOO_LARGE)
	nodes := map[string]any{}
	for i := range 5001 {
		nodes[fmt.Sprintf("n%d", i)] = map[string]any{"type": "label"}
	}
	c.Pages[0].Document = document(t, page(nodes))
	requireReason(t, engine.CheckForm(c), faultv1.Reason_REASON_DEFINITION_INVALID)
}

// Whatever a page document holds, validation answers.
func FuzzPageDocument(f *testing.F) {
	seed, err := proto.Marshal(nested(3))
	require.NoError(f, err)
	f.Add(seed)
	good, err := proto.Marshal(document(f, page(map[string]any{"r": map[string]any{"type": "panel", "slots": map[string]any{"content": []any{"r"}}}})))
	require.NoError(f, err)
	f.Add(good)
	f.Fuzz(func(t *testing.T, data []byte) {
		v := &typev1.Value{}
		if proto.Unmarshal(data, v) != nil {
			return
		}
		c := wellFormed()
		c.Pages[0].Document = v
		_ = engine.CheckForm(c)
	})
}
