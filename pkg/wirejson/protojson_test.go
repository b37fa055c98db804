package wirejson_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/aqtra/aqtra/pkg/wirejson"
	authzv1 "github.com/aqtra/aqtra/proto/gen/aqtra/authz/v1"
)

// seeds are JSON texts of test.Everything, some of them wrong.
var seeds = []string{
	`{}`,
	`{"flag":true,"smallInt":-5,"bigInt":"-9223372036854775808","smallUint":4294967295,"bigUint":"18446744073709551615"}`,
	`{"small_int":1,"big_int":12,"maybeInt":0,"maybeText":""}`,
	`{"smallZigzag":1e2,"bigZigzag":"1.0e3","smallFixed":1.0,"bigFixed":"7","smallSfixed":-0,"bigSfixed":-1}`,
	`{"ratio":1.5,"measure":1e-7}`, `{"ratio":"NaN","measure":"-Infinity"}`, `{"ratio":"0.1","measure":1e300}`,
	`{"measure":1e400}`, `{"ratio":1e39}`, `{"measure":-0.0,"ratio":123456789012345678901234567890}`,
	`{"title":"a\"b\\c\/\b\f\n\r\t\u00e9\ud83d\ude00 é 漢"}`, `{"title":"\ud83d"}`, `{"title":"\udc00\ud800"}`, "{\"title\":\"\xff\"}",
	"{\"title\":\"a\nb\"}", `{"title":"\x"}`, `{"title":"\u12g4"}`, `{"title":"<&>\u2028"}`, `{"title":12}`, `{"title":null}`,
	`{"blob":"aGVsbG8=","blobs":["-_-_","+/+/","aA","aA=="]}`, `{"blob":"*"}`, `{"blob":1}`,
	`{"color":"COLOR_RED","colors":["COLOR_BLUE",1,99,-1]}`, `{"color":"GREEN"}`, `{"color":1.5}`, `{"color":true}`,
	`{"child":{"child":{"title":"deep"}},"children":[{},{"flag":true}]}`, `{"children":[null]}`, `{"child":null}`, `{"child":[]}`,
	`{"numbers":[1,"2",3e0],"names":["a",""]}`, `{"names":[null]}`, `{"names":null}`, `{"names":"a"}`, `{"numbers":[1.5]}`,
	`{"byName":"a"}`, `{"byName":"a","byNumber":1}`, `{"byName":null,"byNumber":1}`, `{"byNull":null}`, `{"byNull":"NULL_VALUE"}`,
	`{"byChild":{"byChild":{}}}`, `{"byName":"","by_name":""}`, `{"flag":true,"flag":true}`,
	`{"labels":{"b":"1","a":"2","":"3","é\"":"4"},"tree":{"x":{"labels":{"y":"z"}}},"shades":{"r":"COLOR_RED"}}`,
	`{"labels":{"a":"1","a":"2"}}`, `{"labels":{"a":null}}`, `{"labels":[]}`, `{"labels":{"a":1}}`,
	`{"byInt32":{"-1":"a","10":"b","9":"c"},"byInt64":{"5":true},"byUint64":{"18446744073709551615":1},"byBool":{"true":1,"false":0}}`,
	`{"byInt32":{"a":"b"}}`, `{"byInt32":{"1":"b","01":"c"}}`, `{"byBool":{"yes":1}}`, `{"byInt32":{"2147483648":"b"}}`, `{"byInt32":{"1e1":""}}`,
	`{"at":"2026-01-31T13:05:00Z","lasts":"-1.500s","mask":"title,bigInt"}`, `{"at":"2026-01-31T13:05:00.120+02:00"}`,
	`{"at":"0001-01-01T00:00:00Z"}`, `{"at":"9999-12-31T23:59:59.999999999Z","lasts":"0.000001s"}`, `{"at":"yesterday"}`, `{"at":12}`,
	`{"struct":{"a":[1,true,null,{"b":"c"}]},"json":null,"jsonList":[1,"x"],"nothing":null}`, `{"struct":{"a":1,"a":2}}`, `{"json":{"a":1.5e3}}`,
	`{"any":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1s"}}`, `{"any":{}}`, `{"any":{"@type":"x/y"}}`,
	`{"any":{"paths":1}}`, `{"any":{"@type":"type.googleapis.com/google.protobuf.Empty"}}`, `{"any":{"@type":1}}`,
	`{"any":{"@type":"type.googleapis.com/google.protobuf.DescriptorProto","name":"a","@type":"x"}}`,
	`{"any":{"name":"Rule","@type":"type.googleapis.com/google.protobuf.DescriptorProto","field":[{"number":1}]}}`,
	`{"empty":{},"boolBox":false,"int32Box":0,"int64Box":"0","uint32Box":1,"uint64Box":"1","floatBox":1.5,"doubleBox":0,"stringBox":"","bytesBox":""}`,
	`{"empty":{"a":1}}`, `{"boolBox":"a"}`, `{"int32Box":null}`, `{"boxes":[1,2]}`, `{"boxes":[null]}`, `{"jsons":[null,1,{}]}`,
	`{"times":["2026-01-31T13:05:00.123456Z"],"spans":{"a":"1s"}}`,
	`{"unknown":1}`, `{"smallInt":2147483648}`, `{"smallInt":"1 "}`, `{"smallInt":""}`, `{"smallInt":01}`, `{"smallInt":1.}`, `{"smallInt":+1}`,
	`{"bigInt":9223372036854775808}`, `{"smallUint":-1}`, `{"smallUint":-0}`, `{"flag":"true"}`, `{"flag":1}`, `{"flag":tru}`, `{"flag":nul}`,
	`{"measure":-}`, `{"measure":1e}`, `{"measure":.5}`, `{"smallInt":1e-1}`, `{"smallInt":10e-1}`,
	``, ` `, `null`, `[]`, `"a"`, `1`, `{`, `}`, `{"a"}`, `{"flag":}`, `{"flag":true,}`, `{,}`, `{"names":["a",]}`, `{"names":[,]}`, `{"names":["a"}`,
	`{"flag":true} x`, `{} {}`, `{flag:true}`, `{'flag':true}`, "\ufeff{}", `{"flag" : true , "names" : [ ] }` + "\r\n\t", `{"[test.ext]":1}`,
}

