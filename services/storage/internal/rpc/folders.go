package rpc

import (
	"context"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/files"
)

// UpdateFile implements the service.
func (s *Files) UpdateFile(ctx context.Context, r *storagev1.UpdateFileRequest) (*storagev1.File, error) {
	p, _, _, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	if r.Name == nil && r.Folder == nil {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "nothing changes", fault.Field("name", "expected a name or a folder"))
	}
	if r.Name != nil {
		if err := files.CheckName("name", r.GetName()); err != nil {
			return nil, err
		}
	}
	if err := files.CheckFolder("folder", r.GetFolder()); err != nil {
		return nil, err
	}
	f, err := s.records.Update(ctx, p.Tenant, r.GetFile(), r.Name, r.Folder)
	if err != nil {
		return nil, err
	}
	return fileToProto(f), nil
}

// ListFolders implements the service.
func (s *Files) ListFolders(ctx context.Context, r *storagev1.ListFoldersRequest) (*storagev1.ListFoldersResponse, error) {
	p, _, _, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	if err := files.CheckFolder("parent", r.GetParent()); err != nil {
		return nil, err
	}
	found, err := s.records.Folders(ctx, p.Tenant, r.GetParent())
	if err != nil {
		return nil, err
	}
	resp := &storagev1.ListFoldersResponse{}
	for _, f := range found {
		resp.Folders = append(resp.Folders, &storagev1.Folder{Path: f.Path, Files: f.Files})
	}
	return resp, nil
}

// MoveFolder implements the service.
func (s *Files) MoveFolder(ctx context.Context, r *storagev1.MoveFolderRequest) (*storagev1.MoveFolderResponse, error) {
	p, _, _, err := s.place(ctx)
	if err != nil {
		return nil, err
	}
	if r.GetFrom() == "" {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "no folder is named", fault.Field("from", "is required"))
	}
	for field, path := range map[string]string{"from": r.GetFrom(), "to": r.GetTo()} {
		if err := files.CheckFolder(field, path); err != nil {
			return nil, err
		}
	}
	if strings.HasPrefix(r.GetTo()+"/", r.GetFrom()+"/") {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "a folder cannot go into itself", fault.Field("to", "must not be the folder or below it"))
	}
	moved, err := s.records.MoveFolder(ctx, p.Tenant, r.GetFrom(), r.GetTo())
	if err != nil {
		return nil, err
	}
	if moved == 0 {
		return nil, fault.NotFound(faultv1.Reason_REASON_FILE_NOT_FOUND, "there is no such folder, or no file is in it")
	}
	return &storagev1.MoveFolderResponse{Files: moved}, nil
}
