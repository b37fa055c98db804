// Package store keeps the component library in Postgres, schema "library".
package store

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/postgres"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store/db"
)

// Schema is the name of the service's Postgres schema.
const Schema = "library"

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the files for postgres.Migrate.
func Migrations() embed.FS { return migrations }

// Store is the Postgres store.
type Store struct{ db *postgres.DB }

var (
	_ engine.Components   = (*Store)(nil)
	_ engine.Index        = (*Store)(nil)
	_ engine.Releases     = (*Store)(nil)
	_ engine.Publications = (*Store)(nil)
	_ engine.Leases       = (*Store)(nil)
)

// New makes a store on a database that is migrated.
func New(d *postgres.DB) *Store { return &Store{db: d} }

func (s *Store) tenant(tenant string) *db.Queries { return db.New(postgres.Reach(s.db.Tenant(tenant))) }
func (s *Store) system() *db.Queries              { return db.New(postgres.Reach(s.db.System())) }

func (s *Store) tx(ctx context.Context, tenant string, fn func(pgx.Tx) error) error {
	return postgres.Away(s.db.TenantTx(ctx, tenant, fn))
}

// one turns "no rows" into the engine's word for it.
func one[T any](v T, err error) (T, error) {
	if errors.Is(err, pgx.ErrNoRows) {
		return v, engine.ErrNotFound
	}
	return v, err
}

// Heads implements engine.Components.
func (s *Store) Heads(ctx context.Context, tenant string) ([]engine.Head, error) {
	rows, err := s.tenant(tenant).ListHeads(ctx, tenant)
	if err != nil {
		return nil, err
	}
	out := make([]engine.Head, len(rows))
	for i, r := range rows {
		out[i] = engine.Head{Key: engine.Key{UID: r.Uid, Revision: r.Revision}, Component: r.ComponentID}
	}
	return out, nil
}

// Page implements engine.Components.
func (s *Store) Page(ctx context.Context, tenant, after string, n int) ([]engine.Revision, error) {
	rows, err := s.tenant(tenant).PageHeads(ctx, db.PageHeadsParams{TenantID: tenant, After: after, PageSize: int32(n)})
	if err != nil {
		return nil, err
	}
	out := make([]engine.Revision, len(rows))
	for i, r := range rows {
		out[i] = engine.Revision{
			UID: r.Uid, Component: r.ComponentID, Number: r.Revision, Digest: r.Digest, Subject: r.Subject,
			CreateTime: r.CreateTime, Time: r.UpdateTime, Published: r.PublishedRevision, Header: r.Header,
		}
	}
	return out, nil
}

// Revision implements engine.Components.
func (s *Store) Revision(ctx context.Context, tenant, component string, number int64) (engine.Revision, error) {
	r, err := one(s.tenant(tenant).GetRevision(ctx, db.GetRevisionParams{TenantID: tenant, ComponentID: component, Revision: number}))
	if err != nil {
		return engine.Revision{}, err
	}
	return engine.Revision{
		UID: r.Uid, Component: r.ComponentID, Number: r.Revision, Format: r.Format, Content: r.Content, Digest: r.Digest,
		Subject: r.Subject, CreateTime: r.CreateTime, Time: r.UpdateTime, Published: r.PublishedRevision,
	}, nil
}

// Contents implements engine.Components.
func (s *Store) Contents(ctx context.Context, tenant string, keys []engine.Key) (map[engine.Key]engine.Content, error) {
	p := db.GetContentsParams{TenantID: tenant, Uids: make([]string, len(keys)), Revisions: make([]int64, len(keys))}
	for i, k := range keys {
		p.Uids[i], p.Revisions[i] = k.UID, k.Revision
	}
	rows, err := s.tenant(tenant).GetContents(ctx, p)
	if err != nil {
		return nil, err
	}
	out := make(map[engine.Key]engine.Content, len(rows))
	for _, r := range rows {
		out[engine.Key{UID: r.Uid, Revision: r.Revision}] = engine.Content{Format: r.Format, Bytes: r.Content}
	}
	return out, nil
}

// History implements engine.Components.
func (s *Store) History(ctx context.Context, tenant, component string, before int64, n int) ([]*libraryv1.Revision, error) {
	q := s.tenant(tenant)
	uid, err := one(q.GetUID(ctx, db.GetUIDParams{TenantID: tenant, ComponentID: component}))
	if err != nil {
		return nil, err
	}
	rows, err := q.PageRevisions(ctx, db.PageRevisionsParams{TenantID: tenant, Uid: uid, Before: before, PageSize: int32(n)})
	if err != nil {
		return nil, err
	}
	out := make([]*libraryv1.Revision, len(rows))
	for i, r := range rows {
		out[i] = &libraryv1.Revision{Revision: r.Revision, CreateTime: timestamppb.New(r.CreateTime), Subject: r.Subject, Summary: r.Summary}
	}
	return out, nil
}

