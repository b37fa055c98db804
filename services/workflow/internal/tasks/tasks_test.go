package tasks_test

import (
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/services/workflow/internal/tasks"
)

type noPeers struct{}

func (noPeers) Conn(string) grpc.ClientConnInterface { return nil }

// TestEveryFolderIsListed fails when a kind has a folder and is not in the catalogue, or the other way round.
func TestEveryFolderIsListed(t *testing.T) {
	t.Parallel()
	kinds, err := tasks.All(noPeers{}, nil, nil)
	require.NoError(t, err)
	var folders []string
	entries, err := os.ReadDir(".")
	require.NoError(t, err)
	for _, e := range entries {
		if e.IsDir() {
			folders = append(folders, e.Name())
		}
	}
	listed := slices.Concat(kinds.Tasks.Types(), kinds.Functions.Types())
	require.ElementsMatch(t, folders, listed)
	for _, spec := range slices.Concat(kinds.Tasks.Specs(), kinds.Functions.Specs()) {
		require.NotEmpty(t, spec.GetTitle(), spec.GetType())
		require.NotEmpty(t, spec.GetSummary(), spec.GetType())
		require.NotEmpty(t, spec.GetGroup(), spec.GetType())
		require.NotEmpty(t, spec.GetParams(), spec.GetType())
	}
}
