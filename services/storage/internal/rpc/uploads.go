package rpc

import (
	"context"
	"errors"
	"io"

	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/files"
)

// CreateUpload implements the service.
func (s *Files) CreateUpload(ctx context.Context, r *storagev1.CreateUploadRequest) (*storagev1.Upload, error) {
	p, _, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	u, err := s.files.Begin(ctx, place, p.Subject, files.Header{Name: r.GetName(), ContentType: r.GetContentType(), Size: r.GetSize(), Folder: r.GetFolder()})
	return uploadToProto(u, err)
}

// GetUpload implements the service.
func (s *Files) GetUpload(ctx context.Context, r *storagev1.GetUploadRequest) (*storagev1.Upload, error) {
	p, _, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	u, err := s.files.Upload(ctx, place, p.Subject, r.GetUpload())
	return uploadToProto(u, err)
}

// UploadPart implements the service.
func (s *Files) UploadPart(stream storagev1.Files_UploadPartServer) error {
	ctx := stream.Context()
	p, _, place, err := s.place(ctx)
	if err != nil {
		return err
	}
	first, err := stream.Recv()
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	at := first.GetPlace()
	if at == nil {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the part must begin with its place", fault.Field("place", "expected first"))
	}
	u, err := s.files.Part(ctx, place, p.Subject, at.GetUpload(), at.GetOffset(), func() ([]byte, error) {
		m, err := stream.Recv()
		if err != nil {
			return nil, err
		}
		if m.GetPlace() != nil {
			return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the part has a second place", fault.Field("place", "expected only once"))
		}
		return m.GetChunk(), nil
	})
	out, err := uploadToProto(u, err)
	if err != nil {
		return err
	}
	return stream.SendAndClose(out)
}

// FinishUpload implements the service.
func (s *Files) FinishUpload(ctx context.Context, r *storagev1.FinishUploadRequest) (*storagev1.File, error) {
	p, _, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	f, err := s.files.Finish(ctx, place, p.Subject, r.GetUpload())
	if err != nil {
		return nil, err
	}
	return fileToProto(f), nil
}

// DeleteUpload implements the service.
func (s *Files) DeleteUpload(ctx context.Context, r *storagev1.DeleteUploadRequest) (*emptypb.Empty, error) {
	p, _, place, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.files.GiveUp(ctx, place, p.Subject, r.GetUpload())
}

func uploadToProto(u files.Upload, err error) (*storagev1.Upload, error) {
	if err != nil {
		return nil, err
	}
	return &storagev1.Upload{
		Id: u.ID, Name: u.Name, ContentType: u.ContentType, Size: u.Size, Received: u.Received, PartSize: u.PartSize,
		ExpireTime: timestamppb.New(u.CreateTime.Add(files.UploadLife)),
	}, nil
}
