package store

import (
	"context"
	"time"

	"github.com/aqtra/aqtra/services/workflow/internal/backlog"
	"github.com/aqtra/aqtra/services/workflow/internal/store/db"
)

var _ backlog.Source = (*Store)(nil)

// Backlog implements backlog.Source.
func (s *Store) Backlog(ctx context.Context, now time.Time, bound int) (backlog.Counts, error) {
	row, err := s.system().CountBacklog(ctx, db.CountBacklogParams{Now: now, Bound: int32(bound)})
	if err != nil {
		return backlog.Counts{}, err
	}
	n := backlog.Counts{Due: row.Due, Claimed: row.Claimed, Tasks: row.Tasks}
	if n.Due == 0 {
		return n, nil
	}
	n.Oldest, err = s.NextDue(ctx)
	return n, err
}
