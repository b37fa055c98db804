package value_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/stretchr/testify/require"
)

func TestConvert(t *testing.T) {
	t.Parallel()
	kind := func(k value.Kind) value.Type { return value.Type{Kind: k} }
	enum := value.EnumOf(value.Option{Value: 0, Label: "Under Review"}, value.Option{Value: 1, Label: "Paid"})
	line := value.MapOf(value.Field{Name: "amount", Type: kind(value.DecimalKind)}, value.Field{Name: "on", Type: kind(value.DateKind)})
	at := time.Date(2026, 1, 31, 11, 5, 0, 0, time.UTC)
	noon, err := value.ParseTime("12:00")
	require.NoError(t, err)
	tests := []struct {
		name string
		in   any
		to   value.Type
		want any
		err  string
	}{
		{name: "null has every type", in: nil, to: kind(value.Int), want: nil},
		{name: "any keeps", in: "2026-01-31", to: value.Type{}, want: "2026-01-31"},
		{name: "bool", in: true, to: kind(value.Bool), want: true},
		{name: "text is no bool", in: "true", to: kind(value.Bool), err: `expected true or false, got the text "true"`},
		{name: "int", in: int64(7), to: kind(value.Int), want: int64(7)},
		{name: "big int as text", in: "9007199254740993", to: kind(value.Int), want: int64(9007199254740993)},
		{name: "whole decimal is an int", in: value.MustDecimal("7"), to: kind(value.Int), want: int64(7)},
		{name: "fraction is no int", in: value.MustDecimal("7.5"), to: kind(value.Int), err: "expected a whole number, got the number 7.5"},
		{name: "enum", in: int64(1), to: enum, want: int64(1)},
		{name: "not in the enum", in: int64(7), to: enum, err: "expected one of 0 (Under Review), 1 (Paid), got the number 7"},
		{name: "decimal as text", in: "12.50", to: kind(value.DecimalKind), want: value.MustDecimal("12.5")},
		{name: "int is a decimal", in: int64(3), to: kind(value.DecimalKind), want: value.MustDecimal("3")},
		{name: "no decimal", in: "12,50", to: kind(value.DecimalKind), err: `expected a number, got the text "12,50"`},
		{name: "too exact", in: "0.1234567890123456789", to: kind(value.DecimalKind), err: `number has more than 18 digits after the point: "0.1234567890123456789"`},
		{name: "date", in: "2026-01-31", to: kind(value.DateKind), want: date(t, "2026-01-31")},
		{name: "no date", in: "31.1.2026", to: kind(value.DateKind), err: `expected a date like 2026-01-31, got the text "31.1.2026"`},
		{name: "date stays", in: date(t, "2026-01-31"), to: kind(value.DateKind), want: date(t, "2026-01-31")},
		{name: "time", in: "12:00", to: kind(value.TimeKind), want: noon},
		{name: "datetime", in: "2026-01-31T13:05:00+02:00", to: kind(value.DatetimeKind), want: at},
		{name: "date is no datetime", in: "2026-01-31", to: kind(value.DatetimeKind), err: `expected a date and time like 2026-01-31T13:05:00Z, got the text "2026-01-31"`},
		{name: "bytes", in: "aGk=", to: kind(value.Bytes), want: []byte("hi")},
		{name: "no base64", in: "?", to: kind(value.Bytes), err: `expected bytes in base64, got the text "?"`},
		{name: "reference", in: "e1", to: value.RefOf("order"), want: value.Ref("e1")},
		{name: "empty reference", in: "", to: value.RefOf("order"), err: `expected the id of an entry, got the text ""`},
		{name: "number is no reference", in: int64(1), to: value.RefOf("order"), err: "expected the id of an entry, got the number 1"},
		{name: "file", in: "f1", to: kind(value.FileKind), want: value.File("f1")},
		{name: "number is no text", in: int64(1), to: kind(value.Text), err: "expected text, got the number 1"},
		{name: "list", in: []any{"1.5", int64(2)}, to: value.ListOf(kind(value.DecimalKind)), want: []any{value.MustDecimal("1.5"), value.MustDecimal("2")}},
		{name: "text is no list", in: "a", to: value.ListOf(value.Type{}), err: `expected a list, got the text "a"`},
		{name: "map", in: map[string]any{"amount": "1"}, to: line, want: map[string]any{"amount": value.MustDecimal("1")}},
		{name: "dictionary", in: map[string]any{"x": "1"}, to: value.DictOf(kind(value.DecimalKind)), want: map[string]any{"x": value.MustDecimal("1")}},
		{name: "unknown field", in: map[string]any{"amout": "1"}, to: line, err: "amout: there is no such field"},
		{name: "path", in: map[string]any{"lines": []any{map[string]any{}, map[string]any{"amount": "x"}}},
			to: value.MapOf(value.Field{Name: "lines", Type: value.ListOf(line)}), err: `lines[1].amount: expected a number, got the text "x"`},
		{name: "long text is cut", in: "0123456789012345678901234567890123456789012", to: kind(value.DateKind),
			err: `expected a date like 2026-01-31, got the text "0123456789012345678901234567890123456789…"`},
		{name: "foreign type", in: 1.5, to: kind(value.DecimalKind), err: "expected a number, got float64"},
		{name: "foreign type for any", in: 1.5, to: value.Type{}, err: "expected any, got float64"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := value.Convert(tt.in, tt.to)
			if tt.err != "" {
				require.EqualError(t, err, tt.err)
				var m *value.MismatchError
				require.ErrorAs(t, err, &m)
				return
			}
			require.NoError(t, err)
			require.IsType(t, tt.want, got)
			require.True(t, value.Equal(tt.want, got), "%v", got)
		})
	}
}

