-- +goose Up

-- Recorded runs of dataflows, encrypted: they hold whatever the runs read.
CREATE TABLE storage.recordings (
    tenant_id   text        NOT NULL,
    component   text        NOT NULL,
    dataflow    text        NOT NULL,
    id          bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    create_time timestamptz NOT NULL,
    content     bytea       NOT NULL,
    PRIMARY KEY (tenant_id, component, dataflow, id)
);
CREATE INDEX recordings_age ON storage.recordings (create_time);
ALTER TABLE storage.recordings ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.recordings FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.recordings
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
