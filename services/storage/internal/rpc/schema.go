package rpc

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/fault"
	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/schema"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

// Schema serves aqtra.storage.v1.Schema.
type Schema struct {
	storagev1.UnimplementedSchemaServer

	store   *store.Store
	changer *schema.Changer
	clock   clock.Clock
	appRole string
}

// NewSchema serves a changer of tables. appRole is the role that the service itself connects with.
func NewSchema(s *store.Store, c *schema.Changer, clk clock.Clock, appRole string) *Schema {
	return &Schema{store: s, changer: c, clock: clk, appRole: appRole}
}

// open finds the tenant's schema and compiles the components.
func (s *Schema) open(ctx context.Context, tenant, release string, components []*libraryv1.Component) (string, *model.Release, error) {
	place, err := s.store.Home(ctx, tenant)
	if err != nil {
		return "", nil, err
	}
	r, err := model.Compile(release, components, s.clock)
	if err != nil {
		return "", nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, err.Error())
	}
	return place.Schema, r, nil
}

// PlanSchema implements the service.
func (s *Schema) PlanSchema(ctx context.Context, r *storagev1.PlanSchemaRequest) (*storagev1.PlanSchemaResponse, error) {
	name, release, err := s.open(ctx, r.GetTenant(), "", r.GetComponents())
	if err != nil {
		return nil, err
	}
	plan, err := s.changer.Plan(ctx, name, release)
	if err != nil {
		return nil, err
	}
	misfits, err := s.misfits(ctx, name, release, r.GetChangedRules())
	if err != nil {
		return nil, err
	}
	plan.Conflicts = append(plan.Conflicts, misfits...)
	out := &storagev1.PlanSchemaResponse{}
	for _, c := range plan.Changes {
		phase := libraryv1.SchemaPhase_SCHEMA_PHASE_EXPAND
		if c.Contract {
			phase = libraryv1.SchemaPhase_SCHEMA_PHASE_CONTRACT
		}
		out.Changes = append(out.Changes, &libraryv1.SchemaChange{Component: c.Component, Statement: c.SQL, Lock: c.Lock, Rewrites: c.Scans, Phase: phase, Summary: c.Summary})
	}
	for _, l := range plan.Losses {
		out.Losses = append(out.Losses, &libraryv1.DataLoss{Name: l.Name, Rows: l.Rows})
	}
	for _, c := range plan.Conflicts {
		out.Conflicts = append(out.Conflicts, &storagev1.SchemaConflict{Component: c.Component, Field: c.Field, Message: c.Message, Entries: c.Entries, Rows: c.Rows})
	}
	scope := query.Scope{Schema: name, Release: release, Now: s.clock.Now()}
	for _, c := range release.Components {
		problems, err := scope.CheckRules(c)
		if err != nil {
			return nil, err
		}
		for _, p := range problems {
			out.Conflicts = append(out.Conflicts, &storagev1.SchemaConflict{Component: c.ID, Message: p.Rule + ": " + p.Message})
		}
	}
	return out, nil
}

// ExpandSchema implements the service.
func (s *Schema) ExpandSchema(r *storagev1.ExpandSchemaRequest, stream storagev1.Schema_ExpandSchemaServer) error {
	name, release, err := s.open(stream.Context(), r.GetTenant(), r.GetRelease(), r.GetComponents())
	if err != nil {
		return err
	}
	return s.changer.Expand(stream.Context(), name, release, reporter(stream.Send))
}

// ContractSchema implements the service.
func (s *Schema) ContractSchema(r *storagev1.ContractSchemaRequest, stream storagev1.Schema_ContractSchemaServer) error {
	name, release, err := s.open(stream.Context(), r.GetTenant(), r.GetRelease(), r.GetComponents())
	if err != nil {
		return err
	}
	return s.changer.Contract(stream.Context(), name, release, r.GetConfirmedLosses(), reporter(stream.Send))
}

var previewDigits = regexp.MustCompile(`^[0-9a-f]{16}$`)