// Create implements engine.Components.
func (s *Store) Create(ctx context.Context, tenant string, v engine.Save) error {
	err := s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockTenant(ctx, tenant); err != nil {
			return err
		}
		if err := q.InsertComponent(ctx, db.InsertComponentParams{
			TenantID: tenant, Uid: v.UID, ComponentID: v.Component, Header: v.Header, Size: int64(len(v.Content)), Now: v.Time,
		}); err != nil {
			return err
		}
		return keep(ctx, q, tenant, 1, v)
	})
	if _, taken := postgres.IsUnique(err); taken {
		return engine.ErrExists
	}
	return err
}

// Save implements engine.Components.
func (s *Store) Save(ctx context.Context, tenant string, base int64, v engine.Save) error {
	return s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockTenant(ctx, tenant); err != nil {
			return err
		}
		return advance(ctx, q, tenant, base, v)
	})
}

// SaveAll implements engine.Components.
func (s *Store) SaveAll(ctx context.Context, tenant string, newest []engine.Key, saves []engine.BasedSave) error {
	return s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if err := q.LockTenant(ctx, tenant); err != nil {
			return err
		}
		heads, err := q.ListHeads(ctx, tenant)
		if err != nil {
			return err
		}
		known := make(map[engine.Key]bool, len(newest))
		for _, k := range newest {
			known[k] = true
		}
		for _, h := range heads {
			if !known[engine.Key{UID: h.Uid, Revision: h.Revision}] {
				return engine.ErrStale
			}
		}
		if len(heads) != len(known) {
			return engine.ErrStale
		}
		for _, v := range saves {
			if err := advance(ctx, q, tenant, v.Base, v.Save); err != nil {
				return err
			}
		}
		return nil
	})
}

// advance keeps the revision after base. The caller holds the tenant's lock.
func advance(ctx context.Context, q *db.Queries, tenant string, base int64, v engine.Save) error {
	n, err := q.AdvanceComponent(ctx, db.AdvanceComponentParams{
		TenantID: tenant, Uid: v.UID, Base: base, Header: v.Header, Size: int64(len(v.Content)), Now: v.Time,
	})
	if err != nil {
		return err
	}
	if n == 0 {
		return engine.ErrStale
	}
	return keep(ctx, q, tenant, base+1, v)
}

// keep inserts a revision when the tenant's definitions stay within their bounds. The caller holds the tenant's lock, so that
// two saves at once cannot both just fit.
func keep(ctx context.Context, q *db.Queries, tenant string, revision int64, v engine.Save) error {
	sum, err := q.SumHeads(ctx, tenant)
	if err != nil {
		return err
	}
	if sum.Components > engine.MaxComponents || sum.Bytes > engine.MaxTenantBytes {
		return engine.ErrQuota
	}
	return q.InsertRevision(ctx, db.InsertRevisionParams{
		TenantID: tenant, Uid: v.UID, Revision: revision, Format: engine.Format, Content: v.Content, Digest: v.Digest,
		Subject: v.Subject, Summary: v.Summary, Now: v.Time,
	})
}

// Delete implements engine.Components.
func (s *Store) Delete(ctx context.Context, tenant, uid string, base int64, now time.Time) error {
	return s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		// A publication that has not flipped may bring the component live: its candidate counts as live.
		candidate, err := q.IsInCandidate(ctx, db.IsInCandidateParams{TenantID: tenant, Uid: uid})
		if err != nil {
			return err
		}
		if candidate {
			return engine.ErrLive
		}
		n, err := q.DeleteComponent(ctx, db.DeleteComponentParams{TenantID: tenant, Uid: uid, Base: base, Now: &now})
		if err != nil {
			return err
		}
		if n == 0 {
			return engine.ErrStale
		}
		return q.DeleteLooseRevisions(ctx, db.DeleteLooseRevisionsParams{TenantID: tenant, Uid: uid})
	})
}

// Unindexed implements engine.Index.
func (s *Store) Unindexed(ctx context.Context, tenant string, universe []byte) ([]string, error) {
	return s.tenant(tenant).ListUnindexed(ctx, db.ListUnindexedParams{TenantID: tenant, Universe: universe})
}
