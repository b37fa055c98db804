package store

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// Rewrap wraps data keys with the present primary key where they are wrapped with another one. It returns how many it wrapped and
// how many it could not open; others may do the same meanwhile.
func (s *Store) Rewrap(ctx context.Context) (wrapped, closed int, err error) {
	var failed error // the first
	system := db.New(s.db.System())
	for after := ""; ; {
		rows, err := system.OtherwiseWrapped(ctx, db.OtherwiseWrappedParams{Prefix: s.keys.Prefix(), After: after})
		if err != nil {
			return wrapped, closed, fmt.Errorf("list data keys: %w", classify(err))
		}
		if len(rows) == 0 {
			return wrapped, closed, failed
		}
		for _, r := range rows {
			after = r.TenantID
			key, err := s.keys.Rewrap(r.TenantID, r.WrappedKey)
			if err != nil {
				closed++
				if failed == nil {
					failed = fmt.Errorf("tenant %s: %w", r.TenantID, err)
				}
				continue
			}
			if _, err := db.New(s.db.Tenant(r.TenantID)).Rewrap(ctx, db.RewrapParams{TenantID: r.TenantID, Wrapped: key, Was: r.WrappedKey}); err != nil {
				return wrapped, closed, fmt.Errorf("store data key: %w", classify(err))
			}
			wrapped++
		}
	}
}
