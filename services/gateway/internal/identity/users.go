package identity

import (
	"context"
	"errors"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/paging"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

func userToProto(m db.MembersRow) *identityv1.User {
	return &identityv1.User{
		Id: m.ID, Email: m.Email, DisplayName: m.DisplayName, Roles: m.Roles, Disabled: m.Disabled,
		CreateTime: timestamppb.New(m.CreateTime), Etag: etag(m.Revision),
	}
}

func etag(revision int64) string { return strconv.FormatInt(revision, 10) }

// change runs fn in a transaction of the caller's tenant, after every earlier change of who may do what there.
func (s *Service) change(ctx context.Context, fn func(q *db.Queries, p principal.Principal) error) error {
	p, err := caller(ctx)
	if err != nil {
		return err
	}
	return s.db.TenantTx(ctx, p.Tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		if _, err := q.BumpEpoch(ctx, p.Tenant); err != nil {
			return err
		}
		return fn(q, p)
	})
}

// ListUsers lists the users of the tenant by e-mail address.
func (s *Service) ListUsers(ctx context.Context, req *identityv1.ListUsersRequest) (*identityv1.ListUsersResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(req.GetPageSize(), maxPage)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(p.Tenant, "users")
	after, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.db.Tenant(p.Tenant)).Members(ctx, db.MembersParams{
		TenantID: p.Tenant, After: after, PageSize: int32(size) + 1,
	})
	if err != nil {
		return nil, wrap("list users", err)
	}
	out := &identityv1.ListUsersResponse{}
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = pages.Token(rows[size-1].Email)
	}
	for _, row := range rows {
		out.Users = append(out.Users, userToProto(row))
	}
	return out, nil
}

// member returns a user of the tenant, or USER_NOT_FOUND.
func member(ctx context.Context, q *db.Queries, tenant, user string) (db.MemberRow, error) {
	if !plainID(user) {
		return db.MemberRow{}, errUserNotFound()
	}
	m, err := q.Member(ctx, db.MemberParams{TenantID: tenant, UserID: user})
	if errors.Is(err, pgx.ErrNoRows) {
		return db.MemberRow{}, errUserNotFound()
	}
	return m, wrap("read user", err)
}

func memberToProto(m db.MemberRow) *identityv1.User {
	return userToProto(db.MembersRow{
		ID: m.ID, Email: m.Email, DisplayName: m.DisplayName, Roles: m.Roles, Disabled: m.Disabled, Revision: m.Revision, CreateTime: m.CreateTime,
	})
}

// GetUser returns one user of the tenant.
func (s *Service) GetUser(ctx context.Context, req *identityv1.GetUserRequest) (*identityv1.User, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	m, err := member(ctx, db.New(s.db.Tenant(p.Tenant)), p.Tenant, req.GetUser())
	if err != nil {
		return nil, err
	}
	return memberToProto(m), nil
}

// userFields returns the fields to change: those of the mask, or those that are set when there is none.
func userFields(req *identityv1.UpdateUserRequest) ([]string, error) {
	u := req.GetUser()
	var fields []string
	if len(req.GetUpdateMask().GetPaths()) == 0 {
		if u.GetDisplayName() != "" {
			fields = append(fields, "display_name")
		}
		if len(u.GetRoles()) > 0 {
			fields = append(fields, "roles")
		}
		if u.GetDisabled() {
			fields = append(fields, "disabled")
		}
		return fields, nil
	}
	var v violations
	for _, path := range req.GetUpdateMask().GetPaths() {
		switch path {
		case "display_name", "roles", "disabled":
			fields = append(fields, path)
		case "id", "etag": // say which user and which state of it
		default:
			v.check(false, "update_mask", "may name display_name, roles and disabled only")
		}
	}
	return fields, v.err()
}

// UpdateUser changes a user within the tenant.
func (s *Service) UpdateUser(ctx context.Context, req *identityv1.UpdateUserRequest) (*identityv1.User, error) {
	fields, err := userFields(req)
	if err != nil {
		return nil, err
	}
	u := req.GetUser()
	var v violations
	roles := v.roles("user.roles", u.GetRoles())
	if slices.Contains(fields, "display_name") {
		v.name("user.display_name", u.GetDisplayName())
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	var out *identityv1.User
	err = s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		m, err := member(ctx, q, p.Tenant, u.GetId())
		if err != nil {
			return err
		}
		if u.GetEtag() != "" && u.GetEtag() != etag(m.Revision) {
			return errEtag()
		}
		before := m
		for _, f := range fields {
			switch f {
			case "display_name":
				m.DisplayName = u.GetDisplayName()
			case "roles":
				m.Roles = roles
			case "disabled":
				m.Disabled = u.GetDisabled()
			}
		}
		if err := mayChange(ctx, q, p, before, m); err != nil {
			return err
		}
		if err := q.UpdateMember(ctx, db.UpdateMemberParams{
			DisplayName: m.DisplayName, Roles: m.Roles, Disabled: m.Disabled, TenantID: p.Tenant, UserID: m.ID,
		}); err != nil {
			return err
		}
		if err := keepAdmin(ctx, q, p.Tenant); err != nil {
			return err
		}
		if m.Disabled && !before.Disabled {
			if err := q.DeleteTenantSessions(ctx, db.DeleteTenantSessionsParams{UserID: m.ID, Tenant: p.Tenant}); err != nil {
				return err
			}
		}
		m.Revision++
		out = memberToProto(m)
		return s.audit(ctx, q, p.Tenant, p.Subject, "user.update", m.ID)
	})
	if err != nil {
		return nil, wrap("update user", err)
	}
	return out, nil
}

