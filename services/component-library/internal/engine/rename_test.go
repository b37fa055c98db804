package engine_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/pkg/fault"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/component-library/internal/engine"
	"github.com/aqtra/aqtra/services/component-library/internal/store"
)

func mayAll(string, string) bool { return true }

// renameHouse has customers, and invoices that refer to them in a rule, a trigger and pages.
func renameHouse(t *testing.T) (h *house, customer, invoice *libraryv1.Component) {
	h = newHouse(t)
	customer = h.create("customer", "name_text", "city")
	type obj = map[string]any
	invoice, err := h.CreateComponent(t.Context(), alice, &libraryv1.Component{
		Id: "invoice",
		Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{
			{Name: "customer", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG, Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "customer"}}},
			{Name: "note", Type: libraryv1.FieldType_FIELD_TYPE_STRING},
		}},
		Pages: []*libraryv1.Page{{Id: "main", Document: document(t, obj{"root": "r", "nodes": obj{
			"r": obj{"type": "panel", "slots": obj{"children": []any{"a", "b"}}},
			"a": obj{"type": "text-field", "props": obj{"field": "customer.name_text"}},
			"b": obj{"type": "button", "props": obj{
				"visible": obj{"$expr": "'ä name_text' != entry.customer.name_text"},
				"action":  obj{"dataflow": "save", "input": obj{"name_text": obj{"$expr": "entry.customer.name_text"}}},
			}},
		}})}},
		Dataflows: []*libraryv1.Dataflow{{Id: "save"}},
		Workflows: []*libraryv1.Workflow{{Id: "made", Document: document(t, obj{"do": []any{}})}},
		Scripts:   []*libraryv1.Script{{Id: "py", Source: "def main(item):\n    return item['name_text']\n"}},
		Settings: &libraryv1.Settings{
			HomePage: "main",
			Access: []*libraryv1.AccessRule{{
				Role: "clerk", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}, Filter: "has(entry.customer.name_text) && entry.customer.name_text == user.name",
			}},
			Triggers: []*libraryv1.Trigger{{Id: "on", Operation: libraryv1.Operation_OPERATION_CREATE, Workflow: "made", Condition: "entry.note != ''"}},
		},
	})
	require.NoError(t, err)
	return h, customer, invoice
}

func renameField(c *libraryv1.Component, field int, name string) *libraryv1.RenameRequest {
	return &libraryv1.RenameRequest{
		Component: c.GetId(), Kind: libraryv1.RenameKind_RENAME_KIND_FIELD, Target: c.GetModel().GetFields()[field].GetId(), Name: name, Etag: c.GetEtag(),
	}
}

func TestRename(t *testing.T) {
	t.Parallel()
	h, customer, invoice := renameHouse(t)
	req := renameField(customer, 0, "title_text")
	req.ValidateOnly = true
	told, err := h.Rename(t.Context(), alice, mayAll, req)
	require.NoError(t, err)
	same, err := h.GetComponent(t.Context(), alice.Tenant, "invoice", 0)
	require.NoError(t, err)
	require.Equal(t, invoice.GetEtag(), same.GetEtag())

	req.ValidateOnly = false
	done, err := h.Rename(t.Context(), alice, mayAll, req)
	require.NoError(t, err)
	require.Equal(t, len(told.GetChanges()), len(done.GetChanges()))
	got := map[string]string{}
	for _, c := range done.GetChanges() {
		got[c.GetComponent()+" "+c.GetPath()] = c.GetAfter()
	}
	require.Equal(t, map[string]string{
		"customer model/fields/name_text":                         "title_text",
		"invoice pages/main/nodes/a/props/field":                  "customer.title_text",
		"invoice pages/main/nodes/b/props/visible":                "'ä name_text' != entry.customer.title_text",
		"invoice pages/main/nodes/b/props/action/input/name_text": "entry.customer.title_text",
		"invoice settings/access/0/filter":                        "has(entry.customer.title_text) && entry.customer.title_text == user.name",
	}, got)
	var mentions []string
	for _, m := range done.GetMentions() {
		mentions = append(mentions, m.GetPath()+": "+m.GetText())
	}
	require.Equal(t, []string{
		"pages/main/nodes/b/props/action/input/name_text: name_text",
		"pages/main/nodes/b/props/visible: 'ä name_text' != entry.customer.name_text",
		"scripts/py/source: return item['name_text']",
	}, mentions)
	for _, c := range done.GetComponents() {
		now, err := h.GetComponent(t.Context(), alice.Tenant, c.GetComponent(), 0)
		require.NoError(t, err)
		require.Equal(t, []any{int64(2), c.GetEtag()}, []any{c.GetRevision(), now.GetEtag()})
		history, err := h.ListRevisions(t.Context(), alice.Tenant, c.GetComponent(), 99, 1)
		require.NoError(t, err)
		require.Equal(t, "field name_text renamed to title_text", history[0].GetSummary())
	}
	require.Len(t, done.GetComponents(), 2)
	uses, err := h.ListReferences(t.Context(), alice.Tenant, "customer", req.GetTarget())
	require.NoError(t, err)
	require.Len(t, uses, 4, "a place that names the field twice is one user")
	_, err = h.Rename(t.Context(), alice, mayAll, req)
	requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)

	page := &libraryv1.RenameRequest{Component: "invoice", Kind: libraryv1.RenameKind_RENAME_KIND_PAGE, Target: "main", Name: "all"}
	page.Etag = done.GetComponents()[1].GetEtag()
	_, err = h.Rename(t.Context(), alice, mayAll, page)
	require.NoError(t, err)
	now, err := h.GetComponent(t.Context(), alice.Tenant, "invoice", 0)
	require.NoError(t, err)
	require.Equal(t, []string{"all", "all"}, []string{now.GetPages()[0].GetId(), now.GetSettings().GetHomePage()})
}

