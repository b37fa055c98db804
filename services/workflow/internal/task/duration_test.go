package task_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

func TestParseDuration(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"PT15M": 15 * time.Minute, "P2D": 48 * time.Hour, "P1W": 168 * time.Hour, "P1DT2H3M4.5S": 26*time.Hour + 3*time.Minute + 4500*time.Millisecond,
		"PT0.001S": time.Millisecond, "PT0S": 0, "P3660D": task.MaxDuration,
	} {
		got, err := task.ParseDuration(text)
		require.NoError(t, err, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "P", "PT", "P1DT", "1D", "P1Y", "P1M", "PT1.2345S", "P-1D", "P3661D", "P99999W", "PT999999999H", "PT15m"} {
		_, err := task.ParseDuration(text)
		require.Error(t, err, text)
	}
	got, err := task.ParseDuration(map[string]any{"days": int64(1), "milliseconds": int64(5)})
	require.NoError(t, err)
	require.Equal(t, 24*time.Hour+5*time.Millisecond, got)
	for _, v := range []any{nil, int64(3), map[string]any{"years": int64(1)}, map[string]any{"days": "1"}, map[string]any{"days": int64(-1)}, map[string]any{"days": int64(1 << 60)}} {
		_, err := task.ParseDuration(v)
		require.Error(t, err, "%v", v)
	}
}

func FuzzParseDuration(f *testing.F) {
	for _, s := range []string{"PT15M", "P1DT2H3M4.5S", "P", "PT", "P1Y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := task.ParseDuration(s); err == nil && (d < 0 || d > task.MaxDuration) {
			t.Fatalf("%q gives %v", s, d)
		}
	})
}
