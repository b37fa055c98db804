package e2e_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"
)

// field finds a field of a model by its name.
func field(t *testing.T, model any, name string) object {
	t.Helper()
	for _, f := range items(t, model, "fields") {
		if at(t, f, "name") == name {
			return f.(object)
		}
	}
	require.Fail(t, "no such field", name)
	return nil
}

// change saves a new model of the component note and returns the revision.
func change(t *testing.T, u *user, edit func(model object)) object {
	t.Helper()
	c := u.get(t, "/v1/components/note")
	model := clone(t, c["model"])
	edit(model)
	return u.call(t, "PATCH", "/v1/components/note?updateMask=model", object{"model": model, "etag": c["etag"]}).ok()
}

// TestModelChanges renames, adds and removes fields of a component with data, and goes back to an earlier release.
func TestModelChanges(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		f := func(name string) object {
			return object{"name": name, "title": name, "type": "FIELD_TYPE_STRING", "query": true}
		}
		u.buildComponent(t, object{"id": "note", "displayName": "Note", "model": object{"fields": list{f("title_of"), f("body"), f("extra")}}})
		first := u.publish(t, "note")
		id := text(t, u.create(t, "note", object{"title_of": "a", "body": "b", "extra": "c"}), "id")
		entry := func() any { return u.get(t, entriesPath("note")+"/"+id)["fields"] }

		stable := field(t, change(t, u, func(m object) { field(t, m, "body")["name"] = "content" })["model"], "content")["id"]
		require.Equal(t, field(t, at(t, u.get(t, "/v1/components/note?revision=1"), "model"), "body")["id"], stable, "a rename keeps the id")
		plan := u.call(t, "POST", "/v1/publications:plan", object{"components": list{"note"}}).ok()
		require.Empty(t, plan["changes"], "a rename changes no table")
		u.publish(t, "note")
		require.Equal(t, object{"title_of": "a", "content": "b", "extra": "c"}, entry())
		u.call(t, "POST", entriesPath("note"), object{"fields": object{"body": "old name"}}).refused(400, "UNKNOWN_FIELD")

		change(t, u, func(m object) {
			field(t, m, "content")["required"] = true
			m["fields"] = append(items(t, m, "fields"), object{"name": "needed", "title": "Needed", "type": "FIELD_TYPE_INTEGER", "required": true})
		})
		plan = u.call(t, "POST", "/v1/publications:plan", object{"components": list{"note"}}).ok()
		require.Equal(t, false, plan["publishable"], "rows that are there lack the new field")
		require.Contains(t, text(t, plan, "problems", 0, "path"), "needed")

		change(t, u, func(m object) {
			kept := list{}
			for _, f := range items(t, m, "fields") {
				if name := at(t, f, "name"); name != "needed" && name != "extra" {
					kept = append(kept, f)
				}
			}
			m["fields"] = kept
		})
		plan = u.call(t, "POST", "/v1/publications:plan", object{"components": list{"note"}}).ok()
		require.Equal(t, "note.extra", at(t, plan, "losses", 0, "name"))
		require.Equal(t, "1", at(t, plan, "losses", 0, "rows"))
		u.call(t, "POST", "/v1/publications", object{"components": list{"note"}}).refused(400, "PUBLICATION_LOSES_DATA")
		confirmed := u.call(t, "POST", "/v1/publications", object{"components": list{"note"}, "confirmLosses": list{"note.extra"}}).ok()
		u.succeeded(t, text(t, confirmed, "id"))
		require.Equal(t, object{"title_of": "a", "content": "b"}, entry())

		back := u.call(t, "POST", "/v1/publications", object{"restoreRelease": first["release"]}).ok()
		u.succeeded(t, text(t, back, "id"))
		require.Equal(t, first["release"], u.get(t, "/v1/published/components")["release"])
		require.Equal(t, "b", at(t, entry(), "body"), "the old name is back, the value stays")
		releases := items(t, u.get(t, "/v1/releases"), "releases")
		for _, r := range releases {
			require.Equal(t, at(t, r, "id") == first["release"], at(t, r, "active"))
		}
	})
}

