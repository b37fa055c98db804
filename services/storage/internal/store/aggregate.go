package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// Rows implements engine.Store.
func (s *Store) Rows(ctx context.Context, p engine.Place, stmt query.Statement, results []query.Result) ([][]any, error) {
	var out [][]any
	err := again(func() error {
		out = nil
		batch := &pgx.Batch{}
		batch.Queue(setRole, p.Role)
		batch.Queue(stmt.SQL, stmt.Args...).Query(func(rows pgx.Rows) error {
			var err error
			out, err = readRows(rows, results)
			return err
		})
		return s.db.Pool().SendBatch(ctx, batch).Close()
	})
	if err != nil {
		return nil, fmt.Errorf("read groups: %w", classify(err))
	}
	return out, nil
}

func readRows(rows pgx.Rows, results []query.Result) ([][]any, error) {
	if err := rows.Err(); err != nil { // it has no columns then
		return nil, err
	}
	cells, dest := make([]cell, len(results)), make([]any, len(results))
	for i, d := range rows.FieldDescriptions() {
		cells[i] = newCell(d.DataTypeOID)
		dest[i] = cells[i].dest()
	}
	var out [][]any
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, fmt.Errorf("read row: %w", err)
		}
		row := make([]any, len(results))
		for i, r := range results {
			v, err := cells[i].value()
			if err == nil {
				v, err = value.Convert(v, value.Type{Kind: r.Kind})
			}
			if errors.Is(err, value.ErrDecimalRange) {
				return nil, fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, r.Name+" is out of the range of numbers", fault.Cause(err))
			}
			if err != nil {
				return nil, fmt.Errorf("read column %d: %w", i, err)
			}
			row[i] = v
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
