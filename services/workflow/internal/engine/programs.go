package engine

import (
	"container/list"
	"context"
	"strings"
	"sync"

	"golang.org/x/sync/singleflight"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
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
	limit    int
	loading  singleflight.Group

	mu   sync.Mutex
	byID map[string]*list.Element
	used list.List // front is the newest
}

type program struct {
	key      string
	compiled *dsl.Program
}

// get returns a workflow of a release, or the fault WORKFLOW_NOT_FOUND or WORKFLOW_INVALID.
func (p *programs) get(ctx context.Context, tenant, release, component, workflow string) (*dsl.Program, error) {
	key := strings.Join([]string{tenant, release, component, workflow}, "\x00")
	p.mu.Lock()
	if e, ok := p.byID[key]; ok {
		p.used.MoveToFront(e)
		p.mu.Unlock()
		return e.Value.(*program).compiled, nil
	}
	p.mu.Unlock()
	v, err, _ := p.loading.Do(key, func() (any, error) {
		// The first caller loads for all who wait, so its going away must not fail them.
		return p.load(context.WithoutCancel(ctx), tenant, release, component, workflow)
	})
	if err != nil {
		return nil, err
	}
	compiled := v.(*dsl.Program)
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.byID[key]; !ok {
		p.byID[key] = p.used.PushFront(&program{key: key, compiled: compiled})
		for p.used.Len() > p.limit {
			last := p.used.Back()
			p.used.Remove(last)
			delete(p.byID, last.Value.(*program).key)
		}
	}
	return compiled, nil
}

func (p *programs) load(ctx context.Context, tenant, release, component, workflow string) (*dsl.Program, error) {
	r, err := p.releases.Release(ctx, tenant, release)
	if err != nil {
		return nil, err
	}
	scope := &task.Scope{Clock: p.clock}
	for _, c := range r.GetComponents() {
		if c.GetId() == component {
			scope.Component = c
		} else {
			scope.Others = append(scope.Others, c)
		}
	}
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
