package check

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// owner answers for all owners.
type owner struct {
	answer Answer
	err    error
	others []*libraryv1.Component
	own    *libraryv1.Component
	asked  int
}

func (o *owner) CheckDataflow(_ context.Context, c *libraryv1.Component, _ string, others []*libraryv1.Component) (Answer, error) {
	o.asked++
	o.own, o.others = c, others
	return o.answer, o.err
}

func (o *owner) CheckWorkflow(context.Context, *libraryv1.Component, string, []*libraryv1.Component) (Answer, error) {
	return o.answer, o.err
}

func (o *owner) CheckSource(context.Context, string) (Answer, error) { return o.answer, o.err }

type (
	obj   = map[string]any
	items = []any
)

func doc(t testing.TB, v obj) *typev1.Value {
	t.Helper()
	p, err := value.ToProto(v)
	require.NoError(t, err)
	return p
}

func expression(text string) obj { return obj{"$expr": text} }

func node(kind string, props obj, children ...any) obj {
	return obj{"type": kind, "props": props, "slots": obj{"content": append(items{}, children...)}}
}

func field(id, name string, kind libraryv1.FieldType) *libraryv1.Field {
	return &libraryv1.Field{Id: id, Name: name, Type: kind}
}

const (
	str     = libraryv1.FieldType_FIELD_TYPE_STRING
	integer = libraryv1.FieldType_FIELD_TYPE_INTEGER
	number  = libraryv1.FieldType_FIELD_TYPE_NUMBER
	boolean = libraryv1.FieldType_FIELD_TYPE_BOOLEAN
	file    = libraryv1.FieldType_FIELD_TYPE_FILE
	catalog = libraryv1.FieldType_FIELD_TYPE_CATALOG
	array   = libraryv1.FieldType_FIELD_TYPE_ARRAY
)

// good is a tenant whose definitions have no problem: invoices of customers, and a board over both.
func good(t testing.TB) []*libraryv1.Component {
	customer := field("customer00", "customer", catalog)
	customer.Rules = &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "customer"}}
	state := field("state00000", "state", integer)
	state.Rules = &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{Options: []*libraryv1.EnumOption{{Value: 0, Label: "open"}, {Value: 1, Label: "paid"}}}}
	title := field("title00000", "title", str)
	title.IsName = true
	return []*libraryv1.Component{
		{Id: "board", Pages: []*libraryv1.Page{{Id: "main", Document: doc(t, obj{"root": "r", "nodes": obj{
			"r": node("panel", nil, "g"),
			"g": node("grid", obj{"source": obj{"component": "invoice"}, "filter": "total > 1.0 && customer.city == 'Rome'", "orderBy": "title, total desc", "columns": items{obj{"field": "title"}, obj{"field": "customer.city"}}}, "b"),
			"b": node("button", obj{"action": obj{"type": "open-page", "component": "invoice", "page": "edit", "params": obj{"id": expression("item.id")}}}),
		}})}}},
		{Id: "customer", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{field("city000000", "city", str)}}},
		{
			Id: "invoice", Uid: "invoice000",
			Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
				title, field("total00000", "total", number), state, customer, field("done000000", "done", boolean), field("scan000000", "scan", file),
			}},
			Pages: []*libraryv1.Page{{Id: "edit", Roles: []string{"clerk"}, Document: doc(t, obj{"root": "r", "nodes": obj{
				"r": node("page", nil, "f", "s", "v"),
				"f": node("text-field", obj{"field": "title", "visible": expression("entry.total > 0.5 && user.roles.exists(r, r == 'clerk')")}),
				"s": node("button", obj{"onClick": obj{"dataflow": "save"}, "disabled": expression("params.readonly == true")}),
				"v": node("label", obj{"text": expression("entry.customer.city + ' ' + item.title")}),
			}})}},
			Dataflows: []*libraryv1.Dataflow{{Id: "save", Roles: []string{"clerk"}}},
			Workflows: []*libraryv1.Workflow{{Id: "approve"}},
			Scripts:   []*libraryv1.Script{{Id: "calc", Source: "def main(item): return item"}},
			Settings: &libraryv1.Settings{
				HomePage: "edit",
				Access:   []*libraryv1.AccessRule{{Role: "clerk", Operations: []libraryv1.Operation{1}, Filter: "entry.creator_subject == user.id"}},
				Triggers: []*libraryv1.Trigger{{Id: "made", Operation: libraryv1.Operation_OPERATION_CREATE, Workflow: "approve", Condition: "entry.total > 100"}},
			},
		},
	}
}

