// Package peers reaches the services that the engine needs besides those that functions call.
package peers

import (
	"context"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/objectmodel"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/releases"
	"github.com/aqtra/aqtra/pkg/rpc"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/notify"
)

// Releases reads releases from the component library.
type Releases struct{ Client libraryv1.ReleasesClient }

var _ engine.Releases = Releases{}

// Release implements engine.Releases.
func (r Releases) Release(ctx context.Context, tenant, id string) (*libraryv1.Release, error) {
	return r.Client.GetRelease(ctx, &libraryv1.GetReleaseRequest{Tenant: tenant, Release: id}, grpc.MaxCallRecvMsgSize(releases.MaxSize))
}

const (
	// maxTokens is how many tokens are kept.
	maxTokens = 4096
	// spare is how long before its end a token is no longer used.
	spare = 10 * time.Second
)

// Identity gets tokens for the users whom runs act for.
type Identity struct {
	client identityv1.DelegationClient
	clock  clock.Clock

	mu     sync.Mutex
	tokens map[key]token
}

type key struct{ tenant, subject, release, roles string }

type token struct {
	bytes []byte
	end   time.Time
}

var _ engine.Identity = (*Identity)(nil)

// NewIdentity makes an Identity.
func NewIdentity(client identityv1.DelegationClient, c clock.Clock) *Identity {
	return &Identity{client: client, clock: c, tokens: map[key]token{}}
}

// Act implements engine.Identity. Tokens are kept while they last, so roles are at most that old; the receivers check the
// epoch of each.
func (i *Identity) Act(ctx context.Context, run engine.Run, roles []string) (context.Context, error) {
	k := key{run.Tenant, run.Subject, run.Release, strings.Join(roles, " ")}
	now := i.clock.Now()
	i.mu.Lock()
	t, ok := i.tokens[k]
	i.mu.Unlock()
	if ok && now.Add(spare).Before(t.end) {
		return rpc.WithToken(ctx, t.bytes), nil
	}
	resp, err := i.client.Delegate(ctx, &identityv1.DelegateRequest{
		Tenant: run.Tenant, Subject: run.Subject, Release: run.Release, Run: run.ID, Roles: roles,
		Audience: []string{"component-library", "dataflow", "python-runner", "storage", "workflow"},
	})
	if err != nil {
		return nil, err
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.tokens) >= maxTokens {
		for old, t := range i.tokens {
			if len(i.tokens) >= maxTokens || !now.Add(spare).Before(t.end) {
				delete(i.tokens, old)
			}
		}
	}
	i.tokens[k] = token{bytes: resp.GetToken(), end: resp.GetExpireTime().AsTime()}
	return rpc.WithToken(ctx, resp.GetToken()), nil
}

// Person implements engine.Identity. Of a subject that is no user, such as a key, only the id is known.
func (i *Identity) Person(ctx context.Context, tenant, subject string) (map[string]any, error) {
	resp, err := i.client.FindUsers(ctx, &identityv1.FindUsersRequest{Tenant: tenant, Users: []string{subject}})
	if err != nil {
		return nil, err
	}
	person := principal.Principal{Subject: subject}
	for _, u := range resp.GetUsers() {
		if u.GetId() == subject {
			person.Email, person.DisplayName, person.Roles = u.GetEmail(), u.GetDisplayName(), u.GetRoles()
		}
	}
	return objectmodel.UserValue(person), nil
}

var _ notify.People = (*Identity)(nil)

// Members implements notify.People.
func (i *Identity) Members(ctx context.Context, tenant string, users, roles []string) ([]notify.Person, error) {
	var asked []*identityv1.FindUsersRequest
	if len(users) > 0 {
		asked = append(asked, &identityv1.FindUsersRequest{Tenant: tenant, Users: users})
	}
	for _, role := range roles {
		asked = append(asked, &identityv1.FindUsersRequest{Tenant: tenant, Role: role})
	}
	var out []notify.Person
	seen := map[string]bool{}
	for _, req := range asked {
		resp, err := i.client.FindUsers(ctx, req)
		if err != nil {
			return nil, err
		}
		for _, u := range resp.GetUsers() {
			if !u.GetDisabled() && !seen[u.GetId()] {
				seen[u.GetId()] = true
				out = append(out, notify.Person{ID: u.GetId(), Email: u.GetEmail()})
			}
		}
	}
	return out, nil
}

// Find implements engine.Identity.
func (i *Identity) Find(ctx context.Context, tenant, user string) (id, name string, err error) {
	resp, err := i.client.FindUsers(ctx, &identityv1.FindUsersRequest{Tenant: tenant, Users: []string{user}})
	if err != nil {
		return "", "", err
	}
	for _, u := range resp.GetUsers() {
		if !u.GetDisabled() {
			if name = u.GetDisplayName(); name == "" {
				name = u.GetEmail()
			}
			return u.GetId(), name, nil
		}
	}
	return "", "", nil
}
