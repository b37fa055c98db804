package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
)

// Holds serves aqtra.storage.v1.Holds.
type Holds struct {
	storagev1.UnimplementedHoldsServer

	engine *engine.Engine
}

// NewHolds serves an engine.
func NewHolds(e *engine.Engine) *Holds { return &Holds{engine: e} }

// HoldEntry implements the service.
func (s *Holds) HoldEntry(ctx context.Context, r *storagev1.HoldEntryRequest) (*storagev1.Hold, error) {
	h, err := s.engine.Hold(ctx, r.GetComponent(), r.GetEntry(), engine.Hold{Run: r.GetRun(), Component: r.GetRunComponent(), Workflow: r.GetWorkflow()})
	return holdToProto(h), err
}

// GetHold implements the service.
func (s *Holds) GetHold(ctx context.Context, r *storagev1.GetHoldRequest) (*storagev1.Hold, error) {
	h, err := s.engine.HoldOf(ctx, r.GetComponent(), r.GetEntry())
	return holdToProto(h), err
}

// ReleaseEntry implements the service.
func (s *Holds) ReleaseEntry(ctx context.Context, r *storagev1.ReleaseEntryRequest) (*storagev1.Hold, error) {
	return &storagev1.Hold{}, s.engine.Release(ctx, r.GetComponent(), r.GetEntry(), r.GetRun())
}

func holdToProto(h engine.Hold) *storagev1.Hold {
	if h.Run == "" {
		return &storagev1.Hold{}
	}
	return &storagev1.Hold{Run: h.Run, Component: h.Component, Workflow: h.Workflow, HoldTime: timestamppb.New(h.Time)}
}
