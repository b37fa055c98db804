-- name: ResolveCredentials :many
-- Everything that decides a request, for many credentials at once. A credential whose user left the tenant has no row.
-- Each table is asked for one row by its key: LIMIT keeps the planner, whose plan outlives the state of the tables that it was
-- made for, from reading whole tables. SELECT around the arrays hides their length from it: it would plan for it every time.
SELECT c.hash, c.session, c.user_id, u.email, u.operator, c.tenant_id, m.display_name, m.roles, m.disabled, c.limited,
       c.key_roles, t.active, t.epoch, g.grants, c.seen_time, c.expire_time
FROM (
    SELECT s.hash, s.id AS session, s.user_id, s.current_tenant AS tenant_id, false AS limited, '{}'::text[] AS key_roles,
           s.seen_time, s.expire_time::timestamptz AS expire_time
    FROM unnest((SELECT @session_hashes::bytea[])) AS sought (hash)
    CROSS JOIN LATERAL (SELECT * FROM gateway.sessions x WHERE x.hash = sought.hash LIMIT 1) s
    UNION ALL
    SELECT k.hash, '', k.user_id, k.tenant_id, k.limited, k.roles, k.create_time, coalesce(k.expire_time, '9999-01-01 00:00:00+00')
    FROM unnest((SELECT @key_hashes::bytea[])) AS sought (hash)
    CROSS JOIN LATERAL (SELECT * FROM gateway.api_keys x WHERE x.hash = sought.hash LIMIT 1) k
) c
CROSS JOIN LATERAL (SELECT x.email, x.operator FROM gateway.users x WHERE x.id = c.user_id LIMIT 1) u
CROSS JOIN LATERAL (
    SELECT x.display_name, x.roles, x.disabled FROM gateway.memberships x
    WHERE x.tenant_id = c.tenant_id AND x.user_id = c.user_id LIMIT 1
) m
CROSS JOIN LATERAL (SELECT x.active, x.epoch FROM gateway.tenants x WHERE x.id = c.tenant_id LIMIT 1) t
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(r.id, r.grants), '{}')::jsonb AS grants
    FROM gateway.roles r WHERE r.tenant_id = c.tenant_id AND r.id = ANY (m.roles)
) g;

-- name: TouchSessions :exec
UPDATE gateway.sessions SET seen_time = @now::timestamptz WHERE hash = ANY (@hashes::bytea[]) AND seen_time < @now::timestamptz;

-- name: ResolveMember :one
-- What decides about somebody who is not there, for whom a run acts.
SELECT u.email, m.display_name, m.roles, m.disabled, t.epoch, g.grants
FROM gateway.memberships m
JOIN gateway.users u ON u.id = m.user_id
JOIN gateway.tenants t ON t.id = m.tenant_id
CROSS JOIN LATERAL (
    SELECT coalesce(jsonb_object_agg(r.id, r.grants), '{}')::jsonb AS grants
    FROM gateway.roles r WHERE r.tenant_id = m.tenant_id AND r.id = ANY (m.roles)
) g
WHERE m.tenant_id = @tenant_id AND m.user_id = @user_id;
