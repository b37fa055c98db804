-- +goose Up

-- Chunks of bulk writes: that each is stored once, what a repeated one is answered, and, in the place of a history of every entry,
-- who stored what. The digest is SHA-256 of the chunk's rows.
CREATE TABLE storage.chunks (
    tenant_id     text NOT NULL,
    job           text NOT NULL,
    chunk         bigint NOT NULL,
    component_uid text NOT NULL,
    digest        bytea NOT NULL,
    subject       text NOT NULL,
    release       text NOT NULL,
    change_time   timestamptz NOT NULL,
    created       bigint NOT NULL DEFAULT 0,
    updated       bigint NOT NULL DEFAULT 0,
    unchanged     bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant_id, job, chunk)
);
ALTER TABLE storage.chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.chunks FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.chunks
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
