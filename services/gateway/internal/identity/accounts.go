package identity

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// maxTenantsOfUser bounds the tenants that one person makes.
const maxTenantsOfUser = 50

// CompleteSetup makes the first tenant and the operator, once.
func (s *Service) CompleteSetup(ctx context.Context, req *identityv1.CompleteSetupRequest) (*identityv1.SignInResponse, error) {
	done, err := s.system.SetupDone(ctx)
	if err != nil {
		return nil, wrap("read setup", err)
	}
	if done {
		return nil, errSetupDone()
	}
	linkHash := hashSecret(req.GetToken())
	valid, err := s.system.SetupLinkExists(ctx, linkHash)
	if err != nil {
		return nil, wrap("read setup link", err)
	}
	if !valid {
		return nil, errLink()
	}
	n, err := checkNewTenant(req.GetTenantName(), req.GetDisplayName(), req.GetEmail(), req.GetPassword())
	if err != nil {
		return nil, err
	}
	if n.passwordHash, err = s.hasher.Hash(ctx, req.GetPassword()); err != nil {
		return nil, err
	}
	n.setup, n.setupHash = true, linkHash
	return s.beginNewTenant(ctx, n, req.GetReturnToken())
}

// SignUp makes a tenant. Somebody who has an account proves it with the password and gets one more.
func (s *Service) SignUp(ctx context.Context, req *identityv1.SignUpRequest) (*identityv1.SignInResponse, error) {
	if s.cfg.SignUp != SignUpOpen {
		return nil, fault.PermissionDenied(faultv1.Reason_REASON_SIGN_UP_CLOSED, "sign-up is closed; ask for an invitation")
	}
	n, err := checkNewTenant(req.GetTenantName(), req.GetDisplayName(), req.GetEmail(), req.GetPassword())
	if err != nil {
		return nil, err
	}
	if address := clientNetwork(ctx); address != "" {
		if err := s.settle(ctx, []limit{{limitKey("sign-up", address), s.cfg.SignUps, time.Hour}}, true); err != nil {
			return nil, err
		}
	}
	_, err = s.system.UserByEmail(ctx, n.email)
	if errors.Is(err, pgx.ErrNoRows) {
		if n.passwordHash, err = s.hasher.Hash(ctx, req.GetPassword()); err != nil {
			return nil, err
		}
		return s.beginNewTenant(ctx, n, req.GetReturnToken())
	}
	if err != nil {
		return nil, wrap("read user", err)
	}
	who, err := s.checkPassword(ctx, n.email, req.GetPassword())
	if fault.Has(err, faultv1.Reason_REASON_WRONG_CREDENTIALS) {
		return nil, errUserExists()
	}
	if err != nil {
		return nil, err
	}
	tenants, err := s.system.TenantsOfUser(ctx, who.id)
	if err != nil {
		return nil, wrap("list tenants of user", err)
	}
	if len(tenants) >= maxTenantsOfUser {
		return nil, errQuota("you are in too many tenants")
	}
	for _, t := range tenants {
		if !t.Active && t.DisplayName == n.name { // an earlier attempt that was interrupted
			return s.enter(ctx, who, t.ID, req.GetReturnToken())
		}
	}
	n.userID = who.id
	return s.beginNewTenant(ctx, n, req.GetReturnToken())
}

func checkNewTenant(name, displayName, email, text string) (newTenant, error) {
	var v violations
	if displayName == "" {
		displayName = localPart(email)
	}
	n := newTenant{name: name, displayName: displayName, email: v.email("email", email)}
	v.name("tenant_name", name)
	v.name("display_name", displayName)
	if err := v.err(); err != nil {
		return newTenant{}, err
	}
	return n, password.Check("password", text, n.email)
}

func (s *Service) beginNewTenant(ctx context.Context, n newTenant, returnToken bool) (*identityv1.SignInResponse, error) {
	tenant, user, err := s.createTenant(ctx, n)
	if err != nil {
		return nil, err
	}
	hash := n.passwordHash
	if n.userID != "" {
		known, err := s.system.UserPassword(ctx, user)
		if err != nil {
			return nil, wrap("read user", err)
		}
		hash = known.PasswordHash
	}
	return s.enter(ctx, person{id: user, passwordHash: hash}, tenant, returnToken)
}

