package componentlibrary_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	"github.com/aqtra/aqtra/pkg/wirejson"
	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	samplesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/samples/v1"
)

// The sample apps, which the gateway installs, can be kept and have nothing wrong in models, pages and settings. The owners of
// dataflows, workflows and scripts are away here: they check the samples themselves.
func TestSamplesHaveNoProblems(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("../gateway/internal/samples/data/*/sample.yaml")
	require.NoError(t, err)
	require.Len(t, paths, 2)
	w := start(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client := libraryv1.NewComponentsClient(w.gateway.Peers.Conn("component-library"))
	for _, path := range paths {
		sample := readSample(t, path)
		author := w.as(ctx, t, principal.Principal{Tenant: sample.GetId(), Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}})
		for _, c := range sample.GetComponents() {
			_, err := client.CreateComponent(author, &libraryv1.CreateComponentRequest{Component: c})
			require.NoError(t, err, c.GetId())
		}
		for _, c := range sample.GetComponents() {
			got, err := client.CheckComponent(author, &libraryv1.CheckComponentRequest{Component: c.GetId()})
			require.NoError(t, err, c.GetId())
			for _, p := range got.GetProblems() {
				if p.GetSeverity() == catalogv1.Severity_SEVERITY_ERROR {
					t.Errorf("%s: %s: %s (%s)", p.GetComponent(), p.GetPath(), p.GetMessage(), p.GetReason())
				}
			}
			requireRoles(t, sample, c)
		}
	}
}

// requireRoles checks what the library cannot know: that the roles that a component names are there.
func requireRoles(t *testing.T, sample *samplesv1.Sample, c *libraryv1.Component) {
	t.Helper()
	known := []string{"admin", "developer", "member"}
	for _, r := range sample.GetRoles() {
		known = append(known, r.GetId())
		for _, g := range r.GetGrants() {
			require.True(t, slices.ContainsFunc(sample.GetComponents(), func(c *libraryv1.Component) bool { return c.GetId() == g.GetComponent() }),
				"role %s has a grant for %q, which is no component", r.GetId(), g.GetComponent())
		}
	}
	var named []string
	for _, p := range c.GetPages() {
		named = append(named, p.GetRoles()...)
	}
	for _, d := range c.GetDataflows() {
		named = append(named, d.GetRoles()...)
	}
	for _, a := range c.GetSettings().GetAccess() {
		named = append(named, a.GetRole())
	}
	require.Subset(t, known, named, c.GetId())
}

// readSample reads a sample as the gateway does.
func readSample(t *testing.T, path string) *samplesv1.Sample {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	var doc any
	require.NoError(t, yaml.Unmarshal(text, &doc))
	text, err = value.ToJSON(plain(doc))
	require.NoError(t, err)
	sample := &samplesv1.Sample{}
	require.NoError(t, wirejson.New().Unmarshal(text, sample))
	return sample
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
