package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

const (
	// maxExports is how many exports run at once in one process: each holds a connection.
	maxExports = 4
	// exportTime is how long one may take. As long as it runs, Postgres keeps the rows that it may still read, and a publication
	// that changes the table waits.
	exportTime = 10 * time.Minute
)

// ExportRequest asks for all entries that match, see ListRequest.
type ExportRequest struct {
	Component, Filter, Search, OrderBy string
	Fields                             []string
	ShowDeleted                        bool
}

// Export hands all entries that the caller may read and that match to what begin returns, one by one, in one snapshot of the
// database. Begin gets the fields that the entries have. An error of either ends the export.
func (e *Engine) Export(ctx context.Context, r ExportRequest, begin func([]*model.Field) (func(Entry) error, error)) error {
	s, err := e.open(ctx, r.Component)
	if err != nil {
		return err
	}
	orders, err := query.ParseOrder(s.component, r.OrderBy)
	if err != nil {
		return err
	}
	if err := query.CheckSearch(r.Search); err != nil {
		return err
	}
	sel, err := s.selecting(r.Fields, nil)
	if err != nil {
		return err
	}
	fields, _ := sel.fields(nil)
	stmt, cols, err := s.scope.Select(query.List{
		Component: s.component, Filter: r.Filter, Search: r.Search, Sight: s.sight(libraryv1.Operation_OPERATION_READ), Fields: fields,
		Orders: orders, Deleted: r.ShowDeleted,
	})
	if err != nil {
		return aboutFilter(err)
	}
	select {
	case e.exports <- struct{}{}:
		defer func() { <-e.exports }()
	default:
		return fault.Exhausted(faultv1.Reason_REASON_OVERLOADED, fmt.Sprintf("%d exports are running; try again later", maxExports), fault.Retry(10*time.Second))
	}
	each, err := begin(fields)
	if err != nil {
		return err
	}
	err = s.store.Each(ctx, s.place, stmt, cols, exportTime, each)
	if err != nil && ctx.Err() != nil {
		return fault.Canceled(faultv1.Reason_REASON_CANCELED, "the caller has gone", fault.Cause(err))
	}
	return err
}
