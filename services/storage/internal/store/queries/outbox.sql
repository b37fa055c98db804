-- name: InsertOutbox :exec
INSERT INTO storage.outbox (tenant_id, id, component, entry, workflow, release, subject, input, create_time, due_time)
SELECT @tenant_id, o.id, @component, o.entry, o.workflow, @release, @subject, o.input, @now, @now
FROM ROWS FROM (unnest(@ids::text[]), unnest(@entries::text[]), unnest(@workflows::text[]), unnest(@inputs::bytea[]))
    AS o (id, entry, workflow, input);

-- name: NotifyOutbox :exec
SELECT pg_notify('aqtra_storage_outbox', '');

-- ClaimOutbox leases due rows that are the oldest of their entry.
-- name: ClaimOutbox :many
UPDATE storage.outbox SET lease_owner = @owner, due_time = @lease_end, attempts = attempts + 1
WHERE (tenant_id, id) IN (
    SELECT o.tenant_id, o.id FROM storage.outbox o
    WHERE o.failure IS NULL AND o.due_time <= @now AND NOT EXISTS (
        SELECT FROM storage.outbox p
        WHERE p.tenant_id = o.tenant_id AND p.component = o.component AND p.entry = o.entry AND p.seq < o.seq AND p.failure IS NULL)
    ORDER BY o.due_time
    LIMIT @batch_size
    FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: DeleteOutbox :execrows
DELETE FROM storage.outbox WHERE tenant_id = @tenant_id AND id = @id;

-- RetryOutbox puts a row off, unless another owner has taken it over.
-- name: RetryOutbox :execrows
UPDATE storage.outbox SET due_time = @due_time, lease_owner = ''
WHERE tenant_id = @tenant_id AND id = @id AND lease_owner = @owner;

-- name: FailOutbox :execrows
UPDATE storage.outbox SET failure = @failure, lease_owner = ''
WHERE tenant_id = @tenant_id AND id = @id AND lease_owner = @owner;

-- NextOutbox tells when the next row is due, of those that wait for no other, and how much there is.
-- name: NextOutbox :one
SELECT min(o.due_time) FILTER (WHERE NOT EXISTS (
           SELECT FROM storage.outbox p
           WHERE p.tenant_id = o.tenant_id AND p.component = o.component AND p.entry = o.entry AND p.seq < o.seq AND p.failure IS NULL))::timestamptz AS due_time,
       min(o.create_time)::timestamptz AS oldest, count(*) AS waiting
FROM storage.outbox o WHERE o.failure IS NULL
HAVING count(*) > 0;
