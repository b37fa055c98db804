-- name: InsertRecording :exec
INSERT INTO storage.recordings (tenant_id, component, dataflow, create_time, content)
VALUES (@tenant_id, @component, @dataflow, @create_time, @content);

-- name: TrimRecordings :exec
DELETE FROM storage.recordings r
WHERE r.tenant_id = @tenant_id AND r.component = @component AND r.dataflow = @dataflow AND r.id <= (
    SELECT o.id FROM storage.recordings o
    WHERE o.tenant_id = @tenant_id AND o.component = @component AND o.dataflow = @dataflow
    ORDER BY o.id DESC OFFSET @most::int LIMIT 1);

-- name: ListRecordings :many
SELECT create_time, content FROM storage.recordings
WHERE tenant_id = @tenant_id AND component = @component AND dataflow = @dataflow AND create_time > @after
ORDER BY id DESC;

-- name: ExpireRecordings :execrows
DELETE FROM storage.recordings WHERE create_time <= @before;
