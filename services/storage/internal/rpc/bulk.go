package rpc

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
)

// Bulk serves aqtra.storage.v1.Bulk.
type Bulk struct {
	storagev1.UnimplementedBulkServer

	engine *engine.Engine
}

// NewBulk serves an engine.
func NewBulk(e *engine.Engine) *Bulk { return &Bulk{engine: e} }

// WriteChunk implements the service.
func (s *Bulk) WriteChunk(ctx context.Context, r *storagev1.WriteChunkRequest) (*storagev1.WriteChunkResponse, error) {
	rows := make([][]any, len(r.GetRows()))
	for n, row := range r.GetRows() {
		rows[n] = make([]any, len(row.GetItems()))
		for i, p := range row.GetItems() {
			v, present, err := value.FromProto(p)
			if err != nil || !present {
				return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the chunk is wrong",
					fault.Field(fmt.Sprintf("rows[%d].values[%d]", n, i), "expected a value"))
			}
			rows[n][i] = v
		}
	}
	counts, err := s.engine.WriteChunk(ctx, engine.ChunkRequest{
		Component: r.GetComponent(), Job: r.GetJob(), Number: r.GetChunk(), Fields: r.GetFields(), Rows: rows,
	})
	if err != nil {
		return nil, err
	}
	return &storagev1.WriteChunkResponse{Created: counts.Created, Updated: counts.Updated, Unchanged: counts.Unchanged}, nil
}
