-- name: ListTasks :many
-- Tasks that somebody may answer, newest first.
SELECT * FROM workflow.tasks
WHERE tenant_id = @tenant_id AND state = @state::smallint
    AND (@everything::boolean OR users && @names::text[] OR roles && @roles::text[])
    AND (@before::text = '' OR id < @before::text)
ORDER BY id DESC LIMIT @most::int;

-- name: GetTask :one
SELECT * FROM workflow.tasks WHERE tenant_id = @tenant_id AND id = @id;

-- name: AnswerTask :execrows
UPDATE workflow.tasks SET state = 2, answer = @answer, comment = @comment, answer_subject = @subject, answer_time = @now
WHERE tenant_id = @tenant_id AND id = @id AND state = 1;
