-- +goose Up

-- A component of a tenant. Its documents stand in revisions; deleted ones stay as long as a release holds them.
CREATE TABLE library.components (
    tenant_id    text        NOT NULL,
    uid          text        NOT NULL,
    component_id text        NOT NULL,
    -- Newest revision, its encoded Component without parts for lists, and the bytes of its document.
    revision     bigint      NOT NULL,
    header       bytea       NOT NULL,
    size         bigint      NOT NULL,
    create_time  timestamptz NOT NULL,
    update_time  timestamptz NOT NULL,
    delete_time  timestamptz,
    PRIMARY KEY (tenant_id, uid)
);
CREATE UNIQUE INDEX components_id ON library.components (tenant_id, component_id) WHERE delete_time IS NULL;

-- One save: the whole document.
CREATE TABLE library.revisions (
    tenant_id   text        NOT NULL,
    uid         text        NOT NULL,
    revision    bigint      NOT NULL,
    -- Version of the encoding of content; 1 is aqtra.library.v1.Component as protobuf.
    format      smallint    NOT NULL,
    content     bytea       NOT NULL,
    digest      bytea       NOT NULL,
    subject     text        NOT NULL,
    summary     text        NOT NULL,
    create_time timestamptz NOT NULL,
    -- Hash of the revisions of all components among which the references in uses were found; empty when some are missing.
    indexed     bytea       NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, uid, revision),
    FOREIGN KEY (tenant_id, uid) REFERENCES library.components
);

-- What a revision uses, by stable ids.
CREATE TABLE library.uses (
    tenant_id        text   NOT NULL,
    uid              text   NOT NULL,
    revision         bigint NOT NULL,
    number           int    NOT NULL,
    path             text   NOT NULL,
    kind             text   NOT NULL,
    target_component text   NOT NULL,
    target_id        text   NOT NULL,
    PRIMARY KEY (tenant_id, uid, revision, number),
    FOREIGN KEY (tenant_id, uid, revision) REFERENCES library.revisions ON DELETE CASCADE
);
CREATE INDEX uses_target ON library.uses (tenant_id, target_component, target_id);

-- An immutable set of revisions. One whose live_time is null is the candidate of a publication that has not flipped.
CREATE TABLE library.releases (
    tenant_id   text        NOT NULL,
    id          text        NOT NULL,
    create_time timestamptz NOT NULL,
    live_time   timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX releases_newest ON library.releases (tenant_id, live_time DESC, id DESC) WHERE live_time IS NOT NULL;

CREATE TABLE library.release_components (
    tenant_id    text   NOT NULL,
    release_id   text   NOT NULL,
    component_id text   NOT NULL,
    uid          text   NOT NULL,
    revision     bigint NOT NULL,
    PRIMARY KEY (tenant_id, release_id, component_id),
    FOREIGN KEY (tenant_id, release_id) REFERENCES library.releases ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, uid, revision) REFERENCES library.revisions
);
CREATE INDEX release_components_revision ON library.release_components (tenant_id, uid, revision);

-- The release that is live in a tenant.
CREATE TABLE library.pointers (
    tenant_id  text NOT NULL PRIMARY KEY,
    release_id text NOT NULL,
    FOREIGN KEY (tenant_id, release_id) REFERENCES library.releases
);

CREATE TABLE library.publications (
    tenant_id      text        NOT NULL,
    id             text        NOT NULL,
    -- Numbers of aqtra.library.v1.PublicationState.
    state          smallint    NOT NULL,
    progress       int         NOT NULL DEFAULT 0,
    message        text        NOT NULL,
    -- Release to make live, and the one that was live when the publication was let in (empty: none).
    release_id     text        NOT NULL,
    base_release   text        NOT NULL,
    -- Encoded aqtra.library.v1.Publication that holds the planned components and the problems.
    plan           bytea       NOT NULL,
    confirm_losses text[]      NOT NULL,
    subject        text        NOT NULL,
    request_id     text        NOT NULL,
    request_digest bytea       NOT NULL,
    create_time    timestamptz NOT NULL,
    finish_time    timestamptz,
    -- Lease of the worker that drives it; a claim raises the epoch, so that who lost the lease can write nothing.
    epoch          bigint      NOT NULL DEFAULT 0,
    owner          text        NOT NULL DEFAULT '',
    lease_until    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX publications_active ON library.publications (tenant_id) WHERE state IN (1, 2, 3);
CREATE UNIQUE INDEX publications_request ON library.publications (tenant_id, request_id) WHERE request_id <> '';
CREATE INDEX publications_lease ON library.publications (lease_until) WHERE state IN (1, 2, 3);
CREATE INDEX publications_newest ON library.publications (tenant_id, create_time DESC, id DESC);

ALTER TABLE library.components ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.components FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.components
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE library.revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.revisions FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.revisions
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE library.uses ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.uses FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.uses
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE library.releases ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.releases FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.releases
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE library.release_components ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.release_components FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.release_components
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE library.pointers ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.pointers FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.pointers
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
ALTER TABLE library.publications ENABLE ROW LEVEL SECURITY;
ALTER TABLE library.publications FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON library.publications
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
