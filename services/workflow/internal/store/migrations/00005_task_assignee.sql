-- +goose Up

-- Who has claimed the task, or was handed it; empty for nobody.
ALTER TABLE workflow.tasks ADD COLUMN assignee text NOT NULL DEFAULT '', ADD COLUMN assignee_name text NOT NULL DEFAULT '';
CREATE INDEX tasks_assignee ON workflow.tasks (tenant_id, assignee) WHERE state = 1 AND assignee <> '';
