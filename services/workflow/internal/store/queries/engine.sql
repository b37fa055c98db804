-- name: ClaimRuns :many
-- Takes ready runs, the tenants in turn: first the oldest of each, then the second oldest, and so on.
WITH RECURSIVE tenants AS (
    (SELECT r.tenant_id FROM workflow.runs r WHERE r.owner IS NULL AND r.ready_time IS NOT NULL ORDER BY r.tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT r.tenant_id FROM workflow.runs r
            WHERE r.owner IS NULL AND r.ready_time IS NOT NULL AND r.tenant_id > t.tenant_id ORDER BY r.tenant_id LIMIT 1)
    FROM tenants t WHERE t.tenant_id IS NOT NULL
), candidates AS (
    SELECT c.tenant_id, c.id, row_number() OVER (PARTITION BY c.tenant_id ORDER BY c.ready_time) AS turn, c.ready_time
    FROM tenants t CROSS JOIN LATERAL (
        SELECT r.tenant_id, r.id, r.ready_time FROM workflow.runs r
        WHERE r.tenant_id = t.tenant_id AND r.owner IS NULL AND r.ready_time IS NOT NULL AND r.ready_time <= @now::timestamptz
        ORDER BY r.ready_time LIMIT @most::int
    ) c
), chosen AS (
    SELECT c.tenant_id, c.id FROM candidates c ORDER BY c.turn, c.ready_time LIMIT @most::int
), locked AS (
    SELECT r.tenant_id, r.id FROM workflow.runs r JOIN chosen c ON c.tenant_id = r.tenant_id AND c.id = r.id
    WHERE r.owner IS NULL AND r.ready_time IS NOT NULL
    FOR UPDATE OF r SKIP LOCKED
)
UPDATE workflow.runs r SET owner = @owner::text, epoch = r.epoch + 1, ready_time = NULL
FROM locked l WHERE r.tenant_id = l.tenant_id AND r.id = l.id
RETURNING r.tenant_id, r.id, r.component, r.workflow, r.release_id, r.subject, r.person, r.state, r.business_key, r.entry_id, r.input, r.output, r.error, r.position, r.create_time, r.finish_time, r.generation, r.owner, r.epoch, r.seq, r.mail, r.events, r.ready_time, r.snapshot;

-- name: OwnRuns :many
SELECT * FROM workflow.runs WHERE owner = @owner::text;

-- name: ReadMail :many
SELECT i.tenant_id, i.run_id, i.id, i.kind, i.topic, i.data FROM workflow.inbox i
JOIN (SELECT unnest(@tenants::text[]) AS tenant_id, unnest(@runs::text[]) AS run_id) w ON w.tenant_id = i.tenant_id AND w.run_id = i.run_id
ORDER BY i.tenant_id, i.run_id, i.id;

