package identity

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// newTenant is a tenant to be made, with its administrator.
type newTenant struct {
	name        string
	displayName string
	email       string
	// passwordHash is of a user to be made; userID is of one that exists.
	passwordHash string
	userID       string
	// setup makes the first tenant, which has the operator; setupHash is of the token that allows it, nil for the
	// configuration's own administrator.
	setup     bool
	setupHash []byte
}

// createTenant makes the rows of a tenant and of its administrator. The tenant is not active yet: see activate.
func (s *Service) createTenant(ctx context.Context, n newTenant) (tenantID, userID string, err error) {
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q, now := db.New(tx), s.clk.Now()
		if n.setup {
			if err := takeSetup(ctx, q, n.setupHash); err != nil {
				return err
			}
		}
		tenantID, userID = newTenantID(), n.userID
		if err := q.CreateTenant(ctx, db.CreateTenantParams{ID: tenantID, DisplayName: n.name, Now: now}); err != nil {
			return err
		}
		if userID == "" {
			userID = newUserID()
			made, err := q.CreateUser(ctx, db.CreateUserParams{
				ID: userID, Email: n.email, PasswordHash: n.passwordHash, Operator: n.setup, Now: now,
			})
			if err != nil {
				return err
			}
			if made == 0 {
				return errUserExists()
			}
			if err := s.audit(ctx, q, tenantID, userID, "user.create", userID); err != nil {
				return err
			}
		}
		if _, err := q.CreateMember(ctx, db.CreateMemberParams{
			TenantID: tenantID, UserID: userID, DisplayName: n.displayName, Roles: []string{roleAdmin}, Now: now,
		}); err != nil {
			return err
		}
		return s.audit(ctx, q, tenantID, userID, "tenant.create", tenantID)
	})
	if err != nil {
		return "", "", wrap("create tenant", err)
	}
	return tenantID, userID, nil
}

// takeSetup uses the one right to make the first administrator up. Whoever else tries waits for the lock and finds it gone.
func takeSetup(ctx context.Context, q *db.Queries, linkHash []byte) error {
	done, err := q.LockSetup(ctx)
	if err != nil {
		return err
	}
	if done {
		return errSetupDone()
	}
	if linkHash != nil {
		valid, err := q.SetupLinkExists(ctx, linkHash)
		if err != nil {
			return err
		}
		if !valid {
			return errLink()
		}
	}
	if err := q.DeleteSetupLinks(ctx); err != nil {
		return err
	}
	return q.FinishSetup(ctx)
}

// activate makes the place of a tenant's data and lets the tenant be used. It may be repeated; what a crash leaves undone, the
// next sign-in or Run does.
func (s *Service) activate(ctx context.Context, tenant string) error {
	pctx, cancel := context.WithTimeout(ctx, provisionTimeout)
	defer cancel()
	err := s.provision(pctx, tenant)
	if err == nil {
		err = s.system.ActivateTenant(ctx, tenant)
	}
	if err == nil {
		return nil
	}
	select {
	case s.unfinished <- struct{}{}:
	default:
	}
	return fault.Unavailable(faultv1.Reason_REASON_SERVICE_UNAVAILABLE, "the tenant is being made; sign in again in a moment",
		fault.Cause(err), fault.Meta("service", "storage"), fault.Retry(5*time.Second))
}

// housekeep does what Run does once per round.
func (s *Service) housekeep(ctx context.Context) error {
	// A tenant that cannot be finished must not keep the rest from being done.
	return errors.Join(s.configuredAdmin(ctx), s.finishTenants(ctx), s.deleteExpired(ctx))
}

// configuredAdmin makes the administrator that the configuration names, once in the life of an installation.
func (s *Service) configuredAdmin(ctx context.Context) error {
	if s.cfg.AdminEmail == "" {
		return nil
	}
	done, err := s.system.SetupDone(ctx)
	if err != nil || done {
		return wrap("read setup", err)
	}
	email, err := parseEmail("AdminEmail", s.cfg.AdminEmail)
	if err != nil {
		return err
	}
	hash, err := s.hasher.Hash(ctx, s.cfg.AdminPassword)
	if err != nil {
		return err
	}
	_, _, err = s.createTenant(ctx, newTenant{
		name: "main", displayName: "Administrator", email: email, passwordHash: hash, setup: true,
	})
	if fault.Has(err, faultv1.Reason_REASON_SETUP_DONE) { // by another replica
		return nil
	}
	return err
}

func (s *Service) finishTenants(ctx context.Context) error {
	tenants, err := s.system.UnfinishedTenants(ctx)
	if err != nil {
		return wrap("list unfinished tenants", err)
	}
	var errs []error
	for _, t := range tenants {
		if err := s.activate(ctx, t); err != nil {
			errs = append(errs, fmt.Errorf("finish tenant %s: %w", t, err))
		}
	}
	// The failures were reported already: they must not end the wait before the next round.
	select {
	case <-s.unfinished:
	default:
	}
	return errors.Join(errs...)
}

func (s *Service) deleteExpired(ctx context.Context) error {
	now := s.clk.Now()
	return wrap("delete what has expired", errors.Join(
		s.system.DeleteExpiredSessions(ctx, db.DeleteExpiredSessionsParams{Now: now, IdleSince: now.Add(-s.cfg.SessionIdle)}),
		s.system.DeleteExpiredAttempts(ctx, now),
		s.system.DeleteExpiredInvitations(ctx, now),
		s.system.DeleteExpiredPasswordLinks(ctx, now),
	))
}

// setupLink is the one-time token that this process made, kept so that asking again gives the same.
type setupLink struct {
	mu    sync.Mutex
	token string
}

// SetupLink returns the address at which the first administrator is made, with its one-time token, for the starter to show.
// It is false once there is one, or if the configuration names one.
func (s *Service) SetupLink(ctx context.Context) (string, bool) {
	if s.cfg.AdminEmail != "" {
		return "", false
	}
	s.setup.mu.Lock()
	defer s.setup.mu.Unlock()
	done, err := s.system.SetupDone(ctx)
	if err == nil && !done && s.setup.token == "" {
		secret, hash := newSecret("")
		err = s.system.CreateSetupLink(ctx, db.CreateSetupLinkParams{Hash: hash, Now: s.clk.Now()})
		if err == nil {
			err = s.system.TrimSetupLinks(ctx)
			s.setup.token = secret
		}
	}
	if err != nil {
		s.log.ErrorContext(ctx, "setup link is not made", "error", err)
		return "", false
	}
	if done {
		return "", false
	}
	return s.link("setup", s.setup.token), true
}

// audit notes who did what, in the transaction of q.
func (s *Service) audit(ctx context.Context, q *db.Queries, tenant, subject, action, target string) error {
	return q.Audit(ctx, db.AuditParams{TenantID: tenant, Now: s.clk.Now(), Subject: subject, Action: action, Target: target})
}

// wrap names what failed, unless it is a fault, which speaks for itself.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if err = unavailable(err); isFault(err) {
		return err
	}
	return fmt.Errorf("%s: %w", what, err)
}

func isFault(err error) bool {
	_, ok := fault.As(err)
	return ok
}
