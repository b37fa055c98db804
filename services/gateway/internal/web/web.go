package web

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

//go:embed all:dist
var dist embed.FS

// placeholder stands in index.html for the nonce of an answer.
const placeholder = "__CSP_NONCE__"

// Files is the built UI. It is safe for concurrent use.
type Files struct {
	// index is index.html, cut at its placeholders; nil when the UI was not built.
	index [][]byte
	files map[string]*file
}

// file is one that never changes while we run.
type file struct {
	kind, etag string
	immutable  bool
	plain      []byte
	// gzip and brotli are nil for files that do not shrink.
	gzip, brotli []byte
}

// New returns the UI that is built into this program.
func New() (*Files, error) {
	root, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	return Load(root)
}

// Load reads a built UI. A folder without index.html is one that was not built.
func Load(root fs.FS) (*Files, error) {
	f := &Files{files: make(map[string]*file)}
	index, err := fs.ReadFile(root, "index.html")
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	f.index = bytes.Split(index, []byte(placeholder))
	err = fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != "." { // the build's own notes
			return fs.SkipDir
		}
		ext := path.Ext(name)
		if d.IsDir() || name == "index.html" || strings.HasPrefix(d.Name(), ".") || ext == ".gz" || ext == ".br" {
			return nil
		}
		return f.add(root, name)
	})
	if err != nil {
		return nil, fmt.Errorf("web files: %w", err)
	}
	return f, nil
}

func (f *Files) add(root fs.FS, name string) error {
	kind := kinds()[path.Ext(name)]
	if kind == "" {
		return fmt.Errorf("%s: files of this kind are not served", name)
	}
	one := &file{kind: kind, immutable: strings.HasPrefix(name, "assets/")}
	for ext, content := range map[string]*[]byte{"": &one.plain, ".gz": &one.gzip, ".br": &one.brotli} {
		var err error
		if *content, err = fs.ReadFile(root, name+ext); err != nil && (ext == "" || !errors.Is(err, fs.ErrNotExist)) {
			return err
		}
	}
	sum := sha256.Sum256(one.plain)
	one.etag = `"` + hex.EncodeToString(sum[:16]) + `"`
	f.files["/"+name] = one
	return nil
}

// kinds are the media types that we serve; not by package mime, which asks the machine.
func kinds() map[string]string {
	return map[string]string{
		".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml", ".png": "image/png",
		".woff2": "font/woff2", ".json": "application/json", ".txt": "text/plain; charset=utf-8", ".wasm": "application/wasm",
	}
}

// Serve answers a GET or HEAD request with a file or, at an address of the UI, with its page. It reports false, and has written
// nothing, when there is nothing at the address.
func (f *Files) Serve(w http.ResponseWriter, r *http.Request) bool {
	if one := f.files[r.URL.Path]; one != nil {
		one.serve(w, r)
		return true
	}
	// Addresses of the UI have no dots: what has is a file that is gone, or somebody who looks for one.
	if strings.Contains(r.URL.Path, ".") || f.index == nil && r.URL.Path != "/" {
		return false
	}
	content, policy := []byte(notBuilt), "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
	if f.index != nil {
		nonce := rand.Text()
		content, policy = bytes.Join(f.index, []byte(nonce)), pagePolicy(nonce)
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-cache")
	write(w, "text/html; charset=utf-8", content)
	return true
}

// pagePolicy lets the page use our own files and talk to us, and nothing else. Styles that scripts make need the nonce.
func pagePolicy(nonce string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-" + nonce + "'; img-src 'self' data: blob:; connect-src 'self'; " +
		"font-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
}

const notBuilt = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Aqtra</title></head>
<body><h1>The web UI is not built</h1>
<p>This gateway was built without it. <code>make build</code> builds both. The API is here, and described at <a href="/v1/docs">/v1/docs</a>.</p>
</body></html>
`

func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if h.Set("Cache-Control", "no-cache"); f.immutable {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	accepted, content := r.Header.Get("Accept-Encoding"), f.plain
	switch {
	case f.brotli != nil && Accepts(accepted, "br"):
		h.Set("Content-Encoding", "br")
		content = f.brotli
	case f.gzip != nil && Accepts(accepted, "gzip"):
		h.Set("Content-Encoding", "gzip")
		content = f.gzip
	}
	write(w, f.kind, content)
}

func write(w http.ResponseWriter, kind string, content []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // a caller who has gone needs no answer
}

// Accepts reports whether an Accept-Encoding header allows an encoding by name.
func Accepts(header, encoding string) bool {
	for one := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			weight, _ := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
			return strings.Trim(weight, "0.") != "" || weight == ""
		}
	}
	return false
}
