package edge

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/web"
)

//go:embed openapi.json
var openapi []byte

// Document is the OpenAPI document of the whole API, as JSON.
func Document() []byte { return openapi }

//go:embed docs
var docs embed.FS

// docsPolicy lets the API's page use its own files and nothing else.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// asset is a file that never changes while we run.
type asset struct {
	kind, etag   string
	plain, small []byte
}

// isPage reports whether a path is served here and not by a method.
func isPage(p string) bool {
	return p == "/docs" || p == "/healthz" || p == "/readyz" || p == "/v1/openapi.json" || p == "/v1/docs" || strings.HasPrefix(p, "/v1/docs/")
}

// newPages returns the handler of what needs no credentials: probes, the OpenAPI document and the API's page.
func (e *Edge) newPages() (http.Handler, error) {
	assets := make(map[string]*asset)
	if err := addAsset(assets, "/v1/openapi.json", openapi); err != nil {
		return nil, err
	}
	err := fs.WalkDir(docs, "docs", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := docs.ReadFile(name)
		if err != nil {
			return err
		}
		if name == "docs/index.html" {
			return addAsset(assets, "/v1/docs", content)
		}
		return addAsset(assets, "/v1/"+name, content)
	})
	if err != nil {
		return nil, fmt.Errorf("read pages: %w", err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.servePage(w, r, assets) }), nil
}

func addAsset(to map[string]*asset, name string, content []byte) error {
	var small bytes.Buffer
	zw, err := gzip.NewWriterLevel(&small, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err = zw.Write(content); err == nil {
		err = zw.Close()
	}
	if err != nil {
		return err
	}
	sum := sha256.Sum256(content)
	kind := map[string]string{ // not by package mime, which asks the machine
		".json": "application/json", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", "": "text/html; charset=utf-8",
	}[path.Ext(name)]
	to[name] = &asset{kind: kind, etag: `"` + hex.EncodeToString(sum[:16]) + `"`, plain: content, small: small.Bytes()}
	return nil
}

func (e *Edge) servePage(w http.ResponseWriter, r *http.Request, assets map[string]*asset) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		e.methodNotAllowed(w, r, []string{http.MethodGet, http.MethodHead})
		return
	}
	switch r.URL.Path {
	case "/docs":
		w.Header().Set("Location", "/v1/docs")
		w.WriteHeader(http.StatusFound)
		return
	case "/healthz":
		writeText(w, "ok")
		return
	case "/readyz":
		if err := e.ready(r.Context()); err != nil {
			e.writeFault(w, r, fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "not ready", fault.Cause(err)))
			return
		}
		writeText(w, "ready")
		return
	}
	a := assets[r.URL.Path]
	if a == nil {
		e.notFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", docsPolicy)
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", a.etag)
	h.Set("Vary", "Accept-Encoding")
	if matches(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	content := a.plain
	if web.Accepts(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		content = a.small
	}
	h.Set("Content-Type", a.kind)
	h.Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // a caller who has gone needs no answer
}

func writeText(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = fmt.Fprintln(w, text)
}