// SignIn begins a session.
func (s *Service) SignIn(ctx context.Context, req *identityv1.SignInRequest) (*identityv1.SignInResponse, error) {
	var v violations
	email := v.email("email", req.GetEmail())
	v.check(req.GetPassword() != "", "password", "must not be empty")
	if err := v.err(); err != nil {
		return nil, err
	}
	who, err := s.checkPassword(ctx, email, req.GetPassword())
	if err != nil {
		return nil, err
	}
	tenant, err := s.chooseTenant(ctx, who, req.GetTenant())
	if err != nil {
		return nil, err
	}
	return s.enter(ctx, who, tenant, req.GetReturnToken())
}

// person is somebody who just proved to be a user, with the hash of the password that proved it.
type person struct {
	id           string
	passwordHash string
	lastTenant   string
}

// checkPassword returns the user with this address and password, or WRONG_CREDENTIALS. Every failure counts as a guess; an
// address without a user takes the same way and the same time.
func (s *Service) checkPassword(ctx context.Context, email, text string) (person, error) {
	guesses := s.guesses(ctx, email)
	if err := s.refuse(ctx, guesses); err != nil {
		return person{}, err
	}
	who, err := s.comparePassword(ctx, email, text)
	wrong := fault.Has(err, faultv1.Reason_REASON_WRONG_CREDENTIALS)
	if err != nil && !wrong {
		return person{}, err
	}
	// Somebody who hangs up now must be counted all the same.
	sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if serr := s.settle(sctx, guesses, wrong); serr != nil {
		return person{}, serr
	}
	return who, err
}

func (s *Service) comparePassword(ctx context.Context, email, text string) (person, error) {
	u, err := s.system.UserByEmail(ctx, email)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return person{}, wrap("read user", err)
	}
	ok, stale, err := s.hasher.Verify(ctx, u.PasswordHash, text)
	if err != nil {
		return person{}, err
	}
	if !ok {
		return person{}, errWrongCredentials()
	}
	who := person{id: u.ID, passwordHash: u.PasswordHash}
	if u.LastTenant != nil {
		who.lastTenant = *u.LastTenant
	}
	if !stale {
		return who, nil
	}
	hash, err := s.hasher.Hash(ctx, text)
	if err != nil {
		return person{}, err
	}
	changed, err := s.system.ReplacePassword(ctx, db.ReplacePasswordParams{PasswordHash: hash, ID: u.ID, Previous: u.PasswordHash})
	if err != nil {
		return person{}, wrap("rehash password", err)
	}
	if changed == 1 {
		who.passwordHash = hash
	}
	return who, nil
}

// chooseTenant returns the tenant to work in: the one asked for, else the last one, else the first.
func (s *Service) chooseTenant(ctx context.Context, who person, wanted string) (string, error) {
	tenants, err := s.system.TenantsOfUser(ctx, who.id)
	if err != nil {
		return "", wrap("list tenants of user", err)
	}
	var first string
	disabled := false
	for _, t := range tenants {
		switch {
		case wanted != "" && t.ID != wanted:
		case t.Disabled:
			disabled = true
		case t.ID == wanted, t.ID == who.lastTenant:
			return t.ID, nil
		case first == "":
			first = t.ID
		}
	}
	switch {
	case first != "":
		return first, nil
	case disabled:
		return "", errUserDisabled()
	}
	return "", errTenantNotFound()
}

