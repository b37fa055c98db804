package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/token"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

const (
	// removeTimeout bounds one attempt to remove a tenant's data; the next goes on where it ended.
	removeTimeout = 10 * time.Minute
	// lastCalls is how long after its end a tenant may still be written to, by calls that were let in before: their tokens and
	// what these were delegated to live that long. What they leave is removed again then, and only then is the tenant forgotten.
	lastCalls = 4 * token.DefaultLife
)

// DeleteTenant ends the caller's tenant. Its people, keys and invitations are gone when it returns; Run removes the rest.
func (s *Service) DeleteTenant(ctx context.Context, req *identityv1.DeleteTenantRequest) (*emptypb.Empty, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.SystemTx(ctx, func(tx pgx.Tx) error {
		q := db.New(tx)
		name, err := q.LockTenant(ctx, p.Tenant)
		if errors.Is(err, pgx.ErrNoRows) {
			return errTenantNotFound()
		}
		if err != nil {
			return err
		}
		if req.GetConfirm() != name {
			return fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the deletion is not confirmed",
				fault.Field("confirm", fmt.Sprintf("expected the name of the tenant, %q", name)))
		}
		alone, err := q.OperatorWithoutOtherTenant(ctx, p.Tenant)
		if err != nil {
			return err
		}
		if alone {
			return fault.FailedPrecondition(faultv1.Reason_REASON_LAST_ADMIN,
				"the operator of the installation belongs to no other tenant, and could not sign in any more")
		}
		if err := s.audit(ctx, q, p.Tenant, p.Subject, "tenant.delete", p.Tenant); err != nil {
			return err
		}
		// Memberships take API keys and password links with them.
		return errors.Join(
			q.DeleteUsersOfOnly(ctx, p.Tenant), q.DeleteMembers(ctx, p.Tenant), q.DeleteRoles(ctx, p.Tenant), q.DeleteInvitations(ctx, p.Tenant),
			q.DeleteSessionsIn(ctx, p.Tenant), q.EndTenant(ctx, db.EndTenantParams{ID: p.Tenant, Now: s.clk.Now()}))
	})
	if err != nil {
		return nil, wrap("delete tenant", err)
	}
	s.log.InfoContext(ctx, "tenant is ended", "tenant", p.Tenant, "subject", p.Subject)
	select {
	case s.ended <- struct{}{}:
	default:
	}
	return &emptypb.Empty{}, nil
}

// removeTenants removes what tenants that were ended still have. It returns when the next round is due, zero for none.
func (s *Service) removeTenants(ctx context.Context) (time.Duration, error) {
	ended, err := s.system.EndedTenants(ctx)
	if err != nil {
		return 0, wrap("list ended tenants", err)
	}
	var errs []error
	var next time.Duration
	for _, t := range ended {
		left := t.DeleteTime.Add(lastCalls).Sub(s.clk.Now())
		if err := s.removeTenant(ctx, t.ID, left <= 0); err != nil {
			errs = append(errs, fmt.Errorf("remove tenant %s: %w", t.ID, err))
		} else if left > 0 && (next == 0 || left < next) {
			next = left
		}
	}
	return next, errors.Join(errs...)
}

func (s *Service) removeTenant(ctx context.Context, tenant string, last bool) error {
	rctx, cancel := context.WithTimeout(ctx, removeTimeout)
	defer cancel()
	if err := s.remove(rctx, tenant); err != nil || !last {
		return err
	}
	if _, err := s.system.DeleteTenant(ctx, tenant); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "tenant is removed", "tenant", tenant)
	return nil
}
