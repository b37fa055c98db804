// Package postgres opens a service's connections to its Postgres schema and keeps tenants apart on them.
//
// Every service owns one schema with two roles: the owner, which migrates, and the application role, which owns
// nothing. Control tables carry a tenant_id column and row-level security, so that a query that forgets its tenant finds
// nothing. A migration that makes such a table uses this policy, word for word ([RLSPolicy] makes the same text):
//
//	CREATE TABLE thing (
//	    tenant_id text NOT NULL,
//	    id        text NOT NULL,
//	    PRIMARY KEY (tenant_id, id)
//	);
//	ALTER TABLE thing ENABLE ROW LEVEL SECURITY;
//	ALTER TABLE thing FORCE ROW LEVEL SECURITY;
//	CREATE POLICY tenant ON thing
//	    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
//	           OR current_setting('aqtra.scope', true) = 'system');
//
// [DB.Tenant] and [DB.TenantTx] set aqtra.tenant for one transaction; [DB.System] and [DB.SystemTx] use connections that
// carry aqtra.scope=system, for engine loops that work across tenants. FORCE holds for the owner too, so a migration that
// changes rows of such a table begins with SET LOCAL aqtra.scope = 'system'.
//
// Connections use TLS 1.3 with the server's name verified, unless they go to a unix socket, and prepared statements:
// never the simple protocol for a query with arguments.
package postgres