-- name: CommitRuns :many
-- Stores the progress of many runs at once. Only rows whose epoch and seq still match are changed; only their events, tasks
-- and payloads are kept. It returns who was, once for each task that was withdrawn.
WITH w AS (
    SELECT unnest(@tenants::text[]) AS tenant_id, unnest(@runs::text[]) AS id, unnest(@epochs::bigint[]) AS epoch, unnest(@seqs::bigint[]) AS seq,
        unnest(@states::smallint[]) AS state, unnest(@positions::text[]) AS position, unnest(@snapshots::bytea[]) AS snapshot,
        unnest(@outputs::bytea[]) AS output, unnest(@errors::bytea[]) AS error, unnest(@finish_times::timestamptz[]) AS finish_time,
        unnest(@wakes::timestamptz[]) AS wake, unnest(@mails::bigint[]) AS mail, unnest(@events::bigint[]) AS events,
        unnest(@released::boolean[]) AS released
), done AS (
    UPDATE workflow.runs r SET
        seq = r.seq + 1, state = w.state, position = w.position, snapshot = w.snapshot, output = w.output, error = w.error,
        finish_time = NULLIF(w.finish_time, '0001-01-01 00:00:00+00'::timestamptz), events = w.events,
        owner = CASE WHEN w.released THEN NULL ELSE r.owner END,
        ready_time = CASE WHEN NOT w.released OR w.state > 2 THEN NULL WHEN r.mail > w.mail THEN @now::timestamptz ELSE NULLIF(w.wake, '0001-01-01 00:00:00+00'::timestamptz) END
    FROM w
    WHERE r.tenant_id = w.tenant_id AND r.id = w.id AND r.epoch = w.epoch AND r.seq = w.seq AND r.owner = @owner::text
    RETURNING r.tenant_id, r.id
), h AS (
    SELECT unnest(@h_tenants::text[]) AS tenant_id, unnest(@h_runs::text[]) AS run_id, unnest(@h_seqs::bigint[]) AS seq,
        unnest(@h_times::timestamptz[]) AS time, unnest(@h_types::text[]) AS type, unnest(@h_tasks::text[]) AS task,
        unnest(@h_attempts::int[]) AS attempt, unnest(@h_inputs::bytea[]) AS input, unnest(@h_outputs::bytea[]) AS output,
        unnest(@h_errors::bytea[]) AS error, unnest(@h_keys::text[]) AS idempotency_key
), history AS (
    INSERT INTO workflow.history (tenant_id, run_id, seq, time, type, task, attempt, input, output, error, idempotency_key)
    SELECT h.tenant_id, h.run_id, h.seq, h.time, h.type, h.task, h.attempt, h.input, h.output, h.error, h.idempotency_key
    FROM h JOIN done d ON d.tenant_id = h.tenant_id AND d.id = h.run_id
), p AS (
    SELECT unnest(@p_tenants::text[]) AS tenant_id, unnest(@p_runs::text[]) AS run_id, unnest(@p_digests::bytea[]) AS digest, unnest(@p_data::bytea[]) AS data
), payloads AS (
    INSERT INTO workflow.payloads (tenant_id, run_id, digest, data)
    SELECT p.tenant_id, p.run_id, p.digest, p.data FROM p JOIN done d ON d.tenant_id = p.tenant_id AND d.id = p.run_id
    ON CONFLICT DO NOTHING
), c AS (
    SELECT unnest(@c_tenants::text[]) AS tenant_id, unnest(@c_runs::text[]) AS run_id, unnest(@c_ids::bigint[]) AS id
), consumed AS (
    DELETE FROM workflow.inbox i USING c JOIN done d ON d.tenant_id = c.tenant_id AND d.id = c.run_id
    WHERE i.tenant_id = c.tenant_id AND i.run_id = c.run_id AND i.id = c.id
), x AS (
    SELECT unnest(@x_tenants::text[]) AS tenant_id, unnest(@x_runs::text[]) AS run_id, unnest(@x_ids::text[]) AS id
), closed AS (
    UPDATE workflow.tasks t SET state = 3 FROM x JOIN done d ON d.tenant_id = x.tenant_id AND d.id = x.run_id
    WHERE t.tenant_id = x.tenant_id AND t.run_id = x.run_id AND t.state = 1 AND x.id IN ('', t.id)
    RETURNING t.tenant_id, t.run_id, t.id, t.users, t.roles
), n AS (
    SELECT unnest(@n_tenants::text[]) AS tenant_id, unnest(@n_runs::text[]) AS run_id, unnest(@n_ids::text[]) AS id,
        unnest(@n_times::timestamptz[]) AS time, unnest(@n_escalated::boolean[]) AS escalated, unnest(@n_users::jsonb[]) AS users, unnest(@n_roles::jsonb[]) AS roles
), reminded AS (
    UPDATE workflow.tasks t SET remind_time = n.time, escalate_time = CASE WHEN n.escalated THEN n.time ELSE t.escalate_time END,
        users = ARRAY(SELECT u FROM unnest(t.users) u UNION SELECT jsonb_array_elements_text(n.users)),
        roles = ARRAY(SELECT o FROM unnest(t.roles) o UNION SELECT jsonb_array_elements_text(n.roles))
    FROM n JOIN done d ON d.tenant_id = n.tenant_id AND d.id = n.run_id
    WHERE t.tenant_id = n.tenant_id AND t.run_id = n.run_id AND t.id = n.id AND t.state = 1
    RETURNING t.tenant_id, t.run_id, t.id, t.users, t.roles
), q AS (
    SELECT unnest(@q_tenants::text[]) AS tenant_id, unnest(@q_runs::text[]) AS run_id, unnest(@q_ids::text[]) AS id,
        unnest(@q_titles::text[]) AS title, unnest(@q_descriptions::text[]) AS description, unnest(@q_choices::bytea[]) AS choices,
        unnest(@q_users::jsonb[]) AS users, unnest(@q_roles::jsonb[]) AS roles, unnest(@q_data::bytea[]) AS data,
        unnest(@q_due_times::timestamptz[]) AS due_time, unnest(@q_create_times::timestamptz[]) AS create_time, unnest(@q_pages::text[]) AS page
), asked AS (
    INSERT INTO workflow.tasks (tenant_id, id, run_id, component, workflow, entry_id, title, description, choices, users, roles, data, due_time, create_time, state, page)
    SELECT q.tenant_id, q.id, q.run_id, r.component, r.workflow, r.entry_id, q.title, q.description, q.choices,
        ARRAY(SELECT jsonb_array_elements_text(q.users)), ARRAY(SELECT jsonb_array_elements_text(q.roles)), q.data, NULLIF(q.due_time, '0001-01-01 00:00:00+00'::timestamptz), q.create_time, 1, q.page
    FROM q JOIN done d ON d.tenant_id = q.tenant_id AND d.id = q.run_id
    JOIN workflow.runs r ON r.tenant_id = q.tenant_id AND r.id = q.run_id
)
SELECT d.tenant_id, d.id, COALESCE(c.id, '')::text AS task, c.users, c.roles
FROM done d LEFT JOIN (SELECT * FROM closed UNION ALL SELECT * FROM reminded) c ON c.tenant_id = d.tenant_id AND c.run_id = d.id;

