package value_test

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aqtra/aqtra/pkg/value"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"
)

func date(t testing.TB, text string) value.Date {
	t.Helper()
	d, err := value.ParseDate(text)
	require.NoError(t, err)
	return d
}

func TestDates(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"0001-01-01", "1969-12-31", "1970-01-01", "2024-02-29", "9999-12-31"} {
		require.Equal(t, text, date(t, text).String())
	}
	for _, text := range []string{"", "2026-02-29", "2026-13-01", "2026-1-1", "26-01-01", "10000-01-01", "0000-01-01", "2026-01-01T00:00:00Z", " 2026-01-01"} {
		_, err := value.ParseDate(text)
		require.ErrorIs(t, err, value.ErrDate, text)
	}
	_, err := value.NewDate(2026, 2, 30)
	require.ErrorIs(t, err, value.ErrDate)

	month, err := date(t, "2026-01-31").AddMonths(-11)
	require.NoError(t, err)
	require.Equal(t, "2025-02-28", month.String())
	for _, n := range []int64{math.MaxInt64, math.MinInt64, 3_000_000} {
		_, err = date(t, "9999-12-31").AddDays(n)
		require.ErrorIs(t, err, value.ErrDate)
	}
	_, err = date(t, "9999-12-31").AddMonths(1)
	require.ErrorIs(t, err, value.ErrDate)
	_, err = date(t, "0001-01-01").AddMonths(math.MinInt64)
	require.ErrorIs(t, err, value.ErrDate)
	_, err = date(t, "0001-01-01").AddDays(-1)
	require.ErrorIs(t, err, value.ErrDate)
}

func TestDateArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, _ := value.DateOf(time.Unix(0, 0).UTC()).AddDays(rapid.Int64Range(-700_000, 2_900_000).Draw(t, "a"))
		n := rapid.Int64Range(-10_000, 10_000).Draw(t, "n")
		b, err := a.AddDays(n)
		if err != nil {
			return
		}
		if b.DaysSince(a) != n || b.String() != a.Start().AddDate(0, 0, int(n)).Format(time.DateOnly) {
			t.Fatalf("%s + %d = %s", a, n, b)
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"00:00:00": "00:00:00", "13:05": "13:05:00", "23:59:59.999999": "23:59:59.999999", "01:02:03.100": "01:02:03.1",
	} {
		got, err := value.ParseTime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got.String())
	}
	for _, text := range []string{"", "24:00:00", "1:02:03", "12:60", "12:00:61", "12:00:00.1234567", "12:00:00.", "12:00:00,5", "12:00:00Z", "12:00 ", "12", "1:2:3"} {
		_, err := value.ParseTime(text)
		require.ErrorIs(t, err, value.ErrTime, text)
	}
	_, err := value.NewTime(24 * time.Hour)
	require.ErrorIs(t, err, value.ErrTime)
	_, err = value.NewTime(-1)
	require.ErrorIs(t, err, value.ErrTime)
	noon, err := value.NewTime(12 * time.Hour)
	require.NoError(t, err)
	require.Equal(t, 12*time.Hour, noon.SinceMidnight())
}

func TestDatetimes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2026-01-31T13:05:00Z":             "2026-01-31T13:05:00Z",
		"2026-01-31T13:05:00.123456789Z":   "2026-01-31T13:05:00.123456Z",
		"2026-01-31T13:05:00+05:30":        "2026-01-31T07:35:00Z",
		"0001-01-01T00:00:00Z":             "0001-01-01T00:00:00Z",
		"1969-12-31T23:59:59.9999999Z":     "1969-12-31T23:59:59.999999Z",
		"9999-12-31T23:59:59.999999-00:00": "9999-12-31T23:59:59.999999Z",
	} {
		got, err := value.ParseDatetime(text)
		require.NoError(t, err, text)
		require.Equal(t, want, value.FormatDatetime(got))
	}
	for _, text := range []string{
		"", "2026-01-31", "2026-01-31T13:05:00", "2026-01-31 13:05:00Z", "2026-01-31T1:05:00Z", "2026-01-31T13:05:00,5Z",
		"0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "2026-01-31T13:05:00+25:00", strings.Repeat("2", 100),
	} {
		_, err := value.ParseDatetime(text)
		require.ErrorIs(t, err, value.ErrDatetime, text)
	}
}

