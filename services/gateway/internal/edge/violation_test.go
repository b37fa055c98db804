package edge

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestViolationsNameFieldsAsJSONDoes(t *testing.T) {
	t.Parallel()
	table, err := newTable()
	require.NoError(t, err)
	for _, c := range []struct{ method, field, want string }{
		{"/aqtra.storage.v1.Entries/ListEntries", "order_by", "orderBy"},
		{"/aqtra.storage.v1.Entries/ListEntries", "orderBy", "orderBy"},
		{"/aqtra.storage.v1.Entries/UpdateEntry", "update_mask", "updateMask"},
		{"/aqtra.storage.v1.Entries/UpdateEntry", "entry.fields.due_date", "fields.due_date"},
		{"/aqtra.storage.v1.Entries/UpdateEntry", "fields.due_date", "fields.due_date"},
		{"/aqtra.storage.v1.Entries/BatchWriteEntries", "operations[3].entry.fields.a_b", "operations[3].entry.fields.a_b"},
		{"/aqtra.storage.v1.Entries/BatchWriteEntries", "request_id", "requestId"},
		{"/aqtra.identity.v1.Users/CreateRole", "role.display_name", "displayName"},
		{"/aqtra.identity.v1.Users/CreateRole", "", ""},
		{"/aqtra.identity.v1.Users/CreateRole", "no_such.thing", "no_such.thing"},
	} {
		m := table.byName[c.method]
		require.NotNil(t, m, c.method)
		require.Equal(t, c.want, m.restField(c.field), c.method+" "+c.field)
	}
}
