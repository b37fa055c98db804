package engine

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/query"
)

const (
	// maxPlans is how many plans run at once in one process: each holds a connection, and exports hold others.
	maxPlans = 3
	// planTime is how long one may take; see exportTime.
	planTime = 5 * time.Minute
)

// PlanRequest asks for entries or for groups of them, see query.Plan.
type PlanRequest struct {
	Component, Filter, OrderBy string
	// Limit is the most entries, also of those that are grouped; 0 is all.
	Limit    int64
	Fields   []string
	GroupBy  []*storagev1.Grouping
	Measures []*storagev1.Measure
}

// Plan hands what the caller may read to what begin returns, row by row, in one snapshot of the database. Begin gets the columns
// of the rows; a row is used again for the next one. An error of either ends the plan.
func (e *Engine) Plan(ctx context.Context, r PlanRequest, begin func([]query.PlanColumn) (func([]any) error, error)) error {
	s, err := e.open(ctx, r.Component)
	if err != nil {
		return err
	}
	if !s.caller.Can("entries.read", s.component.ID) {
		return fault.PermissionDenied(faultv1.Reason_REASON_PERMISSION_DENIED, "you may not read entries of "+s.component.ID)
	}
	if r.Limit < 0 || r.Limit > math.MaxInt32 {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the plan is wrong", fault.Field("limit", fmt.Sprintf("expected 0 to %d", math.MaxInt32)))
	}
	orders, err := query.ParseOrder(s.component, r.OrderBy)
	if err != nil {
		return err
	}
	plan := query.Plan{
		List: query.List{
			Component: s.component, Filter: r.Filter, Sight: s.sight(libraryv1.Operation_OPERATION_READ), Orders: orders, Limit: int(r.Limit),
		},
		Paths: r.Fields, GroupBy: r.GroupBy, Measures: r.Measures,
	}
	stmt, columns, err := s.scope.Plan(plan)
	if err != nil {
		return aboutFilter(err)
	}
	select {
	case e.plans <- struct{}{}:
		defer func() { <-e.plans }()
	default:
		return fault.Exhausted(faultv1.Reason_REASON_OVERLOADED, fmt.Sprintf("%d plans are running; try again later", maxPlans), fault.Retry(time.Second))
	}
	each, err := begin(columns)
	if err != nil {
		return err
	}
	err = s.store.EachRow(ctx, s.place, stmt, plan, columns, planTime, each)
	if err != nil && ctx.Err() != nil {
		return fault.Canceled(faultv1.Reason_REASON_CANCELED, "the caller has gone", fault.Cause(err))
	}
	return err
}