// anyValue draws values of every kind, nested a little.
func anyValue(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 13
		if depth == 0 {
			kinds = 11
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Int64().Draw(t, "int")
		case 3:
			return anyDecimal().Draw(t, "decimal")
		case 4:
			return rapid.String().Draw(t, "text")
		case 5:
			return rapid.SliceOf(rapid.Byte()).Draw(t, "bytes")
		case 6:
			d, _ := value.Date{}.AddDays(rapid.Int64Range(-700_000, 2_900_000).Draw(t, "date"))
			return d
		case 7:
			x, _ := value.NewTime(time.Duration(rapid.Int64Range(0, 86_399_999_999).Draw(t, "time")) * time.Microsecond)
			return x
		case 8:
			return time.UnixMicro(rapid.Int64Range(-60e15, 250e15).Draw(t, "datetime")).UTC()
		case 9:
			return value.Ref(rapid.StringN(1, 9, -1).Draw(t, "ref"))
		case 10:
			return value.File(rapid.StringN(1, 9, -1).Draw(t, "file"))
		case 11:
			return rapid.SliceOfN(anyValue(depth-1), 0, 3).Draw(t, "list")
		}
		return rapid.MapOfN(rapid.String(), anyValue(depth-1), 0, 3).Draw(t, "map")
	})
}

// typeOf is the type that gives the JSON form of v its kinds back.
func typeOf(v any) value.Type {
	k, _ := value.Of(v)
	switch v := v.(type) {
	case []any:
		if len(v) > 0 && !slices.ContainsFunc(v, func(x any) bool { return !typeOf(x).Equal(typeOf(v[0])) }) {
			return value.ListOf(typeOf(v[0]))
		}
	case map[string]any:
		var fields []value.Field
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, value.Field{Name: name, Type: typeOf(v[name])})
		}
		return value.MapOf(fields...)
	case nil:
		return value.Type{}
	}
	return value.Type{Kind: k}
}

func TestProtoRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(3).Draw(t, "v")
		p, err := value.ToProto(v)
		if err != nil {
			t.Fatal(err)
		}
		got, present, err := value.FromProto(p)
		if err != nil || !present || !value.Equal(v, got) {
			t.Fatalf("%v became %v, %v, %v", v, got, present, err)
		}
		if kv, _ := value.Of(v); true {
			if kg, _ := value.Of(got); kv != kg {
				t.Fatalf("%v became %v", kv, kg)
			}
		}
	})
}

func TestJSONRoundTripWithItsType(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := anyValue(2).Draw(t, "v")
		typ := typeOf(v)
		if list, ok := v.([]any); ok && typ.Elem == nil && len(list) > 0 {
			return // a list of several kinds has no type that gives them back
		}
		text, err := value.ToJSON(v)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(text) {
			t.Fatalf("%s is not JSON", text)
		}
		plain, err := value.FromJSON(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		got, err := value.Convert(plain, typ)
		if nested := strings.Contains(typ.String(), "list"); err != nil && !nested {
			t.Fatalf("%s as %s: %v", text, typ, err)
		} else if err == nil && !nested && !value.Equal(v, got) {
			t.Fatalf("%v became %v by %s as %s", v, got, text, typ)
		}
	})
}