func checkAll(t testing.TB, o Owners, all []*libraryv1.Component) []*catalogv1.Problem {
	t.Helper()
	var ids []string
	for _, c := range all {
		ids = append(ids, c.GetId())
	}
	res, err := New(o, slog.New(slog.DiscardHandler)).Check(t.Context(), all, ids)
	require.NoError(t, err)
	return res.Problems
}

func TestGoodDefinitions(t *testing.T) {
	t.Parallel()
	require.Empty(t, checkAll(t, &owner{}, good(t)))
}

func TestBrokenDefinitions(t *testing.T) {
	t.Parallel()
	type invoice = *libraryv1.Component
	// change breaks the invoice; page replaces its page's nodes below the root.
	page := func(props obj) func(invoice) {
		return func(c invoice) {
			c.Pages[0].Document = doc(t, obj{"root": "r", "nodes": obj{"r": node("page", nil, "n"), "n": node("x", props)}})
		}
	}
	nodes := func(root string, n obj) func(invoice) {
		return func(c invoice) { c.Pages[0].Document = doc(t, obj{"root": root, "nodes": n}) }
	}
	fieldRules := func(i int, change func(*libraryv1.Field)) func(invoice) {
		return func(c invoice) { change(c.Model.Fields[i]) }
	}
	least, most := int64(5), int64(1)
	deep := obj{}
	for i := range 70 {
		deep[fmt.Sprintf("n%d", i)] = node("panel", nil, fmt.Sprintf("n%d", i+1))
	}
	deep["n70"] = node("label", nil)
	const atProps = "pages/edit/nodes/n/props/"
	for _, tc := range []struct {
		name, reason, path, suggestion string
		change                         func(invoice)
	}{
		{"reserved name", "reserved-name", "model/fields/create_time/name", "create_time_", fieldRules(0, func(f *libraryv1.Field) { f.Name = "create_time" })},
		{"reserved word", "reserved-name", "model/fields/in/name", "in_", fieldRules(1, func(f *libraryv1.Field) { f.Name = "in" })},
		{"two names", "several-names", "model/fields/total/is_name", "", fieldRules(1, func(f *libraryv1.Field) { f.IsName = true })},
		{"virtual key", "invalid-flag", "model/fields/total/primary_key", "", fieldRules(1, func(f *libraryv1.Field) { f.PrimaryKey, f.IsVirtual = true, true })},
		{"sensitive query", "invalid-flag", "model/fields/total/query", "", fieldRules(1, func(f *libraryv1.Field) { f.Query, f.Sensitive = true, true })},
		{"searchable number", "invalid-flag", "model/fields/total/searchable", "", fieldRules(1, func(f *libraryv1.Field) { f.Searchable = true })},
		{"file key", "invalid-flag", "model/fields/scan/primary_key", "", fieldRules(5, func(f *libraryv1.Field) { f.PrimaryKey = true })},
		{"sensitive reference", "invalid-flag", "model/fields/customer/sensitive", "", fieldRules(3, func(f *libraryv1.Field) { f.Sensitive = true })},
		{"list as title", "invalid-flag", "model/fields/customer/is_title", "", fieldRules(3, func(f *libraryv1.Field) { f.Type, f.IsTitle = array, true })},
		{"lengths crossed", "invalid-rules", "model/fields/title/string/max_length", "", fieldRules(0, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_String_{String_: &libraryv1.StringRules{MinLength: 5, MaxLength: 2}}
		})},
		{"negative length", "invalid-rules", "model/fields/title/string", "", fieldRules(0, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_String_{String_: &libraryv1.StringRules{MinLength: -1}}
		})},
		{"bounds crossed", "invalid-rules", "model/fields/state/integer/max", "", fieldRules(2, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{Min: &least, Max: &most}}
		})},
		{"option twice", "duplicate-option", "model/fields/state/integer/options/1/value", "", fieldRules(2, func(f *libraryv1.Field) { f.GetInteger().Options[1].Value = 0 })},
		{"label twice", "duplicate-option", "model/fields/state/integer/options/1/label", "", fieldRules(2, func(f *libraryv1.Field) { f.GetInteger().Options[1].Label = "open" })},
		{"option out of bounds", "invalid-rules", "model/fields/state/integer/options/0/value", "", fieldRules(2, func(f *libraryv1.Field) { f.GetInteger().Min = &least })},
		{"precision", "invalid-rules", "model/fields/total/number/precision", "", fieldRules(1, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Precision: proto.Int32(19)}}
		})},
		{"no number", "invalid-rules", "model/fields/total/number/min", "", fieldRules(1, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Min: "ten"}}
		})},
		{"numbers crossed", "invalid-rules", "model/fields/total/number/max", "", fieldRules(1, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Min: "1.5", Max: "1.25"}}
		})},
		{"negative bytes", "invalid-rules", "model/fields/scan/file/max_bytes", "", fieldRules(5, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_File{File: &libraryv1.FileRules{MaxBytes: -1}}
		})},
		{"foreign rules", "wrong-rules", "model/fields/total/string", "", fieldRules(1, func(f *libraryv1.Field) {
			f.Rules = &libraryv1.Field_String_{String_: &libraryv1.StringRules{}}
		})},
		{"reference to nowhere", "unknown-component", "model/fields/customer/catalog/component", "customer", fieldRules(3, func(f *libraryv1.Field) { f.GetCatalog().Component = "custumer" })},
		{"reference without target", "missing-rules", "model/fields/customer/catalog/component", "", fieldRules(3, func(f *libraryv1.Field) { f.Rules = nil })},
		{"list without target", "missing-rules", "model/fields/customer/array/component", "", fieldRules(3, func(f *libraryv1.Field) {
			f.Type, f.Rules = array, &libraryv1.Field_Array{Array: &libraryv1.ArrayRules{}}
		})},
		{"reference to a board", "no-entries", "model/fields/customer/catalog/component", "", fieldRules(3, func(f *libraryv1.Field) { f.GetCatalog().Component = "board" })},
		{"home page", "unknown-page", "settings/home_page", "edit", func(c invoice) { c.Settings.HomePage = "edti" }},
		{"trigger's workflow", "unknown-workflow", "settings/triggers/made/workflow", "approve", func(c invoice) { c.Settings.Triggers[0].Workflow = "aprove" }},
		{"trigger on read", "invalid-operation", "settings/triggers/made/operation", "", func(c invoice) { c.Settings.Triggers[0].Operation = 1 }},
		{"condition of another type", "wrong-type", "settings/triggers/made/condition", "", func(c invoice) { c.Settings.Triggers[0].Condition = "entry.total" }},
		{"condition names the user", "invalid-expression", "settings/triggers/made/condition", "", func(c invoice) { c.Settings.Triggers[0].Condition = "user.id == ''" }},
		{"condition does not parse", "invalid-expression", "settings/triggers/made/condition", "", func(c invoice) { c.Settings.Triggers[0].Condition = "entry.total >" }},
		{"filter's field", "invalid-expression", "settings/access/0/filter", "total", func(c invoice) { c.Settings.Access[0].Filter = "entry.totl > 1" }},
		{"filter's type", "wrong-type", "settings/access/0/filter", "", func(c invoice) { c.Settings.Access[0].Filter = "user.id" }},
		{"filter compares types", "invalid-expression", "settings/access/0/filter", "", func(c invoice) { c.Settings.Access[0].Filter = "entry.total > user.name" }},
		{"filter without entries", "no-entries", "settings/access/0/filter", "", func(c invoice) { c.Model = nil }},
		{"trigger without entries", "no-entries", "settings/triggers/made", "", func(c invoice) { c.Model = nil }},
		{"empty page", "empty-page", "pages/edit/document", "", func(c invoice) { c.Pages[0].Document = nil }},
		{"page is a text", "invalid-page", "pages/edit/document", "", func(c invoice) { c.Pages[0].Document = &typev1.Value{Kind: &typev1.Value_Text{Text: "x"}} }},
		{"no root", "unknown-node", "pages/edit/root", "root", nodes("rot", obj{"root": node("page", nil)})},
		{"unreachable node", "unreachable-node", "pages/edit/nodes/lost", "", nodes("r", obj{"r": node("page", nil), "lost": node("label", nil)})},
		{"slot to nowhere", "unknown-node", "pages/edit/nodes/r/slots/content/0", "label", nodes("r", obj{"r": node("page", nil, "labl", "label"), "label": node("label", nil)})},
		{"node twice", "shared-node", "pages/edit/nodes/r/slots/content/1", "", nodes("r", obj{"r": node("page", nil, "a", "a"), "a": node("label", nil)})},
		{"circle", "shared-node", "pages/edit/nodes/a/slots/content/0", "", nodes("r", obj{"r": node("page", nil, "a"), "a": node("panel", nil, "r")})},
		{"too deep", "too-deep", "pages/edit/nodes/n64", "", nodes("n0", deep)},
		{"unknown field", "unknown-field", atProps + "field", "title", page(obj{"field": "titel"})},
		{"field through a number", "unknown-field", atProps + "field", "", page(obj{"field": "total.city"})},
		{"field of the other component", "unknown-field", atProps + "field", "customer.city", page(obj{"field": "customer.cty"})},
		{"column", "unknown-field", atProps + "columns/0/field", "city", page(obj{"source": obj{"component": "customer"}, "columns": items{obj{"field": "ciity"}}})},
		{"source", "unknown-component", atProps + "source/component", "customer", page(obj{"source": obj{"component": "custome"}})},
		{"action's dataflow", "unknown-dataflow", atProps + "onClick/dataflow", "save", page(obj{"onClick": obj{"dataflow": "safe"}})},
		{"action's workflow", "unknown-workflow", atProps + "onClick/workflow", "approve", page(obj{"onClick": obj{"workflow": "approved"}})},
		{"action's script", "unknown-script", atProps + "onClick/script", "calc", page(obj{"onClick": obj{"script": "kalc"}})},
		{"action's page", "unknown-page", atProps + "onClick/page", "main", page(obj{"onClick": obj{"component": "board", "page": "mian"}})},
		{"binding's variable", "invalid-expression", atProps + "text", "entry", page(obj{"text": expression("entri.title")})},
		{"binding's type", "wrong-type", atProps + "visible", "", page(obj{"visible": expression("entry.title")})},
		{"binding of a row", "invalid-expression", atProps + "columns/0/text", "", page(obj{"source": obj{"component": "customer"}, "columns": items{obj{"text": expression("item.title")}}})},
		{"button of a row", "invalid-expression", atProps + "columns/0/command/enabled", "city", page(obj{"component": "customer", "columns": items{obj{"command": obj{"enabled": expression("item.cty == 'Rome'")}}}})},
		{"button of a row by a text", "wrong-type", atProps + "columns/0/command/enabled", "", page(obj{"component": "customer", "columns": items{obj{"command": obj{"enabled": expression("item.city")}}}})},
		{"row action without a page", "missing-setting", atProps + "rowAction/page", "", page(obj{"component": "customer", "rowAction": obj{"type": "edit-record"}})},
		{"button without a dataflow", "missing-setting", atProps + "action/dataflow", "", page(obj{"action": obj{"type": "run-dataflow", "dataflow": ""}})},
		{"binding in parameters", "invalid-expression", atProps + "onClick/params/id", "", page(obj{"onClick": obj{"page": "edit", "params": obj{"id": expression("nobody")}}})},
		{"reference to itself that must be", "circular-reference", "model/fields/customer/required", "", func(c invoice) {
			c.Model.Fields[3].Required = true
			c.Model.Fields[3].GetCatalog().Component = "invoice"
		}},
		{"filter of rows", "invalid-expression", atProps + "filter", "city", page(obj{"component": "customer", "filter": "cty == 'Rome'"})},
		{"filter of rows that is none", "wrong-type", atProps + "filter", "", page(obj{"component": "customer", "filter": "city"})},
		{"order of rows", "unknown-field", atProps + "orderBy", "city", page(obj{"component": "customer", "orderBy": "id desc, cty"})},
		{"order by words", "invalid-order", atProps + "orderBy", "", page(obj{"component": "customer", "orderBy": "city downwards"})},
		{"order by the field of another", "invalid-order", atProps + "orderBy", "", page(obj{"source": obj{"component": "invoice"}, "orderBy": "customer.city"})},
		{"input that a dataflow does not take", "unknown-field", atProps + "onClick/input/titel", "title", func(c invoice) {
			c.Dataflows[0].Steps = []*libraryv1.Step{{Id: "read", Type: "get-action-model"}}
			page(obj{"onClick": obj{"dataflow": "save", "input": obj{"titel": "x"}}})(c)
		}},
		{"binding that is none", "invalid-binding", atProps + "text", "", page(obj{"text": obj{"$expr": int64(1)}})},
		{"binding with more", "invalid-binding", atProps + "text", "", page(obj{"text": obj{"$expr": "1", "x": "y"}})},
		{"binding that is empty", "invalid-expression", atProps + "text", "", page(obj{"text": expression("")})},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			all := good(t)
			tc.change(all[2])
			problems := checkAll(t, &owner{}, all)
			for _, p := range problems {
				if p.GetReason() == tc.reason && p.GetPath() == tc.path && p.GetComponent() == "invoice" {
					require.Equal(t, catalogv1.Severity_SEVERITY_ERROR, p.GetSeverity())
					require.NotEmpty(t, p.GetMessage())
					require.Equal(t, tc.suggestion, p.GetSuggestion(), p.GetMessage())
					return
				}
			}
			t.Fatalf("want %s at %s, got %v", tc.reason, tc.path, problems)
		})
	}
}

