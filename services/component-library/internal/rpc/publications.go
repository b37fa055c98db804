package rpc

import (
	"context"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

type publications struct {
	libraryv1.UnimplementedPublicationsServer
	engine *engine.Engine
}

func (s *publications) PlanPublication(ctx context.Context, req *libraryv1.PlanPublicationRequest) (*libraryv1.PublicationPlan, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.PlanPublication(ctx, p.Tenant, req)
}

func (s *publications) CreatePublication(ctx context.Context, req *libraryv1.CreatePublicationRequest) (*libraryv1.Publication, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.CreatePublication(ctx, who(p), req)
}

func (s *publications) GetPublication(ctx context.Context, req *libraryv1.GetPublicationRequest) (*libraryv1.Publication, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.GetPublication(ctx, p.Tenant, req.GetPublication())
}

func (s *publications) ListPublications(ctx context.Context, req *libraryv1.ListPublicationsRequest) (*libraryv1.ListPublicationsResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	list, next, err := page(ctx, req, s.engine.ListPublications, p.Tenant, "publications")
	if err != nil {
		return nil, err
	}
	return &libraryv1.ListPublicationsResponse{Publications: list, NextPageToken: next}, nil
}

func (s *publications) ListReleases(ctx context.Context, req *libraryv1.ListReleasesRequest) (*libraryv1.ListReleasesResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	list, next, err := page(ctx, req, s.engine.ListReleases, p.Tenant, "releases")
	if err != nil {
		return nil, err
	}
	return &libraryv1.ListReleasesResponse{Releases: list, NextPageToken: next}, nil
}

type pageRequest interface {
	GetPageSize() int32
	GetPageToken() string
}

// lister is a list of the engine that is ordered by time.
type lister[T any] func(ctx context.Context, tenant string, after paging.Moment, n int) ([]T, []paging.Moment, error)

// page reads one page of a list, and the token of the next one.
func page[T any](ctx context.Context, req pageRequest, list lister[T], tenant, kind string) ([]T, string, error) {
	n, err := paging.Size(req.GetPageSize(), maxPage)
	if err != nil {
		return nil, "", err
	}
	pages := paging.Of(tenant, kind)
	after, err := pages.Moment(req.GetPageToken())
	if err != nil {
		return nil, "", err
	}
	items, cursors, err := list(ctx, tenant, after, n+1)
	if err != nil || len(items) <= n {
		return items, "", err
	}
	return items[:n], pages.MomentToken(cursors[n-1]), nil
}

func (s *publications) WatchPublication(req *libraryv1.GetPublicationRequest, stream grpc.ServerStreamingServer[libraryv1.Publication]) error {
	p, err := principal.Caller(stream.Context())
	if err != nil {
		return err
	}
	return s.engine.WatchPublication(stream.Context(), p.Tenant, req.GetPublication(), stream.Send)
}

type published struct {
	libraryv1.UnimplementedPublishedServer
	engine *engine.Engine
}

func (s *published) ListPublishedComponents(ctx context.Context, _ *libraryv1.ListPublishedComponentsRequest) (*libraryv1.ListPublishedComponentsResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.ListPublished(ctx, p)
	if err != nil {
		return nil, err
	}
	return &libraryv1.ListPublishedComponentsResponse{Components: list, Release: p.Release}, nil
}

func (s *published) GetPublishedPage(ctx context.Context, req *libraryv1.GetPublishedPageRequest) (*libraryv1.PublishedPage, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.PublishedPage(ctx, p, req.GetComponent(), req.GetPage())
}

type releases struct {
	libraryv1.UnimplementedReleasesServer
	engine *engine.Engine
}

func (s *releases) GetActiveRelease(ctx context.Context, req *libraryv1.GetActiveReleaseRequest) (*libraryv1.ActiveRelease, error) {
	if err := tenantGiven(req.GetTenant()); err != nil {
		return nil, err
	}
	if req.GetPreview() != "" {
		id, err := s.engine.PreviewRelease(ctx, req.GetTenant(), req.GetPreview())
		return &libraryv1.ActiveRelease{Release: id}, err
	}
	id, err := s.engine.ActiveRelease(ctx, req.GetTenant())
	if err != nil {
		return nil, err
	}
	return &libraryv1.ActiveRelease{Release: id}, nil
}

func (s *releases) GetRelease(ctx context.Context, req *libraryv1.GetReleaseRequest) (*libraryv1.Release, error) {
	if err := tenantGiven(req.GetTenant()); err != nil {
		return nil, err
	}
	return s.engine.GetRelease(ctx, req.GetTenant(), req.GetRelease())
}

func (s *releases) GetCandidate(ctx context.Context, req *libraryv1.GetCandidateRequest) (*libraryv1.Release, error) {
	if err := tenantGiven(req.GetTenant()); err != nil {
		return nil, err
	}
	return s.engine.Candidate(ctx, req.GetTenant(), req.GetComponent())
}
