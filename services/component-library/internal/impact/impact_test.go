package impact_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/impact"
)

const (
	read   = libraryv1.Operation_OPERATION_READ
	create = libraryv1.Operation_OPERATION_CREATE
	remove = libraryv1.Operation_OPERATION_DELETE
)

func car() *libraryv1.Component {
	return &libraryv1.Component{
		Id: "car", Uid: "u1", DisplayName: "Car", Revision: 1,
		Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
			{Id: "f1", Name: "vin", Type: libraryv1.FieldType_FIELD_TYPE_STRING},
			{Id: "f2", Name: "price", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER},
			{Id: "f3", Name: "owner", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG, Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "person"}}},
		}},
		Pages:     []*libraryv1.Page{{Id: "main", Title: "Cars", Roles: []string{"clerk"}}},
		Dataflows: []*libraryv1.Dataflow{{Id: "sell", Title: "Sell"}},
	}
}

// edited is a car of the next revision, changed.
func edited(change func(c *libraryv1.Component)) (before, after []*libraryv1.Component) {
	next := car()
	next.Revision = 2
	change(next)
	return []*libraryv1.Component{car()}, []*libraryv1.Component{next}
}

func field(c *libraryv1.Component, i int) *libraryv1.Field { return c.GetModel().GetFields()[i] }

