package rpc

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// Files serves aqtra.storage.v1.Files.
type Files struct {
	storagev1.UnimplementedFilesServer

	files    *files.Store
	records  store.Files
	releases engine.Releases
}

// NewFiles serves a store of files. The releases tell which entries may refer to a file.
func NewFiles(f *files.Store, records store.Files, releases engine.Releases) *Files {
	return &Files{files: f, records: records, releases: releases}
}

// place finds the caller and where the files of its tenant are.
func (s *Files) place(ctx context.Context) (principal.Principal, engine.Place, files.Place, error) {
	p, ok := principal.From(ctx)
	if !ok || p.Tenant == "" {
		return p, engine.Place{}, files.Place{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "nobody is signed in")
	}
	place, err := s.records.Place(ctx, p.Tenant)
	if err != nil {
		return p, engine.Place{}, files.Place{}, err
	}
	return p, place, files.Place{Tenant: p.Tenant, Folder: place.Schema, Key: place.Key.Files()}, nil
}

// UploadFile implements the service.
func (s *Files) UploadFile(stream storagev1.Files_UploadFileServer) error {
	ctx := stream.Context()
	p, _, place, err := s.place(ctx)
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	h := first.GetHeader()
	if h == nil {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the upload must begin with its header", fault.Field("header", "expected first"))
	}
	f, err := s.files.Put(ctx, place, p.Subject, files.Header{Name: h.GetName(), ContentType: h.GetContentType(), Size: h.GetSize()}, func() ([]byte, error) {
		m, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		if m.GetHeader() != nil {
			return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the upload has a second header", fault.Field("header", "expected only once"))
		}
		return m.GetChunk(), nil
	})
	if err != nil {
		return err
	}
	return stream.SendAndClose(fileToProto(f))
}

// DownloadFile implements the service.
func (s *Files) DownloadFile(r *storagev1.DownloadFileRequest, stream storagev1.Files_DownloadFileServer) error {
	ctx := stream.Context()
	_, _, place, err := s.place(ctx)
	if err != nil {
		return err
	}
	begin := func(f files.File) error { return stream.Send(&storagev1.DownloadFileResponse{File: fileToProto(f)}) }
	emit := func(chunk []byte) error { return stream.Send(&storagev1.DownloadFileResponse{Chunk: chunk}) }
	return s.files.Get(ctx, place, r.GetFile(), r.GetOffset(), r.GetLimit(), begin, emit)
}

// GetFile implements the service.
func (s *Files) GetFile(ctx context.Context, r *storagev1.GetFileRequest) (*storagev1.File, error) {
	p, _, _, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.records.Get(ctx, p.Tenant, r.GetFile())
	if err != nil {
		return nil, err
	}
	return fileToProto(f), nil
}

// ListFiles implements the service.
func (s *Files) ListFiles(ctx context.Context, r *storagev1.ListFilesRequest) (*storagev1.ListFilesResponse, error) {
	p, _, _, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	size, err := engine.PageSize(int(r.GetPageSize()))
	if err != nil {
		return nil, err
	}
	before, beforeID := time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC), ""
	if r.GetPageToken() != "" {
		if before, beforeID, err = readFileToken(r.GetPageToken()); err != nil {
			return nil, err
		}
	}
	list, err := s.records.List(ctx, p.Tenant, before, beforeID, size+1)
	if err != nil {
		return nil, err
	}
	out := &storagev1.ListFilesResponse{}
	if len(list) > size {
		list = list[:size]
		last := list[size-1]
		out.NextPageToken = base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(last.CreateTime.UnixMicro(), 10) + " " + last.ID))
	}
	for _, f := range list {
		out.Files = append(out.Files, fileToProto(f))
	}
	return out, nil
}

// readFileToken reads a place in the list of files. It shows nothing of another tenant, so it needs no binding.
func readFileToken(token string) (time.Time, string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	micros, id, ok := strings.Cut(string(raw), " ")
	n, nerr := strconv.ParseInt(micros, 10, 64)
	const year9999 = 253_370_764_800_000_000
	if err != nil || !ok || nerr != nil || len(id) > 100 || n < 0 || n > year9999 || strings.ContainsRune(strings.ToValidUTF8(id, "\x00"), 0) {
		return time.Time{}, "", fault.Invalid(faultv1.Reason_REASON_PAGE_TOKEN_INVALID, "the page token belongs to another request",
			fault.Field("page_token", "start again without it"))
	}
	return time.UnixMicro(n).UTC(), id, nil
}

// DeleteFile implements the service.
func (s *Files) DeleteFile(ctx context.Context, r *storagev1.DeleteFileRequest) (*emptypb.Empty, error) {
	p, at, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	var references []query.Statement
	if p.Release != "" {
		release, err := s.releases.Release(ctx, p.Tenant, p.Release)
		if err != nil {
			return nil, err
		}
		references = query.Scope{Schema: at.Schema, Release: release}.RefersToFile(r.GetFile())
	}
	if err := s.records.Delete(ctx, at, r.GetFile(), references); err != nil {
		return nil, err
	}
	s.files.Remove(ctx, place, r.GetFile())
	return &emptypb.Empty{}, nil
}
