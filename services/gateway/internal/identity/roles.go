package identity

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// maxRoles bounds the roles that a tenant makes.
const maxRoles = 200

// tenantRoles returns the grants of the roles that the tenant made.
func tenantRoles(ctx context.Context, q *db.Queries, tenant string) (grantSet, error) {
	rows, err := q.Roles(ctx, tenant)
	if err != nil {
		return nil, wrap("list roles", err)
	}
	out := make(grantSet, len(rows))
	for _, row := range rows {
		if out[row.ID], err = decodeGrants(row.Grants); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// exists returns ROLE_NOT_FOUND for a role that the tenant does not have.
func (s grantSet) exists(role string) error {
	if _, ok := builtIn(role); ok {
		return nil
	}
	if _, ok := s[role]; !ok {
		return errRoleNotFound()
	}
	return nil
}

// mayGiveAll checks that the roles exist and that p may give each of them.
func (s grantSet) mayGiveAll(p principal.Principal, roles []string) error {
	for _, role := range roles {
		if err := s.exists(role); err != nil {
			return err
		}
		if !mayGive(p, role) {
			return errGrantExceeds()
		}
	}
	return nil
}

// checkSize returns a fault if the roles together grant more than fits into a token.
func checkSize(all grantSet, roles []string) error {
	if grantsSize(all.resolve(roles)) > maxGrantsSize {
		return errQuota("these roles together hold too many grants for one person")
	}
	return nil
}

func roleToProto(row db.RolesRow) (*identityv1.Role, error) {
	grants, err := decodeGrants(row.Grants)
	if err != nil {
		return nil, err
	}
	return &identityv1.Role{Id: row.ID, DisplayName: row.DisplayName, Grants: grants, Etag: etag(row.Revision)}, nil
}

// ListRoles lists the built-in roles and those that the tenant made.
func (s *Service) ListRoles(ctx context.Context, _ *identityv1.ListRolesRequest) (*identityv1.ListRolesResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.db.Tenant(p.Tenant)).Roles(ctx, p.Tenant)
	if err != nil {
		return nil, wrap("list roles", err)
	}
	out := &identityv1.ListRolesResponse{}
	for _, id := range []string{roleAdmin, roleDeveloper, roleMember} {
		role, _ := builtIn(id)
		out.Roles = append(out.Roles, role)
	}
	for _, row := range rows {
		role, err := roleToProto(row)
		if err != nil {
			return nil, err
		}
		out.Roles = append(out.Roles, role)
	}
	return out, nil
}

// CreateRole makes a role.
func (s *Service) CreateRole(ctx context.Context, req *identityv1.CreateRoleRequest) (*identityv1.Role, error) {
	in := req.GetRole()
	exists := fault.AlreadyExists(faultv1.Reason_REASON_ROLE_EXISTS, "there is a role with this id")
	if _, ok := builtIn(in.GetId()); ok {
		return nil, exists
	}
	displayName := in.GetDisplayName()
	if displayName == "" {
		displayName = in.GetId()
	}
	var v violations
	v.check(roleID.MatchString(in.GetId()), "role.id", "must be lower case letters, digits, dash and underscore, begin with a letter, and have at most 63 characters")
	v.name("role.display_name", displayName)
	v.grants("role.grants", in.GetGrants())
	if err := v.err(); err != nil {
		return nil, err
	}
	grants, err := encodeGrants(in.GetGrants())
	if err != nil {
		return nil, err
	}
	err = s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		if !within(p, in.GetGrants()) {
			return errGrantExceeds()
		}
		all, err := tenantRoles(ctx, q, p.Tenant)
		if err != nil {
			return err
		}
		if len(all) >= maxRoles {
			return errQuota("the tenant has too many roles")
		}
		n, err := q.CreateRole(ctx, db.CreateRoleParams{TenantID: p.Tenant, ID: in.GetId(), DisplayName: displayName, Grants: grants})
		if err != nil {
			return err
		}
		if n == 0 {
			return exists
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "role.create", in.GetId())
	})
	if err != nil {
		return nil, wrap("create role", err)
	}
	return roleToProto(db.RolesRow{ID: in.GetId(), DisplayName: displayName, Grants: grants, Revision: 1})
}

