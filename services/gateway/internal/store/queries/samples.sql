-- name: BeginInstallation :one
-- A finished installation stays; a failed one goes on at once where it stopped.
INSERT INTO gateway.installations AS i (tenant_id, sample, state, total, subject, roles, lease_until, create_time)
VALUES (@tenant_id, @sample, 1, @total, @subject, @roles, @now, @now)
ON CONFLICT (tenant_id, sample) DO UPDATE
SET state       = CASE WHEN i.state = 3 THEN 1 ELSE i.state END,
    subject     = CASE WHEN i.state = 3 THEN excluded.subject ELSE i.subject END,
    roles       = CASE WHEN i.state = 3 THEN excluded.roles ELSE i.roles END,
    attempt     = CASE WHEN i.state = 3 THEN i.attempt + 1 ELSE i.attempt END,
    lease_until = CASE WHEN i.state = 3 THEN excluded.lease_until ELSE i.lease_until END,
    message     = CASE WHEN i.state = 3 THEN '' ELSE i.message END,
    finish_time = CASE WHEN i.state = 3 THEN NULL ELSE i.finish_time END
RETURNING *;

-- name: GetInstallation :one
SELECT * FROM gateway.installations WHERE sample = @sample;

-- name: ClaimInstallation :one
UPDATE gateway.installations SET lease_until = @until
WHERE (tenant_id, sample) = (
    SELECT c.tenant_id, c.sample FROM gateway.installations c
    WHERE c.state = 1 AND c.lease_until <= @now
    ORDER BY c.lease_until LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: AdvanceInstallation :execrows
-- The lease is the fence: whoever lost it changes nothing.
UPDATE gateway.installations
SET done = @done, message = @message, files = @files, lease_until = @until
WHERE tenant_id = @tenant_id AND sample = @sample AND state = 1 AND lease_until = @held;

-- name: FinishInstallation :execrows
UPDATE gateway.installations SET state = @state, message = @message, finish_time = @now
WHERE tenant_id = @tenant_id AND sample = @sample AND state = 1 AND lease_until = @held;