// previewOf names the schema of a preview.
func (s *Schema) previewOf(ctx context.Context, tenant, preview string) (home engine.Place, name string, err error) {
	digits, ok := strings.CutPrefix(preview, principal.PreviewPrefix)
	if !ok || !previewDigits.MatchString(digits) {
		return home, "", fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the preview is wrong", fault.Field("preview", "expected the id of a preview"))
	}
	if home, err = s.store.Home(ctx, tenant); err != nil {
		return home, "", err
	}
	return home, schema.PreviewOf(home.Schema, digits), nil
}

// MakePreview implements the service.
func (s *Schema) MakePreview(ctx context.Context, r *storagev1.MakePreviewRequest) (*storagev1.MakePreviewResponse, error) {
	home, name, err := s.previewOf(ctx, r.GetTenant(), r.GetPreview())
	if err != nil {
		return nil, err
	}
	release, err := model.Compile(r.GetPreview(), r.GetComponents(), s.clock)
	if err != nil {
		return nil, fault.FailedPrecondition(faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED, err.Error())
	}
	if err := s.changer.Provision(ctx, name, home.Role, s.appRole); err != nil {
		return nil, err
	}
	n, err := s.changer.Preview(ctx, home.Schema, name, release, func(schema.Progress) error { return nil })
	if err != nil {
		return nil, err
	}
	return &storagev1.MakePreviewResponse{Entries: n}, nil
}

// DropPreview implements the service.
func (s *Schema) DropPreview(ctx context.Context, r *storagev1.DropPreviewRequest) (*emptypb.Empty, error) {
	_, name, err := s.previewOf(ctx, r.GetTenant(), r.GetPreview())
	if err != nil {
		return nil, err
	}
	if err := s.changer.Remove(ctx, name, ""); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, s.store.ForgetPreview(ctx, r.GetTenant(), r.GetPreview())
}

func reporter(send func(*storagev1.SchemaProgress) error) func(schema.Progress) error {
	return func(p schema.Progress) error {
		return send(&storagev1.SchemaProgress{Done: int32(p.Done), Total: int32(p.Total), Message: p.Message})
	}
}

// Tenants serves aqtra.storage.v1.Tenants.
type Tenants struct {
	storagev1.UnimplementedTenantsServer

	store   *store.Store
	changer *schema.Changer
	appRole string
}

// NewTenants makes places for tenants. appRole is the role that the service itself connects with.
func NewTenants(s *store.Store, c *schema.Changer, appRole string) *Tenants {
	return &Tenants{store: s, changer: c, appRole: appRole}
}

var plainTenant = regexp.MustCompile(`^[a-z0-9_]{1,40}$`)

// SchemaOf names the schema, the role and the folder of files of a tenant.
func SchemaOf(tenant string) string {
	if plainTenant.MatchString(tenant) {
		return "t_" + tenant
	}
	sum := sha256.Sum256([]byte(tenant))
	return "t_" + hex.EncodeToString(sum[:16])
}

// Drop removes the tables, the schema and the role of a tenant.
func (s *Tenants) Drop(ctx context.Context, tenant string) error {
	if err := s.changer.RemovePreviews(ctx, schema.PreviewPattern(SchemaOf(tenant))); err != nil {
		return err
	}
	return s.changer.Remove(ctx, SchemaOf(tenant), SchemaOf(tenant))
}

// ProvisionTenant implements the service.
func (s *Tenants) ProvisionTenant(ctx context.Context, r *storagev1.ProvisionTenantRequest) (*emptypb.Empty, error) {
	tenant := r.GetTenant()
	if tenant == "" || len(tenant) > 100 {
		return nil, fault.Invalid(faultv1.Reason_REASON_INVALID_FIELDS, "the tenant is wrong", fault.Field("tenant", "expected an id of at most 100 characters"))
	}
	name := SchemaOf(tenant)
	// The record comes last: a tenant that has one has everything.
	if err := s.changer.Provision(ctx, name, name, s.appRole); err != nil {
		return nil, err
	}
	if _, err := s.store.AddTenant(ctx, tenant, name); err != nil {
		return nil, err
	}
	return &emptypb.Empty{}, nil
}
