package pgserver

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func install(t *testing.T, dir, version string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(dir, 0o755))
	script := fmt.Sprintf("#!/bin/sh\necho '%s'\n", version)
	for _, program := range []string{"postgres", "initdb"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, program), []byte(script), 0o755))
	}
}

func TestFindNamed(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		sub, version, problem string
		major                 int
	}{
		{"", "postgres (PostgreSQL) 15.4", "", 15},
		{"bin", "postgres (PostgreSQL) 16.1 (Debian 16.1-1)", "", 16},
		{"native/bin", "postgres (PostgreSQL) 18beta1", "", 18},
		{"", "postgres (PostgreSQL) 14.9", "15 or newer is needed", 0},
		{"", "something else", "does not say its version", 0},
		{"elsewhere", "postgres (PostgreSQL) 15.4", "no postgres and initdb in", 0},
	} {
		dir := t.TempDir()
		install(t, filepath.Join(dir, tc.sub), tc.version)
		found, err := Find(t.Context(), dir)
		if tc.problem != "" {
			require.ErrorContains(t, err, tc.problem)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, []Binaries{{Dir: filepath.Join(dir, tc.sub), Major: tc.major}}, found)
	}
}

func TestFindPrefersThePath(t *testing.T) {
	dir := t.TempDir()
	install(t, dir, "postgres (PostgreSQL) 99.1")
	t.Setenv("PATH", dir+":"+os.Getenv("PATH")) // hence not parallel
	found, err := Find(t.Context(), "")
	require.NoError(t, err)
	require.Equal(t, Binaries{Dir: dir, Major: 99}, found[0])
}