func TestFromProtoRefuses(t *testing.T) {
	t.Parallel()
	deep := &typev1.Value{Kind: &typev1.Value_Bool{Bool: true}}
	for range value.MaxDepth + 1 {
		deep = &typev1.Value{Kind: &typev1.Value_List{List: &typev1.ListValue{Items: []*typev1.Value{deep}}}}
	}
	tests := map[string]*typev1.Value{
		"decimal":     {Kind: &typev1.Value_Decimal{Decimal: "1,5"}},
		"date":        {Kind: &typev1.Value_Date{Date: "2026-02-30"}},
		"time":        {Kind: &typev1.Value_Time{Time: "25:00:00"}},
		"datetime":    {Kind: &typev1.Value_Datetime{Datetime: &timestamppb.Timestamp{Nanos: -1}}},
		"no datetime": {Kind: &typev1.Value_Datetime{}},
		"absent item": {Kind: &typev1.Value_List{List: &typev1.ListValue{Items: []*typev1.Value{{}}}}},
		"too deep":    deep,
	}
	for name, p := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, present, err := value.FromProto(p)
			require.Error(t, err)
			require.False(t, present)
			require.Nil(t, v)
		})
	}
}

func TestAbsentIsNotNull(t *testing.T) {
	t.Parallel()
	for _, p := range []*typev1.Value{nil, {}} {
		_, present, err := value.FromProto(p)
		require.NoError(t, err)
		require.False(t, present)
	}
	m, err := value.MapFromProto(map[string]*typev1.Value{"absent": {}, "null": {Kind: &typev1.Value_Null{}}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"null": nil}, m)
	back, err := value.MapToProto(m)
	require.NoError(t, err)
	require.Len(t, back, 1)
	_, err = value.MapFromProto(map[string]*typev1.Value{"total": {Kind: &typev1.Value_Decimal{Decimal: "x"}}})
	require.EqualError(t, err, "total: not a decimal number")
}

func TestOnlyTheClosedSet(t *testing.T) {
	t.Parallel()
	var deep any = true
	for range value.MaxDepth + 1 {
		deep = []any{deep}
	}
	for _, v := range []any{1, 1.5, []string{"a"}, struct{}{}, map[string]any{"a": 1}, []any{float32(1)}, deep} {
		_, err := value.ToProto(v)
		require.Error(t, err, "%T", v)
		_, err = value.ToJSON(v)
		require.Error(t, err, "%T", v)
	}
}

func TestToJSON(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 31, 13, 5, 0, 250_000_000, time.UTC)
	got, err := value.ToJSON(map[string]any{
		"z": nil, "b": true, "i": int64(1 << 53), "big": int64(1<<53 + 1), "small": -int64(1<<53) - 1, "d": value.MustDecimal("12.50"),
		"t": "a\"\\\n\x00\u2028é<\xff", "y": []byte("hi"), "date": date(t, "2026-01-31"), "at": at, "r": value.Ref("e1"), "f": value.File("f1"),
		"l": []any{}, "m": map[string]any{},
	})
	require.NoError(t, err)
	require.Equal(t, `{"at":"2026-01-31T13:05:00.25Z","b":true,"big":"9007199254740993","d":"12.5","date":"2026-01-31","f":"f1",`+
		`"i":9007199254740992,"l":[],"m":{},"r":"e1","small":"-9007199254740993","t":"a\"\\\n\u0000`+"\u2028é<\ufffd"+`","y":"aGk=","z":null}`, string(got))
}

func TestFromJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text string
		want any
	}{
		{"null", nil},
		{" 12 ", int64(12)},
		{"9223372036854775807", int64(math.MaxInt64)},
		{"9223372036854775808", value.MustDecimal("9223372036854775808")},
		{"12.0", value.MustDecimal("12")},
		{"1e2", value.MustDecimal("100")},
		{"0.1", value.MustDecimal("0.1")},
		{`"a\u00e9"`, "aé"},
		{"[]", []any{}},
		{`{"a":[1,{"b":null}]}`, map[string]any{"a": []any{int64(1), map[string]any{"b": nil}}}},
	}
	for _, tt := range tests {
		got, err := value.FromJSON([]byte(tt.text))
		require.NoError(t, err, tt.text)
		require.IsType(t, tt.want, got, tt.text)
		require.True(t, value.Equal(tt.want, got), tt.text)
	}
	for _, text := range []string{
		"", "nul", "{", "[1,]", "[1", `{"a"}`, `{"a":1,}`, "1 2", "01", "-", "1.", `"\x"`, "'a'", `{"a":1,"a":2}`, "1e400", "0.1234567890123456789",
		"\"\xff\"", strings.Repeat("[", 70) + strings.Repeat("]", 70), "[}", `{1:2}`,
	} {
		_, err := value.FromJSON([]byte(text))
		require.Error(t, err, text)
	}
}

