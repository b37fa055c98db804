-- name: AddAudit :exec
INSERT INTO gateway.audit (tenant_id, create_time, subject, action, target, call, outcome, address)
SELECT r.* FROM ROWS FROM (unnest(@tenants::text[]), unnest(@times::timestamptz[]), unnest(@subjects::text[]), unnest(@actions::text[]), unnest(@targets::text[]),
    unnest(@calls::text[]), unnest(@outcomes::integer[]), unnest(@addresses::text[])) AS r (tenant_id, create_time, subject, action, target, call, outcome, address);

-- name: ListAudit :many
-- Beginnings, each with its end if it has one.
SELECT a.id, a.create_time, a.subject, a.action, a.target, a.call, a.address, coalesce(e.outcome, 0)::integer AS outcome, coalesce(m.display_name, '') AS display_name
FROM gateway.audit a
LEFT JOIN gateway.audit e ON e.call = a.call AND e.outcome <> 0 AND a.call <> '' AND e.tenant_id = a.tenant_id
LEFT JOIN gateway.memberships m ON m.tenant_id = a.tenant_id AND m.user_id = a.subject
WHERE a.tenant_id = @tenant_id AND a.outcome = 0 AND a.id < @before_id AND (@subject::text = '' OR a.subject = @subject::text)
ORDER BY a.id DESC LIMIT @page_size;
