package rpc

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
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
	p, err := principal.Caller(ctx)
	if err != nil {
		return p, engine.Place{}, files.Place{}, err
	}
	place, err := s.records.Home(ctx, p.Tenant)
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
	f, err := s.files.Put(ctx, place, p.Subject, files.Header{Name: h.GetName(), ContentType: h.GetContentType(), Size: h.GetSize(), Folder: h.GetFolder()}, func() ([]byte, error) {
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

// GetThumbnail implements the service.
func (s *Files) GetThumbnail(ctx context.Context, r *storagev1.GetThumbnailRequest) (*storagev1.Thumbnail, error) {
	_, _, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	content, f, err := s.files.Thumbnail(ctx, place, r.GetFile(), int(r.GetSize()))
	if err != nil {
		return nil, err
	}
	return &storagev1.Thumbnail{Content: content, ContentType: http.DetectContentType(content), Sha256: f.SHA256}, nil
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
	size, err := paging.Size(r.GetPageSize(), engine.MaxPage)
	if err != nil {
		return nil, err
	}
	var folder *string
	if r.GetFolder() != "" {
		path := r.GetFolder()
		if path == "/" {
			path = ""
		}
		if err := files.CheckFolder("folder", path); err != nil {
			return nil, err
		}
		folder = &path
	}
	pages := paging.Of(p.Tenant, "files", r.GetFolder())
	before, err := pages.Moment(r.GetPageToken())
	if err != nil {
		return nil, err
	}
	if r.GetPageToken() == "" {
		before.Time = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	list, err := s.records.List(ctx, p.Tenant, folder, before.Time, before.ID, size+1)
	if err != nil {
		return nil, err
	}
	out := &storagev1.ListFilesResponse{}
	if len(list) > size {
		list = list[:size]
		out.NextPageToken = pages.MomentToken(paging.Moment{Time: list[size-1].CreateTime, ID: list[size-1].ID})
	}
	for _, f := range list {
		out.Files = append(out.Files, fileToProto(f))
	}
	return out, nil
}

// DeleteFile implements the service.
func (s *Files) DeleteFile(ctx context.Context, r *storagev1.DeleteFileRequest) (*emptypb.Empty, error) {
	p, at, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	var references []query.Statement
	if p.Release != "" {
		release, err := s.releases.Get(ctx, p.Tenant, p.Release)
		if err != nil {
			return nil, err
		}
		references = query.Scope{Schema: at.Schema, Release: release}.RefersToFile(r.GetFile())
	}
	f, err := s.records.Get(ctx, p.Tenant, r.GetFile())
	if err != nil {
		return nil, err
	}
	if err := s.records.Delete(ctx, at, r.GetFile(), references); err != nil {
		return nil, err
	}
	s.files.Remove(ctx, place, f)
	return &emptypb.Empty{}, nil
}
