package torture_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/pkg/redistest"
	"github.com/aqtra/aqtra/tools/e2e/stand"
)

type (
	object = map[string]any
	list   = []any
)

// worker is the second process of the workflow service: it only advances runs.
const worker = "workflow-2"

// site is an installation with the app of the load, and its administrator.
type site struct {
	*stand.Stand
	redis *redistest.Server
	admin *stand.Client
}

// newSite starts an installation of the programs in a folder, publishes the app and signs in.
func newSite(t *testing.T, binaries string) *site {
	t.Helper()
	folder, err := os.MkdirTemp("", "aqtra-torture-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755)) // Postgres runs as another user and must get in
	s := &site{redis: redistest.Start(t)}
	s.Stand, err = stand.Start(t.Context(), stand.Config{Binaries: binaries, Folder: folder, Mode: stand.Six, Workers: 1, Settings: []string{
		"AQTRA_REDIS_URL=" + s.redis.URL(), "AQTRA_REDIS_CA_FILE=" + s.redis.CAFile,
		"AQTRA_GATEWAY_IDENTITY_GUESSES=1000", "AQTRA_GATEWAY_ADDRESS_RATE=100000", "AQTRA_GATEWAY_ADDRESS_BURST=100000",
		"AQTRA_WORKFLOW_EGRESS_ALLOW=127.0.0.1/32",
		// The work of a process that was killed is soon taken up again.
		"AQTRA_WORKFLOW_ENGINE_LEASE=2s", "AQTRA_WORKFLOW_ENGINE_POLL=1s",
	}})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.Stop())
		faults, err := s.Faults()
		require.NoError(t, err)
		require.Empty(t, faults, "the logs tell of mistakes; they are kept in %s", folder)
		if t.Failed() {
			t.Logf("data and logs are kept in %s", folder)
			return
		}
		require.NoError(t, os.RemoveAll(folder))
	})
	token, err := s.SetupToken(t.Context())
	require.NoError(t, err)
	nobody, err := s.Client("")
	require.NoError(t, err)
	defer nobody.Close()
	session := s.must(t, nobody, "POST", "/v1/setup:complete", object{
		"token": token, "tenantName": "Torture", "email": "operator@example.com", "password": "correct horse battery", "displayName": "Operator", "returnToken": true,
	})
	s.admin, err = s.Client(session["token"].(string))
	require.NoError(t, err)
	t.Cleanup(s.admin.Close)
	s.publish(t)
	return s
}

// publish makes the app live.
func (s *site) publish(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "app.yaml"))
	require.NoError(t, err)
	app := object{}
	require.NoError(t, yaml.Unmarshal(text, &app))
	s.must(t, s.admin, "POST", "/v1/components", app)
	p := s.must(t, s.admin, "POST", "/v1/publications", object{"components": list{"load"}, "requestId": "first"})
	require.Eventually(t, func() bool {
		now := s.must(t, s.admin, "GET", fmt.Sprint("/v1/publications/", p["id"]), nil)
		require.NotEqual(t, "PUBLICATION_STATE_FAILED", now["state"], "%v", now)
		return now["state"] == "PUBLICATION_STATE_SUCCEEDED"
	}, time.Minute, 50*time.Millisecond)
}

func (s *site) must(t *testing.T, c *stand.Client, method, path string, body any) object {
	t.Helper()
	out, err := call(t.Context(), c, method, path, body)
	require.NoError(t, err)
	return out
}

// errRefused is an answer that repeating does not change.
var errRefused = errors.New("refused")

// call sends a request and returns the answer. Errors other than errRefused may pass.
func call(ctx context.Context, c *stand.Client, method, path string, body any) (object, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	a, err := c.Do(ctx, method, path, body)
	if err != nil {
		return nil, err
	}
	switch {
	case a.Code == 429 || a.Code >= 500:
		return nil, fmt.Errorf("%s %s: %d %.200s", method, path, a.Code, a.Body)
	case a.Code != 200:
		return nil, fmt.Errorf("%w: %s %s: %d %.500s", errRefused, method, path, a.Code, a.Body)
	}
	out := object{}
	return out, json.Unmarshal(a.Body, &out)
}

// pages reads all pages of a list.
func pages(ctx context.Context, c *stand.Client, path, member string, query url.Values) (list, error) {
	var all list
	for {
		page, err := call(ctx, c, "GET", path+"?"+query.Encode(), nil)
		if err != nil {
			return nil, err
		}
		items, _ := page[member].(list)
		all = append(all, items...)
		token, _ := page["nextPageToken"].(string)
		if token == "" {
			return all, nil
		}
		query.Set("pageToken", token)
	}
}
