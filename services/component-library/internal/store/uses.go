package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	catalogv1 "github.com/aqtra/aqtra/proto/gen/aqtra/catalog/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store/db"
)

// SetUses implements engine.Index. A revision that is gone meanwhile needs no index, and one that has it no other.
func (s *Store) SetUses(ctx context.Context, tenant string, key engine.Key, uses []*catalogv1.Reference, universe []byte) error {
	if universe == nil {
		universe = []byte{}
	}
	p := db.InsertUsesParams{TenantID: tenant, Uid: key.UID, Revision: key.Revision}
	type use struct{ path, kind, component, id string }
	seen := map[use]bool{} // an expression may name a field several times
	for i, u := range uses {
		key := use{u.GetPath(), u.GetKind(), u.GetTargetComponent(), u.GetTargetId()}
		if seen[key] {
			continue
		}
		seen[key] = true
		p.Numbers = append(p.Numbers, int32(i))
		p.Paths = append(p.Paths, u.GetPath())
		p.Kinds = append(p.Kinds, u.GetKind())
		p.TargetComponents = append(p.TargetComponents, u.GetTargetComponent())
		p.TargetIds = append(p.TargetIds, u.GetTargetId())
	}
	return s.tx(ctx, tenant, func(tx pgx.Tx) error {
		q := db.New(tx)
		n, err := q.MarkIndexed(ctx, db.MarkIndexedParams{TenantID: tenant, Uid: key.UID, Revision: key.Revision, Indexed: universe})
		if err != nil || n == 0 {
			return err
		}
		if err := q.DeleteUses(ctx, db.DeleteUsesParams{TenantID: tenant, Uid: key.UID, Revision: key.Revision}); err != nil {
			return err
		}
		if len(uses) == 0 {
			return nil
		}
		if err := q.InsertUses(ctx, p); err != nil {
			return fmt.Errorf("insert references: %w", err)
		}
		return nil
	})
}

// Uses implements engine.Index.
func (s *Store) Uses(ctx context.Context, tenant, component, target string, n int) ([]*catalogv1.Reference, error) {
	rows, err := s.tenant(tenant).ListUses(ctx, db.ListUsesParams{TenantID: tenant, TargetComponent: component, TargetID: target, Most: int32(n)})
	if err != nil {
		return nil, err
	}
	out := make([]*catalogv1.Reference, len(rows))
	for i, r := range rows {
		out[i] = &catalogv1.Reference{Component: r.ComponentID, Path: r.Path, Kind: r.Kind, TargetComponent: r.TargetComponent, TargetId: r.TargetID}
	}
	return out, nil
}
