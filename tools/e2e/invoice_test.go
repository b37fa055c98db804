package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	typev1 "github.com/aqtra/aqtra/proto/gen/aqtra/type/v1"
	workflowv1 "github.com/aqtra/aqtra/proto/gen/aqtra/workflow/v1"
)

// invoices is a tenant in which the invoice app was built by hand and published.
func invoices(t *testing.T, s *site) *user {
	t.Helper()
	u := s.signUp(t)
	u.build(t, u.sample(t, "invoice"))
	u.publish(t, "invoice")
	return u
}

func invoice(number string, total string, state int) object {
	return object{"InvoiceNumber": number, "InvoiceName": "Name of " + number, "InvoiceDueDate": "2026-12-01T00:00:00Z",
		"InvoiceTotalValue": total, "InvoiceState": state}
}

func TestInvoiceDesign(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		sample := u.sample(t, "invoice")
		u.build(t, sample)
		c := u.get(t, "/v1/components/invoice")
		stale := text(t, c, "etag")
		save := at(t, c, "dataflows", 0)
		require.Empty(t, u.check(t, "invoice"), "what the sample's author wrote is right")

		broken := clone(t, save)
		fields := at(t, broken, "steps", 1, "params", "fields").(object)
		fields["InvoiceTotalValue"] = "item.InvoiceTotalValu"
		c = u.savePart(t, "invoice", stale, "dataflow", broken)
		require.NotEqual(t, stale, c["etag"])
		u.call(t, "PUT", "/v1/components/invoice/part", object{"etag": stale, "dataflow": save}).refused(409, "ETAG_MISMATCH")

		problems := u.check(t, "invoice")
		require.NotEmpty(t, problems)
		p := problems[0]
		require.Equal(t, "SEVERITY_ERROR", at(t, p, "severity"))
		require.True(t, strings.HasPrefix(text(t, p, "path"), "dataflows/save/steps/store/params/fields"), "%v", p)
		require.NotEmpty(t, text(t, p, "reason"))
		require.Contains(t, text(t, p, "message"), "InvoiceTotalValu")
		require.Contains(t, text(t, p, "suggestion"), "InvoiceTotalValue")
		require.Equal(t, false, u.call(t, "POST", "/v1/publications:plan", object{"components": list{"invoice"}}).ok()["publishable"])
		u.call(t, "POST", "/v1/publications", object{"components": list{"invoice"}}).refused(400, "PUBLICATION_HAS_PROBLEMS")
		require.Empty(t, items(t, u.get(t, "/v1/published/components"), "components"), "nothing of it is live")

		restored := u.call(t, "POST", fmt.Sprintf("/v1/components/invoice/revisions/%d:restore", wholeNumber(t, c["revision"])-1),
			object{"etag": c["etag"]}).ok()
		require.Empty(t, u.check(t, "invoice"))
		revisions := items(t, u.get(t, "/v1/components/invoice/revisions"), "revisions")
		require.Equal(t, wholeNumber(t, restored["revision"]), wholeNumber(t, at(t, revisions, 0, "revision")))
		require.NotEmpty(t, items(t, u.get(t, "/v1/components/invoice/references"), "references"))
		require.Equal(t, []any{"dataflows/import/roles", "workflows/approval/document/do/3/ask/with/roles",
			"workflows/payment/document/do/2/approve/try/2/both/fork/branches/0/accounting/do/0/askAccounting/with/roles"},
			column(t, items(t, u.get(t, "/v1/roles/accountant/references"), "references"), "path"))
		require.Empty(t, items(t, u.get(t, "/v1/roles/nobody/references"), "references"))

		plan := u.call(t, "POST", "/v1/publications:plan", object{"components": list{"invoice"}}).ok()
		require.Equal(t, true, plan["publishable"], "%v", plan["problems"])
		require.NotEmpty(t, items(t, plan, "changes"))
		require.Empty(t, items(t, plan, "losses"))
		require.Empty(t, items(t, u.get(t, "/v1/published/components"), "components"), "a plan changes nothing")

		request := object{"components": list{"invoice"}, "requestId": random()}
		id := text(t, u.call(t, "POST", "/v1/publications", request).ok(), "id")
		require.Equal(t, id, u.call(t, "POST", "/v1/publications", request).ok()["id"])
		done := u.succeeded(t, id)
		live := u.get(t, "/v1/published/components")
		require.Equal(t, done["release"], live["release"])
		require.Equal(t, []any{"all_invoices", "add_view_invoice"}, column(t, items(t, live, "components", 0, "pages"), "id"))
		page := u.get(t, "/v1/published/components/invoice/pages/add_view_invoice")
		require.Equal(t, at(t, sample, "components", 0, "pages", 1, "document"), at(t, page, "page", "document"))
		require.Len(t, items(t, page, "model", "fields"), 5)
	})
}