// Entries that need each other first can never be made; it is told on both sides.
func TestCircularReferences(t *testing.T) {
	t.Parallel()
	all := good(t)
	all[2].Model.Fields[3].Required = true
	require.Empty(t, checkAll(t, &owner{}, all), "one side alone is fine")
	back := field("latest0000", "latest", catalog)
	back.Rules = &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "invoice"}}
	all[1].Model.Fields = append(all[1].Model.Fields, back)
	require.Empty(t, checkAll(t, &owner{}, all), "what may be empty needs nothing")
	back.Required = true
	var got []string
	for _, p := range checkAll(t, &owner{}, all) {
		got = append(got, p.GetComponent()+" "+p.GetPath()+" "+p.GetReason())
	}
	require.Equal(t, []string{"customer model/fields/latest/required circular-reference", "invoice model/fields/customer/required circular-reference"}, got)
}

// What the author names freely is not taken for a reference, and rows of a dataflow have any field.
func TestNoFalseAlarm(t *testing.T) {
	t.Parallel()
	all := good(t)
	all[2].Pages[0].Document = doc(t, obj{"root": "r", "nodes": obj{
		"r": node("page", nil, "a", "b", "c", "d", "e", "f", "g"),
		"a": node("button", obj{"onClick": obj{"page": "edit", "params": obj{"page": "2", "field": "x"}}}),
		"b": node("grid", obj{"source": obj{"dataflow": "save"}, "columns": items{obj{"field": "anything", "text": expression("item.anything")}}}),
		"c": node("select", obj{"field": "customer", "component": "customer"}),
		"d": node("button", obj{"component": "board", "page": "main", "visible": expression("item.total > 1")}),
		"e": node("grid", obj{"component": "customer", "filter": "city == 'Rome' && entry.id != user.id", "orderBy": "create_time DESC, city asc,id"}),
		"f": node("grid", obj{"source": obj{"dataflow": "save"}, "filter": "anything", "orderBy": "at all"}),
		"g": node("button", obj{"onClick": obj{"dataflow": "save", "input": obj{"anything": "x"}}}),
	}})
	free, err := value.ToProto(false)
	require.NoError(t, err)
	all[2].Dataflows[0].Steps = []*libraryv1.Step{{Id: "read", Type: "get-action-model", Params: map[string]*typev1.Value{"validate": free}}}
	require.Empty(t, checkAll(t, &owner{}, all))
}

