// Package live runs the dataflows of live releases: it keeps releases with their compiled dataflows, and joins what a run may
// reach.
package live

import (
	"container/list"
	"context"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// Library gives releases.
type Library interface {
	// Release returns a release of a tenant; it never changes.
	Release(ctx context.Context, tenant, release string) (*libraryv1.Release, error)
}

// releases keeps the releases that were used last, up to a number of bytes. It never forgets the newest.
type releases struct {
	library Library
	kinds   *catalog.Registry[step.Kind]
	clock   clock.Clock
	max     int64

	mu    sync.Mutex
	held  int64
	order *list.List // of *release, the newest first
	byKey map[string]*list.Element
}

// release is a release with the dataflows of it that have run.
type release struct {
	key        string
	size       int64
	components []*libraryv1.Component
	kinds      *catalog.Registry[step.Kind]
	clock      clock.Clock

	mu     sync.Mutex
	graphs map[string]func() (*engine.Graph, error)
}

func newReleases(library Library, kinds *catalog.Registry[step.Kind], clk clock.Clock, maxBytes int64) *releases {
	return &releases{library: library, kinds: kinds, clock: clk, max: maxBytes, order: list.New(), byKey: map[string]*list.Element{}}
}

// get returns a release, loading it when it is not held. Two callers may load the same one; the first to come back is kept.
func (r *releases) get(ctx context.Context, tenant, id string) (*release, error) {
	key := tenant + "/" + id
	if found := r.cached(key); found != nil {
		return found, nil
	}
	loaded, err := r.library.Release(ctx, tenant, id)
	if err != nil {
		return nil, err
	}
	return r.keep(&release{
		key: key, size: int64(proto.Size(loaded)), components: loaded.GetComponents(),
		kinds: r.kinds, clock: r.clock, graphs: map[string]func() (*engine.Graph, error){},
	}), nil
}

func (r *releases) cached(key string) *release {
	r.mu.Lock()
	defer r.mu.Unlock()
	e, ok := r.byKey[key]
	if !ok {
		return nil
	}
	r.order.MoveToFront(e)
	return e.Value.(*release)
}

func (r *releases) keep(loaded *release) *release {
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.byKey[loaded.key]; ok {
		return e.Value.(*release)
	}
	r.byKey[loaded.key] = r.order.PushFront(loaded)
	r.held += loaded.size
	for r.held > r.max && r.order.Len() > 1 {
		last := r.order.Back()
		gone := r.order.Remove(last).(*release)
		delete(r.byKey, gone.key)
		r.held -= gone.size
	}
	return loaded
}

// graph returns a compiled dataflow. It is compiled once, at its first use.
func (r *release) graph(component, dataflow string) (*engine.Graph, error) {
	r.mu.Lock()
	key := component + "/" + dataflow
	compile, ok := r.graphs[key]
	if !ok {
		scope, err := r.scope(component, dataflow)
		if err != nil {
			r.mu.Unlock()
			return nil, err
		}
		compile = sync.OnceValues(func() (*engine.Graph, error) {
			checked := engine.Compile(r.kinds, scope)
			if checked.Graph == nil {
				return nil, invalid(checked)
			}
			return checked.Graph, nil
		})
		r.graphs[key] = compile
	}
	r.mu.Unlock()
	return compile()
}

func (r *release) scope(component, dataflow string) (*step.Scope, error) {
	scope := &step.Scope{Components: r.components, Clock: r.clock}
	var ok bool
	if scope.Component, ok = scope.Find(component); !ok {
		return nil, fault.NotFound(faultv1.Reason_REASON_COMPONENT_NOT_FOUND, "there is no such component")
	}
	for _, d := range scope.Component.GetDataflows() {
		if d.GetId() == dataflow {
			scope.Dataflow = d
			return scope, nil
		}
	}
	return nil, notFound()
}

func notFound() error {
	return fault.NotFound(faultv1.Reason_REASON_DATAFLOW_NOT_FOUND, "there is no such dataflow")
}

// invalid is the fault of a dataflow that was published although it does not compile, such as one of an older version.
func invalid(checked engine.Checked) error {
	var opts []fault.Option
	for _, p := range checked.Problems {
		opts = append(opts, fault.Field(p.GetPath(), p.GetMessage()))
	}
	return fault.FailedPrecondition(faultv1.Reason_REASON_DATAFLOW_INVALID, "the dataflow has problems; check the component", opts...)
}
