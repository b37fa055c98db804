package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/postgres"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store/db"
)

// Pointer implements engine.Releases.
func (s *Store) Pointer(ctx context.Context, tenant string) (string, error) {
	id, err := s.tenant(tenant).GetPointer(ctx, tenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// Release implements engine.Releases.
func (s *Store) Release(ctx context.Context, tenant, id string) (engine.Release, error) {
	q := s.tenant(tenant)
	r, err := one(q.GetRelease(ctx, db.GetReleaseParams{TenantID: tenant, ID: id}))
	if err != nil {
		return engine.Release{}, err
	}
	rows, err := q.ListReleaseComponents(ctx, db.ListReleaseComponentsParams{TenantID: tenant, ReleaseID: id})
	if err != nil {
		return engine.Release{}, err
	}
	out := engine.Release{ID: r.ID, CreateTime: r.CreateTime, LiveTime: r.LiveTime, Members: make([]engine.Member, len(rows))}
	for i, m := range rows {
		out.Members[i] = engine.Member{Key: engine.Key{UID: m.Uid, Revision: m.Revision}, Component: m.ComponentID}
	}
	return out, nil
}

// Releases implements engine.Releases.
func (s *Store) Releases(ctx context.Context, tenant string, after paging.Moment, n int) ([]engine.Release, error) {
	q := s.tenant(tenant)
	rows, err := q.PageReleases(ctx, db.PageReleasesParams{TenantID: tenant, BeforeID: after.ID, BeforeTime: after.Time, PageSize: int32(n)})
	if err != nil {
		return nil, err
	}
	out, ids, at := make([]engine.Release, len(rows)), make([]string, len(rows)), make(map[string]int, len(rows))
	for i, r := range rows {
		out[i] = engine.Release{ID: r.ID, CreateTime: r.CreateTime, LiveTime: r.LiveTime}
		ids[i], at[r.ID] = r.ID, i
	}
	members, err := q.ListComponentsOfReleases(ctx, db.ListComponentsOfReleasesParams{TenantID: tenant, ReleaseIds: ids})
	if err != nil {
		return nil, err
	}
	for _, m := range members {
		r := &out[at[m.ReleaseID]]
		r.Members = append(r.Members, engine.Member{Key: engine.Key{Revision: m.Revision}, Component: m.ComponentID})
	}
	return out, nil
}

// Begin implements engine.Publications.
func (s *Store) Begin(ctx context.Context, tenant string, p engine.NewPublication) error {
	plan, err := proto.Marshal(p.Plan)
	if err != nil {
		return fmt.Errorf("encode plan: %w", err)
	}
	err = s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		// First, because it waits for, or fails on, a publication that is being begun or finished at the same time.
		if err := q.InsertPublication(ctx, db.InsertPublicationParams{
			TenantID: tenant, ID: p.ID, Message: p.Message, ReleaseID: p.Release, BaseRelease: p.Base, Plan: plan,
			ConfirmLosses: append([]string{}, p.Confirmed...), Subject: p.Subject, RequestID: p.RequestID, RequestDigest: p.RequestDigest, Now: p.Time,
		}); err != nil {
			return err
		}
		live, err := q.GetPointer(ctx, tenant)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		if live != p.Base {
			return engine.ErrMoved
		}
		if p.Restore {
			return nil
		}
		return insertRelease(ctx, q, tenant, p.Release, p.Time, p.Members)
	})
	if constraint, ok := postgres.IsUnique(err); ok {
		if constraint == "publications_request" {
			return engine.ErrRequest
		}
		if constraint == "publications_active" {
			return engine.ErrActive
		}
	}
	if _, ok := postgres.IsForeignKey(err); ok {
		return engine.ErrMoved // a component was deleted after the plan was made
	}
	return err
}

func insertRelease(ctx context.Context, q *db.Queries, tenant, id string, now time.Time, members []engine.Member) error {
	if err := q.InsertRelease(ctx, db.InsertReleaseParams{TenantID: tenant, ID: id, Now: now}); err != nil {
		return err
	}
	m := db.InsertReleaseComponentsParams{TenantID: tenant, ReleaseID: id}
	for _, member := range members {
		m.ComponentIds = append(m.ComponentIds, member.Component)
		m.Uids = append(m.Uids, member.UID)
		m.Revisions = append(m.Revisions, member.Revision)
	}
	return q.InsertReleaseComponents(ctx, m)
}

// Publication implements engine.Publications.
func (s *Store) Publication(ctx context.Context, tenant, id string) (engine.Publication, error) {
	return publication(one(s.tenant(tenant).GetPublication(ctx, db.GetPublicationParams{TenantID: tenant, ID: id})))
}

// ByRequest implements engine.Publications.
func (s *Store) ByRequest(ctx context.Context, tenant, requestID string) (engine.Publication, error) {
	return publication(one(s.tenant(tenant).GetPublicationByRequest(ctx, db.GetPublicationByRequestParams{TenantID: tenant, RequestID: requestID})))
}

// Active implements engine.Publications.
func (s *Store) Active(ctx context.Context, tenant string) (string, error) {
	id, err := s.tenant(tenant).GetActivePublication(ctx, tenant)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", nil
	}
	return id, err
}