func TestReferencesAreStable(t *testing.T) {
	t.Parallel()
	res, err := New(&owner{}, slog.New(slog.DiscardHandler)).Check(t.Context(), good(t), []string{"invoice", "board"})
	require.NoError(t, err)
	var got []string
	for _, r := range res.References {
		got = append(got, fmt.Sprintf("%s %s -> %s %s/%s", r.GetComponent(), r.GetPath(), r.GetKind(), r.GetTargetComponent(), r.GetTargetId()))
	}
	for _, want := range []string{
		"board pages/main/nodes/g/props/source/component -> component invoice/",
		"board pages/main/nodes/g/props/columns/1/field -> field invoice/customer00",
		"board pages/main/nodes/g/props/columns/1/field -> field customer/city000000",
		"board pages/main/nodes/g/props/filter -> field invoice/total00000",
		"board pages/main/nodes/g/props/filter -> field customer/city000000",
		"board pages/main/nodes/g/props/orderBy -> field invoice/title00000",
		"board pages/main/nodes/g/props/orderBy -> field invoice/total00000",
		"board pages/main/nodes/b/props/action/page -> page invoice/edit",
		"invoice pages/edit/nodes/f/props/field -> field invoice/title00000",
		"invoice pages/edit/nodes/f/props/visible -> field invoice/total00000",
		"invoice pages/edit/nodes/v/props/text -> field customer/city000000",
		"invoice pages/edit/nodes/s/props/onClick/dataflow -> dataflow invoice/save",
		"invoice pages/edit/roles -> role /clerk",
		"invoice settings/triggers/made/workflow -> workflow invoice/approve",
		"invoice settings/triggers/made/condition -> field invoice/total00000",
	} {
		require.Contains(t, got, want)
	}
}

