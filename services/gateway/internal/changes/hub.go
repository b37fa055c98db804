package changes

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

const (
	// MaxPerUser and MaxPerTenant bound the streams of this process.
	MaxPerUser, MaxPerTenant = 16, 2000
	// maxWaiting is how many changes may wait for a reader; with more it is told that anything may have changed.
	maxWaiting = 64
	// renewEvery is how often the caller is looked at again, patience how long that may fail.
	renewEvery, patience = 30 * time.Second, 5 * time.Minute
	// idleEvery is how often a stream on which nothing happens is kept awake.
	idleEvery = 15 * time.Second

	maxKinds     = 16
	maxComponent = 200
)

// Source is where changes come from; broadcast.Bus is.
type Source interface {
	// Subscribe calls got with every message until ctx ends.
	Subscribe(ctx context.Context, got func(broadcast.Message)) error
}

// Hub passes changes on to streams. It is safe for concurrent use.
type Hub struct {
	source  Source
	clk     clock.Clock
	open    prometheus.Gauge
	drained chan struct{}
	drain   sync.Once

	mu      sync.Mutex
	streams map[string]map[*stream]bool // by tenant
	hooks   []func(tenant string)
}

// New makes a hub; Run fills it.
func New(source Source, clk clock.Clock, metrics prometheus.Registerer) (*Hub, error) {
	h := &Hub{source: source, clk: clk, drained: make(chan struct{}), streams: map[string]map[*stream]bool{}}
	h.open = prometheus.NewGauge(prometheus.GaugeOpts{Name: "aqtra_changes_streams", Help: "Open streams of live changes."})
	if err := metrics.Register(h.open); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return h, nil
}

// Run passes on what comes until ctx ends.
func (h *Hub) Run(ctx context.Context) error { return h.source.Subscribe(ctx, h.pass) }

// Drain ends all streams and lets no more begin.
func (h *Hub) Drain() { h.drain.Do(func() { close(h.drained) }) }

// OnRelease has f called when another release may be live in a tenant; an empty tenant is every one. Call it before Run.
func (h *Hub) OnRelease(f func(tenant string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.hooks = append(h.hooks, f)
}

func (h *Hub) pass(m broadcast.Message) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if m.Kind == changesv1.Kind_KIND_UNSPECIFIED || m.Kind == changesv1.Kind_KIND_PUBLICATION && m.ID == "" {
		for _, f := range h.hooks {
			f(m.Tenant)
		}
	}
	if m.Tenant != "" {
		for s := range h.streams[m.Tenant] {
			s.offer(m)
		}
		return
	}
	for _, streams := range h.streams {
		for s := range streams {
			s.offer(m)
		}
	}
}

// Reader is who reads a stream. All but Idle are required.
type Reader struct {
	Principal principal.Principal
	// Begin is called once, when changes are told from now on.
	Begin func() error
	// Renew looks at the caller's credential again.
	Renew func(context.Context) (principal.Principal, error)
	// Send passes a change on. It may wait for the caller.
	Send func(*changesv1.Change) error
	// Idle is called when nothing was sent for a while.
	Idle func() error
}

// Watch sends changes until ctx ends, sending fails, the caller may no more or the hub drains; then it returns why.
func (h *Hub) Watch(ctx context.Context, req *changesv1.WatchChangesRequest, r Reader) error {
	if !r.Principal.SignedIn() || r.Principal.Tenant == "" {
		return errUnauthenticated()
	}
	if err := check(req); err != nil {
		return err
	}
	s := &stream{
		kinds: req.GetKinds(), component: req.GetComponent(), who: r.Principal, wake: make(chan struct{}, 1),
	}
	leave, err := h.enter(s)
	if err != nil {
		return err
	}
	defer leave()
	if err := r.Begin(); err != nil {
		return err
	}
	return h.serve(ctx, s, r)
}

func (h *Hub) serve(ctx context.Context, s *stream, r Reader) error {
	renewed, sent := h.clk.Now(), h.clk.Now()
	timer := h.clk.NewTimer(idleEvery)
	defer timer.Stop()
	next := renewEvery
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-h.drained:
			return errDraining()
		case <-s.wake:
		case <-timer.C():
			timer.Reset(idleEvery)
		}
		// First, also when a reader was slow: what waits may be no more for the caller to hear.
		if since := h.clk.Now().Sub(renewed); since >= next {
			switch err := s.renew(ctx, r); {
			case err == nil:
				renewed, next = h.clk.Now(), renewEvery
			case !passing(err) || since >= patience:
				return err
			default:
				next = since + idleEvery
			}
		}
		now, waiting := h.clk.Now(), s.take()
		for _, c := range waiting {
			if err := r.Send(c); err != nil {
				return err
			}
		}
		if len(waiting) > 0 {
			sent = now
		} else if r.Idle != nil && now.Sub(sent) >= idleEvery {
			if err := r.Idle(); err != nil {
				return err
			}
			sent = now
		}
	}
}

// passing reports whether an error says nothing about the caller.
func passing(err error) bool {
	f, ok := fault.As(err)
	return ok && (f.Kind == fault.KindUnavailable || f.Kind == fault.KindDeadlineExceeded || f.Kind == fault.KindExhausted)
}

func (h *Hub) enter(s *stream) (leave func(), err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	select {
	case <-h.drained:
		return nil, errDraining()
	default:
	}
	own := 0
	streams := h.streams[s.who.Tenant]
	for other := range streams {
		if other.subject() == s.who.Subject {
			own++
		}
	}
	if own >= MaxPerUser || len(streams) >= MaxPerTenant {
		return nil, fault.Exhausted(faultv1.Reason_REASON_QUOTA_EXCEEDED, "too many streams of changes at once", fault.Retry(idleEvery))
	}
	if streams == nil {
		streams = map[*stream]bool{}
		h.streams[s.who.Tenant] = streams
	}
	streams[s] = true
	h.open.Inc()
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(streams, s)
		if len(streams) == 0 {
			delete(h.streams, s.who.Tenant) // nobody else changes whose stream it is
		}
		h.open.Dec()
	}, nil
}

func check(req *changesv1.WatchChangesRequest) error {
	var fields []fault.Option
	bad := func(k changesv1.Kind) bool {
		_, known := changesv1.Kind_name[int32(k)]
		return !known || k == changesv1.Kind_KIND_UNSPECIFIED
	}
	if len(req.GetKinds()) > maxKinds || slices.ContainsFunc(req.GetKinds(), bad) {
		fields = append(fields, fault.Field("kinds", fmt.Sprintf("expected at most %d kinds", maxKinds)))
	}
	if len(req.GetComponent()) > maxComponent {
		fields = append(fields, fault.Field("component", fmt.Sprintf("expected at most %d bytes", maxComponent)))
	}
	if len(fields) > 0 {
		return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the request has fields that are not valid", fields...)
	}
	return nil
}

func errUnauthenticated() error {
	return fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
}

func errDraining() error {
	return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the server stops; connect again", fault.Retry(time.Second))
}

// Ended reports whether a stream ended as streams do: its caller went, or the server drains.
func Ended(err error) bool {
	f, ok := fault.As(err)
	return errors.Is(err, context.Canceled) || ok && f.Reason == faultv1.Reason_REASON_SERVICE_UNAVAILABLE
}
