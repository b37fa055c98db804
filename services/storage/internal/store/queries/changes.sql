-- name: InsertChanges :exec
INSERT INTO storage.entry_changes (tenant_id, component_uid, entry, change_time, subject, operation, before_values, after_values, release)
SELECT @tenant_id, @component_uid, c.entry, @change_time, @subject, c.operation, c.before_values, c.after_values, @release
FROM ROWS FROM (unnest(@entries::text[]), unnest(@operations::integer[]), unnest(@befores::bytea[]), unnest(@afters::bytea[]))
    AS c (entry, operation, before_values, after_values);

-- name: ListChanges :many
SELECT id, change_time, subject, operation, before_values, after_values, release
FROM storage.entry_changes
WHERE tenant_id = @tenant_id AND component_uid = @component_uid AND entry = @entry AND id < @before_id
ORDER BY id DESC
LIMIT @page_size;

-- name: DeleteChangesOf :execrows
DELETE FROM storage.entry_changes WHERE ctid = ANY (ARRAY(
    SELECT c.ctid FROM storage.entry_changes c WHERE c.tenant_id = @tenant_id AND starts_with(c.component_uid, @prefix::text) LIMIT 5000));