-- name: ReadFences :many
SELECT r.tenant_id, r.id, r.epoch, r.seq FROM workflow.runs r
JOIN (SELECT unnest(@tenants::text[]) AS tenant_id, unnest(@runs::text[]) AS id) w ON w.tenant_id = r.tenant_id AND w.id = r.id;

-- name: NextDue :one
SELECT ready_time FROM workflow.runs WHERE owner IS NULL AND ready_time IS NOT NULL ORDER BY ready_time LIMIT 1;

-- name: Heartbeat :exec
-- Leases run by the clock of the database, so that the clocks of processes do not matter.
INSERT INTO workflow.workers (owner, lease_time) VALUES (@owner, now() + make_interval(secs => @seconds::float8))
ON CONFLICT (owner) DO UPDATE SET lease_time = EXCLUDED.lease_time;

-- name: ReapRuns :many
-- Takes runs away from processes whose lease ended, and from those that have none: a claim may be stored after its owner's
-- lease was taken back. Their commits are fenced by the epoch from now on.
WITH gone AS (
    DELETE FROM workflow.workers w WHERE w.lease_time < now() RETURNING w.owner
)
UPDATE workflow.runs r SET owner = NULL, epoch = r.epoch + 1, ready_time = @now::timestamptz
WHERE r.owner IN (SELECT g.owner FROM gone g)
    OR (r.owner IS NOT NULL AND NOT EXISTS (SELECT 1 FROM workflow.workers w WHERE w.owner = r.owner))
RETURNING r.id;

-- name: ReleaseOwner :exec
WITH gone AS (DELETE FROM workflow.workers w WHERE w.owner = @owner::text)
UPDATE workflow.runs r SET owner = NULL, epoch = r.epoch + 1, ready_time = @now::timestamptz WHERE r.owner = @owner::text;
