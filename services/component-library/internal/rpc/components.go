package rpc

import (
	"context"
	"math"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/diff"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

type components struct {
	libraryv1.UnimplementedComponentsServer
	engine *engine.Engine
}

func (s *components) ListComponents(ctx context.Context, req *libraryv1.ListComponentsRequest) (*libraryv1.ListComponentsResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	n, err := paging.Size(req.GetPageSize(), maxPage)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(p.Tenant, "components")
	after, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	list, err := s.engine.ListComponents(ctx, p.Tenant, after, n+1)
	if err != nil {
		return nil, err
	}
	res := &libraryv1.ListComponentsResponse{Components: list}
	if len(list) > n {
		res.Components = list[:n]
		res.NextPageToken = pages.Token(list[n-1].GetId())
	}
	return res, nil
}

func (s *components) GetComponent(ctx context.Context, req *libraryv1.GetComponentRequest) (*libraryv1.Component, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.GetComponent(ctx, p.Tenant, req.GetComponent(), req.GetRevision())
}

func (s *components) CreateComponent(ctx context.Context, req *libraryv1.CreateComponentRequest) (*libraryv1.Component, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.CreateComponent(ctx, who(p), req.GetComponent())
}

func (s *components) UpdateComponent(ctx context.Context, req *libraryv1.UpdateComponentRequest) (*libraryv1.Component, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.UpdateComponent(ctx, who(p), req.GetComponent(), req.GetUpdateMask().GetPaths())
}

func (s *components) SavePart(ctx context.Context, req *libraryv1.SavePartRequest) (*libraryv1.Component, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.SavePart(ctx, who(p), req)
}

func (s *components) DeletePart(ctx context.Context, req *libraryv1.DeletePartRequest) (*libraryv1.Component, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.DeletePart(ctx, who(p), req)
}

func (s *components) DeleteComponent(ctx context.Context, req *libraryv1.DeleteComponentRequest) (*emptypb.Empty, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.engine.DeleteComponent(ctx, who(p), req.GetComponent(), req.GetEtag())
}

func (s *components) ListRevisions(ctx context.Context, req *libraryv1.ListRevisionsRequest) (*libraryv1.ListRevisionsResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	n, err := paging.Size(req.GetPageSize(), maxPage)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(p.Tenant, "revisions", req.GetComponent())
	before, err := pages.Number(req.GetPageToken(), math.MaxInt64)
	if err != nil {
		return nil, err
	}
	list, err := s.engine.ListRevisions(ctx, p.Tenant, req.GetComponent(), before, n+1)
	if err != nil {
		return nil, err
	}
	res := &libraryv1.ListRevisionsResponse{Revisions: list}
	if len(list) > n {
		res.Revisions = list[:n]
		res.NextPageToken = pages.NumberToken(list[n-1].GetRevision())
	}
	return res, nil
}

func (s *components) DiffRevisions(ctx context.Context, req *libraryv1.DiffRevisionsRequest) (*libraryv1.DiffRevisionsResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	before, after, err := s.engine.TwoRevisions(ctx, p.Tenant, req.GetComponent(), req.GetFrom(), req.GetTo())
	if err != nil {
		return nil, err
	}
	list, more := diff.Components(before, after)
	return &libraryv1.DiffRevisionsResponse{From: before.GetRevision(), To: after.GetRevision(), Differences: list, Truncated: more}, nil
}

func (s *components) RestoreRevision(ctx context.Context, req *libraryv1.RestoreRevisionRequest) (*libraryv1.Component, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.RestoreRevision(ctx, who(p), req.GetComponent(), req.GetRevision(), req.GetEtag())
}

func (s *components) CheckComponent(ctx context.Context, req *libraryv1.CheckComponentRequest) (*libraryv1.CheckResult, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.CheckComponent(ctx, p.Tenant, req.GetComponent())
}

func (s *components) Rename(ctx context.Context, req *libraryv1.RenameRequest) (*libraryv1.RenameResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.Rename(ctx, who(p), p.Can, req)
}

func (s *components) Move(ctx context.Context, req *libraryv1.MoveRequest) (*libraryv1.RenameResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.Move(ctx, who(p), p.Can, req)
}

func (s *components) ListReferences(ctx context.Context, req *libraryv1.ListReferencesRequest) (*libraryv1.ListReferencesResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	refs, err := s.engine.ListReferences(ctx, p.Tenant, req.GetComponent(), req.GetTarget())
	if err != nil {
		return nil, err
	}
	return &libraryv1.ListReferencesResponse{References: refs}, nil
}

func (s *components) ListRoleReferences(ctx context.Context, req *libraryv1.ListRoleReferencesRequest) (*libraryv1.ListReferencesResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	refs, err := s.engine.ListRoleReferences(ctx, p.Tenant, req.GetRole())
	if err != nil {
		return nil, err
	}
	return &libraryv1.ListReferencesResponse{References: refs}, nil
}
