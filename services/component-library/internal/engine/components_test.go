package engine_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/aqtra/aqtra/pkg/principal"
	faultv1 "github.com/aqtra/aqtra/proto/gen/aqtra/fault/v1"
	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
)

func TestComponentLife(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	c := h.create("invoice", "number", "total")
	require.Regexp(t, `^[a-z][a-z0-9]{9}$`, c.GetUid())
	require.Regexp(t, `^[a-z][a-z0-9]{9}$`, c.GetModel().GetFields()[0].GetId())
	require.EqualValues(t, 1, c.GetRevision())
	require.Equal(t, "alice", c.GetUpdateSubject())

	_, err := h.CreateComponent(ctx, alice, &libraryv1.Component{Id: "invoice"})
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_EXISTS)

	// Fields that come without ids and with known names are the same fields; a rename keeps the id that is sent.
	edit := proto.CloneOf(c)
	number, total := edit.GetModel().GetFields()[0].GetId(), edit.GetModel().GetFields()[1].GetId()
	edit.Model.Fields[0].Id = ""
	edit.Model.Fields[1].Name = "amount"
	edit.Model.Fields = append(edit.Model.Fields, &libraryv1.Field{Name: "total", Type: libraryv1.FieldType_FIELD_TYPE_NUMBER})
	second, err := h.UpdateComponent(ctx, alice, edit, []string{"model.fields"})
	require.NoError(t, err)
	fields := second.GetModel().GetFields()
	require.Equal(t, number, fields[0].GetId())
	require.Equal(t, total, fields[1].GetId())
	require.NotContains(t, []string{number, total}, fields[2].GetId())
	require.EqualValues(t, 2, second.GetRevision())

	// The same content makes no revision; a stale etag is refused, a missing one is a fault of the request.
	same, err := h.UpdateComponent(ctx, alice, second, nil)
	require.NoError(t, err)
	require.EqualValues(t, 2, same.GetRevision())
	require.Equal(t, second.GetEtag(), same.GetEtag())
	_, err = h.UpdateComponent(ctx, alice, c, []string{"model"})
	requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)
	_, err = h.UpdateComponent(ctx, alice, &libraryv1.Component{Id: "invoice"}, []string{"model"})
	require.Equal(t, "etag", requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS).Violations[0].Field)
	_, err = h.UpdateComponent(ctx, alice, second, []string{"nonsense"})
	require.Equal(t, "update_mask", requireReason(t, err, faultv1.Reason_REASON_INVALID_FIELDS).Violations[0].Field)
	_, err = h.UpdateComponent(ctx, alice, &libraryv1.Component{Id: "nobody", Etag: "x"}, nil)
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)

	third, err := h.SavePart(ctx, alice, &libraryv1.SavePartRequest{Component: "invoice", Etag: second.GetEtag(),
		Part: &libraryv1.SavePartRequest_Page{Page: &libraryv1.Page{Id: "all", Title: "All"}}})
	require.NoError(t, err)
	require.Len(t, third.GetPages(), 1)
	_, err = h.DeletePart(ctx, alice, &libraryv1.DeletePartRequest{Component: "invoice", Etag: third.GetEtag(), Kind: libraryv1.PartKind_PART_KIND_PAGE, Id: "none"})
	requireReason(t, err, faultv1.Reason_REASON_PART_NOT_FOUND)
	fourth, err := h.DeletePart(ctx, alice, &libraryv1.DeletePartRequest{Component: "invoice", Etag: third.GetEtag(), Kind: libraryv1.PartKind_PART_KIND_PAGE, Id: "all"})
	require.NoError(t, err)
	require.Empty(t, fourth.GetPages())

	fifth, err := h.RestoreRevision(ctx, alice, "invoice", 1, fourth.GetEtag())
	require.NoError(t, err)
	require.EqualValues(t, 5, fifth.GetRevision())
	require.True(t, proto.Equal(c.GetModel(), fifth.GetModel()))
	_, err = h.RestoreRevision(ctx, alice, "invoice", 77, fifth.GetEtag())
	requireReason(t, err, faultv1.Reason_REASON_REVISION_NOT_FOUND)

	history, err := h.ListRevisions(ctx, alice.Tenant, "invoice", 6, 10)
	require.NoError(t, err)
	require.Len(t, history, 5)
	require.Equal(t, "restored from revision 1", history[0].GetSummary())
	history = history[1:]
	require.Equal(t, "page all removed", history[0].GetSummary())
	require.Equal(t, "page all added", history[1].GetSummary())
	require.Equal(t, "field amount changed, field total added", history[2].GetSummary())
	require.Equal(t, "created", history[3].GetSummary())
	old, err := h.GetComponent(ctx, alice.Tenant, "invoice", 3)
	require.NoError(t, err)
	require.True(t, proto.Equal(third, old))

	list, err := h.ListComponents(ctx, alice.Tenant, "", 10)
	require.NoError(t, err)
	require.Len(t, list, 1)
	require.Nil(t, list[0].GetModel())
	require.Equal(t, fifth.GetEtag(), list[0].GetEtag())

	// Another tenant sees nothing of it, and may have one of its own.
	_, err = h.GetComponent(ctx, "t2", "invoice", 0)
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)
	_, err = h.ListRevisions(ctx, "t2", "invoice", 5, 10)
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)

	err = h.DeleteComponent(ctx, alice, "invoice", "stale")
	requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)
	require.NoError(t, h.DeleteComponent(ctx, alice, "invoice", fifth.GetEtag()))
	_, err = h.GetComponent(ctx, alice.Tenant, "invoice", 0)
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_NOT_FOUND)
	again := h.create("invoice", "number")
	require.NotEqual(t, c.GetUid(), again.GetUid())
}

func TestLostUpdatesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.create("invoice", "number")
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		wg.Go(func() {
			v := proto.CloneOf(c)
			v.Description = fmt.Sprintf("version %d", i)
			_, errs[i] = h.UpdateComponent(t.Context(), alice, v, []string{"description"})
		})
	}
	wg.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		requireReason(t, err, faultv1.Reason_REASON_ETAG_MISMATCH)
	}
	require.Equal(t, 1, won)
	got, err := h.GetComponent(t.Context(), alice.Tenant, "invoice", 0)
	require.NoError(t, err)
	require.EqualValues(t, 2, got.GetRevision())
}

func TestSettingsAreMergedByPath(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.create("invoice", "number")
	c.Settings = &libraryv1.Settings{HomePage: "all", Hidden: true}
	c, err := h.UpdateComponent(t.Context(), alice, c, []string{"settings"})
	require.NoError(t, err)
	c.Settings = &libraryv1.Settings{Hidden: false}
	c, err = h.UpdateComponent(t.Context(), alice, c, []string{"settings.hidden", "etag"})
	require.NoError(t, err)
	require.Equal(t, "all", c.GetSettings().GetHomePage())
	require.False(t, c.GetSettings().GetHidden())
}

func TestReferences(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	customer := h.create("customer", "name_text")
	invoice, err := h.CreateComponent(t.Context(), alice, &libraryv1.Component{
		Id: "invoice",
		Model: &libraryv1.ObjectModel{Fields: []*libraryv1.Field{{
			Name: "customer", Type: libraryv1.FieldType_FIELD_TYPE_CATALOG,
			Rules: &libraryv1.Field_Catalog{Catalog: &libraryv1.CatalogRules{Component: "customer"}},
		}}},
		Settings: &libraryv1.Settings{Access: []*libraryv1.AccessRule{{
			Role: "clerk", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}, Filter: `entry.customer.name_text == user.name`,
		}}},
	})
	require.NoError(t, err)
	refs, err := h.ListReferences(t.Context(), alice.Tenant, "customer", "")
	require.NoError(t, err)
	var paths []string
	for _, r := range refs {
		paths = append(paths, r.GetComponent()+":"+r.GetPath()+":"+r.GetKind())
	}
	require.Equal(t, []string{"invoice:model/fields/customer/catalog/component:component", "invoice:settings/access/0/filter:field"}, paths)
	refs, err = h.ListReferences(t.Context(), alice.Tenant, "customer", customer.GetModel().GetFields()[0].GetId())
	require.NoError(t, err)
	require.Len(t, refs, 1)

	// The name moves to another field: so does the reference, though invoice was not saved.
	customer.Model.Fields[0].Name = "old_name"
	customer.Model.Fields = append(customer.Model.Fields, &libraryv1.Field{Id: "newfield00", Name: "name_text", Type: libraryv1.FieldType_FIELD_TYPE_STRING})
	_, err = h.UpdateComponent(t.Context(), alice, customer, []string{"model"})
	require.NoError(t, err)
	refs, err = h.ListReferences(t.Context(), alice.Tenant, "customer", "newfield00")
	require.NoError(t, err)
	require.Len(t, refs, 1)
	refs, err = h.ListReferences(t.Context(), alice.Tenant, "customer", customer.GetModel().GetFields()[0].GetId())
	require.NoError(t, err)
	require.Empty(t, refs)

	err = h.DeleteComponent(t.Context(), alice, "customer", "")
	requireReason(t, err, faultv1.Reason_REASON_COMPONENT_IN_USE)
	require.NoError(t, h.DeleteComponent(t.Context(), alice, "invoice", invoice.GetEtag()))
	require.NoError(t, h.DeleteComponent(t.Context(), alice, "customer", ""))
}

