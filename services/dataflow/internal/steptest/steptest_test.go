package steptest

import (
	"testing"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"
)

func TestValuesComeBackFromYAML(t *testing.T) {
	t.Parallel()
	const text = `{n: null, b: true, i: -12, d: 1.5, whole: {$decimal: "2"}, s: "12", day: {$date: "2026-01-31"}, at: {$time: "13:05:00"},
  when: {$datetime: "2026-01-31T12:00:00Z"}, r: {$ref: c1}, f: {$file: f1}, raw: {$bytes: AAE=}, l: [1, a, {x: 2026-01-31}]}`
	var n yaml.Node
	require.NoError(t, yaml.Unmarshal([]byte(text), &n))
	v := read(t, n.Content[0]).(map[string]any)
	require.Equal(t, value.MustDecimal("1.5"), v["d"])
	require.Equal(t, value.MustDecimal("2"), v["whole"])
	require.Equal(t, int64(-12), v["i"])
	require.Equal(t, "12", v["s"])
	require.Equal(t, value.Ref("c1"), v["r"])
	require.Equal(t, []any{int64(1), "a", map[string]any{"x": "2026-01-31"}}, v["l"])
	out, err := yaml.Marshal(plain(v))
	require.NoError(t, err)
	var again yaml.Node
	require.NoError(t, yaml.Unmarshal(out, &again))
	require.Equal(t, v, read(t, again.Content[0]))
}

func TestTypesAreInferredAndRead(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, typ, items, want string }{
		{"ints and decimals", "", "[{a: 1}, {a: 1.5}, {a: null}]", "map(a: decimal)"},
		{"other kinds stay any", "", "[{a: 1}, {a: x}, {a: 2}]", "map(a: any)"},
		{"lists and maps", "", "[{a: []}, {a: [{x: 1}]}, {a: [{y: b}]}]", "map(a: list(map(x: int, y: text)))"},
		{"no items", "", "[]", "any"},
		{"given", "{b: [{c: ref(d)}], a: list(int)}", "[]", "map(b: list(map(c: ref(d))), a: list(int))"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var typ, items yaml.Node
			require.NoError(t, yaml.Unmarshal([]byte(tt.typ), &typ))
			require.NoError(t, yaml.Unmarshal([]byte(tt.items), &items))
			given := yaml.Node{}
			if tt.typ != "" {
				given = *typ.Content[0]
			}
			got, _ := readItems(t, &given, items.Content[0])
			require.Equal(t, tt.want, got.String())
		})
	}
}

func TestFitsRefusesOtherTypes(t *testing.T) {
	t.Parallel()
	number := value.Type{Kind: value.Int}
	typ := value.MapOf(value.Field{Name: "a", Type: value.ListOf(number)})
	require.NoError(t, fits(typ, map[string]any{"a": []any{int64(1), nil}}))
	require.NoError(t, fits(typ, map[string]any{}))
	require.EqualError(t, fits(typ, map[string]any{"a": []any{"x"}}), "a: [0]: string is not int")
	require.EqualError(t, fits(typ, map[string]any{"b": nil}), "b is not declared")
	require.EqualError(t, fits(number, value.NewDecimal(1)), "value.Decimal is not int")
}

func newEntries(t *testing.T) *Entries {
	t.Helper()
	text, number := libraryv1.FieldType_FIELD_TYPE_STRING, libraryv1.FieldType_FIELD_TYPE_NUMBER
	e := NewEntries([]*libraryv1.Component{{Id: "item", Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
		{Id: "1", Name: "code", Type: text, PrimaryKey: true}, {Id: "2", Name: "price", Type: number, Required: true},
	}}}})
	require.NoError(t, e.Put("item", map[string]any{"id": "a", "code": "A", "price": "1.5"}))
	require.NoError(t, e.Put("item", map[string]any{"id": "b", "code": "B", "price": "20"}))
	return e
}

