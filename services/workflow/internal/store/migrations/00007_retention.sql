-- +goose Up

-- Runs that have ended, by when, and requests by age, for removing what is old. Requests are stored in the order of their time.
CREATE INDEX runs_finished ON workflow.runs (finish_time) WHERE finish_time IS NOT NULL;
CREATE INDEX requests_time ON workflow.requests USING brin (time);
