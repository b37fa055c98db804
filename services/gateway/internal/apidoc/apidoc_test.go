package apidoc_test

import (
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	apidocv1 "github.com/aqtra/aqtra/proto/gen/aqtra/apidoc/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/gateway/internal/apidoc"
)

var update = flag.Bool("update", false, "write the goldens anew")

// library answers for the component library with one release.
type library struct {
	grpc.ClientConnInterface
	release *libraryv1.Release
}

func (l library) Invoke(_ context.Context, _ string, _, reply any, _ ...grpc.CallOption) error {
	proto.Merge(reply.(proto.Message), l.release)
	return nil
}

func release() *libraryv1.Release {
	return &libraryv1.Release{Id: "r1", Tenant: "acme", Components: []*libraryv1.Component{
		{
			Id: "car_fleet", DisplayName: "Car fleet",
			Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
				{Name: "vin", Title: "VIN", Type: libraryv1.FieldType_FIELD_TYPE_STRING, PrimaryKey: true,
					Rules: &libraryv1.Field_String_{String_: &libraryv1.StringRules{MaxLength: 17, Pattern: "[A-Z0-9]+"}}},
				{Name: "price", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER, Required: true,
					Rules: &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Min: "0", Precision: proto.Int32(2)}}},
				{Name: "state", Type: libraryv1.FieldType_FIELD_TYPE_INTEGER, Rules: &libraryv1.Field_Integer{Integer: &libraryv1.IntegerRules{
					Options: []*libraryv1.EnumOption{{Value: 0, Label: "New"}, {Value: 1, Label: "Sold"}}}}},
				{Name: "owner", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG, Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "person"}}},
				{Name: "drivers", Type: libraryv1.FieldType_FIELD_TYPE_ARRAY, Rules: &libraryv1.Field_Array{Array: &libraryv1.ArrayRules{Component: "person"}}},
				{Name: "preview", Type: libraryv1.FieldType_FIELD_TYPE_STRING, IsVirtual: true},
			}},
			Dataflows: []*libraryv1.Dataflow{{Id: "save", Title: "Save a car"}, {Id: "close", Roles: []string{"manager"}}},
			Workflows: []*libraryv1.Workflow{{Id: "approve", Title: "Approve"}},
			Scripts:   []*libraryv1.Script{{Id: "rate", Title: "Rate"}},
			Settings: &libraryv1.Settings{Access: []*libraryv1.AccessRule{
				{Role: "clerk", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}},
			}},
		},
		{Id: "person", DisplayName: "People", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{Name: "born", Type: libraryv1.FieldType_FIELD_TYPE_DATE}}}},
		{Id: "dashboard", DisplayName: "Dashboard"},
	}}
}

func documentFor(t *testing.T, p principal.Principal) (map[string]any, []byte) {
	t.Helper()
	general, err := os.ReadFile("../edge/openapi.json")
	require.NoError(t, err)
	s, err := apidoc.New(general, library{release: release()})
	require.NoError(t, err)
	p.Tenant, p.Subject, p.Release = "acme", "ada", "r1"
	got, err := s.GetApiDocument(principal.With(t.Context(), p), &apidocv1.GetApiDocumentRequest{})
	require.NoError(t, err)
	require.Equal(t, "r1", got.GetRelease())
	var doc map[string]any
	require.NoError(t, json.Unmarshal(got.GetOpenapi(), &doc))
	return doc, got.GetOpenapi()
}

func admin() principal.Principal {
	return principal.Principal{Roles: []string{principal.RoleAdmin}, Grants: []principal.Grant{{Permission: "*"}}}
}

func at(t *testing.T, v any, path ...string) any {
	t.Helper()
	for _, p := range path {
		m, ok := v.(map[string]any)
		require.True(t, ok, "%v has no %q", v, p)
		require.Contains(t, m, p)
		v = m[p]
	}
	return v
}

