package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestRows checks that no row was lost, and that what rows name is there; make catalogue runs their tests.
func TestRows(t *testing.T) {
	t.Parallel()
	root, err := projectRoot()
	require.NoError(t, err)
	sections, err := load(data)
	require.NoError(t, err)
	for _, s := range sections {
		for _, r := range s.Rows {
			require.Equal(t, r.Implementation == "", r.Test == "", "%s/%s: what is there has a test", s.Kind, r.Name)
			require.Equal(t, r.Implementation == "", r.state(root, nil) == "open", "%s/%s: %s", s.Kind, r.Name, r.state(root, nil))
			require.NotEqual(t, "closed", r.state(root, nil), "without a result")
			if r.Test != "" {
				require.Equal(t, "closed", r.state(root, map[string]string{r.Test: "pass"}), "%s/%s", s.Kind, r.Name)
				for _, got := range []string{"fail", "skip"} {
					require.Equal(t, "open: the test gave "+got, r.state(root, map[string]string{r.Test: got}))
				}
			}
		}
	}
}