func TestOwners(t *testing.T) {
	t.Parallel()
	o := &owner{answer: Answer{
		Problems:   []*catalogv1.Problem{{Reason: "unknown-step", Path: "steps/a/type", Message: "no such step"}},
		References: []*catalogv1.Reference{{Path: "dataflows/save/steps/a", Kind: "field", TargetComponent: "customer", TargetId: "city000000"}},
	}}
	k := New(o, slog.New(slog.DiscardHandler))
	all := good(t)
	res, err := k.Check(t.Context(), all, []string{"invoice"})
	require.NoError(t, err)
	require.Empty(t, res.Unavailable)
	require.Len(t, res.Problems, 3) // one each of dataflow, workflow and script
	require.Equal(t, "dataflows/save/steps/a/type", res.Problems[0].GetPath())
	require.Equal(t, "invoice", res.Problems[0].GetComponent())
	require.Equal(t, "invoice", res.References[len(res.References)-1].GetComponent())
	require.Nil(t, o.own.GetPages()[0].GetDocument())
	require.NotEmpty(t, o.own.GetScripts()[0].GetSource())
	require.Len(t, o.others, 2)

	// Pages are nothing to the owner of dataflows, models are.
	all[2].Pages[0].Title = "Edit"
	all[2].Pages[0].Document = nil
	_, err = k.Check(t.Context(), all, []string{"invoice"})
	require.NoError(t, err)
	before := o.asked
	all[1].Model.Fields[0].Name = "town"
	_, err = k.Check(t.Context(), all, []string{"invoice"})
	require.NoError(t, err)
	require.Equal(t, before+1, o.asked)

	// A failure is a warning, and is not kept.
	o.err = errors.New("away")
	all[1].Model.Fields[0].Name = "place"
	res, err = k.Check(t.Context(), all, []string{"invoice"})
	require.NoError(t, err)
	require.Equal(t, []string{"dataflow", "workflow"}, res.Unavailable)
	o.err = nil
	res, err = k.Check(t.Context(), all, []string{"invoice"})
	require.NoError(t, err)
	require.Empty(t, res.Unavailable)
}

// Whatever a page holds, the check answers.
func FuzzPage(f *testing.F) {
	for _, c := range good(f) {
		for _, p := range c.GetPages() {
			b, err := proto.Marshal(p.GetDocument())
			require.NoError(f, err)
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v := &typev1.Value{}
		if proto.Unmarshal(data, v) != nil {
			return
		}
		all := good(t)
		all[2].Pages[0].Document = v
		checkAll(t, &owner{}, all)
	})
}

func BenchmarkCheck(b *testing.B) {
	all := good(b)
	k := New(&owner{}, slog.New(slog.DiscardHandler))
	for b.Loop() {
		if _, err := k.Check(b.Context(), all, []string{"invoice"}); err != nil {
			b.Fatal(err)
		}
	}
}
