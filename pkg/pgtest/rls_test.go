package pgtest

import (
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/postgres"
)

func TestRLSProblemsAreFound(t *testing.T) {
	t.Parallel()
	good := `-- +goose Up
CREATE TABLE thing (tenant_id text NOT NULL, id text NOT NULL);
CREATE TABLE shared (id text NOT NULL);
` + postgres.RLSPolicy("thing")
	for _, tc := range []struct {
		name, change string
		want         []string
	}{
		{"good", "", nil},
		{"off", "ALTER TABLE thing DISABLE ROW LEVEL SECURITY", []string{"workflow.thing has no row-level security"}},
		{"not forced", "ALTER TABLE thing NO FORCE ROW LEVEL SECURITY", []string{"workflow.thing does not force row-level security"}},
		{"no policy", "DROP POLICY tenant ON thing", []string{"workflow.thing lacks the tenant policy"}},
		{"wider", "CREATE POLICY all_of_it ON thing USING (true)", []string{"workflow.thing has the wider policy all_of_it"}},
		{"narrower", "CREATE POLICY less ON thing AS RESTRICTIVE USING (id <> 'x')", nil},
		{"loose check", "ALTER POLICY tenant ON thing WITH CHECK (true)", []string{
			"workflow.thing has the wider policy tenant", "workflow.thing lacks the tenant policy"}},
		{"matview", "CREATE MATERIALIZED VIEW copy AS SELECT * FROM thing", []string{"workflow.copy copies rows of tenants without a policy"}},
		{"truncate", "GRANT TRUNCATE ON shared TO aqtra_workflow_app", []string{"aqtra_workflow_app may truncate workflow.shared"}},
		{"create", "GRANT CREATE ON SCHEMA workflow TO aqtra_workflow_app", []string{"aqtra_workflow_app may create objects in the schema"}},
		{"versions", "GRANT UPDATE ON schema_version TO aqtra_workflow_app", []string{"aqtra_workflow_app may update workflow.schema_version"}},
		{"definer", "CREATE FUNCTION sneak() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'select 1'", []string{"sneak runs with the rights of its owner"}},
		{"partition", `CREATE TABLE history (tenant_id text, at int) PARTITION BY RANGE (at);
			CREATE TABLE history_1 PARTITION OF history FOR VALUES FROM (0) TO (9);` + postgres.RLSPolicy("history"),
			[]string{"workflow.history_1 does not force row-level security", "workflow.history_1 has no row-level security", "workflow.history_1 lacks the tenant policy"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			cfg := Database(t, "workflow", fstest.MapFS{"1_good.sql": {Data: []byte(good)}})
			owner, err := pgx.Connect(t.Context(), cfg.OwnerURL)
			require.NoError(t, err)
			_, err = owner.Exec(t.Context(), "set search_path = workflow; "+tc.change)
			require.NoError(t, err)
			require.NoError(t, owner.Close(t.Context()))
			got, err := rlsProblems(t.Context(), cfg, "workflow")
			require.NoError(t, err)
			require.ElementsMatch(t, tc.want, got)
		})
	}
}
