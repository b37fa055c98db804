package identity

import (
	"context"
	"errors"
	"slices"

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

// maxInvitations bounds the invitations of a tenant that wait.
const maxInvitations = 1000

// CreateInvitation makes a one-time link. Without roles the person becomes a plain member.
func (s *Service) CreateInvitation(ctx context.Context, req *identityv1.CreateInvitationRequest) (*identityv1.Invitation, error) {
	in := req.GetInvitation()
	var v violations
	email := v.email("invitation.email", in.GetEmail())
	roles := v.roles("invitation.roles", in.GetRoles())
	now := s.clk.Now()
	end := now.Add(s.cfg.InvitationLife)
	if in.GetExpireTime() != nil {
		want := in.GetExpireTime().AsTime()
		v.check(in.GetExpireTime().IsValid() && want.After(now) && !want.After(end), "invitation.expire_time",
			"must be in the future and not beyond the longest life of an invitation")
		end = want
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	if len(roles) == 0 {
		roles = []string{roleMember}
	}
	id := newID("i", 16)
	secret, hash := newSecret("")
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		if err := s.mayInvite(ctx, q, p, email, roles); err != nil {
			return err
		}
		if err := q.CreateInvitation(ctx, db.CreateInvitationParams{
			TenantID: p.Tenant, ID: id, Hash: hash, Email: email, Roles: roles, Now: now, ExpireTime: end,
		}); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "invitation.create", id)
	})
	if err != nil {
		return nil, wrap("create invitation", err)
	}
	return &identityv1.Invitation{
		Id: id, Email: email, Roles: roles, ExpireTime: timestamppb.New(end), Token: secret, Link: s.link("invitation", secret),
	}, nil
}

func (s *Service) mayInvite(ctx context.Context, q *db.Queries, p principal.Principal, email string, roles []string) error {
	all, err := tenantRoles(ctx, q, p.Tenant)
	if err != nil {
		return err
	}
	if err := all.mayGiveAll(p, roles); err != nil {
		return err
	}
	if err := checkSize(all, roles); err != nil {
		return err
	}
	n, err := q.CountInvitations(ctx, p.Tenant)
	if err != nil {
		return err
	}
	if n >= maxInvitations {
		return errQuota("too many invitations wait; delete some")
	}
	members, err := q.FindMembers(ctx, db.FindMembersParams{TenantID: p.Tenant, Names: []string{email}, Most: 1})
	if err != nil {
		return err
	}
	if len(members) > 0 {
		return errUserExists()
	}
	return nil
}

// ListInvitations lists the invitations that can still be accepted.
func (s *Service) ListInvitations(ctx context.Context, req *identityv1.ListInvitationsRequest) (*identityv1.ListInvitationsResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	size, err := paging.Size(req.GetPageSize(), maxPage)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(p.Tenant, "invitations")
	after, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.db.Tenant(p.Tenant)).Invitations(ctx, db.InvitationsParams{
		TenantID: p.Tenant, Now: s.clk.Now(), After: after, PageSize: int32(size) + 1,
	})
	if err != nil {
		return nil, wrap("list invitations", err)
	}
	out := &identityv1.ListInvitationsResponse{}
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = pages.Token(rows[size-1].ID)
	}
	for _, row := range rows {
		out.Invitations = append(out.Invitations, &identityv1.Invitation{
			Id: row.ID, Email: row.Email, Roles: row.Roles, ExpireTime: timestamppb.New(row.ExpireTime),
		})
	}
	return out, nil
}

// DeleteInvitation takes an invitation back.
func (s *Service) DeleteInvitation(ctx context.Context, req *identityv1.DeleteInvitationRequest) (*emptypb.Empty, error) {
	missing := fault.NotFound(faultv1.Reason_REASON_INVITATION_NOT_FOUND, "invitation not found")
	if !plainID(req.GetInvitation()) {
		return nil, missing
	}
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		n, err := q.DeleteInvitation(ctx, db.DeleteInvitationParams{TenantID: p.Tenant, ID: req.GetInvitation()})
		if err != nil {
			return err
		}
		if n == 0 {
			return missing
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "invitation.delete", req.GetInvitation())
	})
	if err != nil {
		return nil, wrap("delete invitation", err)
	}
	return &emptypb.Empty{}, nil
}

