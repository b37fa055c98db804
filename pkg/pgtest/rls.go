package pgtest

import (
	"context"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/postgres"
)

// RequireRLS fails t unless the schema keeps tenants apart: every table with a tenant_id column has forced row-level
// security with the house policy and no other that widens it; the owner owns everything; the application role owns
// nothing, cannot make objects, bypass policies, truncate, or write the record of migrations; nothing runs with its
// owner's rights. Partitions count as tables, because they can be addressed directly.
func RequireRLS(t testing.TB, cfg postgres.Config, schema string) {
	t.Helper()
	problems, err := rlsProblems(t.Context(), cfg, schema)
	require.NoError(t, err)
	require.Empty(t, problems, "schema %s does not keep tenants apart", schema)
}

// housePolicy is how Postgres prints the policy of postgres.RLSPolicy.
const housePolicy = `((tenant_id = NULLIF(current_setting('aqtra.tenant'::text, true), ''::text)) OR (current_setting('aqtra.scope'::text, true) = 'system'::text))`

// checks each return one line per problem; $1 is the schema, $2 the owner role, $3 the application role, $4 the policy.
const checks = `
WITH rel AS (
	SELECT c.*, c.oid::regclass::text AS label,
	       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS tenant
	FROM pg_class c WHERE c.relnamespace = $1::text::regnamespace
)
SELECT label || ' has no row-level security' FROM rel WHERE relkind IN ('r', 'p') AND tenant AND NOT relrowsecurity
UNION ALL
SELECT label || ' does not force row-level security' FROM rel WHERE relkind IN ('r', 'p') AND tenant AND NOT relforcerowsecurity
UNION ALL
SELECT label || ' lacks the tenant policy' FROM rel WHERE relkind IN ('r', 'p') AND tenant AND NOT EXISTS (
	SELECT FROM pg_policy p WHERE p.polrelid = rel.oid AND p.polpermissive AND p.polcmd = '*' AND p.polroles = '{0}'
	AND pg_get_expr(p.polqual, p.polrelid) = $4
	AND coalesce(pg_get_expr(p.polwithcheck, p.polrelid), $4) = $4)
UNION ALL
SELECT label || ' has the wider policy ' || p.polname FROM rel JOIN pg_policy p ON p.polrelid = rel.oid
WHERE tenant AND p.polpermissive AND (
	coalesce(pg_get_expr(p.polqual, p.polrelid), $4) <> $4 OR coalesce(pg_get_expr(p.polwithcheck, p.polrelid), $4) <> $4)
UNION ALL
SELECT label || ' copies rows of tenants without a policy' FROM rel WHERE relkind IN ('m', 'f') AND tenant
UNION ALL
SELECT label || ' is not owned by ' || $2 FROM rel WHERE pg_get_userbyid(relowner) <> $2
UNION ALL
SELECT $3 || ' may ' || lower(kind) || ' ' || label FROM rel, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) AS kind
WHERE relkind IN ('r', 'p') AND has_table_privilege($3, rel.oid, kind)
UNION ALL
SELECT $3 || ' may ' || lower(kind) || ' ' || label FROM rel, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE']) AS kind
WHERE relname = 'schema_version' AND has_table_privilege($3, rel.oid, kind)
UNION ALL
SELECT proname || ' runs with the rights of its owner' FROM pg_proc WHERE pronamespace = $1::text::regnamespace AND prosecdef
UNION ALL
SELECT $3 || ' may create objects in the schema' WHERE has_schema_privilege($3, $1::text, 'CREATE')
UNION ALL
SELECT $3 || ' may create schemas' WHERE has_database_privilege($3, current_database(), 'CREATE')
UNION ALL
SELECT $3 || ' may act as ' || $2 WHERE pg_has_role($3, $2, 'MEMBER')
UNION ALL
SELECT rolname || ' bypasses row-level security' FROM pg_roles WHERE rolname IN ($2, $3) AND (rolsuper OR rolbypassrls)
UNION ALL
SELECT nspname || ' is not owned by ' || $2 FROM pg_namespace WHERE nspname = $1::text AND pg_get_userbyid(nspowner) <> $2
ORDER BY 1`

func rlsProblems(ctx context.Context, cfg postgres.Config, schema string) ([]string, error) {
	app, err := pgx.ParseConfig(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("application role: %w", err)
	}
	conn, err := pgx.Connect(ctx, cfg.OwnerURL)
	if err != nil {
		return nil, fmt.Errorf("connect as owner: %w", err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, checks, schema, conn.Config().User, app.User, housePolicy)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
