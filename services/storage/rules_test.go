package storage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

func access(role, filter string, ops ...libraryv1.Operation) *libraryv1.AccessRule {
	return &libraryv1.AccessRule{Role: role, Filter: filter, Operations: ops}
}

const (
	opRead   = libraryv1.Operation_OPERATION_READ
	opCreate = libraryv1.Operation_OPERATION_CREATE
	opUpdate = libraryv1.Operation_OPERATION_UPDATE
	opDelete = libraryv1.Operation_OPERATION_DELETE
)

// ruled has rules on orders and on customers.
func ruled() []*libraryv1.Component {
	cs := order()
	cs[0].Settings.Access = []*libraryv1.AccessRule{
		access("clerk", `entry.city == "Köln"`, opRead),
		access("maker", "", opRead, opCreate, opUpdate),
	}
	cs[1].Settings.Access = []*libraryv1.AccessRule{
		access("clerk", `entry.creator_subject == user.id`, opRead, opUpdate, opDelete),
		access("clerk", `entry.amount < 100`, opCreate),
		access("auditor", "", opRead),
		access("owner", `entry.customer.city == "Köln" && "owner" in user.roles`, opRead, opUpdate),
	}
	return cs
}

func TestAccessRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(ruled()...)
	admin, clerk, other := w.admin(), w.holder("c1", "clerk"), w.holder("c2", "clerk")
	auditor, owner, nobody := w.holder("a1", "auditor"), w.holder("o1", "owner"), w.holder("n1", "visitor")
	koeln := w.create(admin, "customer", values{"title": "Ada", "city": "Köln"})
	rome := w.create(admin, "customer", values{"title": "Bo", "city": "Rome"})

	// Creating: the rule must hold for what is created.
	mine := w.create(clerk, "order", values{"number": "A-1", "amount": int64(5), "customer": koeln.GetId()})
	_, err := w.entries.CreateEntry(clerk, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-2", "amount": int64(100)})})
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	_, err = w.entries.CreateEntry(auditor, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-2"})})
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	big := w.create(admin, "order", values{"number": "A-2", "amount": int64(500), "customer": rome.GetId()})

	// Reading: what is hidden is missing, in lists and by id.
	all := &storagev1.ListEntriesRequest{Component: "order", ShowDeleted: true}
	require.Equal(t, []string{mine.GetId()}, w.ids(clerk, all))
	require.Empty(t, w.ids(other, all))
	require.Empty(t, w.ids(nobody, all))
	require.Len(t, w.ids(auditor, all), 2)
	require.Equal(t, []string{mine.GetId()}, w.ids(owner, all))
	_, err = w.entries.GetEntry(other, &storagev1.GetEntryRequest{Component: "order", Entry: mine.GetId()})
	hidden := refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
	_, err = w.entries.GetEntry(other, &storagev1.GetEntryRequest{Component: "order", Entry: "missing"})
	require.Equal(t, hidden, refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND))
	_, err = w.entries.ListEntryChanges(other, &storagev1.ListEntryChangesRequest{Component: "order", Entry: mine.GetId()})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)

	// Changing: before and after.
	_, err = w.update(clerk, "order", mine.GetId(), values{"amount": int64(7)})
	require.NoError(t, err)
	_, err = w.update(other, "order", mine.GetId(), values{"amount": int64(7)})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
	_, err = w.update(auditor, "order", big.GetId(), values{"amount": int64(7)})
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	_, err = w.update(owner, "order", mine.GetId(), values{"amount": int64(8)})
	require.NoError(t, err)
	_, err = w.update(owner, "order", mine.GetId(), values{"customer": nil})
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	got, err := w.entries.GetEntry(clerk, &storagev1.GetEntryRequest{Component: "order", Entry: mine.GetId()})
	require.NoError(t, err)
	require.NotNil(t, fieldsOf(t, got)["customer"], "the refused change left nothing behind")

	// Deleting.
	_, err = w.entries.DeleteEntry(auditor, &storagev1.DeleteEntryRequest{Component: "order", Entry: mine.GetId()})
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	_, err = w.entries.DeleteEntry(other, &storagev1.DeleteEntryRequest{Component: "order", Entry: mine.GetId()})
	refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)

	// Batches are held to the same.
	ops := []*storagev1.WriteOperation{
		upsert(t, values{"number": "A-1", "amount": int64(9)}),
		upsert(t, values{"number": "A-2", "amount": int64(9)}),
		upsert(t, values{"number": "B-1", "amount": int64(9)}),
		upsert(t, values{"number": "B-2", "amount": int64(900)}),
	}
	per, err := w.entries.BatchWriteEntries(clerk, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops, PerRow: true})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 1, 2}, []int64{per.GetCreated(), per.GetUpdated(), per.GetFailed()})
	require.Equal(t, "ENTRY_EXISTS", per.GetResults()[1].GetError().GetReason())
	require.Equal(t, "PERMISSION_DENIED", per.GetResults()[3].GetError().GetReason())
	_, err = w.entries.DeleteEntry(clerk, &storagev1.DeleteEntryRequest{Component: "order", Entry: mine.GetId()})
	require.NoError(t, err)
}

