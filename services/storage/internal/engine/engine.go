package engine

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"

	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
)

// Releases loads compiled releases.
type Releases interface {
	// Get returns fault RELEASE_NOT_FOUND when there is none. What it returns is shared and must not be changed.
	Get(ctx context.Context, tenant, id string) (*model.Release, error)
}

// Engine does the work of the Entries API.
type Engine struct {
	store    Store
	releases Releases
	news     News
	clock    clock.Clock
	exports  chan struct{} // has one for each that runs
	plans    chan struct{} // as well
}

// New makes an engine.
func New(store Store, releases Releases, news News, c clock.Clock) *Engine {
	return &Engine{store: store, releases: releases, news: news, clock: c, exports: make(chan struct{}, maxExports), plans: make(chan struct{}, maxPlans)}
}

// session is one request of a caller to one component.
type session struct {
	*Engine
	caller    principal.Principal
	place     Place
	release   *model.Release
	component *model.Component
	scope     query.Scope
}

// open finds out who calls and what the component is in the caller's release.
func (e *Engine) open(ctx context.Context, component string) (*session, error) {
	p, err := principal.Caller(ctx)
	if err != nil {
		return nil, err
	}
	if p.Release == "" {
		return nil, fault.NotFound(faultv1.Reason_REASON_NOTHING_PUBLISHED, "nothing is published yet")
	}
	release, err := e.releases.Get(ctx, p.Tenant, p.Release)
	if err != nil {
		return nil, err
	}
	c, ok := release.Component(component)
	if !ok || len(c.Fields) == 0 {
		return nil, fault.NotFound(faultv1.Reason_REASON_COMPONENT_NOT_FOUND, "there is no such component with entries")
	}
	place, err := e.store.Place(ctx, p.Tenant, p.Release)
	if err != nil {
		return nil, err
	}
	s := &session{Engine: e, caller: p, place: place, release: release, component: c}
	s.scope = query.Scope{
		Schema: place.Schema, Release: release, Now: e.clock.Now(),
		User:  query.User{ID: p.Subject, Email: p.Email, Name: p.DisplayName, Roles: p.Roles},
		Sight: s.readable,
	}
	return s, nil
}

// sight is what the access rules let the caller do in the component of the session.
func (s *session) sight(op libraryv1.Operation) query.Sight {
	return query.SightOf(s.component, op, s.caller)
}

// readable is what the caller sees of any component: by its grants and by the component's rules.
func (s *session) readable(c *model.Component) query.Sight {
	if !s.caller.Can("entries.read", c.ID) {
		return query.Sight{}
	}
	return query.SightOf(c, libraryv1.Operation_OPERATION_READ, s.caller)
}

func notFound() error {
	return fault.NotFound(faultv1.Reason_REASON_ENTRY_NOT_FOUND, "there is no such entry")
}

// SealContext ties a sealed value to its place, so that it cannot be moved to another one.
func SealContext(c *model.Component, f *model.Field, entry string) string {
	return SealContextOf(c.UID, f.GetId(), entry)
}

// SealContextOf is SealContext of stable ids.
func SealContextOf(componentUID, field, entry string) string {
	return fmt.Sprintf("value/%s/%s/%s", componentUID, field, entry)
}

// ResponseContext ties the sealed answer of a request to its id.
func ResponseContext(requestID string) string { return "response/" + requestID }