// ResetPassword redeems a password link.
func (s *Service) ResetPassword(ctx context.Context, req *identityv1.ResetPasswordRequest) (*emptypb.Empty, error) {
	linkHash := hashSecret(req.GetToken())
	link, err := s.system.PasswordLinkByHash(ctx, db.PasswordLinkByHashParams{Hash: linkHash, Now: s.clk.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errLink()
	}
	if err != nil {
		return nil, wrap("read password link", err)
	}
	if err := password.Check("password", req.GetPassword(), link.Email); err != nil {
		return nil, err
	}
	hash, err := s.hasher.Hash(ctx, req.GetPassword())
	if err != nil {
		return nil, err
	}
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		taken, err := q.TakePasswordLink(ctx, db.TakePasswordLinkParams{Hash: linkHash, Now: s.clk.Now()})
		if errors.Is(err, pgx.ErrNoRows) {
			return errLink()
		}
		if err != nil {
			return err
		}
		// Whoever came to belong to another tenant since is no longer one tenant's to decide on.
		others, err := q.CountMemberships(ctx, taken.UserID)
		if err != nil {
			return err
		}
		if others > 1 && !taken.ByOperator {
			return errLink()
		}
		if err := q.SetPassword(ctx, db.SetPasswordParams{PasswordHash: hash, ID: taken.UserID}); err != nil {
			return err
		}
		if err := q.DeleteOtherSessions(ctx, db.DeleteOtherSessionsParams{UserID: taken.UserID}); err != nil {
			return err
		}
		if err := q.DeletePasswordLinksOfUser(ctx, taken.UserID); err != nil {
			return err
		}
		if err := q.ClearAttempts(ctx, limitKey("account", link.Email)); err != nil {
			return err
		}
		return s.audit(ctx, q, taken.TenantID, taken.UserID, "password.reset", taken.UserID)
	})
	if err != nil {
		return nil, wrap("reset password", err)
	}
	return &emptypb.Empty{}, nil
}

// AcceptInvitation makes the invited user, or adds the tenant to one that proves to be it.
func (s *Service) AcceptInvitation(ctx context.Context, req *identityv1.AcceptInvitationRequest) (*identityv1.SignInResponse, error) {
	linkHash := hashSecret(req.GetToken())
	inv, err := s.system.InvitationByHash(ctx, db.InvitationByHashParams{Hash: linkHash, Now: s.clk.Now()})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, errLink()
	}
	if err != nil {
		return nil, wrap("read invitation", err)
	}
	displayName := req.GetDisplayName()
	if displayName == "" {
		displayName = localPart(inv.Email)
	}
	var v violations
	v.name("display_name", displayName)
	if err := v.err(); err != nil {
		return nil, err
	}
	who, err := s.invited(ctx, inv.Email, req.GetPassword())
	if err != nil {
		return nil, err
	}
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		return s.join(ctx, q, linkHash, &who, displayName)
	})
	if err != nil {
		return nil, wrap("accept invitation", err)
	}
	return s.enter(ctx, who, inv.TenantID, req.GetReturnToken())
}

// invited returns the user with this address, who must know the password, or one to be made with it, who has no id yet.
func (s *Service) invited(ctx context.Context, email, text string) (person, error) {
	_, err := s.system.UserByEmail(ctx, email)
	if err == nil {
		return s.checkPassword(ctx, email, text)
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return person{}, wrap("read user", err)
	}
	if err := password.Check("password", text, email); err != nil {
		return person{}, err
	}
	hash, err := s.hasher.Hash(ctx, text)
	return person{passwordHash: hash}, err
}

// join uses an invitation up and makes who a member of its tenant.
func (s *Service) join(ctx context.Context, q *db.Queries, linkHash []byte, who *person, displayName string) error {
	now := s.clk.Now()
	inv, err := q.TakeInvitation(ctx, db.TakeInvitationParams{Hash: linkHash, Now: now})
	if errors.Is(err, pgx.ErrNoRows) {
		return errLink()
	}
	if err != nil {
		return err
	}
	if _, err := q.BumpEpoch(ctx, inv.TenantID); err != nil {
		return err
	}
	id := who.id
	if id == "" {
		id = newUserID()
		made, err := q.CreateUser(ctx, db.CreateUserParams{ID: id, Email: inv.Email, PasswordHash: who.passwordHash, Now: now})
		if err != nil {
			return err
		}
		if made == 0 {
			return errUserExists()
		}
		if err := s.audit(ctx, q, inv.TenantID, id, "user.create", id); err != nil {
			return err
		}
	}
	if _, err := q.CreateMember(ctx, db.CreateMemberParams{
		TenantID: inv.TenantID, UserID: id, DisplayName: displayName, Roles: inv.Roles, Now: now,
	}); err != nil {
		return err
	}
	who.id = id
	return s.audit(ctx, q, inv.TenantID, id, "invitation.accept", inv.ID)
}
