-- name: ListSchedules :many
SELECT * FROM workflow.schedules WHERE tenant_id = @tenant_id ORDER BY component, workflow LIMIT 1000;

-- name: SetSchedule :exec
INSERT INTO workflow.schedules (tenant_id, component, workflow, title, release_id, subject, spec, next_time)
VALUES (@tenant_id, @component, @workflow, @title, @release_id, @subject, @spec, @next_time)
ON CONFLICT (tenant_id, component, workflow) DO UPDATE SET
    title = EXCLUDED.title, release_id = EXCLUDED.release_id, subject = EXCLUDED.subject, spec = EXCLUDED.spec,
    next_time = CASE WHEN schedules.spec = EXCLUDED.spec THEN schedules.next_time ELSE EXCLUDED.next_time END,
    problem = CASE WHEN schedules.spec = EXCLUDED.spec THEN schedules.problem ELSE '' END;

-- name: DropSchedules :exec
DELETE FROM workflow.schedules WHERE tenant_id = @tenant_id AND NOT ((component || '/' || workflow) = ANY (@kept::text[]));

-- name: DueSchedules :many
SELECT * FROM workflow.schedules WHERE NOT paused AND next_time <= @now::timestamptz ORDER BY next_time LIMIT @n::int;

-- name: NextSchedule :one
SELECT next_time FROM workflow.schedules WHERE NOT paused AND next_time IS NOT NULL ORDER BY next_time LIMIT 1;

-- name: Fired :exec
-- Only while it is as it was read: another process may have started it as well, which made the same run.
UPDATE workflow.schedules SET next_time = sqlc.narg('next_time'), last_time = @last_time::timestamptz, problem = @problem,
    last_run = CASE WHEN @last_run::text = '' THEN last_run ELSE @last_run::text END
WHERE tenant_id = @tenant_id AND component = @component AND workflow = @workflow AND next_time = @was::timestamptz;

-- name: EndedSchedules :many
-- Those that wait for the end of a run that has ended, or is there no more.
SELECT sqlc.embed(s), COALESCE(r.finish_time, @now::timestamptz)::timestamptz AS ended FROM workflow.schedules s
LEFT JOIN workflow.runs r ON r.tenant_id = s.tenant_id AND r.id = s.last_run
WHERE NOT s.paused AND s.next_time IS NULL AND (r.id IS NULL OR r.finish_time IS NOT NULL)
LIMIT @n::int;

-- name: WaitAfter :exec
UPDATE workflow.schedules SET next_time = @next_time::timestamptz
WHERE tenant_id = @tenant_id AND component = @component AND workflow = @workflow AND next_time IS NULL AND last_run = @last_run;

-- name: PauseSchedule :one
UPDATE workflow.schedules SET paused = @paused, next_time = sqlc.narg('next_time')
WHERE tenant_id = @tenant_id AND component = @component AND workflow = @workflow RETURNING *;

-- name: GetSchedule :one
SELECT * FROM workflow.schedules WHERE tenant_id = @tenant_id AND component = @component AND workflow = @workflow;
