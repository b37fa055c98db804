package rpc

import (
	"context"
	"math"

	"google.golang.org/protobuf/types/known/emptypb"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

type components struct {
	libraryv1.UnimplementedComponentsServer
	engine *engine.Engine
}

func (s *components) ListComponents(ctx context.Context, req *libraryv1.ListComponentsRequest) (*libraryv1.ListComponentsResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	n, err := pageSize(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	after, err := decodeToken(req.GetPageToken(), "", p.Tenant, "components")
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
		res.NextPageToken, err = encodeToken(list[n-1].GetId(), p.Tenant, "components")
	}
	return res, err
}

func (s *components) GetComponent(ctx context.Context, req *libraryv1.GetComponentRequest) (*libraryv1.Component, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.GetComponent(ctx, p.Tenant, req.GetComponent(), req.GetRevision())
}

func (s *components) CreateComponent(ctx context.Context, req *libraryv1.CreateComponentRequest) (*libraryv1.Component, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.CreateComponent(ctx, who(p), req.GetComponent())
}

func (s *components) UpdateComponent(ctx context.Context, req *libraryv1.UpdateComponentRequest) (*libraryv1.Component, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.UpdateComponent(ctx, who(p), req.GetComponent(), req.GetUpdateMask().GetPaths())
}

func (s *components) SavePart(ctx context.Context, req *libraryv1.SavePartRequest) (*libraryv1.Component, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.SavePart(ctx, who(p), req)
}

func (s *components) DeletePart(ctx context.Context, req *libraryv1.DeletePartRequest) (*libraryv1.Component, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.DeletePart(ctx, who(p), req)
}

func (s *components) DeleteComponent(ctx context.Context, req *libraryv1.DeleteComponentRequest) (*emptypb.Empty, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.engine.DeleteComponent(ctx, who(p), req.GetComponent(), req.GetEtag())
}

func (s *components) ListRevisions(ctx context.Context, req *libraryv1.ListRevisionsRequest) (*libraryv1.ListRevisionsResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	n, err := pageSize(req.GetPageSize())
	if err != nil {
		return nil, err
	}
	of := []string{p.Tenant, "revisions", req.GetComponent()}
	before, err := decodeToken[int64](req.GetPageToken(), math.MaxInt64, of...)
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
		res.NextPageToken, err = encodeToken(list[n-1].GetRevision(), of...)
	}
	return res, err
}

func (s *components) RestoreRevision(ctx context.Context, req *libraryv1.RestoreRevisionRequest) (*libraryv1.Component, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.RestoreRevision(ctx, who(p), req.GetComponent(), req.GetRevision(), req.GetEtag())
}

func (s *components) CheckComponent(ctx context.Context, req *libraryv1.CheckComponentRequest) (*libraryv1.CheckResult, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	problems, revision, err := s.engine.CheckComponent(ctx, p.Tenant, req.GetComponent())
	if err != nil {
		return nil, err
	}
	return &libraryv1.CheckResult{Problems: problems, Revision: revision}, nil
}

func (s *components) ListReferences(ctx context.Context, req *libraryv1.ListReferencesRequest) (*libraryv1.ListReferencesResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	refs, err := s.engine.ListReferences(ctx, p.Tenant, req.GetComponent(), req.GetTarget())
	if err != nil {
		return nil, err
	}
	return &libraryv1.ListReferencesResponse{References: refs}, nil
}