func TestHiddenEntriesAreNoTargets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(ruled()...)
	admin, clerk := w.admin(), w.holder("c1", "clerk")
	koeln := w.create(admin, "customer", values{"title": "Ada", "city": "Köln"})
	rome := w.create(admin, "customer", values{"title": "Bo", "city": "Rome"})
	seen := w.create(clerk, "order", values{"number": "A-1", "amount": int64(1), "customer": koeln.GetId()})
	for _, target := range []string{rome.GetId(), "missing"} {
		_, err := w.entries.CreateEntry(clerk, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-2", "amount": int64(1), "customer": target})})
		refused(t, err, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, "fields.customer")
		_, err = w.update(clerk, "order", seen.GetId(), values{"watchers": []any{target}})
		refused(t, err, faultv1.Reason_REASON_REFERENCE_NOT_FOUND, "fields.watchers")
	}
	// A filter does not look through a reference at what is hidden.
	_, err := w.update(admin, "order", seen.GetId(), values{"customer": rome.GetId()})
	require.NoError(t, err)
	for filter, want := range map[string]int{`customer.city == "Rome"`: 0, `customer.city == null`: 1, `customer != null`: 1} {
		require.Len(t, w.ids(clerk, &storagev1.ListEntriesRequest{Component: "order", Filter: filter}), want, filter)
	}
	require.Len(t, w.ids(admin, &storagev1.ListEntriesRequest{Component: "order", Filter: `customer.city == "Rome"`}), 1)
	// Changing another field does not ask again for the hidden target.
	_, err = w.update(clerk, "order", seen.GetId(), values{"amount": int64(2), "customer": rome.GetId()})
	require.NoError(t, err)
}

func TestGrantsAreAskedForEachRow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	created := w.create(w.admin(), "customer", values{"title": "Ada"})
	editor := w.as(principal.Principal{Roles: []string{"editor"}, Grants: []principal.Grant{
		{Permission: "entries.read", Component: "customer"}, {Permission: "entries.update", Component: "customer"}, {Permission: "entries.write", Component: "customer"},
	}})
	per, err := w.entries.BatchWriteEntries(editor, &storagev1.BatchWriteEntriesRequest{Component: "customer", PerRow: true, Operations: []*storagev1.WriteOperation{
		upsert(t, values{"title": "Ada", "city": "Oslo"}), upsert(t, values{"title": "New"}),
		{Action: storagev1.WriteAction_WRITE_ACTION_CREATE, Entry: entry(t, values{"title": "New"})},
		{Action: storagev1.WriteAction_WRITE_ACTION_DELETE, Entry: &storagev1.Entry{Id: created.GetId()}},
	}})
	require.NoError(t, err)
	require.Equal(t, []int64{1, 3}, []int64{per.GetUpdated(), per.GetFailed()})
	_, err = w.entries.CreateEntry(editor, &storagev1.CreateEntryRequest{Component: "order", Entry: entry(t, values{"number": "A-1"})})
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
}

func TestNothingPublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.entries.ListEntries(w.admin(), &storagev1.ListEntriesRequest{Component: "order"})
	refused(t, err, faultv1.Reason_REASON_NOTHING_PUBLISHED)
	w.publish(order()...)
	_, err = w.entries.ListEntries(w.admin(), &storagev1.ListEntriesRequest{Component: "nope"})
	refused(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)
}

func TestRulesThatTheDatabaseCannotEvaluateBlockThePublication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cs := order()
	cs[1].Settings.Access = []*libraryv1.AccessRule{access("a", `entry.number.matches("A.*")`, opRead), access("b", `entry.paid`, opRead)}
	cs[1].Settings.Triggers = []*libraryv1.Trigger{{Id: "t1", Operation: opCreate, Workflow: "x", Condition: `entry.secret == "x"`}}
	conflicts := w.plan(cs...).GetConflicts()
	require.Len(t, conflicts, 2)
	require.Contains(t, conflicts[0].GetMessage(), "access rule 1 for a")
	require.Contains(t, conflicts[1].GetMessage(), "trigger t1")
	w.publish(cs...)
	_, err := w.entries.ListEntries(w.holder("x", "a"), &storagev1.ListEntriesRequest{Component: "order"})
	require.Empty(t, refused(t, err, faultv1.Reason_REASON_EXPRESSION_NOT_TRANSLATABLE).Violations)
	_, err = w.entries.ListEntries(w.holder("x", "b"), &storagev1.ListEntriesRequest{Component: "order"})
	require.NoError(t, err)
}
