-- name: StartRun :one
-- Stores a run and its first event, and the request that it answers. No row comes back when the request was done before.
WITH request AS (
    INSERT INTO workflow.requests (tenant_id, key, digest, run_id, time)
    SELECT @tenant_id::text, @request_key::text, @digest::bytea, @id::text, @now::timestamptz WHERE @request_key::text <> ''
    ON CONFLICT DO NOTHING RETURNING run_id
), run AS (
    INSERT INTO workflow.runs (tenant_id, id, component, workflow, release_id, subject, person, state, business_key, entry_id, input, create_time, events, ready_time)
    SELECT @tenant_id::text, @id::text, @component::text, @workflow::text, @release_id::text, @subject::text, @person::bytea, 1,
        @business_key::text, @entry_id::text, @input::bytea, @now::timestamptz, 1, @now::timestamptz
    WHERE @request_key::text = '' OR EXISTS (SELECT 1 FROM request)
    RETURNING tenant_id, id, create_time
), event AS (
    INSERT INTO workflow.history (tenant_id, run_id, seq, time, type, task, attempt, idempotency_key)
    SELECT run.tenant_id, run.id, 1, run.create_time, 'run.started', '', 1, '' FROM run
)
SELECT run.id FROM run;

-- name: GetRequest :one
SELECT * FROM workflow.requests WHERE tenant_id = @tenant_id AND key = @key;

-- name: GetRun :one
SELECT * FROM workflow.runs WHERE tenant_id = @tenant_id AND id = @id;

-- name: LockRun :one
SELECT * FROM workflow.runs WHERE tenant_id = @tenant_id AND id = @id FOR UPDATE;

-- name: ListEvents :many
SELECT * FROM workflow.history
WHERE tenant_id = @tenant_id AND run_id = @run_id AND seq > @after::bigint AND time >= @since::timestamptz
ORDER BY seq LIMIT @most::int;

-- name: GetPayloads :many
SELECT digest, data FROM workflow.payloads WHERE tenant_id = @tenant_id AND run_id = @run_id AND digest = ANY (@digests::bytea[]);

-- name: AddEvent :exec
INSERT INTO workflow.history (tenant_id, run_id, seq, time, type, task, attempt, input, idempotency_key)
VALUES (@tenant_id, @run_id, @seq, @time, @type, @task, @attempt, @input, '');

-- name: CancelRun :exec
-- The epoch fences whoever advances the run.
UPDATE workflow.runs SET state = 5, owner = NULL, epoch = epoch + 1, ready_time = NULL, finish_time = @now::timestamptz, events = events + 1,
    error = @error
WHERE tenant_id = @tenant_id AND id = @id;

-- name: CloseTasks :many
UPDATE workflow.tasks SET state = 3 WHERE tenant_id = @tenant_id AND run_id = @run_id AND state = 1 RETURNING *;

-- name: RetryRun :exec
UPDATE workflow.runs SET state = 1, generation = generation + 1, ready_time = @now::timestamptz, finish_time = NULL, error = NULL, events = events + 1
WHERE tenant_id = @tenant_id AND id = @id;

-- name: CountMail :one
SELECT count(*) FROM workflow.inbox WHERE tenant_id = @tenant_id AND run_id = @run_id;

-- name: AddMail :exec
INSERT INTO workflow.inbox (tenant_id, run_id, kind, topic, data, time) VALUES (@tenant_id, @run_id, @kind, @topic, @data, @time);

-- name: WakeRun :exec
-- An owned run becomes ready when its owner lets go, because mail has grown by then.
UPDATE workflow.runs SET mail = mail + 1, ready_time = CASE WHEN owner IS NULL AND finish_time IS NULL THEN @now::timestamptz ELSE ready_time END
WHERE tenant_id = @tenant_id AND id = @id;

-- name: AddRequest :execrows
INSERT INTO workflow.requests (tenant_id, key, digest, run_id, time) VALUES (@tenant_id, @key, @digest, @run_id, @time) ON CONFLICT DO NOTHING;

-- name: ListPinnedReleases :many
SELECT DISTINCT release_id FROM workflow.runs WHERE tenant_id = @tenant_id AND finish_time IS NULL ORDER BY release_id;
