package samples

import (
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
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

	list, err := s.ListSamples(t.Context(), &samplesv1.ListSamplesRequest{})
	require.NoError(t, err)
	require.Len(t, list.GetSamples(), 2)
	for _, listed := range list.GetSamples() {
		require.NotEmpty(t, listed.GetTitle())
		require.Empty(t, listed.GetComponents())
		whole, err := s.GetSample(t.Context(), &samplesv1.GetSampleRequest{Sample: listed.GetId()})
		require.NoError(t, err)
		require.NotEmpty(t, whole.GetComponents())
		whole.Components[0].Id = "changed"
		again, err := s.GetSample(t.Context(), &samplesv1.GetSampleRequest{Sample: listed.GetId()})
		require.NoError(t, err)
		require.NotEqual(t, "changed", again.GetComponents()[0].GetId())
	}
	for _, call := range []func() error{
		func() error { _, err := s.GetSample(t.Context(), &samplesv1.GetSampleRequest{Sample: "x"}); return err },
		func() error {
			_, err := s.InstallSample(t.Context(), &samplesv1.InstallSampleRequest{Sample: "x"})
			return err
		},
		func() error {
			_, err := s.GetInstallation(t.Context(), &samplesv1.GetInstallationRequest{Sample: "x"})
			return err
		},
	} {
		require.True(t, fault.Has(call(), faultv1.Reason_REASON_SAMPLE_NOT_FOUND))
	}
}

func TestPlainValue(t *testing.T) {
	t.Parallel()
	got, err := plainValue(map[string]any{"a": []any{1, "x", true, nil}})
	require.NoError(t, err)
	require.Equal(t, map[string]any{"a": []any{int64(1), "x", true, nil}}, got)
	_, err = plainValue([]any{map[string]any{"price": 1.5}})
	require.ErrorContains(t, err, "write 1.5 (float64) as a text")
}