// mayChange checks that p may turn a member from one state into another.
func mayChange(ctx context.Context, q *db.Queries, p principal.Principal, before, after db.MemberRow) error {
	all, err := tenantRoles(ctx, q, p.Tenant)
	if err != nil {
		return err
	}
	if before.ID != p.Subject && !mayManage(p, all, before.Roles) {
		return errGrantExceeds()
	}
	for _, role := range after.Roles {
		if slices.Contains(before.Roles, role) {
			continue
		}
		if err := all.exists(role); err != nil {
			return err
		}
		if !mayGive(p, role) {
			return errGrantExceeds()
		}
	}
	for _, role := range before.Roles {
		if !slices.Contains(after.Roles, role) && !mayGive(p, role) {
			return errGrantExceeds()
		}
	}
	return checkSize(all, after.Roles)
}

// mayManage reports whether p may change somebody with these roles: nobody manages those who may do more.
func mayManage(p principal.Principal, all grantSet, roles []string) bool {
	if p.IsAdmin() {
		return true
	}
	return !slices.ContainsFunc(roles, func(role string) bool { return role == roleAdmin || !within(p, all.of(role)) })
}

// keepAdmin returns LAST_ADMIN if nobody would be left who administers the tenant.
func keepAdmin(ctx context.Context, q *db.Queries, tenant string) error {
	n, err := q.CountAdmins(ctx, tenant)
	if err == nil && n == 0 {
		return fault.FailedPrecondition(faultv1.Reason_REASON_LAST_ADMIN, "the tenant needs an administrator who is not disabled")
	}
	return err
}

// RemoveUser takes a user out of the tenant, with sessions and API keys.
func (s *Service) RemoveUser(ctx context.Context, req *identityv1.RemoveUserRequest) (*emptypb.Empty, error) {
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		m, err := member(ctx, q, p.Tenant, req.GetUser())
		if err != nil {
			return err
		}
		all, err := tenantRoles(ctx, q, p.Tenant)
		if err != nil {
			return err
		}
		if m.ID != p.Subject && !mayManage(p, all, m.Roles) {
			return errGrantExceeds()
		}
		if err := q.DeleteMember(ctx, db.DeleteMemberParams{TenantID: p.Tenant, UserID: m.ID}); err != nil {
			return err
		}
		if err := keepAdmin(ctx, q, p.Tenant); err != nil {
			return err
		}
		if err := q.DeleteTenantSessions(ctx, db.DeleteTenantSessionsParams{UserID: m.ID, Tenant: p.Tenant}); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "user.remove", m.ID)
	})
	if err != nil {
		return nil, wrap("remove user", err)
	}
	return &emptypb.Empty{}, nil
}

// CreatePasswordLink makes a one-time link. It is as good as the user's password, so nobody makes one for somebody who holds
// what they do not, and only the operator for the operator and for people who belong to other tenants as well.
func (s *Service) CreatePasswordLink(ctx context.Context, req *identityv1.CreatePasswordLinkRequest) (*identityv1.PasswordLink, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	m, err := member(ctx, db.New(s.db.Tenant(p.Tenant)), p.Tenant, req.GetUser())
	if err != nil {
		return nil, err
	}
	if !p.Operator {
		tenants, err := s.system.CountMemberships(ctx, m.ID)
		if err != nil {
			return nil, wrap("count tenants of user", err)
		}
		if m.Operator || tenants > 1 {
			return nil, errPermission("only the operator may reset the password of somebody who belongs to more than this tenant")
		}
	}
	secret, hash := newSecret("")
	end := s.clk.Now().Add(s.cfg.PasswordLinkLife)
	err = s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		m, err := member(ctx, q, p.Tenant, req.GetUser())
		if err != nil {
			return err
		}
		if slices.ContainsFunc(m.Roles, func(role string) bool { return !mayGive(p, role) }) {
			return errGrantExceeds()
		}
		if err := q.CreatePasswordLink(ctx, db.CreatePasswordLinkParams{
			TenantID: p.Tenant, UserID: m.ID, Hash: hash, ByOperator: p.Operator, ExpireTime: end,
		}); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "password_link.create", m.ID)
	})
	if err != nil {
		return nil, wrap("create password link", err)
	}
	return &identityv1.PasswordLink{Token: secret, Link: s.link("reset", secret), ExpireTime: timestamppb.New(end)}, nil
}
