package storage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// corpus is what Postgres can be asked of a file of pkg/expr/testdata/corpus: its variables become the fields of an entry.
type corpus struct {
	Now   string
	Model struct {
		Variables []corpusField
		Objects   []struct {
			ID, Name string
			Fields   []corpusField
		}
	}
	Vars    map[string]any
	Entries map[string]map[string]map[string]any
	Cases   []struct {
		Name, Expr, Type, Error, Message, Problem string
		Vars, Want                                map[string]any
		Skip                                      map[string]string
	}
}

type corpusField struct {
	ID, Name string
	Type     value.Type
}

// UnmarshalYAML reads a type in the two forms that package value reads from JSON.
func (f *corpusField) UnmarshalYAML(node *yaml.Node) error {
	var plain struct {
		ID, Name string
		Type     any
	}
	if err := node.Decode(&plain); err != nil {
		return err
	}
	f.ID, f.Name = plain.ID, plain.Name
	text, err := json.Marshal(plain.Type)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, &f.Type)
}

// TestCorpus asks Postgres the cases that all evaluators of the language answer alike. It answers alike, or refuses.
func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../pkg/expr/testdata/corpus/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	answered, refused := 0, map[string]int{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var c corpus
		require.NoError(t, yaml.Unmarshal(text, &c), file)
		newWorld(t).askCorpus(t, c, filepath.Base(file), &answered, refused)
	}
	t.Logf("answered %d, refused: %v", answered, refused)
	require.GreaterOrEqual(t, answered, 175, "what no table can hold, and what SQL cannot say exactly, is refused")
}

// askCorpus makes tables of a file's model, entries of its values, and asks its cases of them.
func (w *world) askCorpus(t *testing.T, c corpus, file string, answered *int, refusals map[string]int) {
	objects := map[string][]corpusField{}
	components := map[string]*libraryv1.Component{}
	for _, o := range c.Model.Objects {
		objects[o.ID] = o.Fields
	}
	subject := "subject"
	objects[subject] = nil
	for _, v := range c.Model.Variables {
		if v.Name == "entry" {
			subject = v.Type.Component
		}
	}
	if subject == "subject" {
		objects[subject] = c.Model.Variables
	}
	known := map[string]bool{}
	for id := range objects {
		known[id] = true
	}
	for id, fields := range objects {
		components[id] = component(id, columns(fields, known)...)
	}
	all := make([]*libraryv1.Component, 0, len(components))
	for _, id := range slices.Sorted(maps.Keys(components)) {
		all = append(all, components[id])
	}
	w.publish(all...)
	ctx := w.as(principal.Principal{Email: "kim@example.com", DisplayName: "Kim", Roles: []string{"clerk", "admin"}, Grants: []principal.Grant{{Permission: "*"}}})
	made := &rows{w: w, ctx: ctx, corpus: c, objects: objects, ids: map[string]string{}, known: known}

	shared := made.subject(t, subject, c.Vars)
	for _, tc := range c.Cases {
		if strings.Contains(tc.Expr, "gone") || tc.Problem != "" || tc.Skip["postgres"] != "" || strings.Contains(tc.Expr, "now()") || strings.Contains(tc.Expr, "today()") {
			continue // the check is the same code, the time is not the file's, and no table has a reference to nothing
		}
		t.Run(file+"/"+tc.Name, func(t *testing.T) {
			id := shared
			if tc.Vars != nil {
				id = made.subject(t, subject, tc.Vars)
			}
			var condition string
			if tc.Error != "" {
				condition = fmt.Sprintf("(%s) == (%[1]s)", made.named(tc.Expr))
			} else {
				literal, ok := literalOf(tc.Want)
				if !ok {
					refusals["its value has no literal"]++
					return
				}
				condition = fmt.Sprintf("(%s) == (%s)", made.named(tc.Expr), made.named(literal))
			}
			for _, negated := range []bool{false, true} {
				filter := "id == " + strconv.Quote(id) + " && (" + condition + ")"
				if negated {
					filter = "id == " + strconv.Quote(id) + " && !(" + condition + ")"
				}
				page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: subject, Filter: filter})
				if f, ok := fault.As(err); ok && f.Kind == fault.KindInvalid {
					reason := f.Reason.String()
					if len(f.Violations) > 0 {
						_, why, _ := strings.Cut(f.Violations[0].Description, " ")
						reason += " " + why
					}
					refusals[reason]++
					return
				}
				require.NoError(t, err)
				require.Equal(t, tc.Error == "" && !negated, len(page.GetEntries()) == 1, "%s", filter)
			}
			*answered++
		})
	}
}

