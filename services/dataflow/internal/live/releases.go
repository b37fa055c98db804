// Package live runs the dataflows of live releases: it keeps releases with their compiled dataflows, and joins what a run may
// reach.
package live

import (
	"sync"

	"github.com/aqtra/aqtra/pkg/catalog"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/dataflow/internal/engine"
	"github.com/aqtra/aqtra/services/dataflow/internal/step"
)

// release is a release with the dataflows of it that have run.
type release struct {
	components []*libraryv1.Component
	kinds      *catalog.Registry[step.Kind]
	clock      clock.Clock

	mu     sync.Mutex
	graphs map[string]func() (*engine.Graph, error)
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
