-- name: ClaimRequest :execrows
INSERT INTO storage.requests (tenant_id, request_id, fingerprint, response, create_time)
VALUES (@tenant_id, @request_id, @fingerprint, '', @create_time)
ON CONFLICT (tenant_id, request_id) DO NOTHING;

-- name: RequestByID :one
SELECT fingerprint, response FROM storage.requests WHERE tenant_id = @tenant_id AND request_id = @request_id;

-- name: FinishRequest :exec
UPDATE storage.requests SET response = @response WHERE tenant_id = @tenant_id AND request_id = @request_id;

-- name: SweepRequests :execrows
DELETE FROM storage.requests WHERE ctid = ANY (ARRAY(
    SELECT r.ctid FROM storage.requests r WHERE r.create_time < @before LIMIT 5000));
