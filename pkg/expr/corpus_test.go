package expr_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/expr"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

// corpus is one file of testdata/corpus, see the README there.
type corpus struct {
	Now   string
	Model struct {
		Variables []any
		Objects   []any
	}
	Vars    map[string]any
	Entries map[string]map[string]map[string]any
	Cases   []corpusCase
}

type corpusCase struct {
	Name, Expr string
	Vars       map[string]any
	Want       map[string]any
	Type       string
	Error      string
	Message    string
	Problem    string
	Skip       map[string]string // by evaluator, with the reason
}

func TestCorpus(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/corpus/*.yaml")
	require.NoError(t, err)
	total := 0
	for _, file := range files {
		c := readCorpus(t, file)
		total += len(c.Cases)
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			runCorpus(t, c)
		})
	}
	require.GreaterOrEqual(t, total, 400)
}

func readCorpus(t *testing.T, file string) corpus {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	var c corpus
	require.NoError(t, d.Decode(&c), file)
	return c
}

func runCorpus(t *testing.T, c corpus) {
	now, err := time.Parse(time.RFC3339, c.Now)
	require.NoError(t, err)
	m := corpusModel(t, c)
	env, err := expr.NewEnv(m, expr.WithClock(clock.NewFake(now)))
	require.NoError(t, err)
	shared := corpusVars(t, m, c.Vars)
	names := map[string]bool{}
	for _, tc := range c.Cases {
		require.False(t, names[tc.Name], "case %q is there twice", tc.Name)
		names[tc.Name] = true
		t.Run(tc.Name, func(t *testing.T) {
			t.Parallel()
			if reason, skips := tc.Skip["go"]; skips {
				t.Skip(reason)
			}
			vars := shared
			if tc.Vars != nil {
				vars = corpusVars(t, m, tc.Vars)
			}
			if tc.Problem != "" {
				checked, problems := env.Check(tc.Expr)
				require.Nil(t, checked)
				texts := make([]string, len(problems))
				for i, p := range problems {
					texts[i] = p.String()
				}
				require.Contains(t, texts, tc.Problem)
				return
			}
			p, err := env.Compile(tc.Expr)
			if err != nil {
				f, _ := fault.As(err)
				require.NoError(t, err, "%+v", f)
			}
			if tc.Type != "" {
				require.Equal(t, tc.Type, p.Type.String())
			}
			got, err := p.EvalWith(context.Background(), vars, entries{c, m})
			if tc.Error != "" {
				f, ok := fault.As(err)
				require.True(t, ok, "%v", err)
				require.Equal(t, "REASON_"+tc.Error, f.Reason.String())
				require.Contains(t, f.Message, tc.Message)
				return
			}
			require.NoError(t, err)
			want := tagged(t, tc.Want)
			require.IsType(t, want, got)
			require.True(t, value.Equal(want, got), "want %v, got %v", want, got)
		})
	}
}

func corpusModel(t *testing.T, c corpus) expr.Model {
	t.Helper()
	text, err := json.Marshal(map[string]any{"Variables": c.Model.Variables, "Objects": c.Model.Objects})
	require.NoError(t, err)
	var m expr.Model
	require.NoError(t, json.Unmarshal(text, &m))
	return m
}

func corpusVars(t *testing.T, m expr.Model, plain map[string]any) map[string]any {
	t.Helper()
	vars := map[string]any{}
	for name, v := range plain {
		found := false
		for _, f := range m.Variables {
			if f.Name == name {
				vars[name], found = typed(t, m, v, f.Type), true
			}
		}
		require.True(t, found, "the model has no variable %s", name)
	}
	return vars
}

// typed gives a plain value from YAML its declared type; a map in the place of a reference is a loaded entry.
func typed(t *testing.T, m expr.Model, plain any, typ value.Type) any {
	t.Helper()
	switch v := plain.(type) {
	case int:
		plain = int64(v)
	case float64, time.Time:
		require.Fail(t, "write numbers with a point and dates as text", "%v", plain)
	case []any:
		items := make([]any, len(v))
		for i := range v {
			items[i] = typed(t, m, v[i], typ.Item())
		}
		return items
	case map[string]any:
		out := map[string]any{}
		for name, item := range v {
			out[name] = typed(t, m, item, fieldType(m, typ, name))
		}
		if typ.Kind != value.RefKind {
			return out
		}
		id, _ := v["id"].(string)
		delete(out, "id")
		return expr.Entry{ID: value.Ref(id), Fields: out}
	}
	v, err := value.Convert(plain, typ)
	require.NoError(t, err)
	return v
}

func fieldType(m expr.Model, typ value.Type, name string) value.Type {
	fields := typ.Fields
	for _, o := range m.Objects {
		if typ.Kind == value.RefKind && o.ID == typ.Component {
			fields = o.Fields
		}
	}
	for _, f := range fields {
		if f.Name == name {
			return f.Type
		}
	}
	return typ.Item()
}

// tagged reads a value in the form {kind: value}.
func tagged(t *testing.T, want map[string]any) any {
	t.Helper()
	require.Len(t, want, 1)
	for kind, v := range want {
		switch kind {
		case "null":
			return nil
		case "list":
			items := []any{}
			for _, item := range v.([]any) {
				items = append(items, tagged(t, item.(map[string]any)))
			}
			return items
		case "map":
			m := map[string]any{}
			for name, item := range v.(map[string]any) {
				m[name] = tagged(t, item.(map[string]any))
			}
			return m
		}
		if kind == "reference" {
			kind = "ref"
		}
		var k value.Kind
		require.NoError(t, k.UnmarshalText([]byte(kind)))
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		out, err := value.Convert(v, value.Type{Kind: k})
		require.NoError(t, err)
		return out
	}
	return nil
}

// entries resolves from the corpus.
type entries struct {
	c corpus
	m expr.Model
}

func (e entries) Resolve(_ context.Context, component string, id value.Ref) (map[string]any, error) {
	plain, ok := e.c.Entries[component][string(id)]
	if !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "entry not found")
	}
	fields := map[string]any{}
	for name, v := range plain {
		typ := fieldType(e.m, value.RefOf(component), name)
		if n, ok := v.(int); ok {
			v = int64(n)
		}
		converted, err := value.Convert(v, typ)
		if err != nil {
			return nil, fmt.Errorf("corpus entry %s: %w", id, err)
		}
		fields[name] = converted
	}
	return fields, nil
}
