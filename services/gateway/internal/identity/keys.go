package identity

import (
	"context"
	"errors"
	"slices"
	"time"

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

// maxKeys bounds the API keys of one user in one tenant.
const maxKeys = 100

func keyToProto(row db.ApiKeysRow) *identityv1.ApiKey {
	out := &identityv1.ApiKey{
		Id: row.ID, DisplayName: row.DisplayName, Roles: row.Roles, CreateTime: timestamppb.New(row.CreateTime), User: row.UserID,
	}
	if row.ExpireTime != nil {
		out.ExpireTime = timestamppb.New(*row.ExpireTime)
	}
	return out
}

// ListApiKeys lists the keys of the caller, or everyone's for those who may read users.
func (s *Service) ListApiKeys(ctx context.Context, req *identityv1.ListApiKeysRequest) (*identityv1.ListApiKeysResponse, error) {
	p, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	owner := p.Subject
	if p.Can("users.read", "") {
		owner = ""
	}
	size, err := paging.Size(req.GetPageSize(), maxPage)
	if err != nil {
		return nil, err
	}
	pages := paging.Of(p.Tenant, "keys", owner)
	after, err := pages.Text(req.GetPageToken())
	if err != nil {
		return nil, err
	}
	rows, err := db.New(s.db.Tenant(p.Tenant)).ApiKeys(ctx, db.ApiKeysParams{
		TenantID: p.Tenant, UserID: owner, After: after, PageSize: int32(size) + 1,
	})
	if err != nil {
		return nil, wrap("list api keys", err)
	}
	out := &identityv1.ListApiKeysResponse{}
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = pages.Token(rows[size-1].ID)
	}
	for _, row := range rows {
		out.ApiKeys = append(out.ApiKeys, keyToProto(row))
	}
	return out, nil
}

// CreateApiKey makes a key for the signed-in user. A key makes no keys: it would pass on what it is limited to no longer.
func (s *Service) CreateApiKey(ctx context.Context, req *identityv1.CreateApiKeyRequest) (*identityv1.ApiKey, error) {
	in := req.GetApiKey()
	now := s.clk.Now()
	var v violations
	v.name("api_key.display_name", in.GetDisplayName())
	roles := v.roles("api_key.roles", in.GetRoles())
	var end *time.Time
	if in.GetExpireTime() != nil {
		t := in.GetExpireTime().AsTime()
		v.check(in.GetExpireTime().IsValid() && t.After(now) && t.Year() < 9999, "api_key.expire_time", "must be in the future")
		end = &t
	}
	if err := v.err(); err != nil {
		return nil, err
	}
	row := db.ApiKeysRow{ID: newID("k", 16), DisplayName: in.GetDisplayName(), Roles: roles, CreateTime: now, ExpireTime: end}
	key, hash := newSecret(keyPrefix + row.ID + "_")
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		if p.Kind != principal.KindUser {
			return errPermission("only a signed-in user makes API keys")
		}
		m, err := member(ctx, q, p.Tenant, p.Subject)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(roles, func(role string) bool { return !slices.Contains(m.Roles, role) }) {
			return errGrantExceeds()
		}
		n, err := q.CountApiKeys(ctx, db.CountApiKeysParams{TenantID: p.Tenant, UserID: p.Subject})
		if err != nil {
			return err
		}
		if n >= maxKeys {
			return errQuota("you have too many API keys")
		}
		row.UserID = p.Subject
		if err := q.CreateApiKey(ctx, db.CreateApiKeyParams{
			TenantID: p.Tenant, ID: row.ID, UserID: row.UserID, Hash: hash, DisplayName: row.DisplayName,
			Limited: len(roles) > 0, Roles: roles, Now: now, ExpireTime: end,
		}); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "api_key.create", row.ID)
	})
	if err != nil {
		return nil, wrap("create api key", err)
	}
	out := keyToProto(row)
	out.Key = key
	return out, nil
}

// DeleteApiKey revokes a key of the caller, or for those who administer users, one of somebody whom they may manage.
func (s *Service) DeleteApiKey(ctx context.Context, req *identityv1.DeleteApiKeyRequest) (*emptypb.Empty, error) {
	missing := fault.NotFound(faultv1.Reason_REASON_API_KEY_NOT_FOUND, "api key not found")
	if !plainID(req.GetApiKey()) {
		return nil, missing
	}
	err := s.change(ctx, func(q *db.Queries, p principal.Principal) error {
		owner, err := q.ApiKeyOwner(ctx, db.ApiKeyOwnerParams{TenantID: p.Tenant, ID: req.GetApiKey()})
		if errors.Is(err, pgx.ErrNoRows) {
			return missing
		}
		if err != nil {
			return err
		}
		if owner != p.Subject {
			if !p.Can("users.write", "") {
				return missing
			}
			m, err := member(ctx, q, p.Tenant, owner)
			if err != nil {
				return err
			}
			all, err := tenantRoles(ctx, q, p.Tenant)
			if err != nil {
				return err
			}
			if !mayManage(p, all, m.Roles) {
				return errGrantExceeds()
			}
		}
		if _, err := q.DeleteApiKey(ctx, db.DeleteApiKeyParams{TenantID: p.Tenant, ID: req.GetApiKey()}); err != nil {
			return err
		}
		return s.audit(ctx, q, p.Tenant, p.Subject, "api_key.delete", req.GetApiKey())
	})
	if err != nil {
		return nil, wrap("delete api key", err)
	}
	return &emptypb.Empty{}, nil
}
