package edge

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

const (
	// releaseFresh is how long the id of the live release is used without asking again.
	releaseFresh = 500 * time.Millisecond
	// releaseStale is how long the last known one is used while the component library is away. Services keep releases in
	// memory, so apps go on working over a restart of the library; nothing can be published meanwhile, so it is also true.
	releaseStale = 30 * time.Second
	// releaseTimeout bounds one question.
	releaseTimeout = 2 * time.Second
	// releaseTenants bounds the memory, in tenants per generation.
	releaseTenants = 10_000
)

// releases knows which release is live in each tenant.
type releases struct {
	library libraryv1.ReleasesClient
	clk     clock.Clock
	calls   singleflight.Group

	mu         sync.Mutex
	young, old map[string]known // when young is full, old is dropped
}

type known struct {
	release string
	at      time.Time // when the question was asked
}

func newReleases(library libraryv1.ReleasesClient, clk clock.Clock) *releases {
	return &releases{library: library, clk: clk, young: make(map[string]known)}
}

// active returns the id of the tenant's live release, empty when nothing was published. All who ask at once share a question.
func (r *releases) active(ctx context.Context, tenant string) (string, error) {
	last, ok := r.last(tenant)
	if ok && r.clk.Now().Sub(last.at) < releaseFresh {
		return last.release, nil
	}
	answer := r.calls.DoChan(tenant, func() (any, error) {
		// The answer is everybody's: it must not depend on the patience of whoever asked first.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseTimeout)
		defer cancel()
		at := r.clk.Now()
		res, err := r.library.GetActiveRelease(ctx, &libraryv1.GetActiveReleaseRequest{Tenant: tenant})
		if err != nil {
			return "", err
		}
		r.keep(tenant, known{res.GetRelease(), at})
		return res.GetRelease(), nil
	})
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case a := <-answer:
		if a.Err == nil {
			return a.Val.(string), nil
		}
		if ok && isAway(a.Err) && r.clk.Now().Sub(last.at) < releaseStale {
			return last.release, nil
		}
		return "", a.Err
	}
}

// preview returns the release of a preview. Few ask, so nothing is remembered.
func (r *releases) preview(ctx context.Context, tenant, id string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, releaseTimeout)
	defer cancel()
	res, err := r.library.GetActiveRelease(ctx, &libraryv1.GetActiveReleaseRequest{Tenant: tenant, Preview: id})
	return res.GetRelease(), err
}

func isAway(err error) bool {
	f, ok := fault.As(err)
	return ok && (f.Kind == fault.KindUnavailable || f.Kind == fault.KindDeadlineExceeded)
}

// forget has the next request ask anew, of every tenant when none is named. While the library is away, what was known still
// serves.
func (r *releases) forget(tenant string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	stale := r.clk.Now().Add(-releaseFresh)
	for _, all := range []map[string]known{r.young, r.old} {
		if k, ok := all[tenant]; ok && k.at.After(stale) { // else it is older still
			all[tenant] = known{k.release, stale}
		}
		if tenant == "" {
			for t, k := range all {
				if k.at.After(stale) {
					all[t] = known{k.release, stale}
				}
			}
		}
	}
	r.calls.Forget(tenant) // a question under way may have been too early
}

func (r *releases) last(tenant string) (known, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if k, ok := r.young[tenant]; ok {
		return k, true
	}
	k, ok := r.old[tenant]
	return k, ok
}

func (r *releases) keep(tenant string, k known) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.young) >= releaseTenants {
		r.young, r.old = make(map[string]known), r.young
	}
	r.young[tenant] = k
}
