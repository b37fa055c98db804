package store

import (
	"context"
	"fmt"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/model"
	"github.com/aqtra/aqtra/services/storage/internal/store/db"
)

// Holds implements engine.Tx.
func (t *tx) Holds(ctx context.Context, c *model.Component, entries []string) (map[string]engine.Hold, error) {
	rows, err := t.q.HoldsOf(ctx, db.HoldsOfParams{TenantID: t.place.Tenant, ComponentUid: t.place.Own(c.UID), Entries: append([]string{}, entries...)})
	if err != nil {
		return nil, fmt.Errorf("read holds: %w", err)
	}
	holds := make(map[string]engine.Hold, len(rows))
	for _, r := range rows {
		holds[r.Entry] = engine.Hold{Run: r.Run, Component: r.RunComponent, Workflow: r.Workflow, Time: r.HoldTime}
	}
	return holds, nil
}

// Hold implements engine.Tx.
func (t *tx) Hold(ctx context.Context, c *model.Component, entry string, h engine.Hold) error {
	return wrap("hold entry", t.q.InsertHold(ctx, db.InsertHoldParams{
		TenantID: t.place.Tenant, ComponentUid: t.place.Own(c.UID), Entry: entry, Run: h.Run, RunComponent: h.Component, Workflow: h.Workflow, HoldTime: h.Time,
	}))
}

// Release implements engine.Tx.
func (t *tx) Release(ctx context.Context, c *model.Component, entry string) error {
	return wrap("release entry", t.q.DeleteHold(ctx, db.DeleteHoldParams{TenantID: t.place.Tenant, ComponentUid: t.place.Own(c.UID), Entry: entry}))
}
