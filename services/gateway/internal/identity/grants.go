package identity

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aqtra/aqtra/pkg/principal"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
)

// The roles that every tenant has.
const (
	roleAdmin     = principal.RoleAdmin
	roleDeveloper = "developer"
	roleMember    = "member"
)

// maxGrantsSize bounds the permissions and components that a person's roles add up to, in bytes: they travel in every token.
const maxGrantsSize = 8 << 10

// builtIn returns a role that comes with every tenant.
func builtIn(id string) (role *identityv1.Role, ok bool) {
	grants := func(permissions ...string) []*identityv1.Grant {
		out := make([]*identityv1.Grant, len(permissions))
		for i, p := range permissions {
			out[i] = &identityv1.Grant{Permission: p}
		}
		return out
	}
	switch id {
	case roleAdmin:
		role = &identityv1.Role{DisplayName: "Administrator", Grants: grants("*")}
	case roleDeveloper:
		role = &identityv1.Role{DisplayName: "Developer", Grants: grants("components.*", "entries.*", "files.*", "dataflows.*",
			"workflows.*", "runs.*", "scripts.*", "users.read")}
	case roleMember:
		role = &identityv1.Role{DisplayName: "Member"}
	default:
		return nil, false
	}
	role.Id, role.BuiltIn = id, true
	return role, true
}

// storedGrant is how a grant lies in the database.
type storedGrant struct {
	Permission string `json:"permission"`
	Component  string `json:"component,omitempty"`
}

func encodeGrants(grants []*identityv1.Grant) ([]byte, error) {
	out := make([]storedGrant, len(grants))
	for i, g := range grants {
		out[i] = storedGrant{g.GetPermission(), g.GetComponent()}
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, fmt.Errorf("encode grants: %w", err)
	}
	return b, nil
}

func decodeGrants(b []byte) ([]*identityv1.Grant, error) {
	var in []storedGrant
	if err := json.Unmarshal(b, &in); err != nil {
		return nil, fmt.Errorf("decode grants: %w", err)
	}
	out := make([]*identityv1.Grant, len(in))
	for i, g := range in {
		out[i] = &identityv1.Grant{Permission: g.Permission, Component: g.Component}
	}
	return out, nil
}

// grantSet resolves roles into grants: what the database has for the tenant's own roles, by id, and the built-in ones.
type grantSet map[string][]*identityv1.Grant

func decodeGrantSet(b []byte) (grantSet, error) {
	if len(b) <= len("{}") {
		return nil, nil
	}
	var in map[string][]storedGrant
	if err := json.Unmarshal(b, &in); err != nil {
		return nil, fmt.Errorf("decode grants: %w", err)
	}
	out := make(grantSet, len(in))
	for id, grants := range in {
		for _, g := range grants {
			out[id] = append(out[id], &identityv1.Grant{Permission: g.Permission, Component: g.Component})
		}
	}
	return out, nil
}

func (s grantSet) of(role string) []*identityv1.Grant {
	if r, ok := builtIn(role); ok {
		return r.GetGrants()
	}
	return s[role]
}

// resolve returns the grants of all roles together, sorted and without those that another one covers.
func (s grantSet) resolve(roles []string) []principal.Grant {
	var all []principal.Grant
	for _, role := range roles {
		for _, g := range s.of(role) {
			all = append(all, principal.Grant{Permission: g.GetPermission(), Component: g.GetComponent()})
		}
	}
	slices.SortFunc(all, func(a, b principal.Grant) int {
		return cmp.Or(cmp.Compare(a.Permission, b.Permission), cmp.Compare(a.Component, b.Component))
	})
	all = slices.Compact(all)
	return slices.DeleteFunc(slices.Clone(all), func(g principal.Grant) bool {
		return slices.ContainsFunc(all, func(other principal.Grant) bool { return other != g && other.Covers(g.Permission, g.Component) })
	})
}

func grantsSize(grants []principal.Grant) int {
	n := 0
	for _, g := range grants {
		n += len(g.Permission) + len(g.Component) + 8
	}
	return n
}

// within reports whether p holds everything that the grants give.
func within(p principal.Principal, grants []*identityv1.Grant) bool {
	for _, g := range grants {
		if !p.Can(g.GetPermission(), g.GetComponent()) {
			return false
		}
	}
	return true
}

// mayGive reports whether p may give a role to somebody or take it away. A role opens more than its grants say: pages and
// data may ask for it by name. So only administrators give roles that they do not hold themselves.
func mayGive(p principal.Principal, role string) bool {
	return role == roleMember || p.IsAdmin() || slices.Contains(p.Roles, role)
}

func grantsToProto(grants []principal.Grant) []*identityv1.Grant {
	out := make([]*identityv1.Grant, len(grants))
	for i, g := range grants {
		out[i] = &identityv1.Grant{Permission: g.Permission, Component: g.Component}
	}
	return out
}