func TestAPI(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		edit     func(c *libraryv1.Component)
		path     string
		text     string
		breaking bool
	}{
		"gone": {func(c *libraryv1.Component) { c.Model.Fields = c.Model.Fields[:2] }, "/entries", "the field owner is gone", true},
		"new": {func(c *libraryv1.Component) {
			c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{Id: "f4", Name: "seats"})
		}, "/entries", "the field seats is new", false},
		"new, must": {func(c *libraryv1.Component) {
			c.Model.Fields = append(c.Model.Fields, &libraryv1.Field{Id: "f4", Name: "seats", Required: true})
		}, "/entries", "the field seats is new, and new entries must have it", true},
		"renamed":   {func(c *libraryv1.Component) { field(c, 1).Name = "cost" }, "/entries", "the field price is called cost now", true},
		"type":      {func(c *libraryv1.Component) { field(c, 1).Type = libraryv1.FieldType_FIELD_TYPE_STRING }, "/entries", "the field price is text now, it was number", true},
		"target":    {func(c *libraryv1.Component) { field(c, 2).GetCatalog().Component = "firm" }, "/entries", "the field owner refers to firm now, it referred to person", true},
		"required":  {func(c *libraryv1.Component) { field(c, 1).Required = true }, "/entries", "entries must have the field price now", true},
		"sensitive": {func(c *libraryv1.Component) { field(c, 1).Sensitive = true }, "/entries", "the field price can no longer be filtered or sorted on", true},
		"key":       {func(c *libraryv1.Component) { field(c, 0).PrimaryKey = true }, "/entries", "the key of entries is another one: vin is part of it now", true},
		"rules": {func(c *libraryv1.Component) {
			field(c, 1).Rules = &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Min: "1"}}
		}, "/entries", "the field price takes other values than before", true},
		"dataflow gone": {func(c *libraryv1.Component) { c.Dataflows = nil }, "/dataflows/sell:run", "the dataflow Sell is gone", true},
		"script new":    {func(c *libraryv1.Component) { c.Scripts = []*libraryv1.Script{{Id: "due"}} }, "/scripts/due:run", "the script due is new", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := impact.New(edited(c.edit)).API()
			require.Len(t, got, 1)
			require.True(t, proto.Equal(&libraryv1.ApiChange{Component: "car", Path: "/v1/components/car" + c.path, Text: c.text, Breaking: c.breaking}, got[0]), "%v", got[0])
		})
	}
	require.Empty(t, impact.New(edited(func(c *libraryv1.Component) { field(c, 1).Title = "Price" })).API(), "what people read is no matter of the API")
	gone := impact.New([]*libraryv1.Component{car()}, nil).API()
	require.Len(t, gone, 1)
	require.Equal(t, "Car is no longer live: all of its calls are refused", gone[0].GetText())
	require.Empty(t, impact.New(nil, []*libraryv1.Component{car()}).API(), "nobody calls what is new")
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	rule := func(role, filter string, ops ...libraryv1.Operation) *libraryv1.AccessRule {
		return &libraryv1.AccessRule{Role: role, Operations: ops, Filter: filter}
	}
	for name, c := range map[string]struct {
		before, after []*libraryv1.AccessRule
		want          []string
	}{
		"first rules": {nil, []*libraryv1.AccessRule{rule("clerk", "", read)}, []string{
			"- Car has rules of access now: only roles that they name reach its entries", "- Role clerk may no longer create, update and delete entries of Car",
		}},
		"no rules": {[]*libraryv1.AccessRule{rule("clerk", "", read)}, nil, []string{
			"+ Car has no rules of access any more: everyone whose grants allow it reaches all entries",
		}},
		"more":        {[]*libraryv1.AccessRule{rule("clerk", "", read)}, []*libraryv1.AccessRule{rule("clerk", "", read, create, remove)}, []string{"+ Role clerk may now create and delete entries of Car"}},
		"less":        {[]*libraryv1.AccessRule{rule("clerk", "", read), rule("boss", "", read)}, []*libraryv1.AccessRule{rule("boss", "", read)}, []string{"- Role clerk may no longer read entries of Car"}},
		"narrower":    {[]*libraryv1.AccessRule{rule("clerk", "", read)}, []*libraryv1.AccessRule{rule("clerk", "entry.price < 5.0", read)}, []string{"- Role clerk may now read only entries of Car where entry.price < 5.0"}},
		"wider":       {[]*libraryv1.AccessRule{rule("clerk", "entry.price < 5.0", read)}, []*libraryv1.AccessRule{rule("clerk", "", read)}, []string{"+ Role clerk may now read all entries of Car, no longer only where entry.price < 5.0"}},
		"another":     {[]*libraryv1.AccessRule{rule("clerk", "a", read)}, []*libraryv1.AccessRule{rule("clerk", "b", read), rule("clerk", "c", read)}, []string{"= Role clerk may now read entries of Car where b or c, no longer where a"}},
		"other order": {[]*libraryv1.AccessRule{rule("clerk", "a", read), rule("clerk", "b", read)}, []*libraryv1.AccessRule{rule("clerk", "b", read), rule("clerk", "a", read)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, after := edited(func(c *libraryv1.Component) { c.Settings = &libraryv1.Settings{Access: c.GetSettings().GetAccess()} })
			before[0].Settings, after[0].Settings = &libraryv1.Settings{Access: c.before}, &libraryv1.Settings{Access: c.after}
			var got []string
			for _, p := range impact.New(before, after).Permissions() {
				got = append(got, map[[2]bool]string{{true, false}: "+ ", {false, true}: "- ", {}: "= "}[[2]bool{p.GetMore(), p.GetLess()}]+p.GetText())
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestPermissionsOfParts(t *testing.T) {
	t.Parallel()
	texts := func(roles ...string) (out []string) {
		for _, p := range impact.New(edited(func(c *libraryv1.Component) { c.Pages[0].Roles = roles })).Permissions() {
			out = append(out, p.GetText())
		}
		return out
	}
	require.Equal(t, []string{"Everyone who may use Car may now open page Cars of Car"}, texts())
	require.Equal(t, []string{"Role boss may now open page Cars of Car", "Role clerk may no longer open page Cars of Car"}, texts("boss"))
	require.Empty(t, texts("clerk"))
	only := impact.New(edited(func(c *libraryv1.Component) { c.Dataflows[0].Roles = []string{"clerk", "boss"} })).Permissions()
	require.Equal(t, "Only boss and clerk may now run dataflow Sell of Car", only[0].GetText())
}

func TestAffected(t *testing.T) {
	t.Parallel()
	before, after := edited(func(c *libraryv1.Component) {
		field(c, 1).Type = libraryv1.FieldType_FIELD_TYPE_STRING
		c.Dataflows[0].Steps = []*libraryv1.Step{{Id: "read", Type: "get-raw-model"}}
	})
	after = append(after, &libraryv1.Component{Id: "shop", Uid: "u2", Settings: &libraryv1.Settings{Access: []*libraryv1.AccessRule{{Role: "boss"}}}})
	c := impact.New(before, after)
	use := func(component, path, target string) *catalogv1.Reference {
		return &catalogv1.Reference{Component: component, Path: path, Kind: "field", TargetComponent: "car", TargetId: target}
	}
	got := c.Affected([]*catalogv1.Reference{
		use("car", "pages/main/nodes/a/props/field", "f2"), use("car", "pages/main/nodes/b/props/field", "f2"), use("car", "pages/main/nodes/c/props/field", "f1"),
		use("shop", "settings/access/0/filter", "f2"), use("car", "pages/main/nodes/d/props/action/dataflow", "sell"),
	}, []*catalogv1.Problem{
		{Severity: catalogv1.Severity_SEVERITY_ERROR, Component: "shop", Path: "workflows/order/document/do", Message: "no such field"},
		{Severity: catalogv1.Severity_SEVERITY_WARNING, Component: "shop", Path: "workflows/other", Message: "not checked"},
		{Severity: catalogv1.Severity_SEVERITY_ERROR, Component: "car", Path: "model/fields/price", Message: "of the model itself"},
	})
	want := []*libraryv1.AffectedPart{
		{Component: "car", Kind: "page", Id: "main", Title: "Cars", Reasons: []string{"uses price of Car, which becomes text instead of number", "uses dataflow Sell of Car, which changes"}},
		{Component: "shop", Kind: "access", Id: "0", Title: "boss", Reasons: []string{"uses price of Car, which becomes text instead of number"}},
		{Component: "shop", Kind: "workflow", Id: "order", Reasons: []string{"no such field"}, Broken: true},
	}
	require.Len(t, got, len(want))
	for i := range want {
		require.True(t, proto.Equal(want[i], got[i]), "%v", got[i])
	}
	require.Empty(t, c.ChangedRules(), "the type is another one, and rules there are none")
}

func TestTests(t *testing.T) {
	t.Parallel()
	before, after := edited(func(c *libraryv1.Component) {
		c.Settings = &libraryv1.Settings{Access: []*libraryv1.AccessRule{
			{Role: "clerk", Operations: []libraryv1.Operation{read, create}, Filter: `entry.vin == "user"`},
			{Role: "boss", Operations: []libraryv1.Operation{read}, Filter: "entry.creator_subject == user.id"},
		}}
	})
	notes := map[string]string{}
	for _, test := range impact.New(before, after).Tests() {
		require.NotEqual(t, create, test.Operation)
		require.Equal(t, []string{""}, test.Before.Filters, "without rules, all")
		notes[test.Role+" "+test.Operation.String()] = test.Note
	}
	require.Equal(t, map[string]string{
		"boss OPERATION_READ": "depends on who asks", "boss OPERATION_UPDATE": "", "boss OPERATION_DELETE": "",
		"clerk OPERATION_READ": "", "clerk OPERATION_UPDATE": "", "clerk OPERATION_DELETE": "",
	}, notes)
	require.Empty(t, impact.New(nil, after).Tests(), "it has no entries yet")
}

func TestFlows(t *testing.T) {
	t.Parallel()
	shop := func() *libraryv1.Component {
		return &libraryv1.Component{Id: "shop", Uid: "u2", Workflows: []*libraryv1.Workflow{{Id: "order", Title: "Order"}, {Id: "other"}}}
	}
	use := []*catalogv1.Reference{{Component: "shop", Path: "workflows/order/document/do", Kind: "field", TargetComponent: "car", TargetId: "f2"}}
	flows := func(edit func(c *libraryv1.Component)) []impact.Flow {
		before, after := edited(edit)
		c := impact.New(append(before, shop()), append(after, shop()))
		return c.Flows(use, c.Affected(use, nil))
	}
	order := impact.Flow{Live: "shop", Component: "shop", Kind: "workflow", ID: "order", Title: "Order"}
	sell := impact.Flow{Live: "car", Component: "car", Kind: "dataflow", ID: "sell", Title: "Sell"}
	require.Empty(t, flows(func(c *libraryv1.Component) { c.Pages[0].Title = "All cars" }))
	require.Equal(t, []impact.Flow{order}, flows(func(c *libraryv1.Component) { field(c, 1).Required = true }), "what uses the field")
	change := func(c *libraryv1.Component) {
		c.Dataflows[0].Steps = []*libraryv1.Step{{Id: "read", Type: "get-raw-model"}}
	}
	require.Equal(t, []impact.Flow{sell}, flows(change), "what changes itself")
	require.Empty(t, flows(func(c *libraryv1.Component) { c.Dataflows[0].Id = "trade" }), "one that is new has no runs")

	renamed := "its runs have other names: price of Car is called cost now"
	order.Note, sell.Note = renamed, renamed
	require.Equal(t, []impact.Flow{sell, order}, flows(func(c *libraryv1.Component) { change(c); field(c, 1).Name = "cost" }))
	order.Note, sell.Note = "", "its runs have other names: vin of Car is called number now"
	require.Equal(t, []impact.Flow{sell}, flows(func(c *libraryv1.Component) { change(c); field(c, 0).Name = "number" }), "the workflow does not know the name")
	sell.Live, sell.Component, sell.Note = "car", "vehicle", "its runs have other names: car is called vehicle now"
	require.Equal(t, []impact.Flow{sell}, flows(func(c *libraryv1.Component) { change(c); c.Id = "vehicle" }))
}
