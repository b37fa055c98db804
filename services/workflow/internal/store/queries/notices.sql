-- name: AddNotice :execrows
INSERT INTO workflow.notices (tenant_id, id, user_id, key, preview, run_id, component, page, entry_id, title, body, html, shown, create_time, mail, address, mail_time)
VALUES (@tenant_id, @id, @user_id, @key, @preview, @run_id, @component, @page, @entry_id, @title, @body, @html, @shown, @create_time, @mail, @address, sqlc.narg('mail_time'))
ON CONFLICT (tenant_id, key, user_id) DO NOTHING;

-- name: CountMails :one
-- Mails of a tenant since a time, up to a bound.
SELECT count(*) FROM (SELECT FROM workflow.notices WHERE tenant_id = @tenant_id AND mail > 0 AND create_time > @since::timestamptz LIMIT @bound::int) x;

-- name: ListNotices :many
SELECT * FROM workflow.notices
WHERE tenant_id = @tenant_id AND user_id = @user_id AND shown AND preview = @preview AND (@before::text = '' OR id < @before::text)
    AND (NOT @unread::boolean OR read_time IS NULL)
ORDER BY id DESC LIMIT @most::int;

-- name: CountUnread :one
SELECT count(*) FROM (SELECT FROM workflow.notices WHERE tenant_id = @tenant_id AND user_id = @user_id AND shown AND read_time IS NULL AND preview = @preview LIMIT @bound::int) x;

-- name: ReadNotices :execrows
UPDATE workflow.notices SET read_time = @now::timestamptz
WHERE tenant_id = @tenant_id AND user_id = @user_id AND shown AND read_time IS NULL AND preview = @preview AND (@everything::boolean OR id = ANY (@ids::text[]));

-- name: ClaimMails :many
-- Each is one process' own until mail_time.
UPDATE workflow.notices n SET attempts = n.attempts + 1, mail_time = @until::timestamptz
FROM (SELECT d.tenant_id, d.id FROM workflow.notices d WHERE d.mail = 1 AND d.mail_time <= @now::timestamptz ORDER BY d.mail_time LIMIT @most::int FOR UPDATE SKIP LOCKED) due
WHERE n.tenant_id = due.tenant_id AND n.id = due.id
RETURNING n.*;

-- name: SetMail :exec
-- Only for the attempt that it was claimed for.
UPDATE workflow.notices SET mail = @mail, mail_time = sqlc.narg('mail_time'), problem = @problem
WHERE tenant_id = @tenant_id AND id = @id AND mail = 1 AND attempts = @attempts;

-- name: DropNotices :execrows
DELETE FROM workflow.notices WHERE (tenant_id, id) IN (SELECT d.tenant_id, d.id FROM workflow.notices d WHERE d.create_time < @before::timestamptz LIMIT @most::int);