func TestInvoiceEntries(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		path := entriesPath("invoice")
		e := u.create(t, "invoice", invoice("INV-1", "1249.9", 0))
		id, etag := text(t, e, "id"), text(t, e, "etag")
		require.Equal(t, "Name of INV-1", e["name"])
		require.Equal(t, u.id, e["creatorSubject"])
		require.Equal(t, object{"InvoiceNumber": "INV-1", "InvoiceName": "Name of INV-1", "InvoiceDueDate": "2026-12-01T00:00:00Z",
			"InvoiceTotalValue": "1249.9", "InvoiceState": 0.0}, u.get(t, path+"/"+id)["fields"])

		twice := u.call(t, "POST", path, object{"fields": invoice("INV-1", "1", 0)}).refused(409, "ENTRY_EXISTS")
		require.Equal(t, []string{"fields.InvoiceNumber"}, twice.fields())

		changed := u.call(t, "PATCH", path+"/"+id+"?updateMask=fields.InvoiceState",
			object{"fields": object{"InvoiceState": 1, "InvoiceName": "not in the mask"}, "etag": etag}).ok()
		require.EqualValues(t, 1, at(t, changed, "fields", "InvoiceState"))
		require.Equal(t, "Name of INV-1", at(t, changed, "fields", "InvoiceName"))
		u.call(t, "PATCH", path+"/"+id, object{"fields": object{"InvoiceState": 2}, "etag": etag}).refused(409, "ETAG_MISMATCH")

		once := random()
		first := u.call(t, "POST", path+"?requestId="+once, object{"fields": invoice("INV-2", "2", 0)}).ok()
		require.Equal(t, first, u.call(t, "POST", path+"?requestId="+once, object{"fields": invoice("INV-2", "2", 0)}).ok())
		require.Equal(t, "REQUEST_ID_REUSED", u.call(t, "POST", path+"?requestId="+once, object{"fields": invoice("INV-3", "2", 0)}).refusal().Reason)
		require.Equal(t, 2, u.count(t, "invoice", ""))

		u.call(t, "DELETE", path+"/"+id, nil).ok()
		require.Equal(t, 1, u.count(t, "invoice", ""))
		require.Len(t, items(t, u.get(t, path+"?showDeleted=true"), "entries"), 2)
		u.call(t, "POST", path+"/"+id+":restore", object{}).ok()
		require.Equal(t, 2, u.count(t, "invoice", ""))

		changes := items(t, u.get(t, path+"/"+id+"/changes"), "changes")
		require.Equal(t, "OPERATION_CREATE", at(t, changes, len(changes)-1, "operation"))
		update := changes[len(changes)-2]
		require.Equal(t, "OPERATION_UPDATE", at(t, update, "operation"))
		require.EqualValues(t, 0, at(t, update, "before", "InvoiceState"))
		require.EqualValues(t, 1, at(t, update, "after", "InvoiceState"))
		require.Equal(t, u.id, at(t, update, "subject"))

		u.call(t, "DELETE", path+"/"+id, nil).ok()
		require.EqualValues(t, "1", u.call(t, "POST", path+":purge", object{}).ok()["purged"])
		u.call(t, "GET", path+"/"+id, nil).refused(404, "ENTRY_NOT_FOUND")
	})
}

