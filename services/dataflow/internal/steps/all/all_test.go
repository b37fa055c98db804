package all

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
)

// TestEveryFolderIsInTheList: a step that has a folder and is not in the list would silently not be there.
func TestEveryFolderIsInTheList(t *testing.T) {
	t.Parallel()
	folders, err := os.ReadDir("..")
	require.NoError(t, err)
	var want []string
	for _, f := range folders {
		if f.IsDir() && f.Name() != "all" {
			want = append(want, f.Name())
		}
	}
	var got []string
	for _, kind := range Kinds() {
		path := strings.Split(reflect.TypeOf(kind).PkgPath(), "/")
		got = append(got, path[len(path)-1])
		require.Equal(t, path[len(path)-1], strings.ReplaceAll(kind.Spec().GetType(), "-", ""), "the folder is the type without dashes")
		require.DirExists(t, "../"+path[len(path)-1]+"/testdata", "%s has no cases", kind.Spec().GetType())
	}
	slices.Sort(got)
	require.Equal(t, want, got)
}

func TestSpecsAreComplete(t *testing.T) {
	t.Parallel()
	kinds, err := Registry()
	require.NoError(t, err)
	for _, spec := range kinds.Specs() {
		require.NotEmpty(t, spec.GetTitle(), spec.GetType())
		require.NotEmpty(t, spec.GetSummary(), spec.GetType())
		require.NotEmpty(t, spec.GetGroup(), spec.GetType())
		seen := map[string]bool{}
		for _, p := range spec.GetParams() {
			at := spec.GetType() + "." + p.GetName()
			require.False(t, seen[p.GetName()], "%s is there twice", at)
			seen[p.GetName()] = true
			require.NotEmpty(t, p.GetTitle(), at)
			require.NotZero(t, p.GetKind(), at)
			require.Equal(t, p.GetKind() == catalogv1.ParamKind_PARAM_KIND_ENUM, len(p.GetOptions()) > 0, at)
			if p.GetOfComponent() != "" {
				require.True(t, slices.ContainsFunc(spec.GetParams(), func(q *catalogv1.Param) bool {
					return q.GetName() == p.GetOfComponent() && q.GetKind() == catalogv1.ParamKind_PARAM_KIND_COMPONENT
				}), at)
			}
		}
	}
}