func TestPublishedIsWhatTheCallerMaySee(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.start(h.Engine)
	doc := document(t, map[string]any{"root": "r", "nodes": map[string]any{"r": map[string]any{"type": "panel"}}})
	modal := document(t, map[string]any{"root": "r", "nodes": map[string]any{"r": map[string]any{"type": "modal"}}})
	field := []*libraryv1.Field{{Name: "x", Type: libraryv1.FieldType_FIELD_TYPE_STRING}}
	for _, c := range []*libraryv1.Component{
		{Id: "cars", Model: &libraryv1.ObjectModel{Fields: field}, Pages: []*libraryv1.Page{
			{Id: "all", Title: "All", Document: doc}, {Id: "secret", Roles: []string{"boss"}, Document: doc},
		}, Settings: &libraryv1.Settings{HomePage: "secret"}},
		{Id: "guarded", Model: &libraryv1.ObjectModel{Fields: field}, Settings: &libraryv1.Settings{Access: []*libraryv1.AccessRule{
			{Role: "boss", Operations: []libraryv1.Operation{libraryv1.Operation_OPERATION_READ}},
		}}},
		{Id: "board", Pages: []*libraryv1.Page{{Id: "ask", Document: modal}, {Id: "main", Document: doc}}},
		{Id: "asked", Pages: []*libraryv1.Page{{Id: "ask", Document: modal}}},
	} {
		_, err := h.CreateComponent(t.Context(), alice, c)
		require.NoError(t, err)
	}
	release := h.publish(everything()).GetRelease()
	who := func(roles []string, grants ...principal.Grant) principal.Principal {
		return principal.Principal{Tenant: "t1", Subject: "u", Kind: principal.KindUser, Roles: roles, Grants: grants, Release: release}
	}
	all := principal.Grant{Permission: "entries.read"}
	for name, tc := range map[string]struct {
		p    principal.Principal
		want map[string][]string
		home string
	}{
		"admin":     {who([]string{"admin"}), map[string][]string{"cars": {"all", "secret"}, "guarded": nil, "board": {"ask", "main"}, "asked": {"ask"}}, "secret"},
		"boss":      {who([]string{"boss"}, all), map[string][]string{"cars": {"all", "secret"}, "guarded": nil, "board": {"ask", "main"}, "asked": {"ask"}}, "secret"},
		"clerk":     {who([]string{"clerk"}, all), map[string][]string{"cars": {"all"}, "board": {"ask", "main"}, "asked": {"ask"}}, "all"},
		"only cars": {who([]string{"x"}, principal.Grant{Permission: "entries.*", Component: "cars"}), map[string][]string{"cars": {"all"}, "board": {"ask", "main"}, "asked": {"ask"}}, "all"},
		"member":    {who([]string{"member"}), map[string][]string{"board": {"ask", "main"}, "asked": {"ask"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := h.ListPublished(t.Context(), tc.p)
			require.NoError(t, err)
			got := map[string][]string{}
			for _, c := range list {
				got[c.GetId()] = nil
				for _, p := range c.GetPages() {
					got[c.GetId()] = append(got[c.GetId()], p.GetId())
					want := libraryv1.PageKind_PAGE_KIND_PAGE
					if p.GetId() == "ask" {
						want = libraryv1.PageKind_PAGE_KIND_MODAL
					}
					require.Equal(t, want, p.GetKind())
				}
				if home, ok := map[string]string{"board": "main", "asked": ""}[c.GetId()]; ok {
					require.Equal(t, home, c.GetHomePage(), "modals are no home")
				}
				if c.GetId() == "cars" {
					require.Equal(t, tc.home, c.GetHomePage())
				}
			}
			require.Equal(t, tc.want, got)
			for _, page := range []string{"all", "secret", "missing"} {
				_, err := h.PublishedPage(t.Context(), tc.p, "cars", page)
				if may := tc.want["cars"]; len(may) > 0 && (page == "all" || page == "secret" && len(may) == 2) {
					require.NoError(t, err)
					continue
				}
				requireReason(t, err, faultv1.Reason_REASON_PAGE_NOT_FOUND)
			}
		})
	}
	nobody := who([]string{"admin"})
	nobody.Release = ""
	_, err := h.PublishedPage(t.Context(), nobody, "cars", "all")
	requireReason(t, err, faultv1.Reason_REASON_NOTHING_PUBLISHED)
	list, err := h.ListPublished(t.Context(), nobody)
	require.NoError(t, err)
	require.Empty(t, list)
}