func TestInvoiceBatchFilterAndPages(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		path := entriesPath("invoice")
		var operations list
		for i := range 50 {
			operations = append(operations, object{"action": "WRITE_ACTION_CREATE",
				"entry": object{"fields": invoice(fmt.Sprintf("INV-%02d", i), fmt.Sprintf("%d.25", i*100), i%5)}})
		}
		require.Equal(t, "50", u.call(t, "POST", path+":batchWrite", object{"operations": operations}).ok()["created"])

		bad := append(list{}, operations[:2]...)
		bad[1] = object{"action": "WRITE_ACTION_UPSERT", "entry": object{"fields": invoice("INV-99", "-1", 9)}}
		bad[0] = object{"action": "WRITE_ACTION_UPSERT", "entry": object{"fields": invoice("INV-98", "1", 1)}}
		require.NotEmpty(t, u.call(t, "POST", path+":batchWrite", object{"operations": bad}).refusal().Violations)
		require.Equal(t, 50, u.count(t, "invoice", ""), "all or nothing")
		perRow := u.call(t, "POST", path+":batchWrite", object{"operations": bad, "perRow": true}).ok()
		require.Equal(t, "1", perRow["created"])
		require.Equal(t, "1", perRow["failed"])
		require.NotEmpty(t, text(t, perRow, "results", 1, "error", "message"))
		require.Equal(t, "1", u.call(t, "POST", path+":batchWrite", object{"operations": bad[:1]}).ok()["unchanged"])

		for filter, want := range map[string]int{
			"InvoiceState == 1":                                               11,
			"InvoiceTotalValue > 1000 && InvoiceState == 1":                   8,
			"InvoiceNumber == 'INV-07'":                                       1,
			"InvoiceNumber.startsWith('INV-0') || InvoiceTotalValue > 4500.5": 14,
			"InvoiceState in [0, 2]":                                          20,
			"!(InvoiceState in [0, 2])":                                       31,
			"InvoiceNumber == \"' OR 1=1 --\"":                                0,
			"InvoiceDueDate > datetime('2026-11-30T00:00:00Z')":               51,
			"InvoiceName.contains('INV-1')":                                   10,
		} {
			require.Equal(t, want, u.count(t, "invoice", filter), filter)
		}
		wrong := u.call(t, "GET", path+query("filter", "InvoiceTotl > 1"), nil).refused(400, "EXPRESSION_INVALID")
		require.Contains(t, wrong.Message+fmt.Sprint(wrong.Violations), "InvoiceTotl")

		seen, token := []any{}, ""
		for range 10 {
			page := u.get(t, path+query("pageSize", "7", "orderBy", "InvoiceTotalValue desc", "filter", "InvoiceTotalValue >= 2000",
				"fields", "InvoiceNumber", "pageToken", token))
			seen = append(seen, column(t, items(t, page, "entries"), "fields")...)
			if token, _ = page["nextPageToken"].(string); token == "" {
				break
			}
		}
		want := []any{}
		for i := 49; i >= 20; i-- {
			want = append(want, object{"InvoiceNumber": fmt.Sprintf("INV-%02d", i)})
		}
		require.Equal(t, want, seen)
		first := u.get(t, path+query("pageSize", "7", "orderBy", "InvoiceTotalValue"))
		u.call(t, "GET", path+query("pageSize", "7", "orderBy", "InvoiceNumber", "pageToken", text(t, first, "nextPageToken")), nil).
			refused(400, "PAGE_TOKEN_INVALID")
	})
}

func TestInvoiceDataflows(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		out := u.run(t, "invoice", "save", invoice("INV-7", "14890", 0)).ok()
		require.Equal(t, "INV-7", at(t, out, "output", "InvoiceNumber"))
		require.Equal(t, 1, u.count(t, "invoice", "InvoiceNumber == 'INV-7'"))
		require.Equal(t, []any{"read", "store", "answer"}, column(t, items(t, out, "steps"), "step"))

		twice := u.run(t, "invoice", "save", invoice("INV-7", "1", 0)).refused(409, "ENTRY_EXISTS")
		require.Contains(t, twice.Message+fmt.Sprint(twice.Violations), "InvoiceNumber")
		bad := u.run(t, "invoice", "save", object{"InvoiceNumber": "X", "InvoiceTotalValue": "-3"}).refusal()
		require.Equal(t, 400, bad.Code)
		require.Subset(t, bad.fields(), []string{"input.InvoiceNumber", "input.InvoiceName", "input.InvoiceTotalValue"})
		require.Equal(t, 1, u.count(t, "invoice", ""))

		request := object{"requestId": random()}
		u.run(t, "invoice", "save", invoice("INV-8", "1", 0), request).ok()
		u.run(t, "invoice", "save", invoice("INV-8", "1", 0), request).ok()
		require.Equal(t, 2, u.count(t, "invoice", ""), "a repeated request writes once")

		lines := []string{"number;name;due;total;state",
			"INV-10;Good;2026-09-30T00:00:00Z;10.50;1", "INV-11;No number;2026-09-30T00:00:00Z;ten;1",
			"INV-12;No state;2026-09-30T00:00:00Z;12;x", "INV-13;Unknown state;2026-09-30T00:00:00Z;13;9", "INV-7;Changed;2026-09-30T00:00:00Z;7;3"}
		file := u.upload(t, "import.csv", "text/csv", []byte(strings.Join(lines, "\n")+"\n"))
		imported := u.run(t, "invoice", "import", object{"file": file}).ok()
		require.EqualValues(t, 1, at(t, imported, "output", "created"))
		require.EqualValues(t, 1, at(t, imported, "output", "updated"))
		told := map[int]string{}
		rows := append(list{}, items(t, imported, "output", "errors")...)
		for _, step := range items(t, imported, "steps") {
			rows = append(rows, items(t, step, "errors")...)
		}
		for _, row := range rows {
			told[wholeNumber(t, at(t, row, "line"))] = text(t, row, "message")
		}
		require.Len(t, told, 3, "%v", told)
		for _, line := range []int{3, 4, 5} {
			require.NotEmpty(t, told[line], "line %d of %v", line, told)
		}
		require.Equal(t, 3, u.count(t, "invoice", ""))
		require.Equal(t, 1, u.count(t, "invoice", "InvoiceNumber == 'INV-7' && InvoiceName == 'Changed' && InvoiceState == 3"))

		days := u.call(t, "POST", "/v1/components/invoice/scripts/due_summary:run", object{"input": object{"due": "2020-01-01T00:00:00Z"}}).ok()
		require.Contains(t, text(t, days, "output", "text"), "overdue by")
	})
}