func TestRenameIsRefused(t *testing.T) {
	t.Parallel()
	h, customer, invoice := renameHouse(t)
	definition, busy := faultv1.Reason_REASON_DEFINITION_INVALID, faultv1.Reason_REASON_INVALID_FIELDS
	for _, tt := range []struct {
		name, field string
		reason      faultv1.Reason
	}{
		{"city", "name", busy}, {"name_text", "name", busy}, {"9x", "name", busy}, {"", "name", busy}, {"a b", "name", busy},
		{string(slices.Repeat([]byte("a"), 61)), "name", busy},
		{"name", "customer/model/fields/name/name", definition}, {"etag", "customer/model/fields/etag/name", definition},
		{"in", "customer/model/fields/in/name", definition},
	} {
		_, err := h.Rename(t.Context(), alice, mayAll, renameField(customer, 0, tt.name))
		requireReason(t, err, tt.reason)
		f, _ := fault.As(err)
		require.True(t, slices.ContainsFunc(f.Violations, func(v fault.Violation) bool { return v.Field == tt.field }), "%s: %v", tt.name, f.Violations)
	}

	var asked []string
	_, err := h.Rename(t.Context(), alice, func(p, c string) bool { asked = append(asked, p); return c == "customer" }, renameField(customer, 0, "x"))
	requireReason(t, err, faultv1.Reason_REASON_PERMISSION_DENIED)
	require.ErrorContains(t, err, "invoice")
	require.Contains(t, asked, "components.write")

	missing := renameField(customer, 0, "x")
	missing.Target = "nosuchfiel"
	_, err = h.Rename(t.Context(), alice, mayAll, missing)
	requireReason(t, err, faultv1.Reason_REASON_PART_NOT_FOUND)
	missing.Target, missing.Etag = customer.GetModel().GetFields()[0].GetId(), ""
	_, err = h.Rename(t.Context(), alice, mayAll, missing)
	requireReason(t, err, busy)

	// An error beside a mention hides what the name means there.
	broken := invoice.GetSettings()
	broken.Access[0].Filter = "entry.customer.name_text == 1"
	invoice, err = h.UpdateComponent(t.Context(), alice, invoice, []string{"settings"})
	require.NoError(t, err)
	_, err = h.Rename(t.Context(), alice, mayAll, renameField(customer, 0, "x"))
	requireReason(t, err, definition)
	f, _ := fault.As(err)
	require.Equal(t, "invoice/settings/access/0/filter", f.Violations[0].Field)
	_, err = h.Rename(t.Context(), alice, func(_, c string) bool { return c == "customer" }, renameField(customer, 0, "x"))
	f, _ = fault.As(err)
	require.Equal(t, "invoice", f.Violations[0].Field, "what is wrong there is for those who may see it")
	_, err = h.Rename(t.Context(), alice, mayAll, renameField(customer, 1, "town"))
	require.NoError(t, err, "it is not mentioned there")

	h.owners.set(func(o *ownerServer) { o.err = errors.New("away") })
	invoice.Dataflows[0].Title = "Another"
	_, err = h.UpdateComponent(t.Context(), alice, invoice, []string{"dataflows"})
	require.NoError(t, err)
	customer, err = h.GetComponent(t.Context(), alice.Tenant, "customer", 0)
	require.NoError(t, err)
	_, err = h.Rename(t.Context(), alice, mayAll, renameField(customer, 0, "x"))
	requireReason(t, err, faultv1.Reason_REASON_SERVICE_UNAVAILABLE)
	now, err := h.GetComponent(t.Context(), alice.Tenant, "customer", 0)
	require.NoError(t, err)
	require.Equal(t, customer.GetEtag(), now.GetEtag())
}

// intruder saves something while a rename is about to.
type intruder struct {
	*store.Store
	act func()
}

func (i intruder) SaveAll(ctx context.Context, tenant string, newest []engine.Key, saves []engine.BasedSave) error {
	i.act()
	return i.Store.SaveAll(ctx, tenant, newest, saves)
}

func TestRenameMeetsASave(t *testing.T) {
	t.Parallel()
	h, customer, invoice := renameHouse(t)
	for name, act := range map[string]func(){
		"of a user": func() {
			invoice.DisplayName += "x"
			var err error
			invoice, err = h.UpdateComponent(t.Context(), alice, invoice, []string{"display_name"})
			require.NoError(t, err)
		},
		"of a new component": func() { h.create("another", "x") },
	} {
		e := h.engine(h.store)
		e.Components = intruder{h.store, act}
		_, err := e.Rename(t.Context(), alice, mayAll, renameField(customer, 0, "x"))
		requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)
		now, err := h.GetComponent(t.Context(), alice.Tenant, "customer", 0)
		require.NoError(t, err)
		require.Equal(t, customer.GetEtag(), now.GetEtag(), "nothing changed: %s", name)
	}
}
