-- +goose Up

-- Tables with a tenant_id belong to a tenant and are kept apart by row-level security. Users, sessions and tenants themselves
-- are the installation's: a person may work in several tenants.

CREATE TABLE gateway.setup (
    -- One row: whoever locks it makes the first administrator.
    one        boolean PRIMARY KEY DEFAULT true CHECK (one),
    setup_done boolean NOT NULL DEFAULT false
);
INSERT INTO gateway.setup DEFAULT VALUES;

-- One per start of the gateway, until the setup is done.
CREATE TABLE gateway.setup_links (
    hash        bytea PRIMARY KEY,
    create_time timestamptz NOT NULL
);

CREATE TABLE gateway.tenants (
    id           text PRIMARY KEY,
    display_name text NOT NULL,
    -- A tenant is active once its place in storage is made.
    active       boolean NOT NULL DEFAULT false,
    -- Counts changes of who may do what; its row lock puts such changes in order.
    epoch        bigint NOT NULL DEFAULT 1,
    create_time  timestamptz NOT NULL
);
CREATE INDEX tenants_unfinished ON gateway.tenants (create_time) WHERE NOT active;

CREATE TABLE gateway.users (
    id            text PRIMARY KEY,
    email         text COLLATE "C" NOT NULL CONSTRAINT users_email UNIQUE,
    password_hash text NOT NULL,
    operator      boolean NOT NULL DEFAULT false,
    -- Where the user worked last.
    last_tenant   text,
    create_time   timestamptz NOT NULL
);

CREATE TABLE gateway.sessions (
    id             text PRIMARY KEY,
    hash           bytea NOT NULL CONSTRAINT sessions_hash UNIQUE,
    user_id        text NOT NULL REFERENCES gateway.users (id) ON DELETE CASCADE,
    current_tenant text NOT NULL REFERENCES gateway.tenants (id) ON DELETE CASCADE,
    create_time    timestamptz NOT NULL,
    seen_time      timestamptz NOT NULL,
    expire_time    timestamptz NOT NULL
);
CREATE INDEX sessions_user ON gateway.sessions (user_id);
CREATE INDEX sessions_expire ON gateway.sessions (expire_time);

-- Failed guesses. The key is a hash of what was tried.
CREATE TABLE gateway.attempts (
    key   bytea PRIMARY KEY,
    times timestamptz[] NOT NULL,
    -- When the row means nothing any more.
    expire_time timestamptz NOT NULL
);
CREATE INDEX attempts_expire ON gateway.attempts (expire_time);

CREATE TABLE gateway.memberships (
    tenant_id    text NOT NULL REFERENCES gateway.tenants (id) ON DELETE CASCADE,
    user_id      text NOT NULL REFERENCES gateway.users (id) ON DELETE CASCADE,
    display_name text NOT NULL,
    roles        text[] NOT NULL,
    disabled     boolean NOT NULL DEFAULT false,
    revision     bigint NOT NULL DEFAULT 1,
    create_time  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user ON gateway.memberships (user_id);

-- The roles that a tenant made; admin, developer and member are in the code.
CREATE TABLE gateway.roles (
    tenant_id    text NOT NULL REFERENCES gateway.tenants (id) ON DELETE CASCADE,
    id           text COLLATE "C" NOT NULL,
    display_name text NOT NULL,
    -- [{"permission": "entries.read", "component": "invoice"}]
    grants       jsonb NOT NULL,
    revision     bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE gateway.invitations (
    tenant_id    text NOT NULL REFERENCES gateway.tenants (id) ON DELETE CASCADE,
    id           text COLLATE "C" NOT NULL,
    hash         bytea NOT NULL CONSTRAINT invitations_hash UNIQUE,
    email        text NOT NULL,
    roles        text[] NOT NULL,
    create_time  timestamptz NOT NULL,
    expire_time  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX invitations_expire ON gateway.invitations (expire_time);

CREATE TABLE gateway.password_links (
    tenant_id   text NOT NULL,
    user_id     text NOT NULL,
    hash        bytea NOT NULL CONSTRAINT password_links_hash UNIQUE,
    -- Made by the operator, who may do so for a user of several tenants.
    by_operator boolean NOT NULL,
    expire_time timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES gateway.memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX password_links_user ON gateway.password_links (user_id);
CREATE INDEX password_links_expire ON gateway.password_links (expire_time);

CREATE TABLE gateway.api_keys (
    tenant_id    text NOT NULL,
    id           text COLLATE "C" NOT NULL,
    user_id      text NOT NULL,
    hash         bytea NOT NULL CONSTRAINT api_keys_hash UNIQUE,
    display_name text NOT NULL,
    -- A limited key has only those of its roles that the owner still has.
    limited      boolean NOT NULL,
    roles        text[] NOT NULL,
    create_time  timestamptz NOT NULL,
    expire_time  timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES gateway.memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX api_keys_owner ON gateway.api_keys (tenant_id, user_id, id);

-- Written in the transaction of the change it tells of.
CREATE TABLE gateway.audit (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- Empty for what concerns no tenant.
    tenant_id   text NOT NULL,
    create_time timestamptz NOT NULL,
    subject     text NOT NULL,
    action      text NOT NULL,
    target      text NOT NULL
);
CREATE INDEX audit_tenant ON gateway.audit (tenant_id, create_time);

ALTER TABLE gateway.memberships ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.memberships FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.memberships
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

ALTER TABLE gateway.roles ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.roles FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.roles
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

ALTER TABLE gateway.invitations ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.invitations FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.invitations
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

ALTER TABLE gateway.password_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.password_links FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.password_links
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

ALTER TABLE gateway.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.api_keys
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');

ALTER TABLE gateway.audit ENABLE ROW LEVEL SECURITY;
ALTER TABLE gateway.audit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON gateway.audit
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
