-- name: Roles :many
SELECT id, display_name, grants, revision FROM gateway.roles WHERE tenant_id = @tenant_id ORDER BY id;

-- name: Role :one
SELECT id, display_name, grants, revision FROM gateway.roles WHERE tenant_id = @tenant_id AND id = @id;

-- name: CreateRole :execrows
INSERT INTO gateway.roles (tenant_id, id, display_name, grants)
VALUES (@tenant_id, @id, @display_name, @grants) ON CONFLICT DO NOTHING;

-- name: UpdateRole :one
UPDATE gateway.roles SET display_name = @display_name, grants = @grants, revision = revision + 1
WHERE tenant_id = @tenant_id AND id = @id RETURNING revision;

-- name: DeleteRole :exec
DELETE FROM gateway.roles WHERE tenant_id = @tenant_id AND id = @id;

-- name: DropRoleFromMembers :exec
UPDATE gateway.memberships SET roles = array_remove(roles, @role::text), revision = revision + 1
WHERE tenant_id = @tenant_id AND @role::text = ANY (roles);

-- name: DropRoleFromInvitations :exec
UPDATE gateway.invitations SET roles = array_remove(roles, @role::text)
WHERE tenant_id = @tenant_id AND @role::text = ANY (roles);

-- name: DropRoleFromApiKeys :exec
UPDATE gateway.api_keys SET roles = array_remove(roles, @role::text)
WHERE tenant_id = @tenant_id AND @role::text = ANY (roles);

-- name: DeleteApiKeysWithoutRole :exec
-- A limited key that lost its last role can do nothing any more.
DELETE FROM gateway.api_keys WHERE tenant_id = @tenant_id AND limited AND roles = '{}';

-- name: CreateApiKey :exec
INSERT INTO gateway.api_keys (tenant_id, id, user_id, hash, display_name, limited, roles, create_time, expire_time)
VALUES (@tenant_id, @id, @user_id, @hash, @display_name, @limited, @roles, @now, @expire_time);

-- name: CountApiKeys :one
SELECT count(*) FROM gateway.api_keys WHERE tenant_id = @tenant_id AND user_id = @user_id;

-- name: ApiKeys :many
-- Those of one user, or of everyone when it is empty.
SELECT id, user_id, display_name, roles, create_time, expire_time FROM gateway.api_keys
WHERE tenant_id = @tenant_id AND (user_id = @user_id::text OR @user_id::text = '') AND id > @after
ORDER BY id LIMIT @page_size;

-- name: ApiKeyOwner :one
SELECT user_id FROM gateway.api_keys WHERE tenant_id = @tenant_id AND id = @id;

-- name: DeleteApiKey :execrows
DELETE FROM gateway.api_keys WHERE tenant_id = @tenant_id AND id = @id;
