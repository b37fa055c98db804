-- +goose Up

-- When those who were asked were reminded last, and when others were asked as well.
ALTER TABLE workflow.tasks ADD COLUMN remind_time timestamptz, ADD COLUMN escalate_time timestamptz;
