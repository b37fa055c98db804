-- +goose Up

-- Bytes of each part of a file that arrived in parts, which lie in the bucket as "<id>.<number>"; 0 for a file that is one object.
ALTER TABLE storage.files ADD COLUMN part_size bigint NOT NULL DEFAULT 0;

-- Uploads that go on after a break. The digest is the state of SHA-256 over what has arrived.
CREATE TABLE storage.uploads (
    tenant_id    text        NOT NULL,
    id           text        NOT NULL,
    name         text        NOT NULL,
    content_type text        NOT NULL,
    size         bigint      NOT NULL,
    received     bigint      NOT NULL DEFAULT 0,
    part_size    bigint      NOT NULL,
    digest       bytea       NOT NULL,
    subject      text        NOT NULL,
    create_time  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
ALTER TABLE storage.uploads ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.uploads FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.uploads
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
