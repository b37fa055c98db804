package changes_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/broadcast"
	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	changesv1 "github.com/aqtra/aqtra/proto/gen/aqtra/changes/v1"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/changes"
)

// source passes on what a test says.
type source chan broadcast.Message

func (s source) Subscribe(ctx context.Context, got func(broadcast.Message)) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case m := <-s:
			got(m)
		}
	}
}

type world struct {
	t    *testing.T
	clk  *clock.Fake
	hub  *changes.Hub
	news source
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, clk: clock.NewFake(time.Unix(1e9, 0)), news: make(source)}
	var err error
	w.hub, err = changes.New(w.news, w.clk, prometheus.NewRegistry())
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- w.hub.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-done) })
	return w
}

// listener is one open stream.
type listener struct {
	t      *testing.T
	got    chan *changesv1.Change
	idle   chan struct{}
	ended  chan error
	leave  context.CancelFunc
	mu     sync.Mutex
	who    principal.Principal
	renew  error
	asked  chan struct{}
	resume chan struct{} // when not nil, sending waits for it
}

func (l *listener) set(p principal.Principal, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.who, l.renew = p, err
}

func (w *world) listen(p principal.Principal, req *changesv1.WatchChangesRequest, resume chan struct{}) *listener {
	w.t.Helper()
	ctx, leave := context.WithCancel(w.t.Context())
	l := &listener{
		t: w.t, got: make(chan *changesv1.Change, 1000), idle: make(chan struct{}, 100), ended: make(chan error, 1), leave: leave, who: p,
		asked: make(chan struct{}, 100), resume: resume,
	}
	begun := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.ended <- w.hub.Watch(ctx, req, changes.Reader{
			Principal: p,
			Begin:     func() error { close(begun); return nil },
			Renew: func(context.Context) (principal.Principal, error) {
				l.mu.Lock()
				defer l.mu.Unlock()
				l.asked <- struct{}{}
				return l.who, l.renew
			},
			Send: func(c *changesv1.Change) error {
				l.got <- c
				if l.resume != nil {
					<-l.resume
				}
				return nil
			},
			Idle: func() error { l.idle <- struct{}{}; return nil },
		})
	}()
	w.t.Cleanup(func() { leave(); <-done })
	select {
	case <-begun:
	case <-done:
	}
	return l
}

func (l *listener) next() *changesv1.Change {
	l.t.Helper()
	select {
	case c := <-l.got:
		return c
	case <-time.After(10 * time.Second):
		require.FailNow(l.t, "nothing was heard")
		return nil
	}
}

func (l *listener) end() error {
	l.t.Helper()
	select {
	case err := <-l.ended:
		return err
	case <-time.After(10 * time.Second):
		require.FailNow(l.t, "the stream did not end")
		return nil
	}
}

func user(subject string, grants ...principal.Grant) principal.Principal {
	return principal.Principal{
		Tenant: "acme", Subject: subject, Email: subject + "@acme.example", Kind: principal.KindUser, Roles: []string{"clerk"}, Grants: grants,
	}
}

func admin() principal.Principal {
	p := user("root", principal.Grant{Permission: "*"})
	p.Roles = []string{principal.RoleAdmin}
	return p
}

// last is heard by everybody; what came before it was not heard.
var last = broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION}

