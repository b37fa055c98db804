-- name: CountBacklog :one
-- What waits and what advances, each counted up to a bound, so that it costs little however much there is.
SELECT
    (SELECT count(*) FROM (SELECT 1 FROM workflow.runs r
        WHERE r.owner IS NULL AND r.ready_time IS NOT NULL AND r.ready_time <= @now::timestamptz LIMIT @bound::int) d) AS due,
    (SELECT count(*) FROM (SELECT 1 FROM workflow.runs r WHERE r.owner IS NOT NULL LIMIT @bound::int) c) AS claimed,
    (SELECT count(*) FROM (SELECT 1 FROM workflow.tasks t WHERE t.state = 1 LIMIT @bound::int) o) AS tasks;
