-- name: LockSetup :one
SELECT setup_done FROM gateway.setup FOR UPDATE;

-- name: SetupDone :one
SELECT setup_done FROM gateway.setup;

-- name: FinishSetup :exec
UPDATE gateway.setup SET setup_done = true;

-- name: CreateSetupLink :exec
INSERT INTO gateway.setup_links (hash, create_time) VALUES (@hash, @now);

-- name: TrimSetupLinks :exec
-- Keeps those of the last few starts.
DELETE FROM gateway.setup_links
WHERE hash NOT IN (SELECT l.hash FROM gateway.setup_links l ORDER BY l.create_time DESC LIMIT 10);

-- name: SetupLinkExists :one
SELECT EXISTS (SELECT FROM gateway.setup_links WHERE hash = @hash);

-- name: DeleteSetupLinks :exec
DELETE FROM gateway.setup_links;

-- name: CreateTenant :exec
INSERT INTO gateway.tenants (id, display_name, create_time) VALUES (@id, @display_name, @now);

-- name: ActivateTenant :exec
UPDATE gateway.tenants SET active = true WHERE id = @id AND NOT active;

-- name: UnfinishedTenants :many
SELECT id FROM gateway.tenants WHERE NOT active AND delete_time IS NULL ORDER BY create_time LIMIT 100;

-- name: BumpEpoch :one
-- Also the lock that puts changes of a tenant's people in order.
UPDATE gateway.tenants SET epoch = epoch + 1 WHERE id = @id RETURNING epoch;

-- name: CreateUser :execrows
INSERT INTO gateway.users (id, email, password_hash, operator, create_time)
VALUES (@id, @email, @password_hash, @operator, @now) ON CONFLICT (email) DO NOTHING;

-- name: UserByEmail :one
SELECT id, email, password_hash, operator, last_tenant FROM gateway.users WHERE email = @email;

-- name: UserPassword :one
SELECT email, password_hash FROM gateway.users WHERE id = @id;

-- name: LockPassword :one
-- Holds off a change of the password until the transaction ends.
SELECT password_hash FROM gateway.users WHERE id = @id FOR NO KEY UPDATE;

-- name: SetPassword :exec
UPDATE gateway.users SET password_hash = @password_hash WHERE id = @id;

-- name: ReplacePassword :execrows
-- Only if nobody changed it in between.
UPDATE gateway.users SET password_hash = @password_hash WHERE id = @id AND password_hash = @previous;

-- name: SetLastTenant :exec
UPDATE gateway.users SET last_tenant = @tenant::text WHERE id = @id;

-- name: TenantsOfUser :many
SELECT t.id, t.display_name, t.active, m.disabled, m.roles
FROM gateway.memberships m JOIN gateway.tenants t ON t.id = m.tenant_id
WHERE m.user_id = @user_id ORDER BY t.display_name, t.id;

-- name: CreateSession :exec
INSERT INTO gateway.sessions (id, hash, user_id, current_tenant, create_time, seen_time, expire_time)
VALUES (@id, @hash, @user_id, @tenant, @now, @now, @expire_time);

-- name: TrimSessions :exec
-- Keeps the sessions of a user that were used last.
DELETE FROM gateway.sessions old
WHERE old.user_id = @user_id AND old.id NOT IN (
    SELECT s.id FROM gateway.sessions s WHERE s.user_id = @user_id ORDER BY s.seen_time DESC, s.create_time DESC, s.id LIMIT @keep
);

-- name: GetSession :one
SELECT current_tenant, seen_time, expire_time FROM gateway.sessions WHERE id = @id AND user_id = @user_id;

-- name: DeleteSession :one
DELETE FROM gateway.sessions WHERE id = @id AND user_id = @user_id RETURNING current_tenant;

-- name: MoveSession :one
UPDATE gateway.sessions SET current_tenant = @tenant WHERE id = @id AND user_id = @user_id AND expire_time > @now
RETURNING hash;

-- name: DeleteOtherSessions :exec
DELETE FROM gateway.sessions WHERE user_id = @user_id AND id <> @keep;

-- name: DeleteTenantSessions :exec
DELETE FROM gateway.sessions WHERE user_id = @user_id AND current_tenant = @tenant;

-- name: LockAttempts :one
INSERT INTO gateway.attempts (key, times, expire_time) VALUES (@key, '{}', @expire_time)
ON CONFLICT (key) DO UPDATE SET expire_time = excluded.expire_time
RETURNING times;

-- name: SetAttempts :exec
UPDATE gateway.attempts SET times = @times WHERE key = @key;

-- name: Attempts :many
SELECT key, times FROM gateway.attempts WHERE key = ANY (@keys::bytea[]);

-- name: ClearAttempts :exec
DELETE FROM gateway.attempts WHERE key = @key;

-- name: Audit :exec
INSERT INTO gateway.audit (tenant_id, create_time, subject, action, target)
VALUES (@tenant_id, @now, @subject, @action, @target);

-- name: DeleteExpiredSessions :exec
DELETE FROM gateway.sessions WHERE expire_time <= @now OR seen_time <= @idle_since;

-- name: DeleteExpiredAttempts :exec
DELETE FROM gateway.attempts WHERE expire_time <= @now;

-- name: DeleteExpiredInvitations :exec
DELETE FROM gateway.invitations WHERE expire_time <= @now;

-- name: DeleteExpiredPasswordLinks :exec
DELETE FROM gateway.password_links WHERE expire_time <= @now;
