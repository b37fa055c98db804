package textform

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/wirejson"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
)

func TestSamples(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../../../gateway/internal/samples/data/*/sample.yaml")
	require.NoError(t, err)
	require.Len(t, paths, 2)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		plain, _, err := toJSON(text)
		require.NoError(t, err)
		sample := &samplesv1.Sample{}
		require.NoError(t, wirejson.New().Unmarshal(plain, sample))
		require.NotEmpty(t, sample.GetComponents())
		for _, c := range sample.GetComponents() {
			files, err := Encode(c)
			require.NoError(t, err)
			got, err := Decode(files)
			require.NoError(t, err)
			require.True(t, proto.Equal(c, got))
		}
	}
}
