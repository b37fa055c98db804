package engine

import (
	"context"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// AggregateRequest asks for measures over groups of entries.
type AggregateRequest struct {
	Component, Filter, OrderBy string
	GroupBy                    []*storagev1.Grouping
	Measures                   []*storagev1.Measure
	Limit                      int32
	ShowDeleted                bool
}

// Groups are the groups in order, each with its values by name.
type Groups struct {
	Values []map[string]any
	// Truncated tells that there are more.
	Truncated bool
}

// Aggregate returns measures over the entries that the caller may read. Behind references it sees what the caller sees.
func (e *Engine) Aggregate(ctx context.Context, r AggregateRequest) (Groups, error) {
	s, err := e.open(ctx, r.Component)
	if err != nil {
		return Groups{}, err
	}
	if r.Limit < 0 {
		return Groups{}, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the question is wrong", fault.Field("limit", "must not be negative"))
	}
	limit, err := paging.Size(r.Limit, MaxPage)
	if err != nil {
		return Groups{}, err
	}
	stmt, results, err := s.scope.Aggregate(query.Aggregate{
		List: query.List{
			Component: s.component, Filter: r.Filter, Sight: s.sight(libraryv1.Operation_OPERATION_READ), Limit: limit + 1, Deleted: r.ShowDeleted,
		},
		GroupBy: r.GroupBy, Measures: r.Measures, OrderBy: r.OrderBy,
	})
	if err != nil {
		return Groups{}, aboutFilter(err)
	}
	rows, err := s.store.Rows(ctx, s.place, stmt, results)
	if err != nil {
		return Groups{}, err
	}
	var out Groups
	if len(rows) > limit {
		rows, out.Truncated = rows[:limit], true
	}
	for _, row := range rows {
		group := make(map[string]any, len(results))
		for i, c := range results {
			group[c.Name] = row[i]
		}
		out.Values = append(out.Values, group)
	}
	return out, nil
}
