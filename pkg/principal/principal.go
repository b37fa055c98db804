// Package principal says who acts: the identity that a request carries from the edge through every service.
package principal

import (
	"context"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
)

// The kinds of principal.
const (
	// KindUser is a person who signed in.
	KindUser = "user"
	// KindKey is a program with an API key.
	KindKey = "key"
	// KindRun is a workflow run that acts for somebody.
	KindRun = "run"
	// KindPublic is a visitor who did not sign in, of a tenant known from the host name or a webhook.
	KindPublic = "public"
)

// RoleAdmin is the built-in role that passes everything within its tenant.
const RoleAdmin = "admin"

// Principal is who acts, in which tenant, and what it may do. It is a value: nobody changes one that is in a context.
type Principal struct {
	// Tenant is the id of the tenant; the data of no other is in reach.
	Tenant string
	// Subject is the id of the user, key or run, unique within the installation.
	Subject string
	// Kind is one of the Kind constants.
	Kind        string
	DisplayName string
	Email       string
	// Roles are the names of the roles held in the tenant.
	Roles  []string
	Grants []Grant
	// Release is the published release that the request is pinned to; empty when nothing is published.
	Release string
	// Epoch counts changes of the tenant's authorization; a token of an older epoch is not renewed.
	Epoch int64
	// Operator marks somebody who runs the installation.
	Operator bool
}

// Grant gives a permission, everywhere or for one component.
type Grant struct {
	// Permission is exact ("entries.read"), a family ("entries.*") or everything ("*").
	Permission string
	// Component limits the grant to one component; empty means all.
	Component string
}

// Covers reports whether g gives permission, which may be a family itself, for component; an empty one stands for all.
func (g Grant) Covers(permission, component string) bool {
	return (g.Component == "" || g.Component == component) && covers(g.Permission, permission)
}

// Can reports whether p holds permission for component. With an empty component only a grant for all components counts.
func (p Principal) Can(permission, component string) bool {
	return slices.ContainsFunc(p.Grants, func(g Grant) bool { return g.Covers(permission, component) })
}

// PreviewPrefix begins the ids of the releases of previews; 16 hexadecimal digits follow.
const PreviewPrefix = "prv-"

// Preview is the release of p when it is that of a preview, else empty.
func (p Principal) Preview() string {
	if !strings.HasPrefix(p.Release, PreviewPrefix) {
		return ""
	}
	return p.Release
}

// Components returns for which components p holds permission: all of them, or the ones listed, sorted.
func (p Principal) Components(permission string) (all bool, components []string) {
	for _, g := range p.Grants {
		if !covers(g.Permission, permission) {
			continue
		}
		if g.Component == "" {
			return true, nil
		}
		components = append(components, g.Component)
	}
	slices.Sort(components)
	return false, slices.Compact(components)
}

// IsAdmin reports whether p holds the role that passes everything within the tenant.
func (p Principal) IsAdmin() bool { return slices.Contains(p.Roles, RoleAdmin) }

// HasAnyRole reports whether p holds one of the roles itself; an administrator is no exception.
func (p Principal) HasAnyRole(roles []string) bool {
	return slices.ContainsFunc(roles, func(role string) bool { return slices.Contains(p.Roles, role) })
}

// MayUse reports whether p may use a page, dataflow, workflow or script that is for these roles: everybody may when there are
// none, and an administrator always.
func (p Principal) MayUse(roles []string) bool {
	return len(roles) == 0 || p.IsAdmin() || p.HasAnyRole(roles)
}

// SignedIn reports whether p proved who it is.
func (p Principal) SignedIn() bool { return p.Subject != "" && p.Kind != KindPublic }

func covers(pattern, permission string) bool {
	if permission == "" {
		return false
	}
	if pattern == "*" || pattern == permission {
		return true
	}
	family, ok := strings.CutSuffix(pattern, ".*")
	return ok && family != "" && strings.HasPrefix(permission, family+".")
}

type key struct{}

// With returns a context that carries p.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From returns the principal of the context, false when it carries none.
func From(ctx context.Context) (Principal, bool) {
	p, ok := ctx.Value(key{}).(Principal)
	return p, ok
}

// Caller returns who calls within a tenant. When nobody does, the fault is UNAUTHENTICATED.
func Caller(ctx context.Context) (Principal, error) {
	p, ok := From(ctx)
	if !ok || p.Tenant == "" {
		return Principal{}, fault.Unauthenticated(faultv1.Reason_REASON_UNAUTHENTICATED, "sign in first")
	}
	return p, nil
}
