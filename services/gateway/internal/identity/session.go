package identity

import (
	"context"
	"crypto/sha256"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// maxSessions bounds the sessions of one user; the one that was idle longest makes room.
const maxSessions = 50

// link is an address of the installation with a token that the browser keeps to itself.
func (s *Service) link(page, token string) string {
	return strings.TrimSuffix(s.cfg.PublicURL, "/") + "/" + page + "#token=" + token
}

func localPart(email string) string {
	local, _, _ := strings.Cut(email, "@")
	return local
}

// enter begins a session of somebody who proved who they are, in a tenant that is made ready if need be.
func (s *Service) enter(ctx context.Context, who person, tenant string, returnToken bool) (*identityv1.SignInResponse, error) {
	if err := s.ready(ctx, who.id, tenant); err != nil {
		return nil, err
	}
	secret, hash := newSecret(sessionPrefix)
	id, now := newID("s", 20), s.clk.Now()
	end := now.Add(s.cfg.SessionLife)
	err := s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		current, err := q.LockPassword(ctx, who.id)
		if err != nil {
			return err
		}
		if current != who.passwordHash { // changed since it was compared
			return errWrongCredentials()
		}
		m, err := q.Member(ctx, db.MemberParams{TenantID: tenant, UserID: who.id})
		if errors.Is(err, pgx.ErrNoRows) {
			return errTenantNotFound()
		}
		if err != nil {
			return err
		}
		if m.Disabled {
			return errUserDisabled()
		}
		if err := q.TrimSessions(ctx, db.TrimSessionsParams{UserID: who.id, Keep: maxSessions - 1}); err != nil {
			return err
		}
		if err := q.CreateSession(ctx, db.CreateSessionParams{
			ID: id, Hash: hash, UserID: who.id, Tenant: tenant, Now: now, ExpireTime: end,
		}); err != nil {
			return err
		}
		if err := q.SetLastTenant(ctx, db.SetLastTenantParams{Tenant: tenant, ID: who.id}); err != nil {
			return err
		}
		return s.audit(ctx, q, tenant, who.id, "session.create", id)
	})
	if err != nil {
		return nil, wrap("begin session", err)
	}
	session, err := s.describe(ctx, hash)
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(HeaderSessionToken, secret, HeaderSessionExpires, end.UTC().Format(time.RFC3339))); err != nil {
		return nil, wrap("send session", err)
	}
	resp := &identityv1.SignInResponse{Session: session}
	if returnToken || metadataValue(ctx, MetadataTransport) == TransportGRPC {
		resp.Token = secret
	}
	return resp, nil
}

// ready finishes the making of a tenant of the user that was interrupted.
func (s *Service) ready(ctx context.Context, user, tenant string) error {
	tenants, err := s.system.TenantsOfUser(ctx, user)
	if err != nil {
		return wrap("list tenants of user", err)
	}
	for _, t := range tenants {
		if t.ID == tenant && !t.Active {
			return s.activate(ctx, tenant)
		}
	}
	return nil
}

// describe tells about a session in the way that requests see it.
func (s *Service) describe(ctx context.Context, hash []byte) (*identityv1.Session, error) {
	l := &lookup{hash: [sha256.Size]byte(hash), done: make(chan struct{})}
	if err := s.auth.resolve(ctx, l); err != nil {
		return nil, err
	}
	p, info, err := s.judge(l.row)
	if err != nil {
		return nil, err
	}
	return s.session(ctx, p, info.ExpireTime)
}

func (s *Service) session(ctx context.Context, p principal.Principal, end time.Time) (*identityv1.Session, error) {
	m, err := s.system.Member(ctx, db.MemberParams{TenantID: p.Tenant, UserID: p.Subject})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errUserNotFound()
	}
	if err != nil {
		return nil, wrap("read member", err)
	}
	tenants, err := s.system.TenantsOfUser(ctx, p.Subject)
	if err != nil {
		return nil, wrap("list tenants of user", err)
	}
	out := &identityv1.Session{
		User:   userToProto(db.MembersRow{ID: m.ID, Email: m.Email, DisplayName: m.DisplayName, Roles: p.Roles, Disabled: m.Disabled, Revision: m.Revision, CreateTime: m.CreateTime}),
		Grants: grantsToProto(p.Grants), Operator: p.Operator,
	}
	if !end.IsZero() {
		out.ExpireTime = timestamppb.New(end)
	}
	for _, t := range tenants {
		info := &identityv1.TenantInfo{Id: t.ID, DisplayName: t.DisplayName}
		if t.ID == p.Tenant {
			out.Tenant = info
		}
		// A key is for one tenant.
		if !t.Disabled && (p.Kind == principal.KindUser || t.ID == p.Tenant) {
			out.Tenants = append(out.Tenants, info)
		}
	}
	return out, nil
}

// caller returns who calls; the interceptors let nobody else in.
func caller(ctx context.Context) (principal.Principal, error) {
	p, ok := principal.From(ctx)
	if !ok || !p.SignedIn() {
		return principal.Principal{}, errUnauthenticated()
	}
	return p, nil
}

