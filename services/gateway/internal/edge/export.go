package edge

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// placeExport gives the export of entries its form here: the text itself, which grpc-gateway would wrap piece by piece.
func (e *Edge) placeExport(mux *runtime.ServeMux) error {
	return mux.HandlePath(http.MethodGet, "/v1/components/{component}/entries:export", e.export)
}

func (e *Edge) export(w http.ResponseWriter, r *http.Request, params map[string]string) {
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // whatever ends this ends the query in storage, too
	req := &storagev1.ExportEntriesRequest{}
	if err := runtime.PopulateQueryParameters(req, r.URL.Query(), utilities.NewDoubleArray(nil)); err != nil {
		e.restError(ctx, nil, e.codec, w, r, status.Error(codes.InvalidArgument, err.Error())) // as generated handlers do
		return
	}
	req.Component = params["component"]
	kind, suffix := "application/x-ndjson", ".ndjson"
	if req.GetFormat() == storagev1.ExportFormat_EXPORT_FORMAT_CSV {
		kind, suffix = "text/csv", ".csv"
	}
	h := w.Header()
	header := func() {
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": req.GetComponent() + suffix}))
		h.Set("Cache-Control", "no-store")
	}
	if s := stateFrom(ctx); s != nil && s.head {
		header()
		return
	}
	stream, err := storagev1.NewEntriesClient(conn{edge: e, backend: "storage"}).ExportEntries(ctx, req)
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	rc := http.NewResponseController(w)
	for begun := false; ; begun = true {
		piece, err := stream.Recv()
		switch {
		case err != nil && !errors.Is(err, io.EOF) && !begun:
			e.restError(ctx, nil, e.codec, w, r, err)
			return
		case err != nil && !errors.Is(err, io.EOF):
			e.log.WarnContext(ctx, "export broke off", "error", err)
			panic(http.ErrAbortHandler) // an answer that just ended would look complete
		}
		if !begun {
			header()
		}
		if err != nil {
			return
		}
		_ = rc.SetWriteDeadline(time.Now().Add(e.cfg.BodyTimeout))
		if _, err := w.Write(piece.GetChunk()); err != nil {
			return // the caller has gone
		}
	}
}
