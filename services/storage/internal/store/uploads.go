package store

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/files"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// Begin implements files.Uploads.
func (f Files) Begin(ctx context.Context, tenant string, u files.Upload, quota, most int64) (used int64, fits bool, err error) {
	err = f.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockQuota(ctx, tenant); err != nil {
			return err
		}
		if used, err = q.BytesOfFiles(ctx, tenant); err != nil {
			return err
		}
		open, err := q.CountUploads(ctx, tenant)
		if err != nil {
			return err
		}
		if fits = used+u.Size <= quota; !fits {
			return nil
		}
		if open >= most {
			return fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED, "too many uploads are not finished; finish or give up some")
		}
		return q.InsertUpload(ctx, db.InsertUploadParams{
			TenantID: tenant, ID: u.ID, Name: u.Name, ContentType: u.ContentType, Size: u.Size, PartSize: u.PartSize, Digest: u.Digest,
			Subject: u.Subject, CreateTime: u.CreateTime, Folder: u.Folder,
		})
	})
	return used, fits, wrap("begin upload", classify(err))
}

// Upload implements files.Uploads.
func (f Files) Upload(ctx context.Context, tenant, subject, id string, after time.Time) (files.Upload, error) {
	r, err := db.New(f.db.Tenant(tenant)).UploadByID(ctx, db.UploadByIDParams{TenantID: tenant, ID: id, Subject: subject, After: after})
	if errors.Is(err, pgx.ErrNoRows) {
		return files.Upload{}, fault.NotFound(faultv1.Reason_REASON_FILE_NOT_FOUND, "there is no such upload, or it is older than a day")
	}
	return files.Upload{
		ID: r.ID, Name: r.Name, ContentType: r.ContentType, Size: r.Size, Received: r.Received, PartSize: r.PartSize, Digest: r.Digest,
		Subject: r.Subject, CreateTime: r.CreateTime, Folder: r.Folder,
	}, wrap("read upload", classify(err))
}

// Advance implements files.Uploads.
func (f Files) Advance(ctx context.Context, tenant string, u files.Upload, was int64) (bool, error) {
	n, err := db.New(f.db.Tenant(tenant)).AdvanceUpload(ctx, db.AdvanceUploadParams{
		TenantID: tenant, ID: u.ID, Received: u.Received, Digest: u.Digest, ContentType: u.ContentType, Was: was,
	})
	return n == 1, wrap("advance upload", classify(err))
}

// Finish implements files.Uploads.
func (f Files) Finish(ctx context.Context, tenant string, file files.File) (bool, error) {
	done := false
	err := f.db.TenantTx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		n, err := q.TakeUpload(ctx, db.TakeUploadParams{TenantID: tenant, ID: file.ID})
		if done = n == 1; err != nil || !done {
			return err
		}
		return q.InsertFile(ctx, db.InsertFileParams{
			TenantID: tenant, ID: file.ID, Name: file.Name, ContentType: file.ContentType, Size: file.Size, Sha256: file.SHA256,
			CreatorSubject: file.CreatorSubject, CreateTime: file.CreateTime, PartSize: file.PartSize, Folder: file.Folder,
		})
	})
	return done, wrap("record file", classify(err))
}

// GiveUp implements files.Uploads.
func (f Files) GiveUp(ctx context.Context, tenant, id string) error {
	_, err := db.New(f.db.Tenant(tenant)).TakeUpload(ctx, db.TakeUploadParams{TenantID: tenant, ID: id})
	return wrap("give up upload", classify(err))
}

// ExpireUploads forgets uploads that were begun before a time. What has arrived of them is swept.
func (s *Store) ExpireUploads(ctx context.Context, before time.Time) (int64, error) {
	n, err := db.New(s.db.System()).ExpireUploads(ctx, before)
	return n, wrap("expire uploads", classify(err))
}
