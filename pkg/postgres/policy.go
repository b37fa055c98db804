package postgres

import "fmt"

// RLSPolicy gives the statements that keep tenants apart on a control table with a tenant_id column, as a migration
// should contain them. It panics when table is not a plain identifier.
func RLSPolicy(table string) string {
	if !identifier.MatchString(table) {
		panic(fmt.Sprintf("postgres: table %q is not a plain identifier", table))
	}
	return fmt.Sprintf(`ALTER TABLE %[1]s ENABLE ROW LEVEL SECURITY;
ALTER TABLE %[1]s FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON %[1]s
    USING (tenant_id = NULLIF(current_setting('aqtra.tenant', true), '')
           OR current_setting('aqtra.scope', true) = 'system');
`, table)
}