func TestFieldsAreTyped(t *testing.T) {
	t.Parallel()
	doc, _ := documentFor(t, admin())
	schemas := at(t, doc, "components", "schemas")
	text, err := json.MarshalIndent(map[string]any{"fields": at(t, schemas, "car_fleet.Fields"), "new": at(t, schemas, "car_fleet.NewEntry")}, "", " ")
	require.NoError(t, err)
	golden := filepath.Join("testdata", "car_fleet.json")
	if *update {
		require.NoError(t, os.WriteFile(golden, append(text, '\n'), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(text))
	list := at(t, doc, "paths", "/v1/components/car_fleet/entries", "get", "responses", "200", "content", "application/json", "schema", "$ref")
	require.Equal(t, "#/components/schemas/car_fleet.ListEntriesResponse", list)
	items := at(t, schemas, "car_fleet.ListEntriesResponse", "properties", "entries", "items", "$ref")
	require.Equal(t, "#/components/schemas/car_fleet.Entry", items)
}

// Rules are optional for every type.
func TestFieldsWithoutRules(t *testing.T) {
	t.Parallel()
	general, err := os.ReadFile("../edge/openapi.json")
	require.NoError(t, err)
	plain := &libraryv1.Component{Id: "plain", Model: &libraryv1.ObjectModel{}}
	for number, name := range libraryv1.FieldType_name {
		plain.Model.Fields = append(plain.Model.Fields, &libraryv1.Field{Name: strings.ToLower(name), Type: libraryv1.FieldType(number)})
	}
	s, err := apidoc.New(general, library{release: &libraryv1.Release{Id: "r1", Components: []*libraryv1.Component{plain}}})
	require.NoError(t, err)
	p := admin()
	p.Tenant, p.Subject, p.Release = "acme", "ada", "r1"
	got, err := s.GetApiDocument(principal.With(t.Context(), p), &apidocv1.GetApiDocumentRequest{})
	require.NoError(t, err)
	var doc map[string]any
	require.NoError(t, json.Unmarshal(got.GetOpenapi(), &doc))
	require.Len(t, at(t, doc, "components", "schemas", "plain.Fields", "properties"), len(libraryv1.FieldType_name))
}

// Every reference leads somewhere, every operation has a name of its own, every variable of a path a parameter.
func TestDocumentIsSound(t *testing.T) {
	t.Parallel()
	doc, text := documentFor(t, admin())
	for _, part := range strings.Split(string(text), `"$ref":"#/`)[1:] {
		ref, _, _ := strings.Cut(part, `"`)
		at(t, doc, strings.Split(ref, "/")...)
	}
	names := map[any]bool{}
	for path, item := range at(t, doc, "paths").(map[string]any) {
		require.NotContains(t, path, "{component}")
		for _, op := range item.(map[string]any) {
			id := at(t, op, "operationId")
			require.False(t, names[id], id)
			names[id] = true
			have := map[string]bool{}
			if all, ok := op.(map[string]any)["parameters"].([]any); ok {
				for _, one := range all {
					if at(t, one, "in") == "path" {
						have["{"+at(t, one, "name").(string)+"}"] = true
					}
				}
			}
			for name := range have {
				require.Contains(t, path, name)
			}
			require.Equal(t, strings.Count(path, "{"), len(have), path)
		}
	}
	require.Contains(t, names, "Dataflows_RunDataflow_car_fleet_save")
	require.Contains(t, names, "Entries_ListEntries_person")
}

func TestCallersSeeWhatTheyMayUse(t *testing.T) {
	t.Parallel()
	paths := func(p principal.Principal) map[string]any {
		doc, _ := documentFor(t, p)
		return at(t, doc, "paths").(map[string]any)
	}
	grant := func(permissions ...string) (out []principal.Grant) {
		for _, p := range permissions {
			out = append(out, principal.Grant{Permission: p, Component: "car_fleet"})
		}
		return out
	}
	require.Empty(t, paths(principal.Principal{}), "nothing is granted")

	clerk := paths(principal.Principal{Roles: []string{"clerk"}, Grants: grant("entries.read", "dataflows.run")})
	require.Contains(t, clerk, "/v1/components/car_fleet/entries")
	require.NotContains(t, at(t, clerk, "/v1/components/car_fleet/entries"), "post")
	require.Contains(t, clerk, "/v1/components/car_fleet/dataflows/save:run")
	require.NotContains(t, clerk, "/v1/components/car_fleet/dataflows/close:run", "it is for another role")
	require.NotContains(t, clerk, "/v1/components/car_fleet/workflows/approve:start")
	require.NotContains(t, clerk, "/v1/components/person/entries", "the grant is for one component")

	other := paths(principal.Principal{Roles: []string{"other"}, Grants: grant("entries.*")})
	require.Empty(t, other, "no access rule names the role")
}

func TestNothingPublished(t *testing.T) {
	t.Parallel()
	general, err := os.ReadFile("../edge/openapi.json")
	require.NoError(t, err)
	s, err := apidoc.New(general, library{release: release()})
	require.NoError(t, err)
	_, err = s.GetApiDocument(principal.With(t.Context(), principal.Principal{Tenant: "acme", Subject: "ada"}), nil)
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, fault.KindNotFound, f.Kind)

	_, err = apidoc.New([]byte(`{"paths": {}}`), library{})
	require.ErrorContains(t, err, "lacks aqtra.storage.v1.Entry")
}
