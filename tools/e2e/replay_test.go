package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// A plan tells what the latest runs would do with what is going to be published, and at which step.
func TestPlanReplaysRuns(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		for number, total := range map[string]string{"INV-1": "250", "INV-2": "700", "INV-3": "2000"} {
			entry := text(t, u.create(t, "invoice", invoice(number, total, 0)), "id")
			run := text(t, u.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": entry}}).ok(), "id")
			if number == "INV-3" {
				task := u.task(t, run)
				u.call(t, "POST", "/v1/tasks/"+text(t, task, "id")+":answer", object{"answer": 2}).ok()
			}
			u.reaches(t, run, "RUN_STATE_SUCCEEDED")
		}
		u.run(t, "invoice", "save", invoice("INV-4", "1", 0)).ok()

		replays := func(edit func(*testing.T, object)) map[string]object {
			u.patch(t, "invoice", edit)
			found := map[string]object{}
			eventually(t, "a run of the dataflow is recorded", func() bool {
				clear(found)
				for _, r := range items(t, u.call(t, "POST", "/v1/publications:plan", object{"components": list{"invoice"}}).ok(), "replays") {
					found[text(t, r, "id")] = r.(object)
				}
				save, there := found["save"]
				return !there || save["runs"] != 0.0 || save["note"] != ""
			})
			return found
		}
		steps := func(t *testing.T, c object) list { return items(t, c, "dataflows", 0, "steps") }
		fields := func(t *testing.T, c object) object { return at(t, steps(t, c)[1], "params", "fields").(object) }
		decide := func(t *testing.T, c object) object {
			return at(t, c, "workflows", 0, "document", "do", 1, "decide", "switch", 0, "small").(object)
		}

		// What changes means the same.
		got := replays(func(t *testing.T, c object) {
			decide(t, c)["when"] = "${ !(context.invoice.InvoiceTotalValue >= 1000) }"
			fields(t, c)["InvoiceName"] = "'' + item.InvoiceName"
		})
		require.Len(t, got, 2)
		for id, runs := range map[string]float64{"approval": 3, "save": 1} {
			require.Equal(t, runs, got[id]["runs"], "%v", got[id])
			require.Equal(t, runs, got[id]["same"], "%v", got[id])
		}

		// What changes ends otherwise.
		got = replays(func(t *testing.T, c object) {
			decide(t, c)["when"] = "${ context.invoice.InvoiceTotalValue < 500 }"
			fields(t, c)["InvoiceName"] = "item.InvoiceName + '!'"
		})
		require.EqualValues(t, 2, got["approval"]["same"], "%v", got["approval"])
		require.Equal(t, []any{`after "decide": asks people in "ask" instead of: calls entry in "store"`}, column(t, items(t, got["approval"], "examples"), "text"))
		require.Equal(t, "ask", at(t, got["approval"], "examples", 0, "step"))
		require.EqualValues(t, 0, got["save"]["same"], "%v", got["save"])
		require.Equal(t, []any{`from step "store" on: it changes other data`}, column(t, items(t, got["save"], "examples"), "text"))
		require.Equal(t, 4, u.count(t, "invoice", ""), "nothing was stored")

		// Recordings know fields by their names.
		c := u.get(t, "/v1/components/invoice")
		u.rename(t, "invoice", object{"kind": "RENAME_KIND_FIELD", "target": field(t, c["model"], "InvoiceName")["id"], "name": "Subject", "etag": c["etag"]}).ok()
		got = replays(func(*testing.T, object) {})
		for _, id := range []string{"approval", "save"} {
			require.Equal(t, "its runs have other names: InvoiceName of Invoice inventory is called Subject now", got[id]["note"], "%v", got[id])
		}
	})
}
