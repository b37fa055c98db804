-- +goose Up

-- What workflows tell people: one row for each of them.
CREATE TABLE workflow.notices (
    tenant_id   text        NOT NULL,
    id          text        NOT NULL,
    user_id     text        NOT NULL,
    -- Idempotency key of who sent it.
    key         text        NOT NULL,
    -- Release of the preview that it was sent in; empty for the live app.
    preview     text        NOT NULL,
    run_id      text        NOT NULL,
    component   text        NOT NULL,
    page        text        NOT NULL,
    entry_id    text        NOT NULL,
    title       text        NOT NULL,
    body        text        NOT NULL,
    -- The mail's second form; empty for none.
    html        text        NOT NULL,
    -- Whether the person sees it in the app.
    shown       boolean     NOT NULL,
    create_time timestamptz NOT NULL,
    read_time   timestamptz,
    -- 0 not mailed, 1 to be mailed, 2 mailed, 3 given up.
    mail        smallint    NOT NULL,
    address     text        NOT NULL,
    attempts    int         NOT NULL DEFAULT 0,
    -- When it is tried next; while it is being sent, when another process may try.
    mail_time   timestamptz,
    problem     text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX notices_key ON workflow.notices (tenant_id, key, user_id);
CREATE INDEX notices_user ON workflow.notices (tenant_id, user_id, id DESC) WHERE shown;
CREATE INDEX notices_unread ON workflow.notices (tenant_id, user_id) WHERE shown AND read_time IS NULL;
CREATE INDEX notices_mail ON workflow.notices (mail_time) WHERE mail = 1;
CREATE INDEX notices_mailed ON workflow.notices (tenant_id, create_time) WHERE mail > 0;
CREATE INDEX notices_old ON workflow.notices (create_time);

ALTER TABLE workflow.notices ENABLE ROW LEVEL SECURITY;
ALTER TABLE workflow.notices FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON workflow.notices
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
