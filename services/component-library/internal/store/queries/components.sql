-- name: ListHeads :many
SELECT uid, component_id, revision FROM library.components
WHERE tenant_id = @tenant_id AND delete_time IS NULL
ORDER BY component_id;

-- name: PageHeads :many
SELECT c.uid, c.component_id, c.revision, c.header, c.create_time, c.update_time, r.digest, r.subject,
       coalesce((SELECT rc.revision FROM library.pointers p
                 JOIN library.release_components rc ON rc.tenant_id = p.tenant_id AND rc.release_id = p.release_id
                 WHERE p.tenant_id = c.tenant_id AND rc.uid = c.uid), 0)::bigint AS published_revision
FROM library.components c
JOIN library.revisions r USING (tenant_id, uid, revision)
WHERE c.tenant_id = @tenant_id AND c.delete_time IS NULL AND c.component_id > @after
ORDER BY c.component_id
LIMIT @page_size;

-- name: GetRevision :one
SELECT c.uid, c.component_id, c.create_time, r.revision, r.format, r.content, r.digest, r.subject,
       r.create_time AS update_time,
       coalesce((SELECT rc.revision FROM library.pointers p
                 JOIN library.release_components rc ON rc.tenant_id = p.tenant_id AND rc.release_id = p.release_id
                 WHERE p.tenant_id = c.tenant_id AND rc.uid = c.uid), 0)::bigint AS published_revision
FROM library.components c
JOIN library.revisions r ON r.tenant_id = c.tenant_id AND r.uid = c.uid
WHERE c.tenant_id = @tenant_id AND c.component_id = @component_id AND c.delete_time IS NULL
  AND r.revision = CASE WHEN @revision::bigint = 0 THEN c.revision ELSE @revision::bigint END;

-- name: GetUID :one
SELECT uid FROM library.components WHERE tenant_id = @tenant_id AND component_id = @component_id AND delete_time IS NULL;

-- name: GetContents :many
SELECT r.uid, r.revision, r.format, r.content
FROM library.revisions r
JOIN (SELECT unnest(@uids::text[]) AS uid, unnest(@revisions::bigint[]) AS revision) k
  ON k.uid = r.uid AND k.revision = r.revision
WHERE r.tenant_id = @tenant_id;

-- name: PageRevisions :many
SELECT r.revision, r.create_time, r.subject, r.summary
FROM library.revisions r
WHERE r.tenant_id = @tenant_id AND r.uid = @uid AND r.revision < @before
ORDER BY r.revision DESC
LIMIT @page_size;

-- name: LockTenant :exec
SELECT pg_advisory_xact_lock(hashtextextended('library ' || @tenant_id::text, 0));

-- name: SumHeads :one
SELECT count(*) AS components, coalesce(sum(size), 0)::bigint AS bytes
FROM library.components WHERE tenant_id = @tenant_id AND delete_time IS NULL;

-- name: InsertComponent :exec
INSERT INTO library.components (tenant_id, uid, component_id, revision, header, size, create_time, update_time)
VALUES (@tenant_id, @uid, @component_id, 1, @header, @size, @now, @now);

-- name: AdvanceComponent :execrows
UPDATE library.components SET revision = revision + 1, header = @header, size = @size, update_time = @now
WHERE tenant_id = @tenant_id AND uid = @uid AND revision = @base AND delete_time IS NULL;

-- name: InsertRevision :exec
INSERT INTO library.revisions (tenant_id, uid, revision, format, content, digest, subject, summary, create_time)
VALUES (@tenant_id, @uid, @revision, @format, @content, @digest, @subject, @summary, @now);

-- name: DeleteComponent :execrows
UPDATE library.components c SET delete_time = @now
WHERE c.tenant_id = @tenant_id AND c.uid = @uid AND c.revision = @base AND c.delete_time IS NULL
  AND NOT EXISTS (SELECT FROM library.pointers p
                  JOIN library.release_components rc ON rc.tenant_id = p.tenant_id AND rc.release_id = p.release_id
                  WHERE p.tenant_id = c.tenant_id AND rc.uid = c.uid);

-- name: DeleteLooseRevisions :exec
DELETE FROM library.revisions r
WHERE r.tenant_id = @tenant_id AND r.uid = @uid
  AND NOT EXISTS (SELECT FROM library.release_components rc
                  WHERE rc.tenant_id = r.tenant_id AND rc.uid = r.uid AND rc.revision = r.revision);

-- name: ListUnindexed :many
SELECT c.component_id FROM library.components c
JOIN library.revisions r USING (tenant_id, uid, revision)
WHERE c.tenant_id = @tenant_id AND c.delete_time IS NULL AND r.indexed <> @universe
ORDER BY c.component_id;

-- name: DeleteUses :exec
DELETE FROM library.uses WHERE tenant_id = @tenant_id AND uid = @uid AND revision = @revision;

-- name: MarkIndexed :execrows
UPDATE library.revisions SET indexed = @indexed
WHERE tenant_id = @tenant_id AND uid = @uid AND revision = @revision AND (indexed <> @indexed OR indexed = '');

-- name: InsertUses :exec
INSERT INTO library.uses (tenant_id, uid, revision, number, path, kind, target_component, target_id)
SELECT @tenant_id, @uid, @revision, unnest(@numbers::int[]), unnest(@paths::text[]), unnest(@kinds::text[]),
       unnest(@target_components::text[]), unnest(@target_ids::text[]);

-- name: ListUses :many
SELECT c.component_id, u.path, u.kind, u.target_component, u.target_id
FROM library.uses u
JOIN library.components c ON c.tenant_id = u.tenant_id AND c.uid = u.uid AND c.revision = u.revision
WHERE u.tenant_id = @tenant_id AND c.delete_time IS NULL AND u.target_component = @target_component
  AND (@target_id::text = '' OR u.target_id = @target_id::text)
ORDER BY c.component_id, u.number
LIMIT @most;

-- name: IsInCandidate :one
SELECT EXISTS (
    SELECT FROM library.publications p
    JOIN library.release_components rc ON rc.tenant_id = p.tenant_id AND rc.release_id = p.release_id
    WHERE p.tenant_id = @tenant_id AND p.state IN (1, 2, 3) AND rc.uid = @uid
);
