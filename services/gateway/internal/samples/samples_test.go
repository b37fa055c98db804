package samples

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
)

func TestSamplesDecode(t *testing.T) {
	t.Parallel()
	s, err := New(Deps{Clock: clock.Real(), Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	got := map[string]int{}
	for _, sample := range s.samples {
		got[sample.GetId()] = len(sample.GetComponents())
	}
	require.Equal(t, map[string]int{"invoice": 1, "dealership": 3}, got)
	require.NotEmpty(t, s.files["dealership/cars.json"])
}
