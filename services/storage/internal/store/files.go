package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// Files is the part of the store that knows about files.
type Files struct{ *Store }

var _ files.Records = Files{}

// Insert implements files.Records.
func (f Files) Insert(ctx context.Context, tenant string, file files.File, quota int64) (used int64, fits bool, err error) {
	err = f.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockQuota(ctx, tenant); err != nil { // two that both fit alone may not fit together
			return err
		}
		if used, err = q.BytesOfFiles(ctx, tenant); err != nil {
			return err
		}
		if fits = used+file.Size <= quota; !fits {
			return nil
		}
		return q.InsertFile(ctx, db.InsertFileParams{
			TenantID: tenant, ID: file.ID, Name: file.Name, ContentType: file.ContentType, Size: file.Size, Sha256: file.SHA256,
			CreatorSubject: file.CreatorSubject, CreateTime: file.CreateTime, PartSize: file.PartSize, Folder: file.Folder,
		})
	})
	return used, fits, wrap("record file", classify(err))
}

// Used implements files.Records.
func (f Files) Used(ctx context.Context, tenant string) (int64, error) {
	used, err := db.New(f.db.Tenant(tenant)).BytesOfFiles(ctx, tenant)
	return used, wrap("sum files", classify(err))
}

// Get implements files.Records.
func (f Files) Get(ctx context.Context, tenant, id string) (files.File, error) {
	row, err := db.New(f.db.Tenant(tenant)).FileByID(ctx, db.FileByIDParams{TenantID: tenant, ID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return files.File{}, noFile()
	}
	if err != nil {
		return files.File{}, wrap("read file", classify(err))
	}
	return fileOf(row), nil
}

func fileOf(r db.StorageFile) files.File {
	return files.File{ID: r.ID, Name: r.Name, ContentType: r.ContentType, Size: r.Size, SHA256: r.Sha256,
		CreatorSubject: r.CreatorSubject, CreateTime: r.CreateTime, PartSize: r.PartSize, Folder: r.Folder}
}

func noFile() error {
	return fault.NotFound(faultv1.Reason_REASON_FILE_NOT_FOUND, "there is no such file")
}

// Known implements files.Records.
func (f Files) Known(ctx context.Context, tenant string, ids []string) (map[string]bool, error) {
	found, err := db.New(f.db.Tenant(tenant)).KnownFiles(ctx, db.KnownFilesParams{TenantID: tenant, Ids: ids})
	if err != nil {
		return nil, wrap("look for files", classify(err))
	}
	known := make(map[string]bool, len(found))
	for _, id := range found {
		known[id] = true
	}
	return known, nil
}

// List returns files older than a place in the order, newest first: of one folder, or of all for nil.
func (f Files) List(ctx context.Context, tenant string, folder *string, before time.Time, beforeID string, limit int) ([]files.File, error) {
	var rows []db.StorageFile
	var err error
	q := db.New(f.db.Tenant(tenant))
	if folder == nil {
		rows, err = q.ListFiles(ctx, db.ListFilesParams{TenantID: tenant, BeforeTime: before, BeforeID: beforeID, PageSize: int32(limit)})
	} else {
		rows, err = q.ListFolderFiles(ctx, db.ListFolderFilesParams{
			TenantID: tenant, Folder: *folder, BeforeTime: before, BeforeID: beforeID, PageSize: int32(limit),
		})
	}
	if err != nil {
		return nil, wrap("list files", classify(err))
	}
	list := make([]files.File, len(rows))
	for i, r := range rows {
		list[i] = fileOf(r)
	}
	return list, nil
}

// Delete removes the record of a file unless one of the statements, which look for entries that refer to it, finds a row.
// The record is locked before the look: a reference made at the same time waits, and then finds no file.
func (f Files) Delete(ctx context.Context, p engine.Place, id string, references []query.Statement) error {
	return classify(f.db.TenantTx(ctx, p.Tenant, func(pgtx pgx.Tx) error {
		t := &tx{tx: pgtx, place: p, q: db.New(pgtx)}
		_, err := t.q.LockFile(ctx, db.LockFileParams{TenantID: p.Tenant, ID: id})
		if errors.Is(err, pgx.ErrNoRows) {
			return noFile()
		}
		if err != nil {
			return fmt.Errorf("lock file: %w", err)
		}
		found, err := t.Exec(ctx, references)
		if err != nil {
			return err
		}
		for _, n := range found {
			if n > 0 {
				return fault.FailedPrecondition(faultv1.Reason_REASON_ENTRY_REFERENCED, "an entry refers to the file")
			}
		}
		_, err = t.q.DeleteFile(ctx, db.DeleteFileParams{TenantID: p.Tenant, ID: id})
		return wrap("delete file", err)
	}))
}
