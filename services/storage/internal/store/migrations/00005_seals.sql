-- +goose Up

-- Seals of the history of entries, see pkg/journal. Blocks are read by ranges of ids, which lie in the order in which rows came.
CREATE INDEX entry_changes_ids ON storage.entry_changes USING brin (id) WITH (pages_per_range = 16, autosummarize = on);
CREATE TABLE storage.seals (
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
ALTER TABLE storage.seals ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.seals FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.seals
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
CREATE TABLE storage.seal_cursors (
    log     text   PRIMARY KEY,
    sealed  bigint NOT NULL DEFAULT 0,
    pending bigint NOT NULL DEFAULT 0,
    holders text[] NOT NULL DEFAULT '{}'
);
INSERT INTO storage.seal_cursors (log) VALUES ('entry_changes');
