package wirejson_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/wirejson"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func TestUnmarshalValue(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]*typev1.Value{
		`null`:                            null(),
		` true `:                          truth(true),
		`false`:                           truth(false),
		`12`:                              number(12),
		`-0`:                              number(0),
		`9223372036854775807`:             number(9223372036854775807),
		`9223372036854775808`:             decimal("9223372036854775808"),
		`1.50`:                            decimal("1.5"),
		`-0.0`:                            decimal("0"),
		`0e99999999999999`:                decimal("0"),
		`1e3`:                             decimal("1000"),
		`12.34e1`:                         decimal("123.4"),
		`12.34E-3`:                        decimal("0.01234"),
		`-100.00`:                         decimal("-100"),
		`1e-18`:                           decimal("0.000000000000000001"),
		`1e37`:                            decimal("1" + strings.Repeat("0", 37)),
		`0.10000000000000000000000000000`: decimal("0.1"),
		`"12.5"`:                          text("12.5"),
		`"\u00e9\ud83d\ude00"`:            text("é😀"),
		`[]`:                              list(),
		`[1,"a",null,[2]]`:                list(number(1), text("a"), null(), list(number(2))),
		`{}`:                              object(nil),
		`{"a":{"b":null},"":1}`: object(map[string]*typev1.Value{
			"a": object(map[string]*typev1.Value{"b": null()}), "": number(1),
		}),
	} {
		got := &typev1.Value{}
		require.NoError(t, wirejson.New().Unmarshal([]byte(in), got), in)
		require.True(t, proto.Equal(want, got), "%s: %v", in, got)
	}
}

func TestUnmarshalValueFields(t *testing.T) {
	t.Parallel()
	codec, m := wirejson.New(), empty(t, "Entry")
	const in = `{"title":"t","fields":{"a":1.50,"b":null},"single":null,"items":[null,1],"list":["x"],"map":{"k":true},"chosen":null}`
	require.NoError(t, codec.Unmarshal([]byte(in), m))
	got, err := codec.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, strings.ReplaceAll(in, "1.50", `"1.5"`), string(got))

	require.NoError(t, codec.Unmarshal([]byte(`{"list":null,"map":null,"fields":null}`), m))
	got, err = codec.Marshal(m)
	require.NoError(t, err)
	require.Equal(t, `{"title":"","fields":{},"items":[]}`, string(got))
}

func TestUnmarshalListsEveryViolation(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		message string
		in      string
		reason  faultv1.Reason
		want    []string
	}{
		{"Entry", `{"titel":"x","title":"y"}`, faultv1.Reason_REASON_UNKNOWN_FIELD, []string{"titel: unknown field"}},
		{"Entry", `[]`, faultv1.Reason_REASON_INVALID_FIELDS, []string{": expected an object"}},
		{"Entry", `{"chosen":1,"chosenName":"a"}`, faultv1.Reason_REASON_INVALID_FIELDS, []string{"chosenName: excludes chosen, which is given too"}},
		{
			"Entry", `{"fields":{"a":1e99,"a":2,"b c":[0,1e-19],"d":{"e":1,"e":2}},"list":{},"map":[],"items":3}`,
			faultv1.Reason_REASON_INVALID_FIELDS,
			[]string{
				"fields.a: expected a number of at most 38 digits, 18 of them after the point",
				"fields.a: given more than once",
				`fields["b c"][1]: expected a number of at most 38 digits, 18 of them after the point`,
				"fields.d.e: given more than once",
				"list: expected a list", "map: expected an object", "items: expected a list",
			},
		},
		{
			"Everything", `{"x":{"y":[1,{}]},"flag":1,"smallInt":"a","bigInt":1.5,"smallUint":-1,"title":true,"blob":"*","color":"RED",` +
				`"children":[{"measure":"big"}],"tree":{"k":{"title":[]}},"byInt32":{"k":""},"at":"now","lasts":1,"boolBox":2,"labels":{"a":null},"title":""}`,
			faultv1.Reason_REASON_INVALID_FIELDS,
			[]string{
				"x: unknown field",
				"flag: expected true or false",
				"smallInt: expected a whole number between -2147483648 and 2147483647",
				"bigInt: expected a whole number between -9223372036854775808 and 9223372036854775807",
				"smallUint: expected a whole number between 0 and 4294967295",
				"title: expected text",
				"blob: expected bytes in base64",
				"color: expected one of COLOR_UNSPECIFIED, COLOR_RED, COLOR_BLUE",
				"children[0].measure: expected a number",
				"tree.k.title: expected text",
				"byInt32.k: the name is not a whole number between -2147483648 and 2147483647",
				`at: expected a date and time such as "2026-01-31T13:05:00Z"`,
				`lasts: expected a duration in seconds such as "1.5s"`,
				"boolBox: expected true or false",
				"labels.a: expected text",
				"title: given more than once",
			},
		},
		{
			"Entry", `{"any":{"@type":"x/aqtra.type.v1.Value","@type":"x/aqtra.type.v1.Value","value":1,"value":2,"more":3}}`,
			faultv1.Reason_REASON_INVALID_FIELDS,
			[]string{"any.@type: given more than once", "any.value: given more than once", "any.more: unknown field"},
		},
		{
			"Entry", `{"any":{"@type":"x/aqtra.type.v1.Value"}}`, faultv1.Reason_REASON_INVALID_FIELDS,
			[]string{`any: expected a member "value"`},
		},
	} {
		f := refused(t, wirejson.New().Unmarshal([]byte(c.in), empty(t, protoreflect.Name(c.message))))
		require.Equal(t, c.reason, f.Reason, c.in)
		var got []string
		for _, v := range f.Violations {
			got = append(got, v.Field+": "+v.Description)
		}
		require.Equal(t, c.want, got)
	}
}

