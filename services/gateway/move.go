package gateway

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aqtra/aqtra/pkg/config"
	"github.com/aqtra/aqtra/pkg/service"
	"github.com/aqtra/aqtra/pkg/tenantdata"
	"github.com/aqtra/aqtra/services/gateway/internal/identity"
	"github.com/aqtra/aqtra/services/gateway/internal/store"
)

// What a tenant is to identity when it travels to another installation.
type (
	MovedTenant = identity.MovedTenant
	MovedPeople = identity.MovedPeople
	Arrived     = identity.Arrived
)

// Mover takes the people of tenants out of an installation, and brings them in.
type Mover struct{ cfg identity.Config }

// NewMover reads the settings of the gateway.
func NewMover(lookup config.Lookup) (*Mover, error) {
	var cfg Config
	if err := config.Load(service.Prefix(Name), &cfg, lookup); err != nil {
		return nil, err
	}
	return &Mover{cfg: cfg.Identity}, nil
}

// Find finds the tenant that has an id or a name.
func (m *Mover) Find(ctx context.Context, tx pgx.Tx, meant string) (MovedTenant, error) {
	return identity.FindMoved(ctx, tx, meant)
}

// Busy tells whether a sample app is being installed in a tenant.
func (m *Mover) Busy(ctx context.Context, tx pgx.Tx, tenant string) (bool, error) {
	return identity.SampleInstalling(ctx, tx, tenant)
}

// People reads the people of a tenant.
func (m *Mover) People(ctx context.Context, tx pgx.Tx, t MovedTenant) (MovedPeople, error) {
	return m.cfg.MoveOut(ctx, tx, t)
}

// Place says what the tenant will be called here and which id it has, another one when its own is taken. A name that is taken is refused.
func (m *Mover) Place(ctx context.Context, tx pgx.Tx, name, id string) (MovedTenant, error) {
	free, err := identity.NameFree(ctx, tx, name, id)
	if err == nil && !free {
		id = identity.NewMovedID()
	}
	return MovedTenant{ID: id, Name: name}, err
}

// Arrive makes the tenant with its people.
func (m *Mover) Arrive(ctx context.Context, tx pgx.Tx, t MovedTenant, p MovedPeople, now time.Time) (Arrived, error) {
	return m.cfg.MoveIn(ctx, tx, t, p, now)
}

// TenantTables says how rows of the gateway travel. People travel as MovedPeople.
func TenantTables() []tenantdata.Table {
	const people, secret = "travels with the people", "a secret of the installation"
	table := func(name string, t tenantdata.Table) tenantdata.Table {
		t.Schema, t.Name = store.Schema, name
		return t
	}
	return []tenantdata.Table{
		table("memberships", tenantdata.Table{Stays: people}),
		table("roles", tenantdata.Table{Stays: people}),
		table("invitations", tenantdata.Table{Stays: secret}),
		table("password_links", tenantdata.Table{Stays: secret}),
		table("api_keys", tenantdata.Table{Stays: secret}),
		table("audit", tenantdata.Table{Stays: "what was done in the old installation is told there"}),
		table("seals", tenantdata.Table{Stays: "seals the audit"}),
		table("installations", tenantdata.Table{Only: "t.state <> 1", People: []string{"subject"}}),
	}
}
