-- name: TenantByID :one
SELECT * FROM storage.tenants WHERE tenant_id = @tenant_id;

-- name: InsertTenant :execrows
INSERT INTO storage.tenants (tenant_id, schema_name, role_name, database, wrapped_key)
VALUES (@tenant_id, @schema_name, @role_name, current_database(), @wrapped_key)
ON CONFLICT (tenant_id) DO NOTHING;

-- name: ListTenants :many
SELECT tenant_id FROM storage.tenants ORDER BY tenant_id;

-- name: DeleteTenant :exec
DELETE FROM storage.tenants WHERE tenant_id = @tenant_id;

-- name: OtherwiseWrapped :many
-- Data keys that do not begin with what the primary key writes.
SELECT tenant_id, wrapped_key FROM storage.tenants
WHERE substring(wrapped_key FROM 1 FOR length(@prefix::bytea)) <> @prefix::bytea AND tenant_id > @after::text
ORDER BY tenant_id LIMIT 500;

-- name: Rewrap :execrows
UPDATE storage.tenants SET wrapped_key = @wrapped WHERE tenant_id = @tenant_id AND wrapped_key = @was;