func codes(entries []step.Entry) []any {
	list := []any{}
	for _, e := range entries {
		list = append(list, e.Fields["code"])
	}
	return list
}

func TestEntriesList(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	tests := []struct {
		name  string
		query step.Query
		want  []any
	}{
		{"all", step.Query{Limit: 10}, []any{"A", "B"}},
		{"filter", step.Query{Limit: 10, Filter: "price > 2"}, []any{"B"}},
		{"a null operand keeps nothing", step.Query{Limit: 10, Filter: "name < 'x'"}, []any{}},
		{"order", step.Query{Limit: 10, OrderBy: "name, price desc"}, []any{"B", "A"}},
		{"limit", step.Query{Limit: 1, OrderBy: "code"}, []any{"A"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.query.Component = "item"
			got, err := e.List(t.Context(), tt.query)
			require.NoError(t, err)
			require.Equal(t, tt.want, codes(got))
		})
	}
	_, err := e.List(t.Context(), step.Query{Component: "item", Filter: "prize > 2", Limit: 1})
	require.True(t, fault.Has(err, faultv1.Reason_REASON_EXPRESSION_INVALID), "%v", err)
}

func TestEntriesWrite(t *testing.T) {
	t.Parallel()
	e := newEntries(t)
	write := func(mode step.WriteMode, id string, fields map[string]any) []step.Write {
		return []step.Write{{Mode: mode, ID: id, Fields: fields}}
	}
	written, counts, err := e.Write(t.Context(), "item", write(step.Upsert, "", map[string]any{"code": "A", "price": "3"}), false, "once")
	require.NoError(t, err)
	require.Equal(t, []step.Written{{ID: "a"}}, written)
	require.Equal(t, step.Counts{Updated: 1}, counts)

	again, counts, err := e.Write(t.Context(), "item", write(step.Delete, "a", nil), false, "once")
	require.NoError(t, err)
	require.Equal(t, written, again, "a repeated request does nothing")
	require.Equal(t, step.Counts{Updated: 1}, counts)

	_, counts, err = e.Write(t.Context(), "item", write(step.Upsert, "", map[string]any{"code": "A", "price": "3"}), false, "")
	require.NoError(t, err)
	require.Equal(t, step.Counts{Unchanged: 1}, counts)

	_, _, err = e.Write(t.Context(), "item", append(write(step.Delete, "b", nil), write(step.Create, "", map[string]any{"code": "A"})...), false, "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_ENTRY_EXISTS), "%v", err)
	_, err = e.Get(t.Context(), "item", "b")
	require.NoError(t, err, "nothing was stored")

	rows := []map[string]any{{"code": "C", "price": "1"}, {"code": "D"}, {"code": "E", "price": "x"}, {"code": "F", "colour": "red"}}
	var writes []step.Write
	for _, row := range rows {
		writes = append(writes, step.Write{Mode: step.Create, Fields: row})
	}
	written, counts, err = e.Write(t.Context(), "item", writes, true, "")
	require.NoError(t, err)
	require.Equal(t, step.Counts{Created: 1, Failed: 3}, counts)
	require.Nil(t, written[0].Error)
	require.Equal(t, &step.RowError{Field: "price", Message: "is required"}, written[1].Error)
	require.Equal(t, "price", written[2].Error.Field)
	require.Equal(t, &step.RowError{Field: "colour", Message: "there is no such field"}, written[3].Error)

	_, _, err = e.Write(t.Context(), "item", write(step.Update, "z", nil), false, "")
	require.True(t, fault.Has(err, faultv1.Reason_REASON_ENTRY_NOT_FOUND), "%v", err)
	_, counts, err = e.Write(t.Context(), "item", write(step.Delete, "b", nil), false, "")
	require.NoError(t, err)
	require.Equal(t, step.Counts{Deleted: 1}, counts)
	left, err := e.List(t.Context(), step.Query{Component: "item", Limit: 10})
	require.NoError(t, err)
	require.Equal(t, []any{"A", "C"}, codes(left))
}
