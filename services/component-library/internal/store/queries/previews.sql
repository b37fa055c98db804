-- name: InsertPreview :exec
INSERT INTO library.previews (tenant_id, release_id, subject, create_time, expire_time)
VALUES (@tenant_id, @release_id, @subject, @create_time, @expire_time);

-- name: PreviewsOf :many
SELECT release_id, expire_time FROM library.previews WHERE tenant_id = @tenant_id AND subject = @subject ORDER BY create_time;

-- name: GetPreview :one
SELECT subject, expire_time FROM library.previews WHERE tenant_id = @tenant_id AND release_id = @release_id;

-- name: CountPreviews :one
SELECT count(*) FROM library.previews WHERE tenant_id = @tenant_id;

-- name: ExpiredPreviews :many
SELECT tenant_id, release_id FROM library.previews WHERE expire_time <= @now ORDER BY expire_time LIMIT 100;
