-- +goose Up

-- When the workflows of the live release start by themselves.
CREATE TABLE workflow.schedules (
    tenant_id  text        NOT NULL,
    component  text        NOT NULL,
    workflow   text        NOT NULL,
    title      text        NOT NULL,
    release_id text        NOT NULL,
    -- User for whom the runs act.
    subject    text        NOT NULL,
    -- What the times follow from; another one makes next_time anew.
    spec       text        NOT NULL,
    paused     boolean     NOT NULL DEFAULT false,
    -- NULL while the last run has not ended, for those that wait for it.
    next_time  timestamptz,
    last_time  timestamptz,
    last_run   text        NOT NULL DEFAULT '',
    problem    text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, component, workflow)
);
CREATE INDEX schedules_next ON workflow.schedules (next_time) WHERE NOT paused;

ALTER TABLE workflow.schedules ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.schedules FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.schedules
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
