package live

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/services/dataflow/internal/recording"
)

// Recordings keeps recorded runs.
type Recordings interface {
	// Keep stores a recording of a dataflow of a tenant.
	Keep(ctx context.Context, tenant, component, dataflow string, at time.Time, content []byte) error
	// List returns those that are kept, newest first.
	List(ctx context.Context, tenant, component, dataflow string) ([][]byte, error)
}

const (
	// maxSampled is of how many dataflows it is known when they were recorded last.
	maxSampled = 10_000
	// waitingRecordings is how many recordings wait to be kept; more are dropped.
	waitingRecordings = 16
	// keepTimeout is how long keeping one may take.
	keepTimeout = 5 * time.Second
)

// flowKey names a dataflow of a tenant.
type flowKey struct{ tenant, component, dataflow string }

// sampler chooses the runs that are recorded, and has the recordings kept.
type sampler struct {
	every   time.Duration
	waiting chan recorded

	mu   sync.Mutex
	last map[flowKey]time.Time
}

type recorded struct {
	flowKey
	at      time.Time
	content []byte
}

func newSampler(every time.Duration) *sampler {
	return &sampler{every: every, waiting: make(chan recorded, waitingRecordings), last: map[flowKey]time.Time{}}
}

// chooses reports whether a run that begins now is to be recorded. Runs in previews are not.
func (s *sampler) chooses(p principal.Principal, k flowKey, now time.Time) bool {
	if s.every <= 0 || p.Preview() != "" {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if last, ok := s.last[k]; ok && now.Sub(last) < s.every {
		return false
	}
	if len(s.last) >= maxSampled {
		clear(s.last)
	}
	s.last[k] = now
	return true
}

// add has a recording kept, unless it is empty or many wait already: a sample is no promise.
func (s *sampler) add(r recorded) {
	if r.content == nil {
		return
	}
	select {
	case s.waiting <- r:
	default:
	}
}

// KeepRecordings keeps what is recorded until ctx ends.
func (e *Engine) KeepRecordings(ctx context.Context, log *slog.Logger) {
	for {
		select {
		case <-ctx.Done():
			return
		case r := <-e.sampler.waiting:
			limited, cancel := context.WithTimeout(ctx, keepTimeout)
			if err := e.deps.Recordings.Keep(limited, r.tenant, r.component, r.dataflow, r.at, r.content); err != nil && ctx.Err() == nil {
				log.WarnContext(ctx, "recording not kept", "component", r.component, "dataflow", r.dataflow, "error", err)
			}
			cancel()
		}
	}
}

// record has calls go through a recorder if the run is one that is to be recorded. The returned function keeps the recording; it is
// for runs that succeed: of one that fails, what it did at once with others before that is chance.
func (e *Engine) record(c *calls, p principal.Principal, req Request) (keep func()) {
	k, now := flowKey{p.Tenant, req.Component, req.Dataflow}, e.deps.Clock.Now()
	if !e.sampler.chooses(p, k, now) {
		return func() {}
	}
	r := recording.NewRecorder(recording.Run{Input: req.Input, Entry: req.Entry, User: c.user, Time: now})
	c.deps.Reach = r.Reach(c.deps.Reach)
	return func() { e.sampler.add(recorded{k, now, r.Content()}) }
}
