package store

import (
	"context"
	"time"

	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/retention"
	"github.com/aqtra/aqtra/services/workflow/internal/store/db"
)

var _ retention.Store = (*Store)(nil)

// DropRuns implements retention.Store.
func (s *Store) DropRuns(ctx context.Context, before time.Time, n int) (int, error) {
	dropped, err := s.system().DropRuns(ctx, db.DropRunsParams{Before: before, Most: int32(n)})
	return int(dropped), postgres.Away(err)
}

// DropRequests implements retention.Store.
func (s *Store) DropRequests(ctx context.Context, before time.Time) error {
	_, err := s.system().DropRequests(ctx, before)
	return postgres.Away(err)
}
