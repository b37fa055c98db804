-- +goose Up

-- Releases that one person tries, beside what is live. The release itself is in releases, without a live_time.
CREATE TABLE library.previews (
    tenant_id   text        NOT NULL,
    release_id  text        NOT NULL,
    subject     text        NOT NULL,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, release_id),
    FOREIGN KEY (tenant_id, release_id) REFERENCES library.releases ON DELETE CASCADE
);
CREATE INDEX previews_expire ON library.previews (expire_time);
ALTER TABLE library.previews ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.previews FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.previews
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
