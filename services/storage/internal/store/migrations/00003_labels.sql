-- +goose Up

-- What the tables ("c_…", "l_…") and columns ("c_….f_…") of a tenant's schema are called in the newest release that was expanded,
-- to name what a later one removes. A rename changes nothing else.
CREATE TABLE storage.labels (
    tenant_id text PRIMARY KEY REFERENCES storage.tenants ON DELETE CASCADE,
    labels    jsonb NOT NULL
);
ALTER TABLE storage.labels ENABLE ROW LEVEL SECURITY;
ALTER TABLE storage.labels FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON storage.labels
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

-- They were comments on the tables and columns.
SELECT set_config('aqtra.scope', 'system', true);
INSERT INTO storage.labels (tenant_id, labels)
SELECT t.tenant_id, jsonb_object_agg(c.relname || coalesce('.' || a.attname, ''), d.description)
FROM storage.tenants t
JOIN pg_class c ON c.relnamespace = to_regnamespace(t.schema_name) AND c.relkind = 'r'
JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass
LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.objsubid AND d.objsubid > 0
GROUP BY t.tenant_id;