// ownRole returns a role that the tenant made and that p may change.
func ownRole(ctx context.Context, q *db.Queries, p principal.Principal, id string) (*identityv1.Role, error) {
	if _, ok := builtIn(id); ok {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_ROLE_BUILT_IN, "built-in roles cannot be changed")
	}
	if !plainID(id) {
		return nil, errRoleNotFound()
	}
	row, err := q.Role(ctx, db.RoleParams{TenantID: p.Tenant, ID: id})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errRoleNotFound()
	}
	if err != nil {
		return nil, err
	}
	role, err := roleToProto(db.RolesRow(row))
	if err != nil {
		return nil, err
	}
	if !within(p, role.GetGrants()) || !mayGive(p, id) {
		return nil, errGrantExceeds()
	}
	return role, nil
}

// UpdateRole replaces display name and grants of a role.
func (s *Service) UpdateRole(ctx context.Context, req *identityv1.UpdateRoleRequest) (*identityv1.Role, error) {
	in := req.GetRole()
	withName, withGrants := in.GetDisplayName() != "", len(in.GetGrants()) > 0
	var v violations
	if paths := req.GetUpdateMask().GetPaths(); len(paths) > 0 {
		withName, withGrants = false, false
		for _, path := range paths {
			switch path {
			case "display_name":
				withName = true
			case "grants":
				withGrants = true
			case "id", "etag": // say which role and which state of it
			default:
				v.check(false, "update_mask", "may name display_name and grants only")
			}
		}
	}
	if withName {
		v.name("role.display_name", in.GetDisplayName())
	}
	v.grants("role.grants", in.GetGrants())
	if err := v.err(); err != nil {
		return nil, err
	}
	var out *identityv1.Role
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		role, err := ownRole(ctx, q, p, in.GetId())
		if err != nil {
			return err
		}
		if in.GetEtag() != "" && in.GetEtag() != role.GetEtag() {
			return errEtag()
		}
		if withName {
			role.DisplayName = in.GetDisplayName()
		}
		if withGrants {
			role.Grants = in.GetGrants()
			if !within(p, role.GetGrants()) {
				return errGrantExceeds()
			}
			if err := checkHolders(ctx, q, p.Tenant, role); err != nil {
				return err
			}
		}
		grants, err := encodeGrants(role.GetGrants())
		if err != nil {
			return err
		}
		revision, err := q.UpdateRole(ctx, db.UpdateRoleParams{DisplayName: role.GetDisplayName(), Grants: grants, TenantID: p.Tenant, ID: role.GetId()})
		if err != nil {
			return err
		}
		role.Etag = etag(revision)
		out = role
		return s.audit(ctx, q, p.Tenant, p.Subject, "role.update", role.GetId())
	})
	if err != nil {
		return nil, wrap("update role", err)
	}
	return out, nil
}

// checkHolders returns a fault if somebody who has the role would hold more grants than fit into a token.
func checkHolders(ctx context.Context, q *db.Queries, tenant string, role *identityv1.Role) error {
	all, err := tenantRoles(ctx, q, tenant)
	if err != nil {
		return err
	}
	all[role.GetId()] = role.GetGrants()
	sets, err := q.RoleSetsWith(ctx, db.RoleSetsWithParams{TenantID: tenant, Role: role.GetId()})
	if err != nil {
		return err
	}
	for _, roles := range sets {
		if err := checkSize(all, roles); err != nil {
			return err
		}
	}
	return nil
}

// DeleteRole removes a role, also from everyone and every key that has it.
func (s *Service) DeleteRole(ctx context.Context, req *identityv1.DeleteRoleRequest) (*emptypb.Empty, error) {
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		role, err := ownRole(ctx, q, p, req.GetRole())
		if err != nil {
			return err
		}
		id := role.GetId()
		if err := q.DropRoleFromMembers(ctx, db.DropRoleFromMembersParams{Role: id, TenantID: p.Tenant}); err != nil {
			return err
		}
		if err := q.DropRoleFromInvitations(ctx, db.DropRoleFromInvitationsParams{Role: id, TenantID: p.Tenant}); err != nil {
			return err
		}
		if err := q.DropRoleFromApiKeys(ctx, db.DropRoleFromApiKeysParams{Role: id, TenantID: p.Tenant}); err != nil {
			return err
		}
		if err := q.DeleteApiKeysWithoutRole(ctx, p.Tenant); err != nil {
			return err
		}
		if err := q.DeleteRole(ctx, db.DeleteRoleParams{TenantID: p.Tenant, ID: id}); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "role.delete", id)
	})
	if err != nil {
		return nil, wrap("delete role", err)
	}
	return &emptypb.Empty{}, nil
}