// Delegate returns a token with which a run acts for a person, by the roles that the person has now.
func (s *Service) Delegate(ctx context.Context, req *identityv1.DelegateRequest) (*identityv1.DelegateResponse, error) {
	var v violations
	v.check(plainID(req.GetTenant()), "tenant", "must be the id of a tenant")
	v.check(plainID(req.GetSubject()), "subject", "must be the id of a user")
	v.check(len(req.GetRelease()) <= 100, "release", "must have at most 100 characters")
	v.check(len(req.GetRun()) <= 200, "run", "must have at most 200 characters")
	v.check(len(req.GetRoles()) <= 200, "roles", "must be at most 200")
	v.check(len(req.GetAudience()) > 0 && len(req.GetAudience()) <= 6, "audience", "must be one to six services")
	for _, a := range req.GetAudience() {
		v.check(plainID(a), "audience", "contains what is not the name of a service")
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	row, err := s.system.ResolveMember(ctx, db.ResolveMemberParams{TenantID: req.GetTenant(), UserID: req.GetSubject()})
	if errors.Is(err, pgx.ErrNoRows) || err == nil && row.Disabled {
		return nil, fault.PermissionDenied(faultv1.Reason_REASON_USER_DISABLED, "the user was removed or disabled")
	}
	if err != nil {
		return nil, wrap("read user", err)
	}
	grants, err := decodeGrantSet(row.Grants)
	if err != nil {
		return nil, err
	}
	now := s.clk.Now()
	roles := row.Roles
	if limit := req.GetRoles(); len(limit) > 0 {
		roles = slices.DeleteFunc(slices.Clone(roles), func(role string) bool { return !slices.Contains(limit, role) })
	}
	tok, err := s.minter.Mint(principal.Principal{
		Tenant: req.GetTenant(), Subject: req.GetSubject(), Kind: principal.KindRun, DisplayName: row.DisplayName, Email: row.Email,
		Roles: roles, Grants: grants.resolve(roles), Release: req.GetRelease(), Epoch: row.Epoch,
	}, req.GetAudience()...)
	if err != nil {
		return nil, wrap("mint token", err)
	}
	s.log.DebugContext(ctx, "delegated", "tenant", req.GetTenant(), "subject", req.GetSubject(), "run_id", req.GetRun())
	return &identityv1.DelegateResponse{Token: tok, ExpireTime: timestamppb.New(now.Add(delegatedLife))}, nil
}

// FindUsers returns at most 1000 users of a tenant, disabled ones included.
func (s *Service) FindUsers(ctx context.Context, req *identityv1.FindUsersRequest) (*identityv1.ListUsersResponse, error) {
	var v violations
	v.check(plainID(req.GetTenant()), "tenant", "must be the id of a tenant")
	v.check(len(req.GetUsers()) <= maxNamesSought, "users", "must be at most 200")
	v.check(req.GetRole() == "" || plainID(req.GetRole()), "role", "must be the id of a role")
	if err := v.err(); err != nil {
		return nil, err
	}
	names := make([]string, 0, len(req.GetUsers()))
	for _, name := range req.GetUsers() {
		if plainID(name) {
			names = append(names, name)
		} else if email, err := parseEmail("users", name); err == nil {
			names = append(names, email)
		}
	}
	rows, err := db.New(s.db.Tenant(req.GetTenant())).FindMembers(ctx, db.FindMembersParams{
		TenantID: req.GetTenant(), Names: names, Role: req.GetRole(), Most: maxFound,
	})
	if err != nil {
		return nil, wrap("find users", err)
	}
	out := &identityv1.ListUsersResponse{}
	for _, row := range rows {
		out.Users = append(out.Users, userToProto(db.MembersRow(row)))
	}
	return out, nil
}
