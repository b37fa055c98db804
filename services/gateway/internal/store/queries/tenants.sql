-- name: LockTenant :one
SELECT display_name FROM gateway.tenants WHERE id = @id AND delete_time IS NULL FOR UPDATE;

-- name: OperatorWithoutOtherTenant :one
-- Whether the operator belongs to this tenant and to no other.
SELECT EXISTS (
    SELECT FROM gateway.users u JOIN gateway.memberships m ON m.user_id = u.id
    WHERE u.operator AND m.tenant_id = @tenant_id
      AND NOT EXISTS (SELECT FROM gateway.memberships o WHERE o.user_id = u.id AND o.tenant_id <> @tenant_id)
);

-- name: DeleteUsersOfOnly :exec
-- People who belong to no other tenant. Their sessions and keys go with them.
DELETE FROM gateway.users u USING gateway.memberships m
WHERE m.tenant_id = @tenant_id AND m.user_id = u.id AND NOT u.operator
  AND NOT EXISTS (SELECT FROM gateway.memberships o WHERE o.user_id = u.id AND o.tenant_id <> @tenant_id);

-- name: EndTenant :exec
UPDATE gateway.tenants SET active = false, delete_time = @now::timestamptz, epoch = epoch + 1 WHERE id = @id;

-- name: DeleteMembers :exec
DELETE FROM gateway.memberships WHERE tenant_id = @tenant_id;

-- name: DeleteRoles :exec
DELETE FROM gateway.roles WHERE tenant_id = @tenant_id;

-- name: DeleteInvitations :exec
DELETE FROM gateway.invitations WHERE tenant_id = @tenant_id;

-- name: DeleteSessionsIn :exec
DELETE FROM gateway.sessions WHERE current_tenant = @tenant;

-- name: EndedTenants :many
SELECT id, delete_time FROM gateway.tenants WHERE delete_time IS NOT NULL ORDER BY delete_time LIMIT 100;

-- name: DeleteTenant :execrows
DELETE FROM gateway.tenants WHERE id = @id AND delete_time IS NOT NULL;
