package setup

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/pgtest"
)

const token = "the token of the pod"

// api is the part of the Kubernetes API that keeps secrets of the namespace "house".
type api struct {
	t   *testing.T
	srv *httptest.Server

	mu      sync.Mutex
	secrets map[string]secret
	version int
	writes  int
	// before is called, unlocked, before each request is carried out; an answer ends it.
	before func(method, name string) (status int, message string)
}

func newAPI(t *testing.T) *api {
	t.Helper()
	a := &api{t: t, secrets: map[string]secret{}}
	a.srv = httptest.NewTLSServer(a)
	t.Cleanup(a.srv.Close)
	return a
}

func (a *api) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, message string) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]string{"kind": "Status", "message": message})
	}
	if r.Header.Get("Authorization") != "Bearer "+token {
		refuse(http.StatusUnauthorized, "Unauthorized")
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/api/v1/namespaces/house/secrets")
	if !ok {
		refuse(http.StatusForbidden, "not your namespace")
		return
	}
	name = strings.TrimPrefix(name, "/")
	var in secret
	if r.Body != nil && (r.Method == http.MethodPost || r.Method == http.MethodPut) {
		if json.NewDecoder(r.Body).Decode(&in) != nil || in.Kind != "Secret" || in.APIVersion != "v1" {
			refuse(http.StatusBadRequest, "not a secret")
			return
		}
		name = in.Metadata.Name
	}
	if a.before != nil {
		if status, message := a.before(r.Method, name); status != 0 {
			refuse(status, message)
			return
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	old, exists := a.secrets[name]
	switch {
	case r.Method == http.MethodGet && name == "":
		var items []secret
		for _, s := range a.secrets {
			if selects(r.URL.Query().Get("labelSelector"), s.Metadata.Labels) {
				items = append(items, s)
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
	case r.Method == http.MethodPost && exists:
		refuse(http.StatusConflict, "already exists")
	case r.Method == http.MethodPost:
		w.WriteHeader(http.StatusCreated)
		a.put(in)
	case !exists:
		refuse(http.StatusNotFound, "not found")
	case r.Method == http.MethodGet:
		_ = json.NewEncoder(w).Encode(old)
	case r.Method == http.MethodPut && in.Metadata.ResourceVersion != old.Metadata.ResourceVersion:
		refuse(http.StatusConflict, "the object has been modified")
	case r.Method == http.MethodPut:
		a.put(in)
	case r.Method == http.MethodDelete:
		delete(a.secrets, name)
		a.writes++
	}
}

func selects(selector string, labels map[string]string) bool {
	for want := range strings.SplitSeq(selector, ",") {
		k, v, _ := strings.Cut(want, "=")
		if labels[k] != v {
			return false
		}
	}
	return true
}

func (a *api) put(s secret) {
	a.version++
	a.writes++
	s.Metadata.ResourceVersion = strconv.Itoa(a.version)
	a.secrets[s.Metadata.Name] = s
}

// edit changes a secret as somebody else would.
func (a *api) edit(name string, change func(*secret)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := a.secrets[name]
	s.Data, s.Metadata.Name = maps.Clone(s.Data), name
	change(&s)
	a.put(s)
}

func (a *api) drop(name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.secrets, name)
}

func (a *api) data(name string) map[string][]byte {
	a.t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	require.Contains(a.t, a.secrets, name)
	return a.secrets[name].Data
}

// all is the content of all secrets.
func (a *api) all() map[string]map[string][]byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]map[string][]byte{}
	for name, s := range a.secrets {
		out[name] = s.Data
	}
	return out
}

// pod returns the environment and the folder that Kubernetes gives to pods.
func (a *api) pod() (config.Lookup, string) {
	a.t.Helper()
	dir := a.t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.srv.Certificate().Raw})
	require.NoError(a.t, os.WriteFile(filepath.Join(dir, "ca.crt"), ca, 0o600))
	require.NoError(a.t, os.WriteFile(filepath.Join(dir, "token"), []byte(token+"\n"), 0o600))
	u, err := url.Parse(a.srv.URL)
	require.NoError(a.t, err)
	return config.Map(map[string]string{"KUBERNETES_SERVICE_HOST": u.Hostname(), "KUBERNETES_SERVICE_PORT": u.Port()}), dir
}

// server is a Postgres that the tests of this package share, with a database of its own for each.
func server(t *testing.T, srv *pgtest.Instance, database string) (adminURL, caFile string) {
	t.Helper()
	u, err := url.Parse(srv.AdminURL(database))
	require.NoError(t, err)
	q := u.Query()
	caFile = q.Get("sslrootcert")
	q.Del("sslrootcert")
	u.RawQuery = q.Encode()
	return u.String(), caFile
}

// run is one run of the program, with a clock of its own.
func (a *api) setup(clk clock.Clock, cfg Config) (*setup, *bytes.Buffer) {
	a.t.Helper()
	lookup, dir := a.pod()
	k, err := newKube("house", dir, lookup, clk)
	require.NoError(a.t, err)
	cfg.Namespace, cfg.Release = "house", "rel"
	if cfg.Fullname == "" {
		cfg.Fullname = "p"
	}
	if cfg.Certificates == "" {
		cfg.Certificates = builtIn
	}
	require.NoError(a.t, cfg.Validate())
	out := &bytes.Buffer{}
	return &setup{cfg: cfg, kube: k, clk: clk, out: out}, out
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}
