-- name: LockQuota :exec
SELECT pg_advisory_xact_lock(hashtextextended('aqtra storage files ' || @tenant_id::text, 0));

-- name: BytesOfFiles :one
SELECT coalesce(sum(size), 0)::bigint FROM storage.files WHERE tenant_id = @tenant_id;

-- name: InsertFile :exec
INSERT INTO storage.files (tenant_id, id, name, content_type, size, sha256, creator_subject, create_time)
VALUES (@tenant_id, @id, @name, @content_type, @size, @sha256, @creator_subject, @create_time);

-- name: FileByID :one
SELECT * FROM storage.files WHERE tenant_id = @tenant_id AND id = @id;

-- name: LockFile :one
SELECT id FROM storage.files WHERE tenant_id = @tenant_id AND id = @id FOR UPDATE;

-- FilesForReference keeps the files from being deleted until the transaction ends.
-- name: FilesForReference :many
SELECT id, content_type, size FROM storage.files
WHERE tenant_id = @tenant_id AND id = ANY (@ids::text[])
ORDER BY id
FOR KEY SHARE;

-- name: ListFiles :many
SELECT * FROM storage.files
WHERE tenant_id = @tenant_id AND (create_time, id) < (@before_time::timestamptz, @before_id::text)
ORDER BY create_time DESC, id DESC
LIMIT @page_size;

-- name: DeleteFile :execrows
DELETE FROM storage.files WHERE tenant_id = @tenant_id AND id = @id;

-- name: KnownFiles :many
SELECT id FROM storage.files WHERE tenant_id = @tenant_id AND id = ANY (@ids::text[]);
