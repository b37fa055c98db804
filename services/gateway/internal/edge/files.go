package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// chunkSize is how much of an upload travels in one message; storage accepts up to 1 MiB.
const chunkSize = 256 << 10

// placeFiles adds what grpc-gateway cannot generate: files as plain bytes.
func (e *Edge) placeFiles(mux *runtime.ServeMux) error {
	for _, f := range []struct {
		name, verb, template, body string
		serve                      runtime.HandlerFunc
	}{
		{storagev1.Files_UploadFile_FullMethodName, http.MethodPost, "/v1/files:upload", rawBody, e.upload},
		{storagev1.Files_UploadPart_FullMethodName, http.MethodPut, "/v1/uploads/{upload}:part", rawBody, e.uploadPart},
		{storagev1.Files_GetThumbnail_FullMethodName, http.MethodGet, "/v1/files/{file}:thumbnail", "", e.thumbnail},
		{storagev1.Files_DownloadFile_FullMethodName, http.MethodGet, "/v1/files/{file}:download", "", e.download},
	} {
		m := e.table.byName[f.name]
		if m == nil {
			return fmt.Errorf("method %s is not public", f.name)
		}
		if err := e.table.place(m, f.verb, f.template, f.body); err != nil {
			return err
		}
		if err := mux.HandlePath(f.verb, f.template, f.serve); err != nil {
			return err
		}
	}
	return nil
}

func (e *Edge) files() storagev1.FilesClient {
	return storagev1.NewFilesClient(conn{edge: e, backend: "storage"})
}

// upload streams the body into storage: at no time more than one chunk is in memory.
func (e *Edge) upload(w http.ResponseWriter, r *http.Request, _ map[string]string) {
	header, err := uploadHeader(r)
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // a body that ends early must not look complete: the stream is cut, not closed
	stream, err := e.files().UploadFile(ctx)
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	err = stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Header{Header: header}})
	if err == nil {
		err = e.sendBody(w, r, func(chunk []byte) error {
			return stream.Send(&storagev1.UploadFileRequest{Part: &storagev1.UploadFileRequest_Chunk{Chunk: chunk}})
		})
	}
	var file *storagev1.File
	if err == nil || errors.Is(err, io.EOF) { // at EOF storage has already answered, and why stands in that
		file, err = stream.CloseAndRecv()
	}
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	e.writeJSON(w, r, file) // the file is stored, whether the caller hears of it or not
}

func (e *Edge) writeJSON(w http.ResponseWriter, r *http.Request, m any) {
	text, err := e.codec.Marshal(m)
	if err != nil {
		e.writeFault(w, r, fmt.Errorf("encode answer: %w", err))
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	_, _ = w.Write(text)
}

// uploadPart streams the body into storage as a part of an upload.
func (e *Edge) uploadPart(w http.ResponseWriter, r *http.Request, params map[string]string) {
	place, err := uploadPlace(r, params["upload"])
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel() // as in upload
	stream, err := e.files().UploadPart(ctx)
	if err == nil {
		err = stream.Send(&storagev1.UploadPartRequest{Part: &storagev1.UploadPartRequest_Place{Place: place}})
	}
	if err == nil {
		err = e.sendBody(w, r, func(chunk []byte) error {
			return stream.Send(&storagev1.UploadPartRequest{Part: &storagev1.UploadPartRequest_Chunk{Chunk: chunk}})
		})
	}
	var upload *storagev1.Upload
	if stream != nil && (err == nil || errors.Is(err, io.EOF)) {
		upload, err = stream.CloseAndRecv()
	}
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	e.writeJSON(w, r, upload)
}

func uploadPlace(r *http.Request, upload string) (*storagev1.UploadPlace, error) {
	query := r.URL.Query()
	for _, name := range sortedKeys(query) {
		if name != "offset" {
			return nil, fault.Invalid(faultv1.Reason_REASON_UNKNOWN_FIELD, "some parameters are not known", fault.Field(clipName(name), unknownParameter))
		}
	}
	offset, err := strconv.ParseInt(query.Get("offset"), 10, 64)
	if err != nil || len(query["offset"]) != 1 || offset < 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the part needs its place",
			fault.Field("offset", "expected once, with the number of bytes that have arrived"))
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, fault.Invalid(faultv1.Reason_REASON_UNSUPPORTED_MEDIA_TYPE, "the body must not be compressed")
	}
	return &storagev1.UploadPlace{Upload: upload, Offset: offset}, nil
}

func uploadHeader(r *http.Request) (*storagev1.UploadHeader, error) {
	query := r.URL.Query()
	var opts []fault.Option
	for _, name := range sortedKeys(query) {
		if name != "name" && name != "folder" {
			opts = append(opts, fault.Field(clipName(name), unknownParameter))
		}
	}
	if len(opts) > 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_UNKNOWN_FIELD, "some parameters are not known", opts...)
	}
	if names := query["name"]; len(names) != 1 || names[0] == "" || len(names[0]) > 1024 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the file needs a name",
			fault.Field("name", "expected once, with 1 to 1024 bytes"))
	}
	if len(query["folder"]) > 1 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the file goes into one folder", fault.Field("folder", "expected once"))
	}
	kind := r.Header.Get("Content-Type")
	if kind == "" {
		kind = "application/octet-stream"
	}
	media, _, err := mime.ParseMediaType(kind)
	if err != nil || strings.HasPrefix(media, "multipart/") {
		return nil, fault.Invalid(faultv1.Reason_REASON_UNSUPPORTED_MEDIA_TYPE, "send the file itself as the body, with its own content type")
	}
	if enc := r.Header.Get("Content-Encoding"); enc != "" && !strings.EqualFold(enc, "identity") {
		return nil, fault.Invalid(faultv1.Reason_REASON_UNSUPPORTED_MEDIA_TYPE, "the body must not be compressed")
	}
	return &storagev1.UploadHeader{Name: query.Get("name"), Folder: query.Get("folder"), ContentType: kind, Size: max(r.ContentLength, 0)}, nil
}

