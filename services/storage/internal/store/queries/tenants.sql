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
