package textform_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/aqtra/aqtra/services/aqtra/internal/textform"
)

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := component(t)
		files, err := textform.Encode(c)
		require.NoError(t, err)
		got, err := textform.Decode(files)
		require.NoError(t, err)
		require.True(t, proto.Equal(textform.Plain(c), got))
		again, err := textform.Encode(got)
		require.NoError(t, err)
		require.Equal(t, files, again)
	})
}

// TestTextsThatYAMLKnows: what means something to YAML is text all the same.
func TestTextsThatYAMLKnows(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"<<", "=", "~", "null", "yes", "0x1f", "1_000", "2026-01-01", "*a", "&a", "!!map", "%YAML", "---", "...", "@", "`", "? a", "|", ">-", "{", "[]"} {
		files, err := textform.Encode(&libraryv1.Component{Id: "c", DisplayName: text})
		require.NoError(t, err, text)
		got, err := textform.Decode(files)
		require.NoError(t, err, text)
		require.Equal(t, text, got.GetDisplayName())
	}
}

func component(t *rapid.T) *libraryv1.Component {
	text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\n \t:#-'\"<01"))))
	ids := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9][a-z0-9_-]{0,9}`), 0, 4, rapid.ID[string])
	document := rapid.Custom(func(t *rapid.T) any {
		return map[string]any{
			text.Draw(t, "key"): []any{text.Draw(t, "text"), nil, true, rapid.Int64Range(-1<<50, 1<<50).Draw(t, "int")},
			"empty":             map[string]any{}, "none": []any{},
		}
	})
	c := &libraryv1.Component{
		Id: "c", Uid: "auid", DisplayName: text.Draw(t, "name"), Description: text.Draw(t, "description"),
		Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{
			Id: "f", Name: "n", Title: text.Draw(t, "title"), Type: libraryv1.FieldType_FIELD_TYPE_NUMBER,
			Rules: &libraryv1.Field_Number{Number: &libraryv1.NumberRules{Min: "0", Precision: proto.Int32(0)}},
		}}},
		Revision: 7, Etag: "e", CreateTime: timestamppb.Now(), PublishedRevision: 3,
	}
	for _, id := range ids.Draw(t, "pages") {
		v, err := value.ToProto(document.Draw(t, "document"))
		require.NoError(t, err)
		c.Pages = append(c.Pages, &libraryv1.Page{Id: id, Title: text.Draw(t, "title"), Roles: []string{"on", "1"}, Document: v})
	}
	for _, id := range ids.Draw(t, "dataflows") {
		v, err := value.ToProto(document.Draw(t, "param"))
		require.NoError(t, err)
		c.Dataflows = append(c.Dataflows, &libraryv1.Dataflow{Id: id, Title: text.Draw(t, "title"), Steps: []*libraryv1.Step{
			{Id: "s", Type: text.Draw(t, "type"), Sources: []string{text.Draw(t, "source")}, Params: map[string]*typev1.Value{text.Draw(t, "name"): v, "no": {Kind: &typev1.Value_Bool{}}}},
		}})
	}
	for _, id := range ids.Draw(t, "workflows") {
		v, err := value.ToProto(document.Draw(t, "document"))
		require.NoError(t, err)
		c.Workflows = append(c.Workflows, &libraryv1.Workflow{Id: id, Title: text.Draw(t, "title"), Document: v})
	}
	for _, id := range ids.Draw(t, "scripts") {
		c.Scripts = append(c.Scripts, &libraryv1.Script{Id: id, Title: text.Draw(t, "title"), Source: text.Draw(t, "source")})
	}
	if rapid.Bool().Draw(t, "settings") {
		c.Settings = &libraryv1.Settings{HomePage: text.Draw(t, "home"), Hidden: true}
	}
	return c
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files map[string][]byte
		want  string
	}{
		"nothing":       {nil, "component.yaml: is missing"},
		"alias":         {files("id: &a x\ndescription: *a"), "component.yaml: line 1: anchors"},
		"twice":         {files("id: a\nid: b"), "twice"},
		"two documents": {files("id: a\n---\nid: b"), "more than one document"},
		"unknown field": {files("id: a\nlable: b"), "component.yaml:2: lable: unknown field"},
		"deep inside":   {files("id: a\nmodel:\n  fields:\n    - name: x\n    - name: y\n      kind: z\n"), "component.yaml:6: model.fields[1].kind: unknown field"},
		"not UTF-8":     {map[string][]byte{"component.yaml": []byte("id: a\nscripts: [{id: s}]"), "scripts/s.py": {0xff}}, "scripts/s.py: is not UTF-8"},
		"revision":      {files("id: a\nrevision: 3"), "what the server keeps"},
		"leaves":        {files("id: a\nscripts: [{id: ../../x}]"), `"../../x" in scripts is not an id`},
		"no page":       {files("id: a\npages: [{id: p}]"), "pages/p.yaml: is missing"},
		"not named":     {map[string][]byte{"component.yaml": []byte("id: a"), "pages/p.yaml": nil}, "pages/p.yaml: is not named"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := textform.Decode(c.files)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func files(text string) map[string][]byte { return map[string][]byte{"component.yaml": []byte(text)} }

func FuzzDecode(f *testing.F) {
	samples, err := filepath.Glob("../../../gateway/internal/samples/data/*/sample.yaml")
	require.NoError(f, err)
	require.NotEmpty(f, samples)
	for _, path := range samples {
		text, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(text)
	}
	f.Add([]byte("id: a\nmodel: {fields: [{name: x, type: FIELD_TYPE_STRING}]}"))
	f.Add([]byte("id: p\ntitle: x\ndocument: {root: page, nodes: {page: {type: page, props: {no: false, empty: ''}}}}"))
	f.Fuzz(func(t *testing.T, text []byte) {
		// As component.yaml or, when it is none, as a part's file.
		c, err := textform.Decode(map[string][]byte{"component.yaml": text})
		if err != nil {
			c, err = textform.Decode(map[string][]byte{
				"component.yaml": []byte("id: a\npages: [{id: p}]\nscripts: [{id: s}]"), "pages/p.yaml": text, "scripts/s.py": text,
			})
		}
		if err != nil {
			return
		}
		again, err := textform.Encode(c)
		require.NoError(t, err)
		got, err := textform.Decode(again)
		require.NoError(t, err)
		require.True(t, proto.Equal(c, got))
	})
}
