package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/clock"
	"github.com/aqtra/aqtra/pkg/postgres"
	"github.com/aqtra/aqtra/pkg/principal"
	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"

	"github.com/aqtra/aqtra/services/storage/internal/engine"
	"github.com/aqtra/aqtra/services/storage/internal/keys"
	peering "github.com/aqtra/aqtra/services/storage/internal/peers"
	"github.com/aqtra/aqtra/services/storage/internal/query"
	"github.com/aqtra/aqtra/services/storage/internal/store"
)

func TestExpand(t *testing.T) {
	t.Parallel()
	w, ctx := filterWorld(t)
	page, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", OrderBy: "number", Expand: []string{"customer.parent", "watchers"},
		Fields: []string{"number", "customer.parent.title", "customer.city", "watchers.title"}})
	require.NoError(t, err)
	first := page.GetEntries()[0]
	require.Equal(t, values{"number": "A-1"}, fieldsOf(t, first), "what is read only to be followed is not returned")
	ada := first.GetExpanded()["customer"].GetEntries()[0]
	require.Equal(t, values{"city": "Köln"}, fieldsOf(t, ada))
	require.NotEmpty(t, ada.GetEtag())
	require.Equal(t, values{"title": "Bo"}, fieldsOf(t, ada.GetExpanded()["parent"].GetEntries()[0]))
	require.Equal(t, "Ada,Bo", titles(t, first, "watchers"), "in the order of the field")
	require.Empty(t, page.GetEntries()[2].GetExpanded(), "an empty reference expands to nothing")

	whole, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: first.GetId(), Expand: []string{"contact"}})
	require.NoError(t, err)
	require.Equal(t, "Ada", titles(t, whole, "contact"))
	require.Contains(t, fieldsOf(t, whole), "amount")
	ref := fieldsOf(t, whole)["contact"]
	require.Equal(t, value.Ref(whole.GetExpanded()["contact"].GetEntries()[0].GetId()), ref)
	few, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: first.GetId(), Fields: []string{"amount"}})
	require.NoError(t, err)
	require.Equal(t, values{"amount": int64(1)}, fieldsOf(t, few))

	const unknown, large = faultv1.Reason_REASON_UNKNOWN_FIELD, faultv1.Reason_REASON_REQUEST_TOO_LARGE
	for name, c := range map[string]struct {
		expand, fields []string
		reason         faultv1.Reason
		field, says    string
	}{
		"misspelt":       {[]string{"custmer"}, nil, unknown, "expand[0]", "did you mean customer? Allowed: contact, customer, owned, watchers"},
		"no reference":   {[]string{"customer.title"}, nil, unknown, "expand[0]", "Allowed: parent"},
		"injection":      {[]string{"customer", `x"; DROP TABLE y`}, nil, unknown, "expand[1]", "no such field"},
		"too deep":       {[]string{"customer.parent.parent.parent"}, nil, unknown, "expand[0]", "at most 3"},
		"too many":       {slices.Repeat([]string{"customer"}, 6), nil, large, "expand", "at most 5"},
		"mask of no one": {nil, []string{"customer.title"}, unknown, "fields", "not expanded"},
		"unknown mask":   {[]string{"customer"}, []string{"customer.nope"}, unknown, "fields", "no stored field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", Expand: c.expand, Fields: c.fields})
			require.Contains(t, refused(t, err, c.reason, c.field).Violations[0].Description, c.says)
			_, err = w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: first.GetId(), Expand: c.expand, Fields: c.fields})
			refused(t, err, c.reason, c.field)
		})
	}
}

// counting counts the statements that read entries.
type counting struct {
	engine.Store
	statements int
}

func (c *counting) Entries(ctx context.Context, p engine.Place, stmt query.Statement, cols query.Columns, count *query.Statement) ([]engine.Encoded, int64, error) {
	c.statements++
	return c.Store.Entries(ctx, p, stmt, cols, count)
}

// TestExpandIsBounded counts statements, and asks for more than one answer holds.
func TestExpandIsBounded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	var ops []*storagev1.WriteOperation
	for i := range 150 {
		ops = append(ops, upsert(t, values{"title": fmt.Sprintf("c%03d", i)}))
	}
	made, err := w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "customer", Operations: ops})
	require.NoError(t, err)
	var ids []any
	ops = nil
	for i, r := range made.GetResults() {
		ids = append(ids, r.GetId())
		ops = append(ops, upsert(t, values{"number": fmt.Sprintf("A-%d", i), "customer": r.GetId()}))
	}
	_, err = w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops})
	require.NoError(t, err)

	pg, err := postgres.Open(t.Context(), w.cfg.Database, postgres.Options{Schema: store.Schema})
	require.NoError(t, err)
	defer pg.Close()
	ring, err := keys.Load(w.cfg.KeyFile, false)
	require.NoError(t, err)
	for _, rows := range []int32{1, 150} {
		counted := &counting{Store: store.New(pg, ring)}
		e := engine.New(counted, peering.NewReleases(w.peers["component-library"], clock.Real(), 1), nil, clock.Real())
		caller := principal.Principal{Tenant: w.tenant, Subject: "u1", Kind: principal.KindUser, Release: w.release, Roles: []string{"admin"}, Grants: []principal.Grant{{Permission: "*"}}}
		page, err := e.List(principal.With(t.Context(), caller), engine.ListRequest{Component: "order", PageSize: rows, Expand: []string{"customer.parent", "watchers"}})
		require.NoError(t, err)
		require.Len(t, page.Entries, int(rows))
		require.Equal(t, 2, counted.statements, "the page, and one for customers however many; nothing is behind the others")
	}

	long := w.create(ctx, "order", values{"number": "B-1", "watchers": ids})
	one, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: long.GetId(), Expand: []string{"watchers"}})
	require.NoError(t, err)
	require.Len(t, one.GetExpanded()["watchers"].GetEntries(), 100)
	require.Equal(t, ids[99], one.GetExpanded()["watchers"].GetEntries()[99].GetId())

	big := w.create(ctx, "customer", values{"title": "big", "city": strings.Repeat("x", 100_000)})
	ops = nil
	for i := range 100 {
		ops = append(ops, upsert(t, values{"number": fmt.Sprintf("A-%d", i), "customer": big.GetId()}))
	}
	_, err = w.entries.BatchWriteEntries(ctx, &storagev1.BatchWriteEntriesRequest{Component: "order", Operations: ops})
	require.NoError(t, err)
	_, err = w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", PageSize: 1000, Expand: []string{"customer"}})
	refused(t, err, faultv1.Reason_REASON_REQUEST_TOO_LARGE, "expand")
	_, err = w.entries.ListEntries(ctx, &storagev1.ListEntriesRequest{Component: "order", PageSize: 1000, Expand: []string{"customer"}, Fields: []string{"customer.title"}})
	require.NoError(t, err)
}