func TestInvoiceApproval(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := invoices(t, s)
		start := func(number, total string) (entry, run string) {
			entry = text(t, u.create(t, "invoice", invoice(number, total, 0)), "id")
			request := object{"input": object{"entry": entry}, "entry": entry, "businessKey": number, "requestId": random()}
			path := "/v1/components/invoice/workflows/approval:start"
			run = text(t, u.call(t, "POST", path, request).ok(), "id")
			require.Equal(t, run, u.call(t, "POST", path, request).ok()["id"], "the same request is the same run")
			return entry, run
		}
		state := func(entry string) any {
			return at(t, u.get(t, entriesPath("invoice")+"/"+entry), "fields", "InvoiceState")
		}

		entry, run := start("INV-20", "5000")
		task := u.task(t, run)
		require.Equal(t, "RUN_STATE_WAITING", u.reaches(t, run, "RUN_STATE_WAITING")["state"])
		require.Equal(t, "Approve invoice INV-20?", task["title"])
		require.Equal(t, []any{"Accept for payment", "Reject"}, column(t, items(t, task, "choices"), "label"))
		answer := "/v1/tasks/" + text(t, task, "id") + ":answer"
		u.call(t, "POST", answer, object{"answer": 7}).refused(400, "ANSWER_INVALID")
		stranger := u.invite(t, "member")
		stranger.call(t, "POST", answer, object{"answer": 1}).refused(404, "TASK_NOT_FOUND")
		u.call(t, "POST", answer, object{"answer": 1, "comment": "fine"}).ok()
		require.Equal(t, "TASK_ANSWERED", u.call(t, "POST", answer, object{"answer": 2}).refusal().Reason)
		done := u.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.EqualValues(t, 1, at(t, done, "output", "InvoiceState"), "the output is that of the last task: %v", done["output"])
		require.NotEmpty(t, done["finishTime"])
		require.Equal(t, "INV-20", done["businessKey"])
		require.EqualValues(t, 1, state(entry))
		require.Equal(t, "TASK_STATE_ANSWERED", u.get(t, "/v1/tasks/"+text(t, task, "id"))["state"])

		events := items(t, u.get(t, "/v1/runs/"+run+"/events?pageSize=200"), "events")
		kinds := column(t, events, "type")
		require.Equal(t, "run.started", kinds[0])
		require.Equal(t, "run.succeeded", kinds[len(kinds)-1])
		require.Subset(t, kinds, []any{"task.waiting", "task.answered", "task.completed"})
		for i, e := range events {
			require.Equal(t, i+1, wholeNumber(t, at(t, e, "seq")))
		}

		entry, run = start("INV-21", "6000")
		id := text(t, u.task(t, run), "id")
		res, err := workflowv1.NewTasksClient(u.GRPC()).AnswerTask(t.Context(), &workflowv1.AnswerTaskRequest{
			Task: id, Answer: &typev1.Value{Kind: &typev1.Value_Int{Int: 2}},
		})
		require.NoError(t, err)
		require.Equal(t, workflowv1.TaskState_TASK_STATE_ANSWERED, res.GetState())
		u.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.EqualValues(t, 2, state(entry))

		entry, run = start("INV-22", "999.99")
		u.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.EqualValues(t, 1, state(entry), "a small one needs nobody")

		_, run = start("INV-23", "7000")
		u.task(t, run)
		u.call(t, "POST", "/v1/runs/"+run+":cancel", object{"reason": "not needed"}).ok()
		u.reaches(t, run, "RUN_STATE_CANCELED")
		require.Empty(t, items(t, u.get(t, "/v1/tasks"), "tasks"))
		require.Len(t, items(t, u.get(t, "/v1/runs?component=invoice&state=RUN_STATE_SUCCEEDED"), "runs"), 3)
		require.Equal(t, []any{run}, column(t, items(t, u.get(t, "/v1/runs?businessKey=INV-23"), "runs"), "id"))
	})
}