// sendBody sends what arrives. It returns io.EOF when storage wants no more.
func (e *Edge) sendBody(w http.ResponseWriter, r *http.Request, send func(chunk []byte) error) error {
	rc := http.NewResponseController(w)
	for {
		_ = rc.SetReadDeadline(time.Now().Add(e.cfg.BodyTimeout)) // every connection that we serve can
		chunk, err := fill(r.Body, chunkSize)
		if len(chunk) > 0 {
			if err := send(chunk); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) { // a body that was cut ends with another error
			_ = rc.SetReadDeadline(time.Time{})
			return nil
		}
		if err != nil {
			return fault.Invalid(faultv1.Reason_REASON_FILE_INCOMPLETE, "the file did not arrive in full", fault.Cause(err))
		}
	}
}

// fill reads up to n bytes, and returns the reader's own error; io.ReadFull would make the good and the bad end look alike.
func fill(r io.Reader, n int) ([]byte, error) {
	buf, got := make([]byte, n), 0
	for got < n {
		m, err := r.Read(buf[got:])
		got += m
		if err != nil {
			return buf[:got], err
		}
	}
	return buf, nil
}

// download sends a file or one range of it. Whatever it is, browsers store it and never show it as a page of ours.
func (e *Edge) download(w http.ResponseWriter, r *http.Request, params map[string]string) {
	if err := refuseQuery(r); err != nil {
		e.writeFault(w, r, err)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	id, h := params["file"], r.Header
	s := stateFrom(r.Context())
	head := s != nil && s.head
	part := byteRange{}
	if head || h.Get("Range") != "" || h.Get("If-None-Match") != "" {
		file, err := e.files().GetFile(ctx, &storagev1.GetFileRequest{File: id})
		if err != nil {
			e.writeFault(w, r, err)
			return
		}
		if matches(h.Get("If-None-Match"), etag(file)) {
			w.Header().Set("ETag", etag(file))
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if condition := h.Get("If-Range"); condition == "" || condition == etag(file) {
			if part, err = parseRange(h.Get("Range"), file.GetSize()); err != nil {
				w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", file.GetSize()))
				e.writeFault(w, r, err)
				return
			}
		}
		if head {
			fileHeaders(w, file, part)
			return
		}
	}
	stream, err := e.files().DownloadFile(ctx, &storagev1.DownloadFileRequest{File: id, Offset: part.offset, Limit: part.length})
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	first, err := stream.Recv()
	if err == nil && first.GetFile() == nil {
		err = errors.New("download file: storage sent no description")
	}
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	fileHeaders(w, first.GetFile(), part)
	e.sendFile(w, r, first.GetChunk(), stream)
}

// thumbnail sends a small picture of a file.
func (e *Edge) thumbnail(w http.ResponseWriter, r *http.Request, params map[string]string) {
	query := r.URL.Query()
	size, err := strconv.ParseInt(query.Get("size"), 10, 32)
	for _, name := range sortedKeys(query) {
		if name != "size" {
			e.writeFault(w, r, fault.Invalid(faultv1.Reason_REASON_UNKNOWN_FIELD, "some parameters are not known", fault.Field(clipName(name), unknownParameter)))
			return
		}
	}
	if err != nil || len(query["size"]) != 1 {
		e.writeFault(w, r, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the thumbnail needs a size", fault.Field("size", "expected once, with a number of pixels")))
		return
	}
	got, err := e.files().GetThumbnail(r.Context(), &storagev1.GetThumbnailRequest{File: params["file"], Size: int32(size)})
	if err != nil {
		e.writeFault(w, r, err)
		return
	}
	h, tag := w.Header(), fmt.Sprintf(`"%s-%d"`, got.GetSha256(), size)
	h.Set("ETag", tag)
	h.Set("Cache-Control", "private, no-cache")
	if matches(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", got.GetContentType())
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	h.Set("Content-Length", strconv.Itoa(len(got.GetContent())))
	_, _ = w.Write(got.GetContent()) // the caller has gone
}

// sendFile writes chunks as they come. A file that breaks off breaks the connection, as the length promised more.
func (e *Edge) sendFile(w http.ResponseWriter, r *http.Request, chunk []byte, stream storagev1.Files_DownloadFileClient) {
	rc := http.NewResponseController(w)
	for {
		_ = rc.SetWriteDeadline(time.Now().Add(e.cfg.BodyTimeout))
		if _, err := w.Write(chunk); err != nil {
			return // the caller has gone
		}
		next, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			e.log.WarnContext(r.Context(), "download broke off", "error", err)
			panic(http.ErrAbortHandler)
		}
		chunk = next.GetChunk()
	}
}

func refuseQuery(r *http.Request) error {
	var opts []fault.Option
	for _, name := range sortedKeys(r.URL.Query()) {
		opts = append(opts, fault.Field(clipName(name), unknownParameter))
	}
	if len(opts) == 0 {
		return nil
	}
	return fault.Invalid(faultv1.Reason_REASON_UNKNOWN_FIELD, "some parameters are not known", opts...)
}
