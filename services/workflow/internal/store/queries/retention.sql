-- name: DropRuns :one
-- Removes runs that ended before a time, the oldest first, with all that belongs to them. It returns how many.
WITH old AS (
    SELECT r.tenant_id, r.id, r.create_time FROM workflow.runs r
    WHERE r.finish_time < @before::timestamptz ORDER BY r.finish_time LIMIT @most::int FOR UPDATE SKIP LOCKED
), first AS (
    SELECT min(create_time) AS time FROM old
), history AS (
    DELETE FROM workflow.history h USING old WHERE h.tenant_id = old.tenant_id AND h.run_id = old.id AND h.time >= (SELECT time FROM first)
), payloads AS (
    DELETE FROM workflow.payloads p USING old WHERE p.tenant_id = old.tenant_id AND p.run_id = old.id
), inbox AS (
    DELETE FROM workflow.inbox i USING old WHERE i.tenant_id = old.tenant_id AND i.run_id = old.id
), tasks AS (
    DELETE FROM workflow.tasks t USING old WHERE t.tenant_id = old.tenant_id AND t.run_id = old.id
), gone AS (
    DELETE FROM workflow.runs r USING old WHERE r.tenant_id = old.tenant_id AND r.id = old.id RETURNING r.id
)
SELECT count(*) FROM gone;

-- name: DropRequests :execrows
-- Removes old requests whose run is gone.
DELETE FROM workflow.requests q WHERE q.time < @before::timestamptz
    AND NOT EXISTS (SELECT FROM workflow.runs r WHERE r.tenant_id = q.tenant_id AND r.id = q.run_id);
