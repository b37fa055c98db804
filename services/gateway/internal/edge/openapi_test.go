package edge

import (
	"encoding/json"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

type document struct {
	Paths map[string]map[string]struct {
		OperationID string `json:"operationId"`
		Parameters  []struct{ Name, In string }
		Security    *[]any
		Permission  string `json:"x-permission"`
		Responses   map[string]any
	}
	Components struct{ Schemas map[string]schema }
}

type schema struct {
	Type       any
	Format     string
	Ref        string `json:"$ref"`
	Enum       []string
	Properties map[string]schema
	Items      *schema
}

func readDocument(t *testing.T) document {
	t.Helper()
	var d document
	require.NoError(t, json.Unmarshal(openapi, &d))
	return d
}

func publicTable(t *testing.T) *table {
	t.Helper()
	table, err := newTable()
	require.NoError(t, err)
	for name, at := range map[string][2]string{
		"/aqtra.storage.v1.Files/UploadFile": {"POST", "/v1/files:upload"}, "/aqtra.storage.v1.Files/DownloadFile": {"GET", "/v1/files/{file}:download"},
		"/aqtra.storage.v1.Files/UploadPart": {"PUT", "/v1/uploads/{upload}:part"}, "/aqtra.storage.v1.Files/GetThumbnail": {"GET", "/v1/files/{file}:thumbnail"},
		"/aqtra.apidoc.v1.ApiDocuments/GetApiDocument": {"GET", "/v1/published/openapi.json"},
	} {
		require.NoError(t, table.place(table.byName[name], at[0], at[1], ""))
	}
	return table
}

// TestDocumentIsComplete fails when proto and document part ways: run make gen.
func TestDocumentIsComplete(t *testing.T) {
	t.Parallel()
	doc, table := readDocument(t), publicTable(t)
	inner := regexp.MustCompile(`\{(\w+)\.\w+\}`)
	want := make(map[string]*method)
	for _, m := range table.byRoute {
		want[strings.ToLower(m.route.verb)+" "+inner.ReplaceAllString(m.route.template, "{$1}")] = m
	}
	got := make(map[string]bool)
	for path, verbs := range doc.Paths {
		for verb, op := range verbs {
			key := verb + " " + path
			got[key] = true
			m := want[key]
			require.NotNil(t, m, key)
			require.Contains(t, op.Responses, "default", key)
			require.Equal(t, m.rule.GetPublic(), op.Security != nil, key)
			require.Equal(t, m.rule.GetPermission(), op.Permission, key)
			for _, p := range op.Parameters {
				if p.In == "query" && !strings.HasPrefix(path, "/v1/files:") && !strings.HasSuffix(path, ":part") {
					_, field := resolveField(m.input, p.Name)
					require.NotNil(t, field, "%s %s", key, p.Name)
				}
				if p.In == "path" {
					require.Contains(t, path, "{"+p.Name+"}")
				}
			}
		}
	}
	require.ElementsMatch(t, slices.Collect(maps.Keys(want)), slices.Collect(maps.Keys(got)))
}

// TestDocumentIsTrue compares schemas with how wirejson writes the messages of the same name.
func TestDocumentIsTrue(t *testing.T) {
	t.Parallel()
	doc := readDocument(t)
	seen := 0
	for name, s := range doc.Components.Schemas {
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(name))
		md, ok := d.(protoreflect.MessageDescriptor)
		if err != nil || !ok || strings.HasPrefix(name, "aqtra.type.v1.") || strings.HasPrefix(name, "google.") {
			continue
		}
		seen++
		require.Len(t, s.Properties, md.Fields().Len(), name)
		for i := range md.Fields().Len() {
			f := md.Fields().Get(i)
			p, ok := s.Properties[f.JSONName()]
			require.True(t, ok, "%s.%s", name, f.JSONName())
			if f.IsList() {
				require.Equal(t, "array", p.Type, "%s.%s", name, f.JSONName())
				p = *p.Items
			}
			switch {
			case f.IsMap():
				require.Equal(t, "object", p.Type)
			case f.Kind() == protoreflect.Int64Kind, f.Kind() == protoreflect.StringKind, f.Kind() == protoreflect.BytesKind:
				require.Equal(t, "string", p.Type, "%s.%s", name, f.JSONName())
			case f.Kind() == protoreflect.Int32Kind:
				require.Equal(t, "integer", p.Type)
			case f.Kind() == protoreflect.EnumKind:
				require.Len(t, doc.Components.Schemas[strings.TrimPrefix(p.Ref, "#/components/schemas/")].Enum, f.Enum().Values().Len())
			case f.Kind() == protoreflect.MessageKind && f.Message().FullName() == "google.protobuf.Timestamp":
				require.Equal(t, "date-time", p.Format)
			case f.Kind() == protoreflect.MessageKind && strings.HasPrefix(string(f.Message().FullName()), "aqtra."):
				require.Equal(t, "#/components/schemas/"+string(f.Message().FullName()), p.Ref)
			}
		}
	}
	require.Greater(t, seen, 60)
	require.Empty(t, doc.Components.Schemas["aqtra.type.v1.Value"].Type, "any JSON")
	require.NotContains(t, string(openapi), "identity.v1.Delegate")
	require.NotContains(t, string(openapi), "ProvisionTenant")
}

func TestAllowedVerbs(t *testing.T) {
	t.Parallel()
	table := publicTable(t)
	require.Equal(t, []string{http.MethodDelete, http.MethodGet, http.MethodHead, http.MethodPatch}, table.allowed("/v1/users/u1"))
	require.Empty(t, table.allowed("/v1/users/u1/x"))
}

func TestAudiences(t *testing.T) {
	t.Parallel()
	a := audiences([]string{"storage", "component-library", "python-runner", "dataflow", "workflow", "gateway"})
	require.Equal(t, []string{"gateway"}, a["gateway"])
	require.Contains(t, a["dataflow"], "storage")
	require.Contains(t, a["dataflow"], "python-runner")
	require.Subset(t, a["workflow"], []string{"component-library", "dataflow", "python-runner", "storage", "workflow"})
	for target, audience := range a {
		require.Contains(t, audience, target)
	}
}
