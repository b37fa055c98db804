package peers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/aqtra/aqtra/pkg/columnar"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/aggregate"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

var _ step.Grouper = (*Entries)(nil)

// planText reads the chunks of a plan's answer.
type planText struct {
	stream storagev1.Bulk_QueryPlanClient
	rest   []byte
}

func (t *planText) Read(p []byte) (int, error) {
	for len(t.rest) == 0 {
		m, err := t.stream.Recv()
		if err != nil {
			return 0, err
		}
		t.rest = m.GetChunk()
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

// plan calls f for each row of a plan, which it uses again for the next one.
func (e *Entries) plan(ctx context.Context, r *storagev1.QueryPlanRequest, f func(columns []columnar.Column, row []any) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // storage stops when nobody reads on
	stream, err := e.bulk.QueryPlan(ctx, r)
	if err != nil {
		return fmt.Errorf("query entries: %w", err)
	}
	rows, err := columnar.NewReader(&planText{stream: stream})
	if err != nil {
		return fmt.Errorf("query entries: %w", err)
	}
	if err := rows.Each(func(row []any) error { return f(rows.Columns(), row) }); err != nil {
		return fmt.Errorf("query entries: %w", err)
	}
	// The end of the rows is not the end of the call, which tells whether it went well.
	if m, err := stream.Recv(); err == nil {
		return fmt.Errorf("query entries: %d bytes after the end", len(m.GetChunk()))
	} else if !errors.Is(err, io.EOF) {
		return fmt.Errorf("query entries: %w", err)
	}
	return nil
}

// snapshot reads entries as they were at one moment.
func (e *Entries) snapshot(ctx context.Context, q step.Query) ([]step.Entry, error) {
	var entries []step.Entry
	held := int64(0)
	err := e.plan(ctx, &storagev1.QueryPlanRequest{
		Component: q.Component, Filter: q.Filter, OrderBy: q.OrderBy, Limit: int64(q.Limit),
	}, func(columns []columnar.Column, row []any) error {
		fields := make(map[string]any, len(row))
		for i, c := range columns {
			fields[c.Name] = row[i]
		}
		if held += step.Size(fields); held > step.MaxBytes {
			return step.TooLarge()
		}
		id, _ := fields["id"].(string)
		entries = append(entries, step.Entry{ID: id, Fields: fields})
		return nil
	})
	if err != nil {
		return nil, err
	}
	return entries, nil
}

// functions are the measures that do what operations do.
var functions = map[aggregate.Op]storagev1.MeasureFunction{
	aggregate.Count: storagev1.MeasureFunction_MEASURE_FUNCTION_COUNT,
	aggregate.Sum:   storagev1.MeasureFunction_MEASURE_FUNCTION_SUM,
	aggregate.Avg:   storagev1.MeasureFunction_MEASURE_FUNCTION_AVG,
	aggregate.Min:   storagev1.MeasureFunction_MEASURE_FUNCTION_MIN,
	aggregate.Max:   storagev1.MeasureFunction_MEASURE_FUNCTION_MAX,
}

// Group implements step.Grouper. Names go as numbers, because those of items may be any.
func (e *Entries) Group(ctx context.Context, q step.Query, g step.Grouping) ([]step.Item, int64, error) {
	req := &storagev1.QueryPlanRequest{Component: q.Component, Filter: q.Filter, OrderBy: q.OrderBy, Limit: int64(q.Limit)}
	for i, k := range g.Keys {
		req.GroupBy = append(req.GroupBy, &storagev1.Grouping{Field: k.Field, Name: "k" + strconv.Itoa(i)})
	}
	for i, t := range g.Totals {
		req.Measures = append(req.Measures, &storagev1.Measure{Function: functions[t.Op], Field: t.Field, Name: "t" + strconv.Itoa(i)})
	}
	var groups []step.Item
	read, held := int64(0), int64(0)
	err := e.plan(ctx, req, func(_ []columnar.Column, row []any) error {
		totals := len(row) - 2 - len(g.Totals) // where they begin: storage counts when there are none
		if totals < len(g.Keys) {
			return fmt.Errorf("a group has %d columns", len(row))
		}
		fields := make(map[string]any, len(row))
		for i, k := range g.Keys {
			fields[k.Name] = row[i]
		}
		for i, t := range g.Totals {
			v, err := value.Convert(row[totals+i], t.Type)
			if err != nil {
				return fault.FailedPrecondition(faultv1.Reason_REASON_EXPRESSION_FAILED, t.Name+" is out of range", fault.Cause(err))
			}
			fields[t.Name] = v
		}
		size, _ := row[len(row)-2].(int64)
		read += size
		line, some := row[len(row)-1].(int64)
		if !some {
			line = 1
		}
		if held += step.Size(fields); held > step.MaxBytes {
			return step.TooLarge()
		}
		groups = append(groups, step.Item{Fields: fields, Line: line})
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	return groups, read, nil
}
