-- +goose Up

-- Entries that runs of workflows keep: until they are released only workflows change them.
CREATE TABLE storage.holds (
    tenant_id     text NOT NULL,
    -- That of the entry's component, with the prefix of the preview if it is of one.
    component_uid text NOT NULL,
    entry         text NOT NULL,
    run           text NOT NULL,
    -- Component and workflow of the run.
    run_component text NOT NULL,
    workflow      text NOT NULL,
    hold_time     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, component_uid, entry)
);
ALTER TABLE storage.holds ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.holds FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.holds
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
