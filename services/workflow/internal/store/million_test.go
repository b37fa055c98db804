package store_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/pgtest"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/services/workflow/internal/engine"
	"github.com/aqtra/aqtra/services/workflow/internal/store"
)

// million are runs of 20 components and 60 workflows, of which a few failed and a few are not finished.
const million = `INSERT INTO workflow.runs
	(tenant_id, id, component, workflow, release_id, subject, person, state, business_key, entry_id, input, create_time, finish_time, events)
SELECT 't1', lpad(i::text, 12, '0'), 'c' || i % 20, 'w' || i % 60, 'r1', 'ada', '\x00',
	CASE WHEN i % 100000 = 7 THEN 4 WHEN i % 50000 = 9 THEN 2 ELSE 3 END, 'k' || i / 3, '', '\x00',
	now() - make_interval(secs => 1000000 - i), CASE WHEN i % 50000 = 9 THEN NULL ELSE now() END, 10
FROM generate_series(1, 1000000) i`

// BenchmarkListMillion lists 50 of a million runs: the budget is 50 ms.
func BenchmarkListMillion(b *testing.B) {
	cfg := pgtest.Database(b, store.Schema, store.Migrations())
	db, err := postgres.Open(context.WithoutCancel(b.Context()), cfg, postgres.Options{Schema: store.Schema})
	require.NoError(b, err)
	b.Cleanup(db.Close)
	_, err = db.System().Exec(b.Context(), million)
	require.NoError(b, err)
	owner, err := pgx.Connect(b.Context(), cfg.OwnerURL)
	require.NoError(b, err)
	_, err = owner.Exec(b.Context(), "ANALYZE workflow.runs") // as Postgres does by itself after a while
	require.NoError(b, err)
	require.NoError(b, owner.Close(b.Context()))
	s := store.New(db)
	filters := map[string]engine.RunFilter{
		"newest": {}, "old page": {Before: "000000500000"}, "failed": {State: engine.Failed}, "waiting": {State: engine.Waiting}, "canceled, none": {State: engine.Canceled},
		"component": {Component: "c3"}, "component, none": {Component: "none"}, "workflow": {Component: "c3", Workflow: "w3"}, "workflow, failed": {Component: "c7", Workflow: "w7", State: engine.Failed},
		"business key": {BusinessKey: "k77"}, "preview, none": {Preview: "prv-1"},
	}
	for _, name := range slices.Sorted(maps.Keys(filters)) {
		f := filters[name]
		f.Limit = 51
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := s.Runs(b.Context(), "t1", f)
				require.NoError(b, err)
			}
		})
	}
}
