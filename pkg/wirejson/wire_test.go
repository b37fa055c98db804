package wirejson_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/aqtra/aqtra/pkg/wirejson"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
)

// wireSeeds are JSON texts of test.Entry.
var wireSeeds = []string{
	`{}`, `{"title":"t","fields":{"b":1,"a":1.50,"c":"x","d":[null,true,{"e":[]}],"f":{}},"single":null,"items":[1,"2"],"list":[],"map":{}}`,
	`{"fields":{"a":"123456789012345678901234567890.5","d":9007199254740993,"e":-9007199254740993}}`,
	`{"map":{"z":1,"a":{"y":[[[]]],"x":"é\"\\"}},"list":[1,[2,{"a":null}]]}`, `{"chosen":null}`, `{"chosen":1}`, `{"chosenName":""}`,
}

// The text of a message is the same, whether the message was made or not.
func TestAppendWire(t *testing.T) {
	t.Parallel()
	codec, same := wirejson.New(), 0
	for name, seeds := range map[protoreflect.Name][]string{"Everything": seeds, "Entry": wireSeeds} {
		var earlier []byte
		for _, seed := range seeds {
			m := empty(t, name)
			if codec.Unmarshal([]byte(seed), m) != nil {
				continue
			}
			raw, err := proto.Marshal(m)
			require.NoError(t, err)
			for _, raw := range [][]byte{raw, append(earlier, raw...), append(raw, earlier...)} { // in pieces, too
				if sameText(t, codec, m, raw) {
					same++
				}
			}
			earlier = raw
		}
	}
	require.Greater(t, same, 100)
}

// sameText compares AppendWire with decoding first; false when raw cannot be decoded, or not be written.
func sameText(t *testing.T, codec *wirejson.Codec, like proto.Message, raw []byte) bool {
	t.Helper()
	m := like.ProtoReflect().New().Interface()
	md := like.ProtoReflect().Descriptor()
	if proto.Unmarshal(raw, m) != nil {
		_, _ = codec.AppendWire(nil, md, raw) // must not panic
		return false
	}
	want, err := codec.Append([]byte("x"), m)
	got, wireErr := codec.AppendWire([]byte("x"), md, raw)
	if err != nil {
		require.Error(t, wireErr)
		return false
	}
	require.NoError(t, wireErr)
	require.Equal(t, string(want), string(got))
	return true
}

func TestAppendWireRefuses(t *testing.T) {
	t.Parallel()
	codec, md := wirejson.New(), (&storagev1.Entry{}).ProtoReflect().Descriptor()
	for name, raw := range map[string][]byte{
		"cut off": {0x0a, 5, 'a'}, "not utf-8": {0x0a, 1, 0xff}, "no tag": {0xff}, "bad map": {0x12, 2, 0x0a, 9}, "group": {0x0b},
	} {
		_, err := codec.AppendWire(nil, md, raw)
		require.Error(t, err, name)
	}
}

// FuzzAppendWire is TestAppendWire on bytes that nobody encoded.
func FuzzAppendWire(f *testing.F) {
	codec := wirejson.New()
	messages := []proto.Message{&storagev1.ListEntriesResponse{}, &libraryv1.PublicationPlan{}, &libraryv1.Component{}, &typev1.MapValue{}}
	for i, seed := range []string{
		`{"entries":[{"id":"a","fields":{"b":[1,"x",null,{"c":true}],"a":"1.5"},"createTime":"2026-01-31T13:05:00.123456Z"}],"totalSize":"7"}`,
		`{"components":[{"component":"a","fromRevision":"1"}],"losses":[{}],"publishable":true}`,
		`{"id":"a","model":{"fields":[{"name":"x","type":"FIELD_TYPE_NUMBER","number":{"min":"0","precision":2}}]},"revision":"3"}`,
		`{"z":1,"a":{"y":[[[]]]}}`,
	} {
		m := proto.Clone(messages[i])
		require.NoError(f, codec.Unmarshal([]byte(seed), m))
		raw, err := proto.Marshal(m)
		require.NoError(f, err)
		f.Add(uint8(i), raw)
	}
	f.Fuzz(func(t *testing.T, which uint8, raw []byte) {
		sameText(t, codec, messages[int(which)%len(messages)], raw)
	})
}