// callerInSession returns who calls and the id of the session; API keys and runs have none.
func callerInSession(ctx context.Context) (principal.Principal, string, error) {
	p, err := caller(ctx)
	if err != nil {
		return principal.Principal{}, "", err
	}
	id := metadataValue(ctx, MetadataSession)
	if p.Kind != principal.KindUser || !plainID(id) {
		return principal.Principal{}, "", errSessionNotFound()
	}
	return p, id, nil
}

func errSessionNotFound() error {
	return fault.NotFound(faultv1.Reason_REASON_SESSION_NOT_FOUND, "this needs a session; the call was not made with one")
}

// GetCurrentSession tells who the caller is.
func (s *Service) GetCurrentSession(ctx context.Context, _ *identityv1.GetCurrentSessionRequest) (*identityv1.Session, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	var end time.Time
	if id := metadataValue(ctx, MetadataSession); p.Kind == principal.KindUser && plainID(id) {
		row, err := s.system.GetSession(ctx, db.GetSessionParams{ID: id, UserID: p.Subject})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil, errSessionNotFound()
		}
		if err != nil {
			return nil, wrap("read session", err)
		}
		end = row.ExpireTime
		if idle := row.SeenTime.Add(s.cfg.SessionIdle); idle.Before(end) {
			end = idle
		}
	}
	return s.session(ctx, p, end)
}

// SignOut ends the caller's session.
func (s *Service) SignOut(ctx context.Context, _ *identityv1.SignOutRequest) (*emptypb.Empty, error) {
	p, id, err := callerInSession(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		tenant, err := q.DeleteSession(ctx, db.DeleteSessionParams{ID: id, UserID: p.Subject})
		if errors.Is(err, pgx.ErrNoRows) {
			return nil // ended by another request; what was asked for holds
		}
		if err != nil {
			return err
		}
		return s.audit(ctx, q, tenant, p.Subject, "session.delete", id)
	})
	if err != nil {
		return nil, wrap("end session", err)
	}
	if err := grpc.SetHeader(ctx, metadata.Pairs(HeaderSessionClear, "true")); err != nil {
		return nil, wrap("clear session", err)
	}
	return &emptypb.Empty{}, nil
}

// SwitchTenant moves the caller's session to another tenant.
func (s *Service) SwitchTenant(ctx context.Context, req *identityv1.SwitchTenantRequest) (*identityv1.Session, error) {
	p, id, err := callerInSession(ctx)
	if err != nil {
		return nil, err
	}
	if req.GetTenant() == "" {
		return nil, errTenantNotFound()
	}
	tenant, err := s.chooseTenant(ctx, person{id: p.Subject}, req.GetTenant())
	if err != nil {
		return nil, err
	}
	if err := s.ready(ctx, p.Subject, tenant); err != nil {
		return nil, err
	}
	var hash []byte
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		var err error
		hash, err = q.MoveSession(ctx, db.MoveSessionParams{Tenant: tenant, ID: id, UserID: p.Subject, Now: s.clk.Now()})
		if errors.Is(err, pgx.ErrNoRows) {
			return errSessionNotFound()
		}
		if err != nil {
			return err
		}
		if err := q.SetLastTenant(ctx, db.SetLastTenantParams{Tenant: tenant, ID: p.Subject}); err != nil {
			return err
		}
		return s.audit(ctx, q, tenant, p.Subject, "session.switch", id)
	})
	if err != nil {
		return nil, wrap("switch tenant", err)
	}
	return s.describe(ctx, hash)
}

// ChangePassword sets the caller's password and ends the caller's other sessions.
func (s *Service) ChangePassword(ctx context.Context, req *identityv1.ChangePasswordRequest) (*emptypb.Empty, error) {
	p, id, err := callerInSession(ctx)
	if err != nil {
		return nil, err
	}
	if err := password.Check("new_password", req.GetNewPassword(), p.Email); err != nil {
		return nil, err
	}
	u, err := s.system.UserPassword(ctx, p.Subject)
	if err != nil {
		return nil, wrap("read user", err)
	}
	who, err := s.checkPassword(ctx, u.Email, req.GetCurrentPassword())
	if fault.Has(err, faultv1.Reason_REASON_WRONG_CREDENTIALS) {
		// Not Unauthenticated: the session is good, the field is not.
		return nil, fault.Invalid(faultv1.Reason_REASON_WRONG_CREDENTIALS, "the present password is wrong", fault.Field("current_password", "is wrong"))
	}
	if err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, req.GetNewPassword())
	if err != nil {
		return nil, err
	}
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		changed, err := q.ReplacePassword(ctx, db.ReplacePasswordParams{PasswordHash: hash, ID: p.Subject, Previous: who.passwordHash})
		if err != nil {
			return err
		}
		if changed == 0 {
			return errWrongCredentials()
		}
		if err := q.DeleteOtherSessions(ctx, db.DeleteOtherSessionsParams{UserID: p.Subject, Keep: id}); err != nil {
			return err
		}
		if err := q.DeletePasswordLinksOfUser(ctx, p.Subject); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "password.change", p.Subject)
	})
	if err != nil {
		return nil, wrap("change password", err)
	}
	return &emptypb.Empty{}, nil
}
