-- +goose Up

-- Page of the component that shows the entry beside the question.
ALTER TABLE workflow.tasks ADD COLUMN page text NOT NULL DEFAULT '';