func TestWhoHearsWhat(t *testing.T) {
	t.Parallel()
	const component = "order"
	entry := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: component, ID: "e1"}
	ruled := entry
	ruled.Roles = []string{"boss", principal.RoleAdmin}
	run := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_RUN, Component: component, ID: "r1"}
	task := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_TASK, Component: component, ID: "t1"}
	of := func(users, roles []string) broadcast.Message {
		m := task
		m.Users, m.Roles = users, roles
		return m
	}
	publication := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION, ID: "p1"}
	revision := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_COMPONENT, Component: component, ID: component}
	foreign := entry
	foreign.Tenant = "other"
	reads := func(permission, component string) principal.Principal {
		return user("bob", principal.Grant{Permission: permission, Component: component})
	}
	nobody := user("bob")
	for name, c := range map[string]struct {
		who   principal.Principal
		req   *changesv1.WatchChangesRequest
		m     broadcast.Message
		heard bool
	}{
		"entry with the permission":         {who: reads("entries.read", ""), m: entry, heard: true},
		"entry of the component":            {who: reads("entries.*", component), m: entry, heard: true},
		"entry of another component":        {who: reads("entries.read", "invoice"), m: entry},
		"entry without":                     {who: nobody, m: entry},
		"entry for other roles":             {who: reads("entries.read", ""), m: ruled},
		"entry for other roles, admin":      {who: admin(), m: ruled, heard: true},
		"entry of another tenant":           {who: admin(), m: foreign},
		"entry not asked for by kind":       {who: admin(), m: entry, req: &changesv1.WatchChangesRequest{Kinds: []changesv1.Kind{changesv1.Kind_KIND_PUBLICATION}}},
		"entry asked for":                   {who: admin(), m: entry, req: &changesv1.WatchChangesRequest{Kinds: []changesv1.Kind{changesv1.Kind_KIND_PUBLICATION, changesv1.Kind_KIND_ENTRY}}, heard: true},
		"run with the permission":           {who: reads("runs.read", ""), m: run, heard: true},
		"run with it for one component":     {who: reads("runs.read", component), m: run},
		"run without":                       {who: nobody, m: run},
		"task by subject":                   {who: nobody, m: of([]string{"bob"}, nil), heard: true},
		"task by email":                     {who: nobody, m: of([]string{"bob@acme.example"}, nil), heard: true},
		"task by role":                      {who: nobody, m: of(nil, []string{"clerk"}), heard: true},
		"task of others":                    {who: reads("entries.*", ""), m: of([]string{"eve"}, []string{"boss"})},
		"task of others, admin":             {who: admin(), m: of([]string{"eve"}, nil), heard: true},
		"publication with the permission":   {who: reads("components.read", ""), m: publication, heard: true},
		"publication without":               {who: nobody, m: publication},
		"revision with the permission":      {who: reads("components.read", component), m: revision, heard: true},
		"revision without":                  {who: nobody, m: revision},
		"anything of the tenant":            {who: nobody, m: broadcast.Message{Tenant: "acme"}, heard: true},
		"anything anywhere":                 {who: nobody, m: broadcast.Message{}, heard: true},
		"anything of another tenant":        {who: admin(), m: broadcast.Message{Tenant: "other"}},
		"a kind that is not known here yet": {who: admin(), m: broadcast.Message{Tenant: "acme", Kind: 99}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			l := w.listen(c.who, c.req, nil)
			w.news <- c.m
			w.news <- last
			got := l.next()
			if !c.heard {
				require.Equal(t, last.Kind, got.GetKind(), "%v", got)
				require.Empty(t, got.GetId())
				return
			}
			require.Equal(t, c.m.Kind, got.GetKind())
			require.Equal(t, c.m.ID, got.GetId())
			require.Equal(t, c.m.Component, got.GetComponent())
		})
	}
}

func TestOneComponent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen(admin(), &changesv1.WatchChangesRequest{Component: "order"}, nil)
	w.news <- broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "invoice", ID: "e0"}
	w.news <- last
	w.news <- broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "order", ID: "e1"}
	require.Equal(t, "e1", l.next().GetId())
}

func TestSlowReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	resume := make(chan struct{})
	l := w.listen(admin(), nil, resume)
	told := func(i int) broadcast.Message {
		return broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "order", ID: fmt.Sprint(i)}
	}
	w.news <- told(0)
	require.Equal(t, "0", l.next().GetId())
	for i := range 1000 { // it still reads the first
		w.news <- told(i)
	}
	w.news <- broadcast.Message{Tenant: "other"} // by now all of them were offered
	close(resume)
	require.Equal(t, changesv1.Kind_KIND_UNSPECIFIED, l.next().GetKind(), "anything may have changed")
	w.news <- told(7)
	require.Equal(t, "7", l.next().GetId(), "and goes on")
	require.Empty(t, l.got)
}

func TestCallerIsLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entry := broadcast.Message{Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY, Component: "order", ID: "e1"}
	later := func(l *listener) { // 30 s, in which the caller must be looked at again
		t.Helper()
		for range 2 {
			require.NoError(t, w.clk.WaitTimers(t.Context(), 1)) // the loop has seen the time before
			w.clk.Advance(15 * time.Second)
		}
		for deadline := time.After(10 * time.Second); ; {
			select {
			case <-l.asked:
				return
			case <-l.idle:
			case <-deadline:
				require.FailNow(t, "the caller is not looked at again")
			}
		}
	}
	l := w.listen(user("bob"), nil, nil)
	w.news <- entry
	l.set(user("bob", principal.Grant{Permission: "entries.read"}), nil)
	later(l)
	require.Eventually(t, func() bool { w.news <- entry; return len(l.got) > 0 }, 10*time.Second, time.Millisecond, "new roles hold")

	revoked := fault.Unauthenticated(faultv1.Reason_REASON_SESSION_EXPIRED, "the session has expired")
	l.set(principal.Principal{}, revoked)
	later(l)
	require.ErrorIs(t, l.end(), revoked)

	l = w.listen(admin(), nil, nil)
	elsewhere := admin()
	elsewhere.Tenant = "other"
	l.set(elsewhere, nil)
	later(l)
	require.True(t, fault.Has(l.end(), faultv1.Reason_REASON_UNAUTHENTICATED), "a session that switched tenants")
}

func TestIdentityAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen(admin(), nil, nil)
	away := fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the database is not available")
	l.set(principal.Principal{}, away)
	require.NoError(t, w.clk.WaitTimers(t.Context(), 1))
	w.clk.Advance(4 * time.Minute)
	<-l.asked
	w.news <- last
	require.Equal(t, last.Kind, l.next().GetKind(), "a short outage ends nothing")
	require.NoError(t, w.clk.WaitTimers(t.Context(), 1))
	w.clk.Advance(time.Minute + time.Second)
	require.ErrorIs(t, l.end(), away)
}

func TestLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	require.True(t, fault.Has(w.listen(principal.Principal{}, nil, nil).end(), faultv1.Reason_REASON_UNAUTHENTICATED))
	public := principal.Principal{Tenant: "acme", Kind: principal.KindPublic}
	require.True(t, fault.Has(w.listen(public, nil, nil).end(), faultv1.Reason_REASON_UNAUTHENTICATED))
	wrong := &changesv1.WatchChangesRequest{Kinds: []changesv1.Kind{42}}
	require.True(t, fault.Has(w.listen(admin(), wrong, nil).end(), faultv1.Reason_REASON_INVALID_FIELDS))

	first := w.listen(admin(), nil, nil)
	for range changes.MaxPerUser - 1 {
		w.listen(admin(), nil, nil)
	}
	require.True(t, fault.Has(w.listen(admin(), nil, nil).end(), faultv1.Reason_REASON_QUOTA_EXCEEDED))
	w.listen(user("bob"), nil, nil)
	first.leave()
	require.ErrorIs(t, first.end(), context.Canceled)
	again := w.listen(admin(), nil, nil)

	for i := range changes.MaxPerTenant - changes.MaxPerUser - 1 {
		w.listen(user(fmt.Sprint(i)), nil, nil)
	}
	require.True(t, fault.Has(w.listen(user("eve"), nil, nil).end(), faultv1.Reason_REASON_QUOTA_EXCEEDED))
	elsewhere := user("eve")
	elsewhere.Tenant = "other"
	other := w.listen(elsewhere, nil, nil)

	w.hub.Drain()
	for _, l := range []*listener{again, other, w.listen(elsewhere, nil, nil)} {
		require.True(t, fault.Has(l.end(), faultv1.Reason_REASON_SERVICE_UNAVAILABLE))
	}
}

func TestReleaseIsToldToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	l := w.listen(admin(), nil, nil)
	told := make(chan string, 10)
	w.hub.OnRelease(func(tenant string) { told <- tenant })
	for _, m := range []broadcast.Message{
		{Tenant: "acme", Kind: changesv1.Kind_KIND_PUBLICATION, ID: "p1"}, {Tenant: "acme", Kind: changesv1.Kind_KIND_ENTRY}, last,
	} {
		w.news <- m
	}
	require.Equal(t, "p1", l.next().GetId())
	require.Equal(t, "acme", <-told)
	w.news <- broadcast.Message{} // it takes the place of what waits
	require.Empty(t, <-told)
}

func TestBrokenReader(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	broken := errors.New("broken pipe")
	err := w.hub.Watch(t.Context(), nil, changes.Reader{Principal: admin(), Begin: func() error { return broken }})
	require.ErrorIs(t, err, broken)
}
