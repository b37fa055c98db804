package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	identityv1 "github.com/aqtra/aqtra/proto/gen/aqtra/identity/v1"
	"github.com/aqtra/aqtra/services/gateway/internal/identity/password"
	"github.com/aqtra/aqtra/services/gateway/internal/store/db"
)

// MovedTenant names a tenant.
type MovedTenant struct {
	ID, Name   string
	CreateTime time.Time
}

// MovedPeople are the people of a tenant and its roles, as they travel to another installation. API keys, sessions, invitations
// and one-time links do not.
type MovedPeople struct {
	CreateTime time.Time   `json:"create_time"`
	Users      []MovedUser `json:"users"`
	Roles      []MovedRole `json:"roles"`
}

// MovedUser is a person in the tenant. Whether the person is the operator of an installation does not travel, nor does the operator's password.
type MovedUser struct {
	ID           string    `json:"id"`
	Email        string    `json:"email"`
	PasswordHash string    `json:"password_hash,omitempty"`
	Proof        string    `json:"proof,omitempty"`
	CreateTime   time.Time `json:"create_time"`
	DisplayName  string    `json:"display_name"`
	Roles        []string  `json:"roles"`
	Disabled     bool      `json:"disabled,omitempty"`
	MemberTime   time.Time `json:"member_time"`
}

// MovedRole is a role that the tenant made.
type MovedRole struct {
	ID          string        `json:"id"`
	DisplayName string        `json:"display_name"`
	Grants      []storedGrant `json:"grants"`
}

// Arrived says what became of the people of a tenant.
type Arrived struct {
	// Renamed are users who have another id here.
	Renamed map[string]string
	// Here is how many people have been here before: they keep their password. Kept is how many came with theirs.
	Here, Kept int
	// Links are for those who came without a password and may make links for others, by e-mail address.
	Links map[string]string
	// Reset is how many came without a password.
	Reset int
	// LinkLife is how long links work.
	LinkLife time.Duration
}

const (
	maxMovedUsers = 100_000
	maxMovedRoles = 10_000
	maxLinks      = 20
)

var movedID = regexp.MustCompile(`^[tu][a-z0-9]{12,16}$`)

