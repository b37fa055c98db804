-- name: Member :one
SELECT u.id, u.email, u.operator, m.display_name, m.roles, m.disabled, m.revision, m.create_time
FROM gateway.memberships m JOIN gateway.users u ON u.id = m.user_id
WHERE m.tenant_id = @tenant_id AND m.user_id = @user_id;

-- name: Members :many
SELECT u.id, u.email, m.display_name, m.roles, m.disabled, m.revision, m.create_time
FROM gateway.memberships m JOIN gateway.users u ON u.id = m.user_id
WHERE m.tenant_id = @tenant_id AND u.email > @after ORDER BY u.email LIMIT @page_size;

-- name: FindMembers :many
SELECT u.id, u.email, m.display_name, m.roles, m.disabled, m.revision, m.create_time
FROM gateway.memberships m JOIN gateway.users u ON u.id = m.user_id
WHERE m.tenant_id = @tenant_id
  AND (u.id = ANY (@names::text[]) OR u.email = ANY (@names::text[]) OR @role::text = ANY (m.roles))
ORDER BY u.email LIMIT @most;

-- name: CreateMember :execrows
INSERT INTO gateway.memberships (tenant_id, user_id, display_name, roles, create_time)
VALUES (@tenant_id, @user_id, @display_name, @roles, @now) ON CONFLICT DO NOTHING;

-- name: UpdateMember :exec
UPDATE gateway.memberships SET display_name = @display_name, roles = @roles, disabled = @disabled, revision = revision + 1
WHERE tenant_id = @tenant_id AND user_id = @user_id;

-- name: DeleteMember :exec
DELETE FROM gateway.memberships WHERE tenant_id = @tenant_id AND user_id = @user_id;

-- name: CountAdmins :one
SELECT count(*) FROM gateway.memberships WHERE tenant_id = @tenant_id AND 'admin' = ANY (roles) AND NOT disabled;

-- name: CountMemberships :one
-- In how many tenants the user is; needs the system's scope.
SELECT count(*) FROM gateway.memberships WHERE user_id = @user_id;

-- name: RoleSetsWith :many
-- The sets of roles in use that contain one.
SELECT DISTINCT roles FROM gateway.memberships WHERE tenant_id = @tenant_id AND @role::text = ANY (roles) LIMIT 1000;

-- name: CreateInvitation :exec
INSERT INTO gateway.invitations (tenant_id, id, hash, email, roles, create_time, expire_time)
VALUES (@tenant_id, @id, @hash, @email, @roles, @now, @expire_time);

-- name: CountInvitations :one
SELECT count(*) FROM gateway.invitations WHERE tenant_id = @tenant_id;

-- name: Invitations :many
SELECT id, email, roles, expire_time FROM gateway.invitations
WHERE tenant_id = @tenant_id AND expire_time > @now AND id > @after ORDER BY id LIMIT @page_size;

-- name: InvitationByHash :one
SELECT tenant_id, id, email, roles FROM gateway.invitations WHERE hash = @hash AND expire_time > @now;

-- name: TakeInvitation :one
DELETE FROM gateway.invitations WHERE hash = @hash AND expire_time > @now RETURNING tenant_id, id, email, roles;

-- name: DeleteInvitation :execrows
DELETE FROM gateway.invitations WHERE tenant_id = @tenant_id AND id = @id;

-- name: CreatePasswordLink :exec
-- A new link takes the place of the one before.
INSERT INTO gateway.password_links (tenant_id, user_id, hash, by_operator, expire_time)
VALUES (@tenant_id, @user_id, @hash, @by_operator, @expire_time)
ON CONFLICT (tenant_id, user_id)
DO UPDATE SET hash = excluded.hash, by_operator = excluded.by_operator, expire_time = excluded.expire_time;

-- name: PasswordLinkByHash :one
SELECT l.tenant_id, l.user_id, l.by_operator, u.email
FROM gateway.password_links l JOIN gateway.users u ON u.id = l.user_id
WHERE l.hash = @hash AND l.expire_time > @now;

-- name: TakePasswordLink :one
DELETE FROM gateway.password_links WHERE hash = @hash AND expire_time > @now RETURNING tenant_id, user_id, by_operator;

-- name: DeletePasswordLinksOfUser :exec
DELETE FROM gateway.password_links WHERE user_id = @user_id;

-- name: DeletePasswordLink :exec
DELETE FROM gateway.password_links WHERE tenant_id = @tenant_id AND user_id = @user_id;
