-- +goose Up

-- One execution of a workflow. Values are encoded aqtra.type.v1.Value.
CREATE TABLE workflow.runs (
    tenant_id    text        NOT NULL,
    id           text        NOT NULL,
    component    text        NOT NULL,
    workflow     text        NOT NULL,
    release_id   text        NOT NULL,
    subject      text        NOT NULL,
    -- The value of the variable "user".
    person       bytea       NOT NULL,
    -- 1 running, 2 waiting, 3 succeeded, 4 failed, 5 canceled.
    state        smallint    NOT NULL,
    business_key text        NOT NULL,
    entry_id     text        NOT NULL,
    input        bytea       NOT NULL,
    output       bytea,
    -- JSON of the error.
    error        bytea,
    position     text        NOT NULL DEFAULT '',
    create_time  timestamptz NOT NULL,
    finish_time  timestamptz,
    -- Counts manual retries; part of the idempotency keys.
    generation   int         NOT NULL DEFAULT 0,
    -- Who advances the run, fenced by the epoch; seq counts commits.
    owner        text,
    epoch        bigint      NOT NULL DEFAULT 0,
    seq          bigint      NOT NULL DEFAULT 0,
    -- Counts what came to the inbox, so that a worker notices what it did not see.
    mail         bigint      NOT NULL DEFAULT 0,
    events       bigint      NOT NULL,
    -- When the run wants to go on: now, a timer, or null for neither.
    ready_time   timestamptz,
    -- The stack of frames; null before the first commit.
    snapshot     bytea,
    PRIMARY KEY (tenant_id, id)
) WITH (fillfactor = 70);
CREATE INDEX runs_ready ON workflow.runs (tenant_id, ready_time) WHERE owner IS NULL AND ready_time IS NOT NULL;
CREATE INDEX runs_due ON workflow.runs (ready_time) WHERE owner IS NULL AND ready_time IS NOT NULL;
CREATE INDEX runs_owner ON workflow.runs (owner) WHERE owner IS NOT NULL;
CREATE INDEX runs_workflow ON workflow.runs (tenant_id, component, workflow, id);
CREATE INDEX runs_business_key ON workflow.runs (tenant_id, business_key, id) WHERE business_key <> '';
CREATE INDEX runs_pinned ON workflow.runs (tenant_id, release_id) WHERE finish_time IS NULL;

-- Answers and signals, kept until a run consumes them.
CREATE TABLE workflow.inbox (
    tenant_id text        NOT NULL,
    run_id    text        NOT NULL,
    id        bigint      GENERATED ALWAYS AS IDENTITY,
    -- "answer" or "signal".
    kind      text        NOT NULL,
    -- Id of the task, or type of the event.
    topic     text        NOT NULL,
    data      bytea       NOT NULL,
    time      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, run_id, id)
);

-- Questions to people.
CREATE TABLE workflow.tasks (
    tenant_id      text        NOT NULL,
    id             text        NOT NULL,
    run_id         text        NOT NULL,
    component      text        NOT NULL,
    workflow       text        NOT NULL,
    entry_id       text        NOT NULL,
    title          text        NOT NULL,
    description    text        NOT NULL,
    -- List of {value, label}.
    choices        bytea       NOT NULL,
    users          text[]      NOT NULL,
    roles          text[]      NOT NULL,
    data           bytea       NOT NULL,
    due_time       timestamptz,
    create_time    timestamptz NOT NULL,
    -- 1 open, 2 answered, 3 canceled.
    state          smallint    NOT NULL,
    answer         bytea,
    comment        text        NOT NULL DEFAULT '',
    answer_subject text        NOT NULL DEFAULT '',
    answer_time    timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX tasks_state ON workflow.tasks (tenant_id, state, id);
CREATE INDEX tasks_run ON workflow.tasks (tenant_id, run_id) WHERE state = 1;

-- Requests that were done, so that a repeated one is done once.
CREATE TABLE workflow.requests (
    tenant_id text        NOT NULL,
    key       text        NOT NULL,
    digest    bytea       NOT NULL,
    run_id    text        NOT NULL,
    time      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, key)
);

-- Large values of states and events, by SHA-256.
CREATE TABLE workflow.payloads (
    tenant_id text  NOT NULL,
    run_id    text  NOT NULL,
    digest    bytea NOT NULL,
    data      bytea NOT NULL,
    PRIMARY KEY (tenant_id, run_id, digest)
);

-- Processes that advance runs. Not a tenant's.
CREATE TABLE workflow.workers (
    owner      text        NOT NULL PRIMARY KEY,
    lease_time timestamptz NOT NULL
);

CREATE TABLE workflow.history (
    tenant_id       text        NOT NULL,
    run_id          text        NOT NULL,
    seq             bigint      NOT NULL,
    time            timestamptz NOT NULL,
    type            text        NOT NULL,
    task            text        NOT NULL,
    attempt         int         NOT NULL,
    input           bytea,
    output          bytea,
    error           bytea,
    idempotency_key text        NOT NULL,
    PRIMARY KEY (tenant_id, run_id, seq, time)
) PARTITION BY RANGE (time);
CREATE TABLE workflow.history_rest PARTITION OF workflow.history DEFAULT;

-- +goose StatementBegin
DO $$
DECLARE
    month date := date '2026-11-01';
    part  text;
BEGIN
    WHILE month < date '2029-01-01' LOOP
        part := 'history_' || to_char(month, 'YYYYMM');
        EXECUTE format('CREATE TABLE workflow.%I PARTITION OF workflow.history FOR VALUES FROM (%L) TO (%L)',
            part, month::text || ' 00:00:00+00', (month + interval '1 month')::date::text || ' 00:00:00+00');
        EXECUTE format('ALTER TABLE workflow.%I ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('ALTER TABLE workflow.%I FORCE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY tenant ON workflow.%I USING (tenant_id = NULLIF(current_setting(''aqtra.tenant'', true), '''') OR current_setting(''aqtra.scope'', true) = ''system'')', part);
        month := month + interval '1 month';
    END LOOP;
END $$;
-- +goose StatementEnd

ALTER TABLE workflow.runs ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.runs FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.runs
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE workflow.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.inbox
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE workflow.tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.tasks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.tasks
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE workflow.requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.requests FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.requests
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE workflow.payloads ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.payloads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.payloads
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE workflow.history ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.history FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.history
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE workflow.history_rest ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.history_rest FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.history_rest
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
