-- name: MovedTenant :many
-- By its id or its name, which several may have.
SELECT id, display_name, create_time FROM gateway.tenants
WHERE (id = @tenant OR display_name = @tenant) AND active AND delete_time IS NULL ORDER BY id LIMIT 10;

-- name: MovedUsers :many
SELECT u.id, u.email, u.password_hash, u.operator, u.create_time, m.display_name, m.roles, m.disabled, m.create_time AS member_time
FROM gateway.memberships m JOIN gateway.users u ON u.id = m.user_id WHERE m.tenant_id = @tenant_id ORDER BY u.email;

-- name: MovedRoles :many
SELECT id, display_name, grants FROM gateway.roles WHERE tenant_id = @tenant_id ORDER BY id;

-- name: SampleInstalling :one
SELECT EXISTS (SELECT FROM gateway.installations WHERE tenant_id = @tenant_id AND state = 1);

-- name: TenantNameTaken :one
SELECT EXISTS (SELECT FROM gateway.tenants WHERE lower(display_name) = lower(@name) AND delete_time IS NULL);

-- name: TenantIDTaken :one
SELECT EXISTS (SELECT FROM gateway.tenants WHERE id = @id);

-- name: UserIDTaken :one
SELECT EXISTS (SELECT FROM gateway.users WHERE id = @id);

-- name: MoveTenantIn :exec
INSERT INTO gateway.tenants (id, display_name, active, create_time) VALUES (@id, @display_name, true, @create_time);

-- name: MoveMemberIn :exec
INSERT INTO gateway.memberships (tenant_id, user_id, display_name, roles, disabled, create_time)
VALUES (@tenant_id, @user_id, @display_name, @roles, @disabled, @create_time);

-- name: MoveRoleIn :exec
INSERT INTO gateway.roles (tenant_id, id, display_name, grants) VALUES (@tenant_id, @id, @display_name, @grants);