func TestTypeJSON(t *testing.T) {
	t.Parallel()
	text := value.Type{Kind: value.Text}
	types := map[string]value.Type{
		`"any"`:                            {},
		`"text"`:                           text,
		`{"kind":"ref","component":"c1"}`:  value.RefOf("c1"),
		`{"kind":"list","elem":"text"}`:    value.ListOf(text),
		`{"kind":"map","elem":"datetime"}`: value.DictOf(value.Type{Kind: value.DatetimeKind}),
		`{"kind":"map","fields":[{"id":"f1","name":"a","type":{"kind":"list","elem":{"kind":"ref","component":"c1"}}}]}`: value.MapOf(value.Field{ID: "f1", Name: "a", Type: value.ListOf(value.RefOf("c1"))}),
		`{"kind":"int","enum":[{"value":0,"label":"Open"}]}`:                                                             value.EnumOf(value.Option{Value: 0, Label: "Open"}),
	}
	for want, typ := range types {
		got, err := json.Marshal(typ)
		require.NoError(t, err)
		require.Equal(t, want, string(got))
		var back value.Type
		require.NoError(t, json.Unmarshal(got, &back))
		require.Equal(t, typ, back)
		require.True(t, typ.Equal(back))
	}
	for _, bad := range []string{`"float"`, `{"kind":"txt"}`, `7`, `{"kind":"list","elem":"x"}`} {
		require.Error(t, json.Unmarshal([]byte(bad), new(value.Type)), bad)
	}
	require.Equal(t, "map(a: list(ref(c1)), b: map(int))", value.MapOf(
		value.Field{Name: "a", Type: value.ListOf(value.RefOf("c1"))},
		value.Field{Name: "b", Type: value.DictOf(value.Type{Kind: value.Int})}).String())
}

func TestTypeAccepts(t *testing.T) {
	t.Parallel()
	number, integer, text := value.Type{Kind: value.DecimalKind}, value.Type{Kind: value.Int}, value.Type{Kind: value.Text}
	record := value.MapOf(value.Field{Name: "a", Type: number}, value.Field{Name: "b", Type: text})
	tests := []struct {
		to, from value.Type
		want     bool
	}{
		{number, integer, true},
		{integer, number, false},
		{text, value.Type{}, true},
		{value.Type{}, text, true},
		{text, value.Type{Kind: value.Null}, true},
		{value.RefOf("a"), value.RefOf("a"), true},
		{value.RefOf("a"), value.RefOf("b"), false},
		{value.RefOf("a"), value.RefOf(""), true},
		{value.ListOf(number), value.ListOf(integer), true},
		{value.ListOf(text), value.ListOf(integer), false},
		{record, value.MapOf(value.Field{Name: "a", Type: integer}), true},
		{record, value.MapOf(value.Field{Name: "a", Type: text}), false},
		{record, value.MapOf(value.Field{Name: "c", Type: text}), false},
		{value.DictOf(number), value.MapOf(value.Field{Name: "a", Type: integer}), true},
		{value.DictOf(number), value.MapOf(value.Field{Name: "a", Type: text}), false},
		{value.DictOf(number), value.DictOf(text), false},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.to.Accepts(tt.from), "%s accepts %s", tt.to, tt.from)
	}
}