func refused(t *testing.T, err error) *fault.Error {
	t.Helper()
	f, ok := fault.As(err)
	require.True(t, ok, "%v is not a fault", err)
	require.Equal(t, fault.KindInvalid, f.Kind)
	return f
}

func TestUnmarshalBoundsViolations(t *testing.T) {
	t.Parallel()
	var in strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&in, `,"%s%d":1`, strings.Repeat("é", 500), i)
	}
	f := refused(t, wirejson.New().Unmarshal([]byte("{"+in.String()[1:]+"}"), &authzv1.Rule{}))
	require.Len(t, f.Violations, 50)
	require.Equal(t, "some fields are not known; the first 50 are listed, 950 more are not", f.Message)
	require.Equal(t, `["`+strings.Repeat("é", 32)+`…"]`, f.Violations[0].Field)
}

func TestUnmarshalMalformed(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		``:                              "line 1, column 1: expected a value",
		"{\n  \"services\": [\"é\" 1]}": "line 2, column 20: expected ',' or ']'",
		`{"services":["a]}`:             "line 1, column 18: text without end",
		`{"services":["\q"]}`:           "line 1, column 15: unknown escape in text",
		`{"services":["\ud800x"]}`:      "line 1, column 15: unknown escape in text",
		"{\"services\":[\"a\tb\"]}":     "line 1, column 16: control character in text",
		"{\"services\":[\"a\xff\"]}":    "line 1, column 15: text is not valid UTF-8",
		`{"services":[]} {}`:            "line 1, column 17: text after the end",
		`{services:[]}`:                 "line 1, column 2: expected a name in quotes",
		`{"services"}`:                  "line 1, column 12: expected ':'",
		`{"services":[],}`:              "line 1, column 16: expected a name in quotes",
		`{"x":1`:                        "line 1, column 7: expected ',' or '}'",
		`{"x":-}`:                       "line 1, column 6: expected a value",
		`{"x":nil}`:                     "line 1, column 6: expected a value",
	} {
		f := refused(t, wirejson.New().Unmarshal([]byte(in), &authzv1.Peers{}))
		require.Equal(t, "not valid JSON at "+want, f.Message, in)
		require.Equal(t, faultv1.Reason_REASON_MALFORMED_REQUEST, f.Reason, in)
	}
}

