-- name: GetPointer :one
SELECT release_id FROM library.pointers WHERE tenant_id = @tenant_id;

-- name: ListReleaseComponents :many
SELECT component_id, uid, revision FROM library.release_components
WHERE tenant_id = @tenant_id AND release_id = @release_id
ORDER BY component_id;

-- name: GetRelease :one
SELECT id, create_time, live_time FROM library.releases WHERE tenant_id = @tenant_id AND id = @id;

-- name: PageReleases :many
SELECT id, create_time, live_time FROM library.releases
WHERE tenant_id = @tenant_id AND live_time IS NOT NULL
  AND (@before_id::text = '' OR (live_time, id) < (@before_time::timestamptz, @before_id::text))
ORDER BY live_time DESC, id DESC
LIMIT @page_size;

-- name: ListComponentsOfReleases :many
SELECT release_id, component_id, revision FROM library.release_components
WHERE tenant_id = @tenant_id AND release_id = ANY(@release_ids::text[])
ORDER BY release_id, component_id;

-- name: InsertRelease :exec
INSERT INTO library.releases (tenant_id, id, create_time) VALUES (@tenant_id, @id, @now);

-- name: InsertReleaseComponents :exec
INSERT INTO library.release_components (tenant_id, release_id, component_id, uid, revision)
SELECT @tenant_id, @release_id, unnest(@component_ids::text[]), unnest(@uids::text[]), unnest(@revisions::bigint[]);

-- name: DeleteCandidate :exec
DELETE FROM library.releases WHERE tenant_id = @tenant_id AND id = @id AND live_time IS NULL;

-- name: InsertPublication :exec
INSERT INTO library.publications (tenant_id, id, state, message, release_id, base_release, plan, confirm_losses, subject,
                                  request_id, request_digest, create_time, lease_until)
VALUES (@tenant_id, @id, 1, @message, @release_id, @base_release, @plan, @confirm_losses, @subject,
        @request_id, @request_digest, @now, @now);

-- name: GetPublication :one
SELECT * FROM library.publications WHERE tenant_id = @tenant_id AND id = @id;

-- name: GetPublicationByRequest :one
SELECT * FROM library.publications WHERE tenant_id = @tenant_id AND request_id = @request_id AND request_id <> '';

-- name: GetActivePublication :one
SELECT id FROM library.publications WHERE tenant_id = @tenant_id AND state IN (1, 2, 3);

-- name: PagePublications :many
SELECT * FROM library.publications
WHERE tenant_id = @tenant_id
  AND (@before_id::text = '' OR (create_time, id) < (@before_time::timestamptz, @before_id::text))
ORDER BY create_time DESC, id DESC
LIMIT @page_size;

-- name: ClaimPublications :many
UPDATE library.publications p SET epoch = p.epoch + 1, owner = @owner, lease_until = @lease_until
FROM (SELECT q.tenant_id, q.id FROM library.publications q
      WHERE q.state IN (1, 2, 3) AND q.lease_until <= @now
      ORDER BY q.lease_until
      LIMIT @most
      FOR UPDATE SKIP LOCKED) due
WHERE p.tenant_id = due.tenant_id AND p.id = due.id
RETURNING p.tenant_id, p.id, p.epoch;

-- name: NextLease :one
SELECT lease_until FROM library.publications
WHERE state IN (1, 2, 3)
ORDER BY lease_until
LIMIT 1;

-- name: ExtendLease :execrows
UPDATE library.publications SET lease_until = @lease_until
WHERE tenant_id = @tenant_id AND id = @id AND epoch = @epoch AND state IN (1, 2, 3);

-- name: MovePublication :execrows
UPDATE library.publications SET state = @state, progress = @progress, message = @message
WHERE tenant_id = @tenant_id AND id = @id AND epoch = @epoch AND state IN (1, 2, 3) AND state <= @state;

-- name: FlipPublication :one
UPDATE library.publications SET state = 3, progress = @progress, message = @message
WHERE tenant_id = @tenant_id AND id = @id AND epoch = @epoch AND state = 2
RETURNING release_id, base_release;

-- name: SetPointer :execrows
INSERT INTO library.pointers AS p (tenant_id, release_id) VALUES (@tenant_id, @release_id)
ON CONFLICT (tenant_id) DO UPDATE SET release_id = excluded.release_id WHERE p.release_id = @base_release::text;

-- name: MarkLive :exec
UPDATE library.releases SET live_time = @now WHERE tenant_id = @tenant_id AND id = @id AND live_time IS NULL;

-- name: FinishPublication :one
UPDATE library.publications
SET state = @state, message = @message, finish_time = @now, progress = CASE WHEN @state = 4 THEN 100 ELSE progress END
WHERE tenant_id = @tenant_id AND id = @id AND epoch = @epoch AND state IN (1, 2, 3) AND (@state = 4 OR state < 3)
RETURNING release_id;
