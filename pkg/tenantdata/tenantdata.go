// Package tenantdata is what every service that keeps data of tenants serves about them.
package tenantdata

import (
	"context"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/postgres"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	tenantsv1 "github.com/aqtra/aqtra/proto/gen/aqtra/tenants/v1"
)

// Step removes a part of what a service has of a tenant. It may be repeated.
type Step func(ctx context.Context, tenant string) error

// Rows removes the rows of a service's schema.
func Rows(db *postgres.DB, schema string) Step {
	return func(ctx context.Context, tenant string) error { return db.EraseTenant(ctx, schema, tenant) }
}

// Server implements aqtra.tenants.v1.TenantData.
type Server struct {
	tenantsv1.UnimplementedTenantDataServer

	// Steps run in this order.
	Steps []Step
}

// DeleteTenantData implements the service.
func (s *Server) DeleteTenantData(ctx context.Context, r *tenantsv1.DeleteTenantDataRequest) (*emptypb.Empty, error) {
	if r.GetTenant() == "" || len(r.GetTenant()) > 100 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the tenant is wrong", fault.Field("tenant", "expected an id of at most 100 characters"))
	}
	for _, step := range s.Steps {
		if err := step(ctx, r.GetTenant()); err != nil {
			return nil, postgres.Away(err)
		}
	}
	return &emptypb.Empty{}, nil
}