func TestUnmarshalDepth(t *testing.T) {
	t.Parallel()
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	codec := wirejson.New()
	require.NoError(t, codec.Unmarshal(nested(wirejson.MaxDepth), &typev1.Value{}))
	for _, in := range [][]byte{
		nested(wirejson.MaxDepth + 1),
		nested(1 << 20),
		[]byte(strings.Repeat("[", 1<<20)),
		[]byte(strings.Repeat(`{"a":`, 1<<20)),
	} {
		f := refused(t, codec.Unmarshal(in, &typev1.Value{}))
		require.Equal(t, faultv1.Reason_REASON_REQUEST_TOO_DEEP, f.Reason)
	}
	for _, in := range []string{ // also where nobody looks at the value
		`{"unknown":` + string(nested(100)) + `}`,
		`{"any":{"@type":"x","value":` + string(nested(100)) + `}}`,
	} {
		f := refused(t, codec.Unmarshal([]byte(in), empty(t, "Entry")))
		require.Equal(t, faultv1.Reason_REASON_REQUEST_TOO_DEEP, f.Reason)
	}
}

// TestUnmarshalAroundMessages covers rules whose body is a single field of the request.
func TestUnmarshalAroundMessages(t *testing.T) {
	t.Parallel()
	codec := wirejson.New()

	var m *authzv1.Peers
	require.NoError(t, codec.Unmarshal([]byte(`{"services":["a"]}`), &m))
	require.Equal(t, []string{"a"}, m.GetServices())
	m = nil
	require.NoError(t, codec.Unmarshal([]byte(`null`), &m))
	require.Nil(t, m)

	var v *typev1.Value
	require.NoError(t, codec.Unmarshal([]byte(`null`), &v))
	require.True(t, proto.Equal(null(), v))

	var values map[string]*typev1.Value
	require.NoError(t, codec.Unmarshal([]byte(`{"a":1,"b":null}`), &values))
	require.True(t, proto.Equal(number(1), values["a"]))
	require.True(t, proto.Equal(null(), values["b"]))
	f := refused(t, codec.Unmarshal([]byte(`{"a":1,"a":2}`), &values))
	require.Equal(t, []fault.Violation{{Field: "a", Description: "given more than once"}}, f.Violations)

	var peers []*authzv1.Peers
	require.NoError(t, codec.Unmarshal([]byte(`[{},{"services":[]}]`), &peers))
	require.Len(t, peers, 2)
	f = refused(t, codec.Unmarshal([]byte(`[{},null,{"services":[1]}]`), &peers))
	require.Equal(t, "[1]", f.Violations[0].Field)
	require.Equal(t, "[2].services[0]", f.Violations[1].Field)

	var byNumber map[int64]bool
	require.NoError(t, codec.Unmarshal([]byte(`{"-7":true}`), &byNumber))
	require.Equal(t, map[int64]bool{-7: true}, byNumber)

	var s *string
	require.NoError(t, codec.Unmarshal([]byte(`"x"`), &s))
	require.Equal(t, "x", *s)
	var n int64
	require.NoError(t, codec.Unmarshal([]byte(`"12"`), &n))
	require.Equal(t, int64(12), n)
	var blob []byte
	require.NoError(t, codec.Unmarshal([]byte(`"aGVsbG8="`), &blob))
	require.Equal(t, "hello", string(blob))
	var reasons []faultv1.Reason
	require.NoError(t, codec.Unmarshal([]byte(`["REASON_INTERNAL",22]`), &reasons))
	require.Equal(t, []faultv1.Reason{faultv1.Reason_REASON_INTERNAL, faultv1.Reason_REASON_NOT_SUPPORTED}, reasons)

	var anything any
	require.Error(t, codec.Unmarshal([]byte(`1`), &anything))
	require.Error(t, codec.Unmarshal([]byte(`1`), 5))
}

func TestUnmarshalBoundsNames(t *testing.T) {
	t.Parallel()
	object := func(names int) []byte {
		b := []byte(`{"fields":{`)
		for i := range names {
			b = fmt.Appendf(b, `"k%d":1,`, i)
		}
		return append(b[:len(b)-1], "}}"...)
	}
	m := empty(t, "Entry")
	require.NoError(t, wirejson.New().Unmarshal(object(wirejson.MaxNames), m))
	err := wirejson.New().Unmarshal(append(object(wirejson.MaxNames+1), "never read"...), m)
	f, ok := fault.As(err)
	require.True(t, ok)
	require.Equal(t, faultv1.Reason_REASON_REQUEST_TOO_LARGE, f.Reason)
	require.Equal(t, []fault.Violation{{Field: "fields", Description: "expected at most 10000 names"}}, f.Violations)
}
