-- name: LockQuota :exec
SELECT pg_advisory_xact_lock(hashtextextended('aqtra storage files ' || @tenant_id::text, 0));

-- name: BytesOfFiles :one
-- With what is announced by uploads that are not finished.
SELECT (coalesce((SELECT sum(f.size) FROM storage.files f WHERE f.tenant_id = @tenant_id), 0) +
    coalesce((SELECT sum(u.size) FROM storage.uploads u WHERE u.tenant_id = @tenant_id), 0))::bigint AS used;

-- name: InsertFile :exec
INSERT INTO storage.files (tenant_id, id, name, content_type, size, sha256, creator_subject, create_time, part_size, folder)
VALUES (@tenant_id, @id, @name, @content_type, @size, @sha256, @creator_subject, @create_time, @part_size, @folder);

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

-- name: ListFolderFiles :many
SELECT * FROM storage.files
WHERE tenant_id = @tenant_id AND folder = @folder AND (create_time, id) < (@before_time::timestamptz, @before_id::text)
ORDER BY create_time DESC, id DESC
LIMIT @page_size;

-- name: UpdateFile :one
UPDATE storage.files SET name = coalesce(sqlc.narg('name'), name), folder = coalesce(sqlc.narg('folder'), folder)
WHERE tenant_id = @tenant_id AND id = @id RETURNING *;

-- ListFolders: inside is the path of a folder with a slash behind it, empty for the outermost ones.
-- name: ListFolders :many
SELECT split_part(substr(folder, length(@inside::text) + 1), '/', 1)::text AS name, count(*) AS files
FROM storage.files
WHERE tenant_id = @tenant_id AND folder <> '' AND starts_with(folder, @inside::text)
GROUP BY 1 ORDER BY 1 LIMIT @most;

-- DeepestBelow is how many names the longest path at and below a folder has, and how many bytes.
-- name: DeepestBelow :one
SELECT coalesce(max(array_length(string_to_array(folder, '/'), 1)), 0)::int AS names, coalesce(max(octet_length(folder)), 0)::int AS bytes
FROM storage.files WHERE tenant_id = @tenant_id AND (folder = @path::text OR starts_with(folder, @path::text || '/'));

-- MoveFolder leaves no slash at the front when what moves goes into no folder.
-- name: MoveFolder :execrows
UPDATE storage.files SET folder = ltrim(@target::text || substr(folder, length(@path::text) + 1), '/')
WHERE tenant_id = @tenant_id AND (folder = @path::text OR starts_with(folder, @path::text || '/'));

-- name: DeleteFile :execrows
DELETE FROM storage.files WHERE tenant_id = @tenant_id AND id = @id;

-- name: KnownFiles :many
SELECT f.id FROM storage.files f WHERE f.tenant_id = @tenant_id AND f.id = ANY (@ids::text[])
UNION ALL SELECT u.id FROM storage.uploads u WHERE u.tenant_id = @tenant_id AND u.id = ANY (@ids::text[]);

-- name: InsertUpload :exec
INSERT INTO storage.uploads (tenant_id, id, name, content_type, size, part_size, digest, subject, create_time, folder)
VALUES (@tenant_id, @id, @name, @content_type, @size, @part_size, @digest, @subject, @create_time, @folder);

-- name: CountUploads :one
SELECT count(*) FROM storage.uploads WHERE tenant_id = @tenant_id;

-- name: UploadByID :one
SELECT * FROM storage.uploads WHERE tenant_id = @tenant_id AND id = @id AND subject = @subject AND create_time > @after;

-- name: AdvanceUpload :execrows
UPDATE storage.uploads SET received = @received, digest = @digest, content_type = @content_type
WHERE tenant_id = @tenant_id AND id = @id AND received = @was;

-- name: TakeUpload :execrows
DELETE FROM storage.uploads WHERE tenant_id = @tenant_id AND id = @id;

-- name: ExpireUploads :execrows
DELETE FROM storage.uploads WHERE create_time <= @before;