// TestOneWins does the same thing many times at once: it happens once, and the others hear why not.
func TestOneWins(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		entry := text(t, u.create(t, "invoice", invoice("INV-TASK", "5000", 0)), "id")
		run := text(t, u.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": entry}}).ok(), "id")
		task := text(t, u.task(t, run), "id")
		etag := text(t, u.get(t, "/v1/components/invoice"), "etag")
		for _, c := range []struct {
			method, path string
			body         object
			reason       string
		}{
			{"POST", entriesPath("invoice"), object{"fields": invoice("INV-ONCE", "1", 0)}, "ENTRY_EXISTS"},
			{"PATCH", entriesPath("invoice") + "/" + entry, object{"etag": u.get(t, entriesPath("invoice")+"/"+entry)["etag"],
				"fields": object{"InvoiceName": "changed"}}, "ETAG_MISMATCH"},
			{"POST", "/v1/tasks/" + task + ":answer", object{"answer": 1}, "TASK_ANSWERED"},
			{"PATCH", "/v1/components/invoice?updateMask=description", object{"description": "changed", "etag": etag}, "ETAG_MISMATCH"},
			{"POST", "/v1/publications", object{"components": list{"invoice"}}, "PUBLICATION_IN_PROGRESS"},
			{"POST", "/v1/components", object{"id": "once", "displayName": "Once"}, "COMPONENT_EXISTS"},
			{"POST", "/v1/roles", object{"id": "once", "displayName": "Once"}, "ROLE_EXISTS"},
		} {
			answers := make([]answer, 20)
			var group errgroup.Group
			for i := range answers {
				group.Go(func() error {
					a, err := u.Do(t.Context(), c.method, c.path, c.body)
					answers[i] = answer{Answer: a, t: t, request: c.method + " " + c.path}
					return err
				})
			}
			require.NoError(t, group.Wait())
			won := 0
			for _, a := range answers {
				if a.Code == http.StatusOK {
					won++
					continue
				}
				require.Equal(t, c.reason, a.refusal().Reason, "%s: %s", a.request, a.Body)
			}
			require.Equal(t, 1, won, "%s %s", c.method, c.path)
		}
		u.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.Equal(t, 1, u.count(t, "invoice", "InvoiceNumber == 'INV-ONCE'"))
	})
}

// TestTrigger lets changes of entries start a workflow: those that match the condition, each once.
func TestTrigger(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		triggered(t, u)
		for i, total := range []string{"50", "150", "250"} {
			u.create(t, "invoice", invoice([]string{"INV-A", "INV-B", "INV-C"}[i], total, 0))
		}
		eventually(t, "two runs have ended", func() bool { return len(items(t, u.get(t, "/v1/runs?state=RUN_STATE_SUCCEEDED"), "runs")) == 2 })
		require.Len(t, items(t, u.get(t, "/v1/runs"), "runs"), 2)
		require.Equal(t, 2, u.count(t, "invoice", "InvoiceState == 1"))
		require.Equal(t, 1, u.count(t, "invoice", "InvoiceNumber == 'INV-A' && InvoiceState == 0"))
	})
}

// triggered builds the invoice app so that every new invoice above 100 is sent for approval by itself, and publishes it.
func triggered(t *testing.T, u *user) {
	t.Helper()
	sample := u.sample(t, "invoice")
	at(t, sample, "components", 0, "settings").(object)["triggers"] = list{object{
		"id": "new", "operation": "OPERATION_CREATE", "workflow": "approval", "condition": "entry.InvoiceTotalValue > 100",
	}}
	u.build(t, sample)
	require.Empty(t, u.check(t, "invoice"))
	u.publish(t, "invoice")
}
