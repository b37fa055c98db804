-- name: ListTasks :many
-- Tasks that somebody may answer, newest first: those of a preview there, and nowhere else.
SELECT t.* FROM workflow.tasks t
WHERE t.tenant_id = @tenant_id AND t.state = @state::smallint
    AND (@everything::boolean OR t.users && @names::text[] OR t.roles && @roles::text[] OR t.assignee = ANY (@names::text[]))
    AND (@before::text = '' OR t.id < @before::text)
    AND EXISTS (SELECT FROM workflow.runs r WHERE r.tenant_id = t.tenant_id AND r.id = t.run_id
        AND CASE @preview::text WHEN '' THEN NOT starts_with(r.release_id, 'prv-') ELSE r.release_id = @preview END)
ORDER BY t.id DESC LIMIT @most::int;

-- name: GetTask :one
SELECT * FROM workflow.tasks WHERE tenant_id = @tenant_id AND id = @id;

-- name: AnswerTask :execrows
UPDATE workflow.tasks SET state = 2, answer = @answer, comment = @comment, answer_subject = @subject, answer_time = @now
WHERE tenant_id = @tenant_id AND id = @id AND state = 1;

-- name: AssignTask :one
-- Only while it is open, and whoever had it has it still.
UPDATE workflow.tasks SET assignee = @assignee, assignee_name = @assignee_name
WHERE tenant_id = @tenant_id AND id = @id AND state = 1 AND assignee = @was RETURNING *;
