package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/services/gateway/internal/web"
)

func built() fstest.MapFS {
	one := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	return fstest.MapFS{
		"index.html":          one(`<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__" src="/assets/a-1.js"></script>`),
		"icon.svg":            one("<svg/>"),
		"assets/a-1.js":       one("plain"),
		"assets/a-1.js.gz":    one("gzipped"),
		"assets/a-1.js.br":    one("brotli"),
		"assets/f-1.woff2":    one("font"),
		".vite/manifest.json": one("{}"),
		".gitkeep":            one(""),
	}
}

func get(t *testing.T, f *web.Files, path string, header ...string) (*httptest.ResponseRecorder, bool) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	return w, f.Serve(w, r)
}

func TestFiles(t *testing.T) {
	t.Parallel()
	f, err := web.Load(built())
	require.NoError(t, err)
	for _, c := range []struct{ path, accept, kind, encoding, cache, body string }{
		{"/assets/a-1.js", "gzip, deflate, br, zstd", "text/javascript; charset=utf-8", "br", "public, max-age=31536000, immutable", "brotli"},
		{"/assets/a-1.js", "gzip;q=0.5, br;q=0", "text/javascript; charset=utf-8", "gzip", "public, max-age=31536000, immutable", "gzipped"},
		{"/assets/a-1.js", "", "text/javascript; charset=utf-8", "", "public, max-age=31536000, immutable", "plain"},
		{"/assets/f-1.woff2", "br", "font/woff2", "", "public, max-age=31536000, immutable", "font"},
		{"/icon.svg", "br", "image/svg+xml", "", "no-cache", "<svg/>"},
	} {
		w, ok := get(t, f, c.path, "Accept-Encoding", c.accept)
		require.True(t, ok, c.path)
		require.Equal(t, c.body, w.Body.String())
		require.Equal(t, c.kind, w.Header().Get("Content-Type"))
		require.Equal(t, c.encoding, w.Header().Get("Content-Encoding"))
		require.Equal(t, c.cache, w.Header().Get("Cache-Control"))
		again, _ := get(t, f, c.path, "If-None-Match", w.Header().Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.Code)
		require.Empty(t, again.Body.String())
	}
}

func TestEveryAddressOfTheUIIsThePage(t *testing.T) {
	t.Parallel()
	f, err := web.Load(built())
	require.NoError(t, err)
	nonces := map[string]bool{}
	for _, path := range []string{"/", "/setup", "/studio/invoice/pages/all"} {
		w, ok := get(t, f, path)
		require.True(t, ok, path)
		require.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
		require.Equal(t, "no-cache", w.Header().Get("Cache-Control"))
		policy := w.Header().Get("Content-Security-Policy")
		require.NotContains(t, policy, "unsafe")
		require.Contains(t, policy, "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-")
		require.NotContains(t, w.Body.String(), "__CSP_NONCE__")
		for nonce := range nonces {
			require.NotContains(t, policy, nonce)
		}
		_, rest, found := strings.Cut(w.Body.String(), `nonce="`)
		rest, _, _ = strings.Cut(rest, `"`)
		require.True(t, found)
		require.GreaterOrEqual(t, len(rest), 22)
		require.Contains(t, policy, "'nonce-"+rest+"'")
		nonces[rest] = true
	}
	require.Len(t, nonces, 3)
}

func TestNothingThere(t *testing.T) {
	t.Parallel()
	f, err := web.Load(built())
	require.NoError(t, err)
	for _, path := range []string{
		"/assets/old-1.js", "/assets/a-1.js.br", "/.vite/manifest.json", "/.gitkeep", "/favicon.ico", "/index.html", "/a/../icon.svg",
		"/aqtra.storage.v1.Entries/GetEntry",
	} {
		w, ok := get(t, f, path)
		require.False(t, ok, path)
		require.Empty(t, w.Body.String())
	}
}

func TestNotBuilt(t *testing.T) {
	t.Parallel()
	f, err := web.Load(fstest.MapFS{".gitkeep": &fstest.MapFile{}})
	require.NoError(t, err)
	w, ok := get(t, f, "/")
	require.True(t, ok)
	require.Contains(t, w.Body.String(), "not built")
	_, ok = get(t, f, "/studio")
	require.False(t, ok)
}

func TestUnknownKindsAreRefused(t *testing.T) {
	t.Parallel()
	files := built()
	files["assets/b.exe"] = &fstest.MapFile{}
	_, err := web.Load(files)
	require.ErrorContains(t, err, "assets/b.exe")
}

func TestWhatIsBuiltInLoads(t *testing.T) {
	t.Parallel()
	_, err := web.New()
	require.NoError(t, err)
}
