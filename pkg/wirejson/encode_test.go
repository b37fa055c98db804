package wirejson_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/wirejson"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

func text(s string) *typev1.Value    { return &typev1.Value{Kind: &typev1.Value_Text{Text: s}} }
func number(n int64) *typev1.Value   { return &typev1.Value{Kind: &typev1.Value_Int{Int: n}} }
func decimal(s string) *typev1.Value { return &typev1.Value{Kind: &typev1.Value_Decimal{Decimal: s}} }
func null() *typev1.Value            { return &typev1.Value{Kind: &typev1.Value_Null{}} }
func truth(b bool) *typev1.Value     { return &typev1.Value{Kind: &typev1.Value_Bool{Bool: b}} }

func list(items ...*typev1.Value) *typev1.Value {
	return &typev1.Value{Kind: &typev1.Value_List{List: &typev1.ListValue{Items: items}}}
}

func object(fields map[string]*typev1.Value) *typev1.Value {
	return &typev1.Value{Kind: &typev1.Value_Map{Map: &typev1.MapValue{Fields: fields}}}
}

func at(seconds int64, nanos int32) *typev1.Value {
	return &typev1.Value{Kind: &typev1.Value_Datetime{Datetime: &timestamppb.Timestamp{Seconds: seconds, Nanos: nanos}}}
}

func TestMarshalValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value *typev1.Value
		want  string
	}{
		{nil, `null`},
		{&typev1.Value{}, `null`},
		{null(), `null`},
		{truth(true), `true`},
		{truth(false), `false`},
		{number(0), `0`},
		{number(-12), `-12`},
		{number(1 << 53), `9007199254740992`},
		{number(-1 << 53), `-9007199254740992`},
		{number(1<<53 + 1), `"9007199254740993"`},
		{number(math.MinInt64), `"-9223372036854775808"`},
		{decimal("12.5"), `"12.5"`},
		{text("a\"\\\n\r\t\x01é漢😀</"), `"a\"\\\n\r\t\u0001é漢😀</"`},
		{&typev1.Value{Kind: &typev1.Value_Bytes{Bytes: []byte{0xfb, 0xff}}}, `"+/8="`},
		{&typev1.Value{Kind: &typev1.Value_Date{Date: "2026-01-31"}}, `"2026-01-31"`},
		{&typev1.Value{Kind: &typev1.Value_Time{Time: "13:05:00"}}, `"13:05:00"`},
		{&typev1.Value{Kind: &typev1.Value_Reference{Reference: "e1"}}, `"e1"`},
		{&typev1.Value{Kind: &typev1.Value_File{File: "f1"}}, `"f1"`},
		{at(1769864700, 0), `"2026-01-31T13:05:00Z"`},
		{at(1769864700, 120_000_000), `"2026-01-31T13:05:00.120Z"`},
		{at(1769864700, 1_000), `"2026-01-31T13:05:00.000001Z"`},
		{list(), `[]`},
		{list(number(1), null(), &typev1.Value{}, list(text("x"))), `[1,null,null,["x"]]`},
		{object(nil), `{}`},
		{object(map[string]*typev1.Value{"b": number(1), "a": null(), "gone": {}}), `{"a":null,"b":1}`},
	} {
		got, err := wirejson.New().Marshal(c.value)
		require.NoError(t, err)
		require.Equal(t, c.want, string(got))
	}
}

func TestMarshalRefuses(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]proto.Message{
		"utf-8 in text":      text("\xff"),
		"utf-8 in a name":    object(map[string]*typev1.Value{"\xff": null()}),
		"utf-8 in a field":   &authzv1.Rule{ComponentField: "\xff"},
		"year 10000":         at(253402300800, 0),
		"negative nanos":     at(0, -1),
		"unknown any":        &anypb.Any{TypeUrl: "x/no.such.Type"},
		"any that is broken": &anypb.Any{TypeUrl: "x/aqtra.type.v1.Value", Value: []byte{0xff}},
	} {
		_, err := wirejson.New().Marshal(m)
		require.Error(t, err, name)
	}
}

// TestMarshalAroundMessages covers what grpc-gateway passes besides messages.
func TestMarshalAroundMessages(t *testing.T) {
	t.Parallel()
	detail, err := anypb.New(&authzv1.Peers{Services: []string{"a"}})
	require.NoError(t, err)
	boxed, err := anypb.New(object(map[string]*typev1.Value{"a": decimal("1.5")}))
	require.NoError(t, err)
	n := int64(5)
	for _, c := range []struct {
		v    any
		want string
	}{
		{nil, `null`},
		{map[string]any{"result": &authzv1.Peers{}}, `{"result":{"services":[]}}`},
		{
			map[string]proto.Message{"error": &spb.Status{Code: 3, Message: "m", Details: []*anypb.Any{detail, boxed}}},
			`{"error":{"code":3,"message":"m","details":[` +
				`{"@type":"type.googleapis.com/aqtra.authz.v1.Peers","services":["a"]},` +
				`{"@type":"type.googleapis.com/aqtra.type.v1.Value","value":{"a":"1.5"}}]}}`,
		},
		{[]*typev1.Value{number(1), nil, text("x")}, `[1,null,"x"]`},
		{map[string]*typev1.Value{"b": number(1), "a": text("x")}, `{"a":"x","b":1}`},
		{map[int32]string{2: "b", 1: "a"}, `{"1":"a","2":"b"}`},
		{[]faultv1.Reason{faultv1.Reason_REASON_INTERNAL, 9999}, `["REASON_INTERNAL",9999]`},
		{structpb.NullValue_NULL_VALUE, `null`},
		{[]string{"a", "\n"}, `["a","\n"]`},
		{[]byte("hello"), `"aGVsbG8="`},
		{&n, `"5"`},
		{(*int64)(nil), `null`},
		{[]any{true, int32(-1), uint32(1), uint64(2), float32(0.1), 1e21, math.Inf(-1)}, `[true,-1,1,"2",0.1,1e+21,"-Infinity"]`},
		{struct{ A int }{1}, `{"A":1}`},
	} {
		got, err := wirejson.New().Marshal(c.v)
		require.NoError(t, err)
		require.Equal(t, c.want, string(got))
	}
}

func TestMarshalIsStable(t *testing.T) {
	t.Parallel()
	m := empty(t, "Everything")
	codec := wirejson.New()
	const in = `{"byInt32":{"10":"c","9":"b","-1":"a"},"byBool":{"true":1,"false":0},"labels":{"z":"1","a":"2"},"struct":{"b":1,"a":[1,2]}}`
	require.NoError(t, codec.Unmarshal([]byte(in), m))
	got, err := codec.Marshal(m)
	require.NoError(t, err)
	for _, part := range []string{
		`"byInt32":{"-1":"a","9":"b","10":"c"}`, `"byBool":{"false":0,"true":1}`, `"labels":{"a":"2","z":"1"}`, `"struct":{"a":[1,2],"b":1}`,
	} {
		require.Contains(t, string(got), part)
	}
}
