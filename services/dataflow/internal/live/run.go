package live

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/recording"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// maxCalls is how many dataflows may run within one request, all levels together.
const maxCalls = 10_000

// Deps are what runs need. All are required.
type Deps struct {
	// Library is the connection to the component library.
	Library grpc.ClientConnInterface
	Kinds   *catalog.Registry[step.Kind]
	Clock   clock.Clock
	Reach   recording.Reach
	// Recordings keeps a run of each dataflow in every RecordEvery; 0 records none.
	Recordings  Recordings
	RecordEvery time.Duration
	// Tries are what tests use instead: what they store is validated and taken back.
	Tries Tries
	// ReleaseBytes is how many bytes of definitions are kept.
	ReleaseBytes int64
	// MaxRuns is how many requests run at once.
	MaxRuns int
}

// Tries reach the same as their namesakes in Deps.
type Tries struct {
	Entries step.Entries
	Scripts step.Scripts
}

// Engine runs dataflows.
type Engine struct {
	deps     Deps
	releases *releases.Cache[*release]
	running  atomic.Int64
	sampler  *sampler
}

// New is an engine that holds nothing yet.
func New(d Deps) *Engine {
	e := &Engine{deps: d, sampler: newSampler(d.RecordEvery)}
	e.releases = releases.NewBytes(d.Library, d.ReleaseBytes, func(r *libraryv1.Release) (*release, error) { return e.newRelease(r), nil })
	return e
}

func (e *Engine) newRelease(r *libraryv1.Release) *release {
	return e.releaseAt(e.deps.Clock, r.GetComponents())
}

// releaseAt is a release whose expressions take the time from clk.
func (e *Engine) releaseAt(clk clock.Clock, components []*libraryv1.Component) *release {
	return &release{components: components, kinds: e.deps.Kinds, clock: clk, graphs: map[string]func() (*engine.Graph, error){}}
}

// enter counts a request that runs; running.Add(-1) takes it back. It is no queue: a script of a run may start another one, and
// both would wait for each other.
func (e *Engine) enter() error {
	if e.running.Add(1) > int64(e.deps.MaxRuns) {
		e.running.Add(-1)
		return fault.Unavailable(faultv1.Reason_REASON_OVERLOADED, "too many dataflows run at once", fault.Retry(time.Second))
	}
	return nil
}

// Request asks for a run.
type Request struct {
	Component, Dataflow string
	Input               any
	// Entry is what the caller is about; empty for nothing.
	Entry string
	// ID makes the writes happen once; empty when the caller does not repeat.
	ID string
}

// Run runs a dataflow of the caller's release as the caller. Somebody without one of its roles is told that it is not there.
func (e *Engine) Run(ctx context.Context, req Request) (*step.Result, []*step.Report, error) {
	p, ok := principal.From(ctx)
	if !ok {
		return nil, nil, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "nobody is signed in")
	}
	if err := e.enter(); err != nil {
		return nil, nil, err
	}
	defer e.running.Add(-1)
	r, err := e.releases.Current(ctx)
	if err != nil {
		return nil, nil, err
	}
	graph, err := r.graph(req.Component, req.Dataflow)
	if err == nil && !graph.MayRun(p) {
		err = notFound()
	}
	if err != nil {
		return nil, nil, err
	}
	calls := &calls{deps: e.deps, release: r, user: objectmodel.UserValue(p)}
	keep := e.record(calls, p, req)
	result, reports, err := graph.Run(ctx, calls.env(req), e.deps.Clock.Now)
	if err == nil {
		keep()
	}
	return result, reports, err
}

// calls are the dataflows that run within one request.
type calls struct {
	deps    Deps
	release *release
	user    map[string]any
	made    atomic.Int64
}

var _ step.Dataflows = (*calls)(nil)

func (c *calls) env(req Request) step.Env {
	d := c.deps
	return step.Env{
		Input: req.Input, Entry: req.Entry, Component: req.Component, User: c.user, Key: req.ID, Now: d.Clock.Now(),
		Entries: d.Reach.Entries, Files: d.Reach.Files, Scripts: d.Reach.Scripts, Dataflows: c, Workflows: d.Reach.Workflows,
	}
}

// Run runs another dataflow of the same release. Its roles are not asked: they say who may run it directly.
func (c *calls) Run(ctx context.Context, component, dataflow string, input any, requestID string, depth int) (any, error) {
	if c.made.Add(1) > maxCalls {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_STEP_FAILED,
			fmt.Sprintf("one request may run %d dataflows", maxCalls))
	}
	graph, err := c.release.graph(component, dataflow)
	if err != nil {
		return nil, err
	}
	env := c.env(Request{Component: component, Dataflow: dataflow, Input: input, ID: requestID})
	env.Depth = depth
	result, _, err := graph.Run(ctx, env, c.deps.Clock.Now)
	if err != nil {
		return nil, err
	}
	return result.Output, nil
}
