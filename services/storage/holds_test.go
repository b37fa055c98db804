package storage_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// inRun is a context in which a run acts for a user.
func (w *world) inRun(grants ...principal.Grant) context.Context {
	return w.as(principal.Principal{Kind: principal.KindRun, Grants: append(grants, principal.Grant{Permission: "entries.*"})})
}

// TestHold: what a run keeps only runs change, in every way in which entries are changed, until it is given back.
func TestHold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	admin, clerk, run := w.admin(), w.holder("u2"), w.inRun()
	id := w.create(admin, "order", values{"number": "A-1", "amount": int64(1)}).GetId()
	free := w.create(admin, "order", values{"number": "A-2", "amount": int64(1)}).GetId()
	hold := &storagev1.HoldEntryRequest{Component: "order", Entry: id, Run: "r1", RunComponent: "order", Workflow: "approval"}

	_, err := w.holds.HoldEntry(admin, hold)
	refused(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	got, err := w.holds.GetHold(clerk, &storagev1.GetHoldRequest{Component: "order", Entry: id})
	require.NoError(t, err)
	require.Empty(t, got.GetRun())
	for range 2 { // again changes nothing
		got, err = w.holds.HoldEntry(run, hold)
		require.NoError(t, err)
		require.Equal(t, "r1", got.GetRun())
	}
	_, err = w.holds.HoldEntry(run, &storagev1.HoldEntryRequest{Component: "order", Entry: id, Run: "r2", RunComponent: "order", Workflow: "other"})
	refused(t, err, faultv1.Reason_REASON_ENTRY_HELD)
	got, err = w.holds.GetHold(clerk, &storagev1.GetHoldRequest{Component: "order", Entry: id})
	require.NoError(t, err)
	require.Equal(t, []string{"r1", "order", "approval"}, []string{got.GetRun(), got.GetComponent(), got.GetWorkflow()})

	write := func(ctx context.Context, r *storagev1.BatchWriteEntriesRequest) error {
		r.Component = "order"
		_, err := w.entries.BatchWriteEntries(ctx, r)
		return err
	}
	change := entry(t, values{"amount": int64(7)})
	change.Id = id
	upsert := entry(t, values{"number": "A-1", "amount": int64(7)})
	ways := map[string]func(context.Context) error{
		"update": func(ctx context.Context) error {
			_, err := w.update(ctx, "order", id, values{"amount": int64(7)})
			return err
		},
		"batch": func(ctx context.Context) error {
			return write(ctx, &storagev1.BatchWriteEntriesRequest{Operations: []*storagev1.WriteOperation{{Action: storagev1.WriteAction_WRITE_ACTION_UPDATE, Entry: change}}})
		},
		"upsert": func(ctx context.Context) error {
			return write(ctx, &storagev1.BatchWriteEntriesRequest{Operations: []*storagev1.WriteOperation{{Action: storagev1.WriteAction_WRITE_ACTION_UPSERT, Entry: upsert}}})
		},
		"delete": func(ctx context.Context) error {
			_, err := w.entries.DeleteEntry(ctx, &storagev1.DeleteEntryRequest{Component: "order", Entry: id})
			return err
		},
		"chunk": func(ctx context.Context) error {
			_, err := w.bulk.WriteChunk(ctx, chunk(t, "order", "j", 0, "number amount", []any{"A-1", int64(7)}, []any{"A-2", int64(7)}))
			return err
		},
	}
	for name, do := range ways {
		f := refused(t, do(admin), faultv1.Reason_REASON_ENTRY_HELD)
		require.NotEmpty(t, f.Message, name)
	}
	r, err := w.entries.BatchWriteEntries(admin, &storagev1.BatchWriteEntriesRequest{Component: "order", PerRow: true, Operations: []*storagev1.WriteOperation{
		{Action: storagev1.WriteAction_WRITE_ACTION_UPDATE, Entry: change}, {Action: storagev1.WriteAction_WRITE_ACTION_CREATE, Entry: entry(t, values{"number": "A-3"})},
	}})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.GetCreated(), "the others are stored")
	_, err = w.update(admin, "order", free, values{"amount": int64(2)})
	require.NoError(t, err, "nothing keeps this one")
	_, err = w.bulk.WriteChunk(admin, chunk(t, "order", "j", 1, "number amount", []any{"A-2", int64(9)}))
	require.NoError(t, err, "nor in bulk")
	_, err = w.update(run, "order", id, values{"amount": int64(3)})
	require.NoError(t, err, "a run may")

	release := func(ctx context.Context, run string) error {
		_, err := w.holds.ReleaseEntry(ctx, &storagev1.ReleaseEntryRequest{Component: "order", Entry: id, Run: run})
		return err
	}
	refused(t, release(clerk, ""), faultv1.Reason_REASON_PERMISSION_DENIED)
	require.NoError(t, release(run, "r2"), "it is another's, and stays")
	refused(t, ways["update"](admin), faultv1.Reason_REASON_ENTRY_HELD)
	require.NoError(t, release(run, "r1"))
	require.NoError(t, ways["update"](admin))
	_, err = w.holds.HoldEntry(run, hold)
	require.NoError(t, err)
	require.NoError(t, release(admin, ""), "who may manage runs takes it back")
	require.NoError(t, release(admin, ""), "also if nothing keeps it")
	require.NoError(t, ways["delete"](admin))

	for name, entry := range map[string]string{"deleted": id, "missing": "01a20cee-6e3f-723d-aadc-acc4ad06aded", "no id": "%"} {
		_, err = w.holds.GetHold(admin, &storagev1.GetHoldRequest{Component: "order", Entry: entry})
		f := refused(t, err, faultv1.Reason_REASON_ENTRY_NOT_FOUND)
		require.NotEmpty(t, f.Message, name)
	}
	_, err = w.holds.HoldEntry(run, &storagev1.HoldEntryRequest{Component: "order", Entry: free, Run: "r1"})
	refused(t, err, faultv1.Reason_REASON_INVALID_FIELDS)
}
