-- +goose Up

-- How far the installation of a sample app is. A worker holds a lease; when it dies, the next one goes on after it.
CREATE TABLE gateway.installations (
    tenant_id   text NOT NULL REFERENCES gateway.tenants (id) ON DELETE CASCADE,
    sample      text NOT NULL,
    state       smallint NOT NULL,
    -- Steps that are done, and how many there are.
    done        integer NOT NULL DEFAULT 0,
    total       integer NOT NULL,
    message     text NOT NULL DEFAULT '',
    -- Ids of the files that were uploaded, by name.
    files       jsonb NOT NULL DEFAULT '{}',
    -- Who installs it, and with which roles: an API key may have fewer than its owner.
    subject     text NOT NULL,
    roles       text[] NOT NULL,
    -- Grows when a failed installation is asked for again.
    attempt     integer NOT NULL DEFAULT 1,
    lease_until timestamptz NOT NULL,
    create_time timestamptz NOT NULL,
    finish_time timestamptz,
    PRIMARY KEY (tenant_id, sample)
);
CREATE INDEX installations_running ON gateway.installations (lease_until) WHERE state = 1;

ALTER TABLE gateway.installations ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.installations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.installations
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
