package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/principal"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
)

type previews struct {
	libraryv1.UnimplementedPreviewsServer
	engine *engine.Engine
}

func (s *previews) CreatePreview(ctx context.Context, req *libraryv1.CreatePreviewRequest) (*libraryv1.Preview, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return s.engine.CreatePreview(ctx, who(p), req)
}

func (s *previews) DeletePreview(ctx context.Context, req *libraryv1.DeletePreviewRequest) (*emptypb.Empty, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.engine.DeletePreview(ctx, who(p), req.GetPreview())
}
