-- +goose Up

-- It is there already; said here for the readers of these files.
CREATE SCHEMA IF NOT EXISTS storage;

-- Where the data of each tenant lives, and its data key, wrapped by the installation's key-encryption key.
CREATE TABLE storage.tenants (
    tenant_id   text PRIMARY KEY,
    schema_name text NOT NULL UNIQUE,
    role_name   text NOT NULL,
    database    text NOT NULL,
    wrapped_key bytea NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE storage.tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.tenants
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

-- Answers of requests that carried a request id, stored with their effect.
CREATE TABLE storage.requests (
    tenant_id   text NOT NULL,
    request_id  text NOT NULL,
    fingerprint bytea NOT NULL,
    response    bytea NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, request_id)
);
CREATE INDEX requests_age ON storage.requests (create_time);
ALTER TABLE storage.requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.requests FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.requests
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

-- History of entries. Values are keyed by field id, so that they survive a rename; sensitive ones are encrypted.
CREATE TABLE storage.entry_changes (
    tenant_id     text NOT NULL,
    component_uid text NOT NULL,
    entry         text NOT NULL,
    id            bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    change_time   timestamptz NOT NULL,
    subject       text NOT NULL,
    operation     integer NOT NULL,
    before_values bytea NOT NULL,
    after_values  bytea NOT NULL,
    release       text NOT NULL,
    PRIMARY KEY (tenant_id, component_uid, entry, id)
);
ALTER TABLE storage.entry_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.entry_changes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.entry_changes
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

-- Starts of workflows that committed with the change that causes them. The id is the request id of the start.
CREATE TABLE storage.outbox (
    tenant_id   text NOT NULL,
    id          text NOT NULL,
    seq         bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    component   text NOT NULL,
    entry       text NOT NULL,
    workflow    text NOT NULL,
    release     text NOT NULL,
    subject     text NOT NULL,
    input       bytea NOT NULL,
    create_time timestamptz NOT NULL,
    due_time    timestamptz NOT NULL,
    lease_owner text NOT NULL DEFAULT '',
    attempts    integer NOT NULL DEFAULT 0,
    failure     text,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX outbox_due ON storage.outbox (due_time) WHERE failure IS NULL;
CREATE INDEX outbox_entry ON storage.outbox (tenant_id, component, entry, seq) WHERE failure IS NULL;
ALTER TABLE storage.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.outbox FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.outbox
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

-- Descriptions of files; the encrypted bytes lie in the bucket under the file's id.
CREATE TABLE storage.files (
    tenant_id       text NOT NULL,
    id              text NOT NULL,
    name            text NOT NULL,
    content_type    text NOT NULL,
    size            bigint NOT NULL,
    sha256          text NOT NULL,
    creator_subject text NOT NULL,
    create_time     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX files_newest ON storage.files (tenant_id, create_time DESC, id DESC);
ALTER TABLE storage.files ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.files FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.files
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

-- Arithmetic of expressions, as the table in aqtra.type.v1 has it. Null is the error of the expression.
-- +goose StatementBegin
CREATE FUNCTION storage.int64(v numeric) RETURNS bigint
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$ SELECT CASE WHEN v BETWEEN -9223372036854775808 AND 9223372036854775807 THEN v::bigint END $$;
-- +goose StatementEnd

-- +goose StatementBegin
CREATE FUNCTION storage.decimal(v numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT CASE
            WHEN r = 0 THEN r
            WHEN abs(r) >= 1e38 OR scale(r) > 0 AND abs(r) * (10::numeric ^ scale(r)) >= 1e38 THEN NULL
            ELSE r END
        FROM (SELECT trim_scale(round(v, 18)) AS r) AS rounded
    $$;
-- +goose StatementEnd

-- Rounded half away from zero at the 18th digit; div() is exact, where / rounds earlier.
-- +goose StatementBegin
CREATE FUNCTION storage.quotient(a numeric, b numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    AS $$
        SELECT CASE WHEN b = 0 THEN NULL ELSE storage.decimal(
            sign(a) * sign(b) * div(2 * abs(a) * 1000000000000000000 + abs(b), 2 * abs(b)) * 0.000000000000000001) END
    $$;
-- +goose StatementEnd