// FindMoved finds the tenant that somebody means.
func FindMoved(ctx context.Context, tx pgx.Tx, meant string) (MovedTenant, error) {
	rows, err := db.New(tx).MovedTenant(ctx, meant)
	if err != nil {
		return MovedTenant{}, fmt.Errorf("find the organization: %w", err)
	}
	switch len(rows) {
	case 0:
		return MovedTenant{}, fmt.Errorf("there is no organization with the name or id %q", meant)
	case 1:
		return MovedTenant{ID: rows[0].ID, Name: rows[0].DisplayName, CreateTime: rows[0].CreateTime.UTC()}, nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	return MovedTenant{}, fmt.Errorf("several organizations are called %q: say which by its id (%s)", meant, strings.Join(ids, ", "))
}

// MoveOut reads the people of a tenant.
func (c Config) MoveOut(ctx context.Context, tx pgx.Tx, t MovedTenant) (MovedPeople, error) {
	q := db.New(tx)
	out := MovedPeople{CreateTime: t.CreateTime, Users: []MovedUser{}, Roles: []MovedRole{}}
	users, err := q.MovedUsers(ctx, t.ID)
	if err != nil {
		return out, fmt.Errorf("read people: %w", err)
	}
	for _, u := range users {
		m := MovedUser{ID: u.ID, Email: u.Email, CreateTime: u.CreateTime.UTC(), DisplayName: u.DisplayName, Roles: u.Roles, Disabled: u.Disabled, MemberTime: u.MemberTime.UTC()}
		if u.PasswordHash != "" && !u.Operator {
			m.PasswordHash, m.Proof = u.PasswordHash, password.Proof([]byte(c.Pepper), u.Email, u.PasswordHash)
		}
		out.Users = append(out.Users, m)
	}
	roles, err := q.MovedRoles(ctx, t.ID)
	if err != nil {
		return out, fmt.Errorf("read roles: %w", err)
	}
	for _, r := range roles {
		m := MovedRole{ID: r.ID, DisplayName: r.DisplayName, Grants: []storedGrant{}}
		if err := json.Unmarshal(r.Grants, &m.Grants); err != nil {
			return out, fmt.Errorf("read role %s: %w", r.ID, err)
		}
		out.Roles = append(out.Roles, m)
	}
	return out, nil
}

// Check refuses people that could not have been made here.
func (p MovedPeople) Check() error {
	if len(p.Users) > maxMovedUsers || len(p.Roles) > maxMovedRoles {
		return fmt.Errorf("%d people and %d roles are too many", len(p.Users), len(p.Roles))
	}
	ids, emails, roles := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, r := range p.Roles {
		var v violations
		v.check(roleID.MatchString(r.ID) && !roles[r.ID], "id", "is not the id of a role, or is there twice")
		_, builtIn := builtIn(r.ID)
		v.check(!builtIn, "id", "is that of a role which every organization has")
		v.name("display_name", r.DisplayName)
		grants := make([]*identityv1.Grant, len(r.Grants))
		for i, g := range r.Grants {
			grants[i] = &identityv1.Grant{Permission: g.Permission, Component: g.Component}
		}
		v.grants("grants", grants)
		if err := v.err(); err != nil {
			return fmt.Errorf("role %.70q: %w", r.ID, err)
		}
		roles[r.ID] = true
	}
	for _, u := range p.Users {
		var v violations
		v.check(movedID.MatchString(u.ID) && u.ID[0] == 'u' && !ids[u.ID], "id", "is not the id of a user, or is there twice")
		email := v.email("email", u.Email)
		v.check(email == u.Email && !emails[u.Email], "email", "is not as it is stored, or is there twice")
		v.name("display_name", u.DisplayName)
		v.check(slices.Equal(v.roles("roles", u.Roles), u.Roles), "roles", "are not in order")
		if err := v.err(); err != nil {
			return fmt.Errorf("user %.70q: %w", u.ID, err)
		}
		ids[u.ID], emails[u.Email] = true, true
	}
	return nil
}

// NameFree refuses a name that an organization has here, or nobody could have, and tells whether an id is free.
func NameFree(ctx context.Context, tx pgx.Tx, name, id string) (idFree bool, err error) {
	var v violations
	v.name("name", name)
	if err := v.err(); err != nil {
		return false, fmt.Errorf("the name %.210q: %w", name, err)
	}
	if !movedID.MatchString(id) || id[0] != 't' {
		return false, fmt.Errorf("%.70q is not the id of an organization", id)
	}
	q := db.New(tx)
	taken, err := q.TenantNameTaken(ctx, name)
	if err == nil && taken {
		err = fmt.Errorf("an organization called %q is here already: give this one another name with --as NAME", name)
	}
	if err != nil {
		return false, err
	}
	taken, err = q.TenantIDTaken(ctx, id)
	return !taken, err
}

// NewMovedID makes an id for a tenant whose own is taken.
func NewMovedID() string { return newTenantID() }

// MoveIn makes a tenant with its people. Whoever is here already, by the e-mail address, keeps account and password and becomes a member.
// Others come with their password when it was hashed with the same pepper, and otherwise have none until they set one by a link.
func (c Config) MoveIn(ctx context.Context, tx pgx.Tx, t MovedTenant, p MovedPeople, now time.Time) (Arrived, error) {
	if err := p.Check(); err != nil {
		return Arrived{}, err
	}
	q := db.New(tx)
	out := Arrived{Renamed: map[string]string{}, Links: map[string]string{}, LinkLife: c.PasswordLinkLife}
	if err := q.MoveTenantIn(ctx, db.MoveTenantInParams{ID: t.ID, DisplayName: t.Name, CreateTime: p.CreateTime}); err != nil {
		return out, fmt.Errorf("make the organization: %w", err)
	}
	for _, r := range p.Roles {
		grants, err := json.Marshal(r.Grants)
		if err != nil {
			return out, err
		}
		if err := q.MoveRoleIn(ctx, db.MoveRoleInParams{TenantID: t.ID, ID: r.ID, DisplayName: r.DisplayName, Grants: grants}); err != nil {
			return out, fmt.Errorf("make role %s: %w", r.ID, err)
		}
	}
	for _, u := range p.Users {
		if err := c.moveUserIn(ctx, q, t.ID, u, now, &out); err != nil {
			return out, fmt.Errorf("make user %s: %w", u.ID, err)
		}
	}
	return out, q.Audit(ctx, db.AuditParams{TenantID: t.ID, Now: now, Action: "tenant.import", Target: t.ID})
}

func (c Config) moveUserIn(ctx context.Context, q *db.Queries, tenant string, u MovedUser, now time.Time, out *Arrived) error {
	id := u.ID
	here, err := q.UserByEmail(ctx, u.Email)
	switch {
	case err == nil:
		id = here.ID
		out.Here++
	case errors.Is(err, pgx.ErrNoRows):
		taken, err := q.UserIDTaken(ctx, u.ID)
		if err != nil {
			return err
		}
		if taken {
			id = newUserID()
		}
		hash := ""
		if password.Portable([]byte(c.Pepper), u.Email, u.PasswordHash, u.Proof) {
			hash = u.PasswordHash
		}
		made, err := q.CreateUser(ctx, db.CreateUserParams{ID: id, Email: u.Email, PasswordHash: hash, Now: u.CreateTime})
		if err != nil {
			return err
		}
		if made == 0 {
			return errUserExists() // who came just now
		}
		if hash == "" {
			out.Reset++
		} else {
			out.Kept++
		}
	default:
		return err
	}
	if id != u.ID {
		out.Renamed[u.ID] = id
	}
	if err := q.MoveMemberIn(ctx, db.MoveMemberInParams{
		TenantID: tenant, UserID: id, DisplayName: u.DisplayName, Roles: u.Roles, Disabled: u.Disabled, CreateTime: u.MemberTime,
	}); err != nil {
		return err
	}
	if here.ID != "" || u.Disabled || !slices.Contains(u.Roles, roleAdmin) || len(out.Links) >= maxLinks {
		return nil
	}
	if password.Portable([]byte(c.Pepper), u.Email, u.PasswordHash, u.Proof) {
		return nil
	}
	secret, hash := newSecret("")
	out.Links[u.Email] = (&Service{cfg: c}).link("reset", secret)
	return q.CreatePasswordLink(ctx, db.CreatePasswordLinkParams{
		TenantID: tenant, UserID: id, Hash: hash, ByOperator: true, ExpireTime: now.Add(c.PasswordLinkLife),
	})
}

// SampleInstalling tells whether a sample app is being installed in a tenant.
func SampleInstalling(ctx context.Context, tx pgx.Tx, tenant string) (bool, error) {
	return db.New(tx).SampleInstalling(ctx, tenant)
}