// TestAgainstProtojson holds the codec against protojson on a message without typed values: both take or refuse a text, read
// the same from it, and write the same JSON.
func TestAgainstProtojson(t *testing.T) {
	t.Parallel()
	codec := wirejson.New()
	accepted := 0
	for _, seed := range seeds {
		if compare(t, codec, empty(t, "Everything"), seed) {
			accepted++
		}
	}
	require.Greater(t, accepted, 30)
	require.Less(t, accepted, len(seeds)-30)
}

// compare tells whether the text was taken.
func compare(t *testing.T, codec *wirejson.Codec, ours *dynamicpb.Message, text string) bool {
	t.Helper()
	theirs := dynamicpb.NewMessage(ours.Descriptor())
	ourErr, theirErr := codec.Unmarshal([]byte(text), ours), protojson.Unmarshal([]byte(text), theirs)
	require.Equal(t, theirErr == nil, ourErr == nil, "%q: ours %v, theirs %v", text, ourErr, theirErr)
	if ourErr != nil {
		return false
	}
	require.True(t, proto.Equal(theirs, ours), "%q: ours %v, theirs %v", text, ours, theirs)

	want, theirErr := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(theirs)
	got, ourErr := codec.Marshal(ours)
	require.Equal(t, theirErr == nil, ourErr == nil, "%q: ours %v, theirs %v", text, ourErr, theirErr)
	if ourErr == nil {
		require.JSONEq(t, string(want), string(got), text)
	}
	return true
}

func TestGeneratedMessageAgainstProtojson(t *testing.T) {
	t.Parallel()
	codec := wirejson.New()
	for _, rule := range []*authzv1.Rule{
		{},
		nil,
		{Access: &authzv1.Rule_Public{Public: true}},
		{Access: &authzv1.Rule_Permission{Permission: "entries.read"}, ComponentField: "entry.component", Mutates: true},
		{Access: &authzv1.Rule_Peers{Peers: &authzv1.Peers{Services: []string{"workflow", "dataflow"}}}},
		{Access: &authzv1.Rule_Peers{Peers: &authzv1.Peers{}}},
	} {
		want, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(rule)
		require.NoError(t, err)
		got, err := codec.Marshal(rule)
		require.NoError(t, err)
		require.JSONEq(t, string(want), string(got))

		back := &authzv1.Rule{Mutates: true} // what was there before is reset
		require.NoError(t, codec.Unmarshal(got, back))
		require.True(t, proto.Equal(back, rule) || rule == nil && proto.Equal(back, &authzv1.Rule{}))
	}
}
