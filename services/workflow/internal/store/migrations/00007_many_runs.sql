-- +goose Up

-- Runs that have ended, by when, and requests by age, for removing what is old. Requests are stored in the order of their time.
CREATE INDEX runs_finished ON workflow.runs (finish_time) WHERE finish_time IS NOT NULL;
CREATE INDEX requests_time ON workflow.requests USING brin (time);

-- What people look for among many runs that went well.
CREATE INDEX runs_unfinished ON workflow.runs (tenant_id, id) WHERE finish_time IS NULL;
CREATE INDEX runs_ended_badly ON workflow.runs (tenant_id, state, id) WHERE state IN (4, 5);
CREATE INDEX runs_component ON workflow.runs (tenant_id, component, id);
CREATE INDEX runs_preview ON workflow.runs (tenant_id, release_id, id) WHERE starts_with(release_id, 'prv-');
