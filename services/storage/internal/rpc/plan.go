package rpc

import (
	"bytes"
	"strings"

	"github.com/aqtra/aqtra/pkg/columnar"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// planChunk is the most of a plan's answer that one message carries.
const planChunk = 1 << 20

// QueryPlan implements the service.
func (s *Bulk) QueryPlan(r *storagev1.QueryPlanRequest, stream storagev1.Bulk_QueryPlanServer) error {
	to := &chunks{send: func(chunk []byte) error { return stream.Send(&storagev1.QueryPlanResponse{Chunk: chunk}) }}
	var rows *columnar.Writer
	err := s.engine.Plan(stream.Context(), engine.PlanRequest{
		Component: r.GetComponent(), Filter: strings.TrimSpace(r.GetFilter()), OrderBy: r.GetOrderBy(), Limit: r.GetLimit(),
		Fields: r.GetFields(), GroupBy: r.GetGroupBy(), Measures: r.GetMeasures(),
	}, func(columns []query.PlanColumn) (func([]any) error, error) {
		written := make([]columnar.Column, len(columns))
		for i, c := range columns {
			written[i] = columnar.Column{Name: c.Name, Kind: c.Type.Kind}
		}
		var err error
		if rows, err = columnar.NewWriter(to, written); err != nil {
			return nil, err
		}
		return func(row []any) error {
			if err := rows.Append(row); err != nil {
				return err
			}
			return to.flush(planChunk / 4)
		}, nil
	})
	if err != nil {
		return err
	}
	if err := rows.Close(); err != nil {
		return err
	}
	return to.flush(1)
}

// chunks gathers what is written, because Arrow writes in small pieces.
type chunks struct {
	bytes.Buffer
	send func([]byte) error
}

// flush sends what there is, when that is at least so much.
func (c *chunks) flush(least int) error {
	if c.Len() < least {
		return nil
	}
	for c.Len() > 0 {
		if err := c.send(c.Next(planChunk)); err != nil {
			return err
		}
	}
	c.Reset()
	return nil
}
