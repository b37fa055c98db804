package changes

import (
	"context"
	"slices"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/principal"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
)

// stream is one caller that listens.
type stream struct {
	kinds     []changesv1.Kind
	component string
	wake      chan struct{}

	mu      sync.Mutex
	who     principal.Principal
	waiting []*changesv1.Change
	missed  bool // too much came at once
}

// offer puts a change where the reader finds it, if the caller may hear of it. It never waits.
func (s *stream) offer(m broadcast.Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.missed || !s.wants(m) {
		return
	}
	c, ok := heard(s.who, m)
	switch {
	case !ok || slices.ContainsFunc(s.waiting, func(other *changesv1.Change) bool { return proto.Equal(c, other) }):
		return
	case len(s.waiting) == maxWaiting || c.GetKind() == changesv1.Kind_KIND_UNSPECIFIED:
		s.missed, s.waiting = true, []*changesv1.Change{{}}
	default:
		s.waiting = append(s.waiting, c)
	}
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// wants reports whether a change is among those that were asked for.
func (s *stream) wants(m broadcast.Message) bool {
	return m.Kind == changesv1.Kind_KIND_UNSPECIFIED ||
		(len(s.kinds) == 0 || slices.Contains(s.kinds, m.Kind)) && (s.component == "" || s.component == m.Component)
}

// heard is what somebody hears of a change: only of what the usual methods would let them read.
func heard(p principal.Principal, m broadcast.Message) (*changesv1.Change, bool) {
	c := &changesv1.Change{Kind: m.Kind, Component: m.Component, Id: m.ID}
	switch m.Kind {
	case changesv1.Kind_KIND_UNSPECIFIED:
		return &changesv1.Change{}, true
	case changesv1.Kind_KIND_ENTRY:
		return c, p.Can("entries.read", m.Component) && (len(m.Roles) == 0 || p.MayUse(m.Roles))
	case changesv1.Kind_KIND_RUN:
		return c, p.Can("runs.read", "") // as ListRuns: runs are not shown by component
	case changesv1.Kind_KIND_TASK:
		return c, p.IsAdmin() || p.HasAnyRole(m.Roles) || slices.Contains(m.Users, p.Subject) || p.Email != "" && slices.Contains(m.Users, p.Email)
	case changesv1.Kind_KIND_NOTICE:
		return c, slices.Contains(m.Users, p.Subject)
	case changesv1.Kind_KIND_PUBLICATION:
		// That another release is live is for everybody: whoever uses an app will see it.
		return c, m.ID == "" || p.Can("components.read", "")
	case changesv1.Kind_KIND_COMPONENT:
		return c, p.Can("components.read", m.Component)
	}
	return nil, false
}

func (s *stream) take() []*changesv1.Change {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := s.waiting
	s.waiting, s.missed = nil, false
	return waiting
}

func (s *stream) subject() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.who.Subject
}

// renew takes over what the caller may do now.
func (s *stream) renew(ctx context.Context, r Reader) error {
	p, err := r.Renew(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Tenant != s.who.Tenant || p.Subject != s.who.Subject { // the session has switched to another tenant
		return errUnauthenticated()
	}
	s.who = p
	return nil
}
