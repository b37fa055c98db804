package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store/db"
)

var _ engine.Previews = (*Store)(nil)

// AddPreview implements engine.Previews.
func (s *Store) AddPreview(ctx context.Context, tenant string, p engine.Preview, members []engine.Member) error {
	return s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := insertRelease(ctx, q, tenant, p.ID, p.CreateTime, members); err != nil {
			return err
		}
		return q.InsertPreview(ctx, db.InsertPreviewParams{TenantID: tenant, ReleaseID: p.ID, Subject: p.Subject, CreateTime: p.CreateTime, ExpireTime: p.ExpireTime})
	})
}

// Preview implements engine.Previews.
func (s *Store) Preview(ctx context.Context, tenant, id string) (engine.Preview, error) {
	row, err := one(s.tenant(tenant).GetPreview(ctx, db.GetPreviewParams{TenantID: tenant, ReleaseID: id}))
	return engine.Preview{ID: id, Subject: row.Subject, ExpireTime: row.ExpireTime}, err
}

// PreviewsOf implements engine.Previews.
func (s *Store) PreviewsOf(ctx context.Context, tenant, subject string) ([]string, error) {
	rows, err := s.tenant(tenant).PreviewsOf(ctx, db.PreviewsOfParams{TenantID: tenant, Subject: subject})
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ReleaseID
	}
	return ids, err
}

// CountPreviews implements engine.Previews.
func (s *Store) CountPreviews(ctx context.Context, tenant string) (int64, error) {
	return s.tenant(tenant).CountPreviews(ctx, tenant)
}

// ExpiredPreviews implements engine.Previews.
func (s *Store) ExpiredPreviews(ctx context.Context, now time.Time) ([]engine.TenantPreview, error) {
	rows, err := s.system().ExpiredPreviews(ctx, now)
	out := make([]engine.TenantPreview, len(rows))
	for i, r := range rows {
		out[i] = engine.TenantPreview{Tenant: r.TenantID, ID: r.ReleaseID}
	}
	return out, err
}

// RemovePreview implements engine.Previews.
func (s *Store) RemovePreview(ctx context.Context, tenant, id string) error {
	return s.tenant(tenant).DeleteCandidate(ctx, db.DeleteCandidateParams{TenantID: tenant, ID: id})
}
