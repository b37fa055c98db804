package componentlibrary

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/pkg/wirejson"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/check"
)

// silent answers for the owners of dataflows, workflows and scripts that all is well: they check the samples themselves.
type silent struct{}

func (silent) CheckDataflow(context.Context, *libraryv1.Component, string, []*libraryv1.Component) (check.Answer, error) {
	return check.Answer{}, nil
}

func (silent) CheckWorkflow(context.Context, *libraryv1.Component, string, []*libraryv1.Component) (check.Answer, error) {
	return check.Answer{}, nil
}

func (silent) CheckSource(context.Context, string) (check.Answer, error) { return check.Answer{}, nil }

// TestSamplesHaveNoProblems checks the sample apps, which the gateway installs, as a publication does.
func TestSamplesHaveNoProblems(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../gateway/internal/samples/data/*/sample.yaml")
	require.NoError(t, err)
	require.Len(t, paths, 2)
	for _, path := range paths {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			t.Parallel()
			all := sampleComponents(t, path)
			ids := make([]string, len(all))
			for i, c := range all {
				ids[i] = c.GetId()
				c.Uid = "uid" + string(rune('a'+i)) + "000000"
				for n, f := range c.GetModel().GetFields() { // as the engine does when the component is created
					f.Id = "f" + string(rune('a'+i)) + string(rune('a'+n)) + "0000000"
				}
			}
			got, err := check.New(silent{}, slog.New(slog.DiscardHandler)).Check(t.Context(), all, ids)
			require.NoError(t, err)
			for _, p := range got.Problems {
				if p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR {
					t.Errorf("%s: %s: %s (%s)", p.GetComponent(), p.GetPath(), p.GetMessage(), p.GetReason())
				}
			}
			require.NotEmpty(t, got.References)
		})
	}
}

func sampleComponents(t *testing.T, path string) []*libraryv1.Component {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var doc any
	require.NoError(t, yaml.Unmarshal(text, &doc))
	text, err = value.ToJSON(plain(doc))
	require.NoError(t, err)
	sample := &samplesv1.Sample{}
	require.NoError(t, wirejson.New().Unmarshal(text, sample))
	return sample.GetComponents()
}

// plain turns the ints of YAML into those of a value.
func plain(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, item := range v {
			v[k] = plain(item)
		}
	case []any:
		for i, item := range v {
			v[i] = plain(item)
		}
	case int:
		return int64(v)
	}
	return v
}
