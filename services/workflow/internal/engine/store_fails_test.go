package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
)

// refusing is a store that refuses some commits.
type refusing struct {
	engine.Store
	refuse func(commits []*engine.Commit) error
}

func (s refusing) Commit(ctx context.Context, owner string, now time.Time, commits []*engine.Commit) ([]bool, error) {
	if err := s.refuse(commits); err != nil {
		return nil, err
	}
	return s.Store.Commit(ctx, owner, now, commits)
}

const short = `do: [{send: {call: dataflow, with: {component: invoice, dataflow: noop}}}]`

// TestUnstorableRunFails checks that a run whose state the database will never take ends, and says why.
func TestUnstorableRunFails(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.document(t, "w", short)
	e, _ := s.engine(func(_ *engine.Config, d *engine.Deps) {
		d.Store = refusing{d.Store, func(commits []*engine.Commit) error {
			for _, c := range commits {
				if c.State == engine.Succeeded {
					return fmt.Errorf("%w: a text has a zero byte", engine.ErrUnstorable)
				}
			}
			return nil
		}}
	})
	r := s.finish(e, start(t, e, "w").ID)
	require.Equal(t, engine.Failed, r.State)
	require.Equal(t, engine.ErrUnstorable.Error(), r.Error.Detail)
}

// TestDroppedRunIsTakenUp has commits fail for longer than they are repeated; the process lives on, so nobody else takes the run.
func TestDroppedRunIsTakenUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	fake := clock.NewFake(time.Now())
	s.clock = fake
	s.document(t, "w", short)
	began := fake.Now()
	var refused atomic.Int64
	e, _ := s.engine(func(cfg *engine.Config, d *engine.Deps) {
		cfg.Lease = time.Hour
		d.Store = refusing{d.Store, func([]*engine.Commit) error {
			if fake.Now().Sub(began) < time.Minute {
				refused.Add(1)
				return errors.New("no answer")
			}
			return nil
		}}
	})
	id := start(t, e, "w").ID
	require.Eventually(t, func() bool {
		if refused.Load() > 0 {
			fake.Advance(time.Second)
		}
		r, err := e.Get(t.Context(), ada.Tenant, id)
		require.NoError(t, err)
		return r.State == engine.Succeeded
	}, 2*time.Minute, 5*time.Millisecond)
}
