package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// maxRecording is how large a recording may be.
const maxRecording = 256 << 10

// Recordings serves aqtra.storage.v1.Recordings.
type Recordings struct {
	storagev1.UnimplementedRecordingsServer

	store *store.Store
	clock clock.Clock
}

// NewRecordings serves a store.
func NewRecordings(s *store.Store, clk clock.Clock) *Recordings {
	return &Recordings{store: s, clock: clk}
}

// KeepRecording implements the service.
func (s *Recordings) KeepRecording(ctx context.Context, r *storagev1.KeepRecordingRequest) (*emptypb.Empty, error) {
	if r.GetTenant() == "" || r.GetComponent() == "" || r.GetDataflow() == "" || len(r.GetRecording().GetContent()) > maxRecording {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "a recording names a tenant, a component and a dataflow, and has at most 256 KiB")
	}
	err := s.store.KeepRecording(ctx, r.GetTenant(), r.GetComponent(), r.GetDataflow(), store.Recording{
		Time: r.GetRecording().GetTime().AsTime(), Content: r.GetRecording().GetContent(),
	})
	return &emptypb.Empty{}, err
}

// ListRecordings implements the service.
func (s *Recordings) ListRecordings(ctx context.Context, r *storagev1.ListRecordingsRequest) (*storagev1.ListRecordingsResponse, error) {
	found, err := s.store.Recordings(ctx, r.GetTenant(), r.GetComponent(), r.GetDataflow(), s.clock.Now())
	if err != nil {
		return nil, err
	}
	resp := &storagev1.ListRecordingsResponse{}
	for _, rec := range found {
		resp.Recordings = append(resp.Recordings, &storagev1.Recording{Time: timestamppb.New(rec.Time), Content: rec.Content})
	}
	return resp, nil
}