// columns are the fields of a model that a table can hold.
func columns(fields []corpusField, known map[string]bool) []*libraryv1.Field {
	types := map[value.Kind]libraryv1.FieldType{
		value.Text: typString, value.Int: typInteger, value.DecimalKind: typNumber, value.Bool: typBoolean, value.DateKind: typDate,
		value.TimeKind: typTime, value.DatetimeKind: typDatetime, value.RefKind: typCatalog,
	}
	// A table has at least one field.
	out := []*libraryv1.Field{field("nothing_else", typString)}
	for _, f := range fields {
		typ, ok := types[f.Type.Kind]
		switch {
		case f.Name == "name":
			out = append(out, field(called, typ, named))
		case f.Type.Kind == value.RefKind && !known[f.Type.Component]:
		case f.Type.Kind == value.RefKind:
			out = append(out, field(f.Name, typ, refers(f.Type.Component)))
		case f.Type.Kind == value.List && f.Type.Item().Kind == value.RefKind:
			out = append(out, field(f.Name, typArray, lists(f.Type.Item().Component, false)))
		case ok && f.ID != "" && fieldName.MatchString(f.Name):
			out = append(out, field(f.Name, typ))
		}
	}
	return out
}

// called is the field that gives an entry its name: "name" itself is a system field.
const called = "called"

// fieldName is what storage takes as the name of a field; the corpus has others too.
var fieldName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// rows makes the entries of a file.
type rows struct {
	w       *world
	ctx     context.Context
	corpus  corpus
	objects map[string][]corpusField
	// ids are those that the corpus' entries got, by component and id.
	ids   map[string]string
	known map[string]bool
}

// subject makes the entry that the expressions are about.
func (r *rows) subject(t *testing.T, component string, vars map[string]any) string {
	if entry, ok := vars["entry"].(map[string]any); ok {
		vars = entry
	}
	return r.make(t, component, vars)
}

func (r *rows) make(t *testing.T, component string, plain map[string]any) string {
	fields := values{}
	for _, f := range columns(r.objects[component], r.known) {
		v, given := plain[f.GetName()]
		if f.GetName() == called {
			v, given = plain["name"]
		}
		if !given || v == nil {
			continue
		}
		switch f.GetType() {
		case typCatalog:
			fields[f.GetName()] = r.reference(t, f.GetCatalog().GetComponent(), v)
		case typArray:
			var ids []any
			for _, item := range v.([]any) {
				ids = append(ids, r.reference(t, f.GetArray().GetComponent(), item))
			}
			fields[f.GetName()] = ids
		case typInteger:
			fields[f.GetName()] = int64(v.(int))
		default:
			fields[f.GetName()] = v
		}
	}
	id := r.w.create(r.ctx, component, fields).GetId()
	if known, ok := plain["id"].(string); ok {
		r.ids[component+"/"+known] = id
	}
	return id
}

// named puts the ids that entries got into the place of those of the corpus.
func (r *rows) named(text string) string {
	for key, id := range r.ids {
		_, known, _ := strings.Cut(key, "/")
		text = strings.ReplaceAll(text, "'"+known+"'", "'"+id+"'")
	}
	return text
}

// reference makes the entry that a reference points at. One that the corpus does not have cannot be in a table: it is empty.
func (r *rows) reference(t *testing.T, component string, v any) any {
	if loaded, ok := v.(map[string]any); ok {
		return r.make(t, component, loaded)
	}
	key := component + "/" + v.(string)
	if id, ok := r.ids[key]; ok {
		return id
	}
	plain, ok := r.corpus.Entries[component][v.(string)]
	if !ok {
		return nil
	}
	r.ids[key] = r.make(t, component, plain)
	return r.ids[key]
}

// literalOf writes a plain value in the language.
func literalOf(want map[string]any) (string, bool) {
	for kind, v := range want {
		switch kind {
		case "null":
			return "null", true
		case "bool", "int":
			return fmt.Sprint(v), true
		case "decimal":
			return "decimal('" + v.(string) + "')", true
		case "text":
			return "'" + strings.NewReplacer(`\\`, `\\\\`, `'`, `\\'`, "\n", `\\n`).Replace(v.(string)) + "'", true
		case "date", "time", "datetime":
			return kind + "('" + v.(string) + "')", true
		}
	}
	return "", false
}
