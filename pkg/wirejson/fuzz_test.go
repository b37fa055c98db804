package wirejson_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/wirejson"
)

// FuzzProtojson is TestAgainstProtojson on texts that nobody thought of.
func FuzzProtojson(f *testing.F) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	codec, shape := wirejson.New(), empty(f, "Everything")
	f.Fuzz(func(t *testing.T, text string) {
		compare(t, codec, dynamicpb.NewMessage(shape.Descriptor()), text)
	})
}

// FuzzDecode reads typed values: it never panics, refuses only with a fault, and what it took it writes and reads again
// without change.
func FuzzDecode(f *testing.F) {
	for _, seed := range append(seeds,
		`{"title":"t","fields":{"a":1,"b":1.50,"c":"x","d":[null,true,{"e":[]}],"f":{}},"single":null,"items":[1,"2"],"list":[],"map":{}}`,
		`{"fields":{"a":123456789012345678901234567890.5,"b":1e-18,"c":-0.0,"d":9007199254740993,"e":1e37}}`,
		`{"chosen":null}`, `{"chosen":1,"chosenName":"a"}`, `{"fields":{"a":1,"a":2},"x":1,"list":{},"map":[]}`,
		`{"any":{"@type":"x/aqtra.type.v1.Value","value":{"a":1.5}}}`, `{"any":{"@type":"x/google.protobuf.Any","value":{"@type":"x/aqtra.type.v1.Value","value":1}}}`,
	) {
		f.Add(seed)
	}
	codec, shape := wirejson.New(), empty(f, "Entry")
	f.Fuzz(func(t *testing.T, text string) {
		first, second := dynamicpb.NewMessage(shape.Descriptor()), dynamicpb.NewMessage(shape.Descriptor())
		if err := codec.Unmarshal([]byte(text), first); err != nil {
			_, ok := fault.As(err)
			require.True(t, ok, "%v", err)
			return
		}
		once, err := codec.Marshal(first)
		require.NoError(t, err)
		require.NoError(t, codec.Unmarshal(once, second))
		twice, err := codec.Marshal(second)
		require.NoError(t, err)
		require.Equal(t, string(once), string(twice))
		if again := dynamicpb.NewMessage(shape.Descriptor()); codec.Unmarshal(twice, again) == nil {
			require.True(t, proto.Equal(second, again))
		}
	})
}
