package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// EachRow implements engine.Store.
func (s *Store) EachRow(
	ctx context.Context, p engine.Place, stmt query.Statement, plan query.Plan, cols []query.PlanColumn, limit time.Duration, f func([]any) error,
) error {
	return s.stream(ctx, p, stmt, limit, func(rows pgx.Rows, refuse func(error) error) error {
		return eachRow(rows, p, plan, cols, func(row []any) error { return refuse(f(row)) })
	})
}

func eachRow(rows pgx.Rows, p engine.Place, plan query.Plan, cols []query.PlanColumn, f func([]any) error) error {
	if err := rows.Err(); err != nil { // it has no columns then
		return err
	}
	described := rows.FieldDescriptions()
	system := len(described) - len(cols) // the id, of entries
	cells, dest := make([]cell, len(described)), make([]any, len(described))
	for i, d := range described {
		cells[i] = newCell(d.DataTypeOID)
		dest[i] = cells[i].dest()
	}
	row := make([]any, len(cols))
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return fmt.Errorf("read row: %w", err)
		}
		for i, c := range cols {
			v, err := cells[system+i].value()
			if sealed, _ := v.([]byte); err == nil && c.Sealed != nil {
				id, _ := cells[0].value()
				entry, _ := id.(string)
				v, err = engine.Unseal(p.Key, plan.Component, c.Sealed, entry, sealed)
			}
			if err == nil {
				v, err = value.Convert(v, c.Type)
			}
			if errors.Is(err, value.ErrDecimalRange) {
				return fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, c.Name+" is out of the range of numbers", fault.Cause(err))
			}
			if err != nil {
				return fmt.Errorf("read column %d: %w", i, err)
			}
			row[i] = v
		}
		if err := f(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
