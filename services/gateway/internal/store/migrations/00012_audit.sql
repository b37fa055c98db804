-- +goose Up

-- Calls that may change something are noted before they are passed on, and once more when they have ended. Both rows have the same call.
ALTER TABLE gateway.audit
    ADD COLUMN call    text    NOT NULL DEFAULT '',
    -- HTTP's status code; 0 where a call begins, and for what is noted with the change itself.
    ADD COLUMN outcome integer NOT NULL DEFAULT 0,
    ADD COLUMN address text    NOT NULL DEFAULT '';
CREATE INDEX audit_page ON gateway.audit (tenant_id, id);
CREATE INDEX audit_ends ON gateway.audit (call) WHERE outcome <> 0;
DROP INDEX gateway.audit_tenant;

-- Seals of what is only added to, see pkg/journal.
CREATE TABLE gateway.seals (
    tenant_id   text        NOT NULL,
    log         text        NOT NULL,
    block       bigint      NOT NULL,
    from_id     bigint      NOT NULL,
    to_id       bigint      NOT NULL,
    rows        bigint      NOT NULL,
    head        bytea       NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, log, block)
);
ALTER TABLE gateway.seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.seals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.seals
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
CREATE TABLE gateway.seal_cursors (
    log     text   PRIMARY KEY,
    sealed  bigint NOT NULL DEFAULT 0,
    pending bigint NOT NULL DEFAULT 0,
    holders text[] NOT NULL DEFAULT '{}'
);
INSERT INTO gateway.seal_cursors (log) VALUES ('audit');
