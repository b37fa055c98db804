package storage_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/value"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

func clone(cs []*libraryv1.Component) []*libraryv1.Component {
	out := make([]*libraryv1.Component, len(cs))
	for i, c := range cs {
		out[i] = proto.CloneOf(c)
	}
	return out
}

func edit(cs []*libraryv1.Component, component, field string, change func(*libraryv1.Field)) []*libraryv1.Component {
	for _, c := range cs {
		for _, f := range c.GetModel().GetFields() {
			if c.GetId() == component && f.GetName() == field {
				change(f)
			}
		}
	}
	return cs
}

func without(cs []*libraryv1.Component, component, field string) []*libraryv1.Component {
	for _, c := range cs {
		if c.GetId() != component {
			continue
		}
		var kept []*libraryv1.Field
		for _, f := range c.GetModel().GetFields() {
			if f.GetName() != field {
				kept = append(kept, f)
			}
		}
		c.Model.Fields = kept
	}
	return cs
}

func with(cs []*libraryv1.Component, component string, f *libraryv1.Field) []*libraryv1.Component {
	for _, c := range cs {
		if c.GetId() == component {
			c.Model.Fields = append(c.Model.Fields, f)
		}
	}
	return cs
}

// phases splits the statements of a plan.
func phases(plan *storagev1.PlanSchemaResponse) (expand, contract []string) {
	for _, c := range plan.GetChanges() {
		if c.GetPhase() == libraryv1.SchemaPhase_SCHEMA_PHASE_EXPAND {
			expand = append(expand, c.GetStatement())
		} else {
			contract = append(contract, c.GetStatement())
		}
	}
	return expand, contract
}

func TestExpandIsIdempotent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	expand, _ := phases(w.plan(order()...))
	require.NotEmpty(t, expand)
	w.publish(order()...)
	require.Empty(t, w.plan(order()...).GetChanges())
	require.NoError(t, w.expand(w.tenant, order()...))
	w.provision(w.tenant)
	w.create(w.admin(), "customer", values{"title": "Ada"})
	// A rename is no change of the tables, and a later removal is told by the new name.
	w.create(w.admin(), "customer", values{"title": "Bo", "city": "Rome"})
	renamed := edit(order(), "customer", "city", func(f *libraryv1.Field) { f.Name = "town" })
	plan := w.plan(renamed...)
	require.Empty(t, plan.GetChanges())
	require.Empty(t, plan.GetLosses())
	w.publish(renamed...)
	without := slices.Clone(renamed)
	for i, c := range without {
		if c.GetId() == "customer" {
			without[i] = proto.CloneOf(c)
			fields := without[i].Model.Fields
			without[i].Model.Fields = slices.DeleteFunc(fields, func(f *libraryv1.Field) bool { return f.GetName() == "town" })
		}
	}
	losses := w.plan(without...).GetLosses()
	require.Len(t, losses, 1)
	require.Equal(t, "customer.town", losses[0].GetName())
}

func TestExpandTakesUpWhatWasCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	total := len(w.plan(order()...).GetChanges())
	// Stop after some of the statements, as a process that is killed would.
	partial := 0
	for stop := 1; stop < total; stop += 3 {
		ctx, cancel := context.WithCancel(t.Context())
		stream, err := w.schema.ExpandSchema(ctx, &storagev1.ExpandSchemaRequest{Tenant: w.tenant, Release: "next", Components: order()})
		require.NoError(t, err)
		for range stop {
			if _, err = stream.Recv(); err != nil {
				break
			}
		}
		cancel()
		for err == nil {
			_, err = stream.Recv()
		}
		if left := len(w.plan(order()...).GetChanges()); left > 0 && left < total {
			partial++
		}
	}
	require.Positive(t, partial, "at least one stop must have left something half done")
	w.publish(order()...)
	require.Empty(t, w.plan(order()...).GetChanges())
}

func TestUnfinishedIndexIsBuiltAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	w.create(ctx, "customer", values{"title": "Ada", "city": "Rome"})
	w.create(ctx, "customer", values{"title": "Bo", "city": "Rome"})
	conn, err := pgx.Connect(t.Context(), w.cfg.Database.OwnerURL)
	require.NoError(t, err)
	defer conn.Close(t.Context())
	// A unique build over equal values fails and leaves an invalid index, as a kill does.
	_, err = conn.Exec(t.Context(), fmt.Sprintf("CREATE UNIQUE INDEX CONCURRENTLY ix_u_customer_id_city ON t_%s.c_u_customer (f_id_city)", w.tenant))
	require.Error(t, err)
	next := edit(order(), "customer", "city", queried)
	expand, _ := phases(w.plan(next...))
	require.Len(t, expand, 2)
	require.Contains(t, expand[0], "DROP INDEX CONCURRENTLY")
	require.Contains(t, expand[1], "CREATE INDEX CONCURRENTLY")
	require.NoError(t, w.expand(w.tenant, next...))
	require.Empty(t, w.plan(next...).GetChanges())
}

func TestChangesOverExistingEntries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	ada := w.create(ctx, "customer", values{"title": "Ada", "city": "Rome"})
	w.create(ctx, "customer", values{"title": "Bo", "city": "Rome"})
	first := w.create(ctx, "order", values{"number": "A-1", "amount": int64(7), "exact": "1.50", "sent": "2026-01-02T03:04:05Z", "customer": ada.GetId(), "paid": true})

	for name, c := range map[string]struct {
		next  []*libraryv1.Component
		field string
		rows  int64
	}{
		"new required field":    {with(order(), "customer", field("mail", typString, required)), "mail", 2},
		"old field required":    {edit(order(), "order", "total", required), "total", 1},
		"equal values in a key": {edit(edit(order(), "customer", "title", func(f *libraryv1.Field) { f.PrimaryKey = false }), "customer", "city", key), "city", 2},
		"text cannot be a date": {edit(order(), "customer", "city", func(f *libraryv1.Field) { f.Type = typDate }), "city", 2},
		"plain to encrypted":    {edit(order(), "customer", "city", sensitive), "city", 2},
		"text is not an entry":  {edit(order(), "customer", "city", func(f *libraryv1.Field) { f.Type = typCatalog; refers("customer")(f) }), "city", 2},
		"entry of another kind": {edit(order(), "order", "customer", refers("order")), "customer", 1},
	} {
		t.Run(name, func(t *testing.T) {
			plan := w.plan(c.next...)
			require.Len(t, plan.GetConflicts(), 1, "%v", plan.GetConflicts())
			k := plan.GetConflicts()[0]
			require.Equal(t, c.field, k.GetField())
			require.Equal(t, c.rows, k.GetRows())
			require.Len(t, k.GetEntries(), int(c.rows))
			refused(t, w.expand(w.tenant, c.next...), faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED)
		})
	}

	// What converts is converted, while the release before goes on working.
	next := edit(order(), "order", "amount", func(f *libraryv1.Field) { f.Type, f.Rules = typNumber, nil })
	next = edit(next, "order", "exact", func(f *libraryv1.Field) { f.Type = typString })
	next = edit(next, "order", "sent", func(f *libraryv1.Field) { f.Type = typString })
	next = with(next, "order", field("note", typString, queried))
	plan := w.plan(next...)
	require.Empty(t, plan.GetConflicts())
	require.Empty(t, plan.GetLosses())
	require.NoError(t, w.expand(w.tenant, next...))
	got, err := w.entries.GetEntry(ctx, &storagev1.GetEntryRequest{Component: "order", Entry: first.GetId()})
	require.NoError(t, err)
	require.Equal(t, int64(7), fieldsOf(t, got)["amount"])
	w.create(ctx, "order", values{"number": "A-2", "amount": int64(8)})
	w.flip(w.tenant, next...)
	got, err = w.entries.GetEntry(w.admin(), &storagev1.GetEntryRequest{Component: "order", Entry: first.GetId()})
	require.NoError(t, err)
	f := fieldsOf(t, got)
	require.Equal(t, value.NewDecimal(7), f["amount"])
	require.Equal(t, "1.5", f["exact"])
	require.Equal(t, "2026-01-02T03:04:05Z", f["sent"])
}

func TestContractDropsOnlyWhatWasAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	ada := w.create(ctx, "customer", values{"title": "Ada", "city": "Rome"})
	w.create(ctx, "order", values{"number": "A-1", "customer": ada.GetId(), "watchers": []any{ada.GetId()}})

	next := without(without(without(order(), "customer", "city"), "order", "watchers"), "order", "link") // link is empty everywhere
	plan := w.plan(next...)
	losses := map[string]int64{}
	for _, l := range plan.GetLosses() {
		losses[l.GetName()] = l.GetRows()
	}
	require.Equal(t, map[string]int64{"customer.city": 1, "order.watchers": 1}, losses)
	expand, contract := phases(plan)
	require.Empty(t, expand)
	require.NotEmpty(t, contract)
	for _, c := range plan.GetChanges() {
		require.Equal(t, "ACCESS EXCLUSIVE", c.GetLock())
	}
	require.NoError(t, w.expand(w.tenant, next...))
	require.Len(t, w.plan(next...).GetLosses(), 2, "expand removes nothing")
	require.NoError(t, w.contract(nil, next...))
	_, left := phases(w.plan(next...))
	require.NotContains(t, strings.Join(left, "\n"), "f_id_link")
	require.Len(t, w.plan(next...).GetLosses(), 2)
	require.NoError(t, w.contract([]string{"customer.city"}, next...))
	require.Len(t, w.plan(next...).GetLosses(), 1)
	require.NoError(t, w.contract([]string{"customer.city", "order.watchers"}, next...))
	require.Empty(t, w.plan(next...).GetChanges())

	// A whole component, with what refers to it.
	w.flip(w.tenant, next...)
	last := []*libraryv1.Component{component("note", field("text", typString))}
	plan = w.plan(last...)
	names := []string{}
	for _, l := range plan.GetLosses() {
		names = append(names, l.GetName())
	}
	require.ElementsMatch(t, []string{"customer", "order"}, names)
	require.NoError(t, w.expand(w.tenant, last...))
	require.NoError(t, w.contract([]string{"customer", "order"}, last...))
	require.Empty(t, w.plan(last...).GetChanges())
	// The old release has lost its tables, and says so.
	_, err := w.entries.ListEntries(w.admin(), &storagev1.ListEntriesRequest{Component: "order"})
	refused(t, err, faultv1.Reason_REASON_RELEASE_NOT_FOUND)
}

func TestLoosenedRulesHoldAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.publish(order()...)
	ctx := w.admin()
	w.create(ctx, "customer", values{"title": "Ada"})
	w.publish(edit(order(), "customer", "title", func(f *libraryv1.Field) { f.PrimaryKey = false })...)
	w.create(w.admin(), "customer", values{"title": "Ada"})
}

func TestSchemaRefusesWhatCannotBeAnIdentifier(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]*libraryv1.Component{
		"uid":           {Id: "a", Uid: `x"; DROP SCHEMA storage; --`, Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{field("f", typString)}}},
		"field id":      component("a", &libraryv1.Field{Id: `x"`, Name: "f", Type: typString}),
		"field name":    component("a", &libraryv1.Field{Id: "x", Name: "f'", Type: typString}),
		"system name":   component("a", field("create_time", typString)),
		"no type":       component("a", field("f", 0)),
		"key of a list": component("a", field("f", typArray, key, lists("a", false))),
		"no target":     component("a", field("f", typCatalog, refers("b"))),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := w.schema.PlanSchema(t.Context(), &storagev1.PlanSchemaRequest{Tenant: w.tenant, Components: []*libraryv1.Component{proto.CloneOf(c)}})
			refused(t, err, faultv1.Reason_REASON_SCHEMA_CHANGE_REFUSED)
		})
	}
	_, err := w.schema.PlanSchema(t.Context(), &storagev1.PlanSchemaRequest{Tenant: "nobody", Components: clone(order())})
	refused(t, err, faultv1.Reason_REASON_TENANT_NOT_FOUND)
}
