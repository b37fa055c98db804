-- name: ClaimChunk :execrows
INSERT INTO storage.chunks (tenant_id, job, chunk, component_uid, digest, subject, release, change_time)
VALUES (@tenant_id, @job, @chunk, @component_uid, @digest, @subject, @release, @change_time)
ON CONFLICT (tenant_id, job, chunk) DO NOTHING;

-- name: ChunkByNumber :one
SELECT * FROM storage.chunks WHERE tenant_id = @tenant_id AND job = @job AND chunk = @chunk;

-- name: FinishChunk :exec
UPDATE storage.chunks SET created = @created, updated = @updated, unchanged = @unchanged
WHERE tenant_id = @tenant_id AND job = @job AND chunk = @chunk;