// Publications implements engine.Publications.
func (s *Store) Publications(ctx context.Context, tenant string, after paging.Moment, n int) ([]engine.Publication, error) {
	rows, err := s.tenant(tenant).PagePublications(ctx, db.PagePublicationsParams{TenantID: tenant, BeforeID: after.ID, BeforeTime: after.Time, PageSize: int32(n)})
	if err != nil {
		return nil, err
	}
	out := make([]engine.Publication, len(rows))
	for i, r := range rows {
		if out[i], err = publication(r, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func publication(r db.LibraryPublication, err error) (engine.Publication, error) {
	if err != nil {
		return engine.Publication{}, err
	}
	p := &libraryv1.Publication{}
	if err := proto.Unmarshal(r.Plan, p); err != nil {
		return engine.Publication{}, fmt.Errorf("decode plan: %w", err)
	}
	p.Id, p.Subject, p.Message, p.Progress = r.ID, r.Subject, r.Message, r.Progress
	p.State = libraryv1.PublicationState(r.State)
	p.CreateTime = timestamppb.New(r.CreateTime)
	if r.FinishTime != nil {
		p.FinishTime = timestamppb.New(*r.FinishTime)
	}
	switch p.GetState() {
	case libraryv1.PublicationState_PUBLICATION_STATE_CONTRACTING, libraryv1.PublicationState_PUBLICATION_STATE_SUCCEEDED:
		p.Release = r.ReleaseID
	}
	return engine.Publication{Public: p, Release: r.ReleaseID, Confirmed: r.ConfirmLosses, RequestDigest: r.RequestDigest}, nil
}

// Claim implements engine.Leases.
func (s *Store) Claim(ctx context.Context, owner string, now, until time.Time, n int) ([]engine.Lease, error) {
	if n <= 0 {
		return nil, nil
	}
	rows, err := s.system().ClaimPublications(ctx, db.ClaimPublicationsParams{Owner: owner, LeaseUntil: until, Now: now, Most: int32(n)})
	if err != nil {
		return nil, err
	}
	out := make([]engine.Lease, len(rows))
	for i, r := range rows {
		out[i] = engine.Lease{Tenant: r.TenantID, ID: r.ID, Epoch: r.Epoch}
	}
	return out, nil
}

// Next implements engine.Leases.
func (s *Store) Next(ctx context.Context) (time.Time, error) {
	t, err := s.system().NextLease(ctx)
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, nil
	}
	return t, err
}

// held turns "no row matched" into the loss of the lease.
func held(n int64, err error) error {
	if err == nil && n == 0 {
		return engine.ErrLost
	}
	return err
}

// Extend implements engine.Leases.
func (s *Store) Extend(ctx context.Context, l engine.Lease, until time.Time) error {
	return held(s.tenant(l.Tenant).ExtendLease(ctx, db.ExtendLeaseParams{TenantID: l.Tenant, ID: l.ID, Epoch: l.Epoch, LeaseUntil: until}))
}

// Move implements engine.Leases.
func (s *Store) Move(ctx context.Context, l engine.Lease, state libraryv1.PublicationState, progress int, message string) error {
	return held(s.tenant(l.Tenant).MovePublication(ctx, db.MovePublicationParams{
		TenantID: l.Tenant, ID: l.ID, Epoch: l.Epoch, State: int16(state), Progress: int32(progress), Message: message,
	}))
}

// Flip implements engine.Leases.
func (s *Store) Flip(ctx context.Context, l engine.Lease, progress int, message string, now time.Time) error {
	return s.tx(ctx, l.Tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		p, err := q.FlipPublication(ctx, db.FlipPublicationParams{TenantID: l.Tenant, ID: l.ID, Epoch: l.Epoch, Progress: int32(progress), Message: message})
		if errors.Is(err, pgx.ErrNoRows) {
			return engine.ErrLost
		}
		if err != nil {
			return err
		}
		if err := q.MarkLive(ctx, db.MarkLiveParams{TenantID: l.Tenant, ID: p.ReleaseID, Now: &now}); err != nil {
			return err
		}
		n, err := q.SetPointer(ctx, db.SetPointerParams{TenantID: l.Tenant, ReleaseID: p.ReleaseID, BaseRelease: p.BaseRelease})
		if err == nil && n == 0 {
			return engine.ErrMoved
		}
		return err
	})
}

// Finish implements engine.Leases.
func (s *Store) Finish(ctx context.Context, l engine.Lease, state libraryv1.PublicationState, message string, now time.Time) error {
	return s.tx(ctx, l.Tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		release, err := q.FinishPublication(ctx, db.FinishPublicationParams{
			TenantID: l.Tenant, ID: l.ID, Epoch: l.Epoch, State: int16(state), Message: message, Now: &now,
		})
		if errors.Is(err, pgx.ErrNoRows) {
			return engine.ErrLost
		}
		if err != nil {
			return err
		}
		return q.DeleteCandidate(ctx, db.DeleteCandidateParams{TenantID: l.Tenant, ID: release})
	})
}