func TestCompareAndEqual(t *testing.T) {
	t.Parallel()
	ordered := [][]any{
		{false, true},
		{int64(1), value.MustDecimal("1.5"), int64(2), value.MustDecimal("9007199254740992.5"), int64(9007199254740993)},
		{"", "Z", "a", "ä", "🙂"},
		{[]byte{}, []byte{0}, []byte{1}},
		{date(t, "2025-12-31"), date(t, "2026-01-01")},
		{time.Unix(1, 0), time.Unix(2, 0)},
		{value.Ref("a"), value.Ref("b")},
		{value.File("a"), value.File("b")},
	}
	for _, list := range ordered {
		for i, a := range list {
			for j, b := range list {
				c, err := value.Compare(a, b)
				require.NoError(t, err)
				require.Equal(t, i < j, c < 0, "%v %v", a, b)
				require.Equal(t, i == j, c == 0, "%v %v", a, b)
				require.Equal(t, i == j, value.Equal(a, b), "%v %v", a, b)
			}
		}
	}
	for _, pair := range [][2]any{{nil, nil}, {nil, int64(1)}, {"1", int64(1)}, {value.Ref("a"), "a"}, {[]any{}, []any{}}, {date(t, "2026-01-01"), "2026-01-01"}} {
		_, err := value.Compare(pair[0], pair[1])
		require.Error(t, err, "%v", pair)
	}
	require.True(t, value.Equal(nil, nil))
	require.True(t, value.Equal([]any{int64(1), map[string]any{"a": nil}}, []any{value.MustDecimal("1.0"), map[string]any{"a": nil}}))
	require.False(t, value.Equal(map[string]any{"a": nil}, map[string]any{"b": nil}))
	require.False(t, value.Equal(map[string]any{"a": nil}, map[string]any{}))
	require.False(t, value.Equal(value.Ref("a"), "a"))
	require.False(t, value.Equal(nil, false))
}

func FuzzFromJSON(f *testing.F) {
	for _, seed := range []string{"null", `{"a":[1,1.5,"x",true,null]}`, "1e5", `"\ud83d\ude42"`, `{"a":1,"a":2}`, "[[[[", "-0"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := value.FromJSON(data)
		if err != nil {
			return
		}
		if !json.Valid(data) {
			t.Fatalf("took %q", data)
		}
		first, err := value.ToJSON(v)
		if err != nil {
			t.Fatal(err)
		}
		again, err := value.FromJSON(first)
		if err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		second, err := value.ToJSON(again)
		if err != nil || string(first) != string(second) {
			t.Fatalf("%s became %s, %v", first, second, err)
		}
		p, err := value.ToProto(v)
		if err != nil {
			t.Fatal(err)
		}
		if back, _, err := value.FromProto(p); err != nil || !value.Equal(v, back) {
			t.Fatalf("%v became %v, %v", v, back, err)
		}
	})
}

func BenchmarkToJSON(b *testing.B) {
	v := map[string]any{"name": "Invoice 7", "total": value.MustDecimal("1234.56"), "state": int64(1), "paid": false, "due": value.Date{}}
	var buf []byte
	for b.Loop() {
		var err error
		if buf, err = value.AppendJSON(buf[:0], v); err != nil {
			b.Fatal(err)
		}
	}
}
