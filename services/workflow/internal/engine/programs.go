package engine

import (
	"context"
	"strings"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/lru"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/dsl"
	"github.com/aqtra/aqtra/services/workflow/internal/task"
)

// Releases gives releases by id. They never change.
type Releases interface {
	// Release returns a release of a tenant, or a fault.
	Release(ctx context.Context, tenant, id string) (*libraryv1.Release, error)
}

// programs keeps compiled workflows of recently used releases.
type programs struct {
	kinds    dsl.Kinds
	releases Releases
	clock    clock.Clock
	kept     *lru.Cache[*dsl.Program]
}

// get returns a workflow of a release, or the fault WORKFLOW_NOT_FOUND or WORKFLOW_INVALID.
func (p *programs) get(ctx context.Context, tenant, release, component, workflow string) (*dsl.Program, error) {
	key := strings.Join([]string{tenant, release, component, workflow}, "\x00")
	return p.kept.Load(ctx, key, func(ctx context.Context) (*dsl.Program, int64, error) {
		compiled, err := p.load(ctx, tenant, release, component, workflow)
		return compiled, 1, err
	})
}

func (p *programs) load(ctx context.Context, tenant, release, component, workflow string) (*dsl.Program, error) {
	r, err := p.releases.Release(ctx, tenant, release)
	if err != nil {
		return nil, err
	}
	var own *libraryv1.Component
	var others []*libraryv1.Component
	for _, c := range r.GetComponents() {
		if c.GetId() == component {
			own = c
		} else {
			others = append(others, c)
		}
	}
	return p.compile(own, others, workflow)
}

// compile returns a workflow of a component, with others that it may refer to, or a fault as get does.
func (p *programs) compile(component *libraryv1.Component, others []*libraryv1.Component, workflow string) (*dsl.Program, error) {
	scope := &task.Scope{Clock: p.clock, Component: component, Others: others}
	for _, w := range scope.Component.GetWorkflows() {
		if w.GetId() != workflow {
			continue
		}
		result := dsl.Compile(p.kinds, scope, w)
		if result.Program == nil {
			opts := []fault.Option{}
			for _, problem := range result.Problems[:min(len(result.Problems), 20)] {
				opts = append(opts, fault.Field(problem.GetPath(), problem.GetMessage()))
			}
			return nil, fault.FailedPrecondition(faultv1.Reason_REASON_WORKFLOW_INVALID, "the workflow has problems", opts...)
		}
		return result.Program, nil
	}
	return nil, errWorkflow()
}

func errWorkflow() error {
	return fault.NotFound(faultv1.Reason_REASON_WORKFLOW_NOT_FOUND, "workflow not found")
}
