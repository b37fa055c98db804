package rpc

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/journal"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// maxVerified is how many changes one call of VerifyEntryHistory looks at.
const maxVerified = 100_000

// VerifyEntryHistory implements the service.
func (s *Entries) VerifyEntryHistory(ctx context.Context, r *storagev1.VerifyEntryHistoryRequest) (*storagev1.VerifyEntryHistoryResponse, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	if r.GetBlock() < 0 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the block is wrong", fault.Field("block", "expected 0 or more"))
	}
	found, err := s.history.Verify(ctx, p.Tenant, journal.Head{Block: r.GetBlock(), Mac: r.GetHead()}, maxVerified)
	if err != nil {
		return nil, postgres.Away(fmt.Errorf("verify history: %w", err))
	}
	out := &storagev1.VerifyEntryHistoryResponse{
		Block: found.Head.Block, Head: found.Head.Mac, Rows: found.Rows, Done: found.Done, Unsealed: found.Unsealed, Problem: found.Problem,
	}
	if !found.Time.IsZero() {
		out.SealTime = timestamppb.New(found.Time)
	}
	return out, nil
}
