package edge

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	apidocv1 "github.com/aqtra/aqtra/proto/gen/aqtra/apidoc/v1"
)

// placeDocument adds the document of a tenant's own apps, which is an answer as it is and not in a message.
func (e *Edge) placeDocument(mux *runtime.ServeMux) error {
	const template = "/v1/published/openapi.json"
	m := e.table.byName[apidocv1.ApiDocuments_GetApiDocument_FullMethodName]
	if m == nil {
		return fmt.Errorf("method %s is not public", apidocv1.ApiDocuments_GetApiDocument_FullMethodName)
	}
	if err := e.table.place(m, http.MethodGet, template, ""); err != nil {
		return err
	}
	return mux.HandlePath(http.MethodGet, template, e.apiDocument)
}

func (e *Edge) apiDocument(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	docs := apidocv1.NewApiDocumentsClient(conn{edge: e, backend: "gateway"})
	doc, err := docs.GetApiDocument(r.Context(), &apidocv1.GetApiDocumentRequest{})
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	sum := sha256.Sum256(doc.GetOpenapi())
	etag := `"` + hex.EncodeToString(sum[:16]) + `"`
	h := w.Header()
	h.Set("Cache-Control", "private, no-cache")
	h.Set("ETag", etag)
	if matches(r.Header.Get("If-None-Match"), etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(doc.GetOpenapi())))
	_, _ = w.Write(doc.GetOpenapi()) // who went away needs no answer
}
