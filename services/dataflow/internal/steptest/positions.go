package steptest

import (
	"strconv"
	"strings"
	"testing"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
	"github.com/stretchr/testify/require"
)

// requirePositions fails unless every reference to a field of the step under test stands where it says.
func requirePositions(t *testing.T, scope *step.Scope, tested map[string]any, references []*catalogv1.Reference) {
	t.Helper()
	for _, r := range references {
		param, ours := strings.CutPrefix(r.GetPath(), "dataflows/flow/steps/step/params/")
		if !ours || r.GetKind() == "role" || r.GetLength() == 0 {
			continue
		}
		name := r.GetTargetId()
		if name == "" {
			name = r.GetTargetComponent()
		}
		if r.GetKind() == "field" {
			c, _ := scope.Find(r.GetTargetComponent())
			for _, f := range c.GetModel().GetFields() {
				if f.GetId() == r.GetTargetId() {
					name = f.GetName()
				}
			}
		}
		if r.GetInKey() {
			require.Equal(t, name, param[strings.LastIndexByte(param, '/')+1:])
			continue
		}
		text, ok := below(tested, param).(string)
		require.True(t, ok, "%s: there is no text", r.GetPath())
		runes := []rune(text)
		require.LessOrEqual(t, int(r.GetOffset()+r.GetLength()), len(runes), "%s: %q", r.GetPath(), text)
		written := string(runes[r.GetOffset() : r.GetOffset()+r.GetLength()])
		require.Equal(t, name, strings.Trim(written, "`"), "%s: at %d of %q", r.GetPath(), r.GetOffset(), text)
	}
}

// below is what stands at a path within a value.
func below(v any, path string) any {
	if path == "" {
		return v
	}
	key, rest, _ := strings.Cut(path, "/")
	switch v := v.(type) {
	case map[string]any:
		return below(v[key], rest)
	case []any:
		if i, err := strconv.Atoi(key); err == nil && i < len(v) {
			return below(v[i], rest)
		}
	}
	return nil
}
