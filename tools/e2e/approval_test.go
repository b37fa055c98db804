package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The sample's payment: small invoices are paid at once; large ones are approved by two people at the same time, and who rejects
// withdraws the other's question and has what was done undone.
func TestApproveAndPay(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin := s.signUp(t)
		admin.build(t, admin.sample(t, "invoice"))
		admin.publish(t)
		accountant, manager := admin.invite(t, "accountant"), admin.invite(t, "developer")

		state := func(id string) any {
			return at(t, admin.get(t, entriesPath("invoice")+"/"+id), "fields", "InvoiceState")
		}
		begin := func(number, total string) (entry, run string) {
			entry = text(t, admin.create(t, "invoice", object{"InvoiceNumber": number, "InvoiceName": "Desks", "InvoiceTotalValue": total, "InvoiceState": 0}), "id")
			started := admin.call(t, "POST", "/v1/components/invoice/workflows/payment:start", object{"entry": entry, "input": object{"entry": entry}}).ok()
			return entry, text(t, started, "id")
		}
		asked := func(u *user, run, title string) string {
			var id string
			eventually(t, title, func() bool {
				for _, one := range items(t, u.get(t, "/v1/tasks"), "tasks") {
					if text(t, one, "run") == run && text(t, one, "title") == title {
						id = text(t, one, "id")
					}
				}
				return id != ""
			})
			return id
		}
		rename := func(entry string) answer {
			return admin.call(t, "PATCH", entriesPath("invoice")+"/"+entry, object{"fields": object{"InvoiceName": "Chairs"}})
		}
		answer := func(u *user, id string, yes bool) {
			u.call(t, "POST", "/v1/tasks/"+id+":answer", object{"answer": yes, "comment": "seen"}).ok()
		}

		entry, run := begin("P-1", "999.99")
		done := admin.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.Equal(t, object{"paid": true}, done["output"])
		require.EqualValues(t, 3, state(entry))

		entry, run = begin("P-2", "1000")
		correct, pay := asked(accountant, run, "Is invoice P-2 correct?"), asked(manager, run, "Pay invoice P-2?")
		require.EqualValues(t, 1, state(entry), "accepted, until somebody rejects it")
		rename(entry).refused(400, "ENTRY_HELD") // what people decide about is what they see
		require.Equal(t, run, admin.get(t, entriesPath("invoice")+"/"+entry+"/hold")["run"])
		accountant.call(t, "POST", entriesPath("invoice")+"/"+entry+":release", object{}).refused(403, "PERMISSION_DENIED")
		admin.call(t, "POST", entriesPath("invoice")+"/"+entry+":release", object{}).ok()
		rename(entry).ok()
		accountant.call(t, "POST", "/v1/tasks/"+pay+":answer", object{"answer": true}).refused(404, "TASK_NOT_FOUND")
		manager.call(t, "POST", "/v1/tasks/"+pay+":claim", object{}).ok()
		admin.call(t, "POST", "/v1/tasks/"+pay+":claim", object{}).refused(400, "TASK_NOT_YOURS")
		admin.call(t, "POST", "/v1/tasks/"+pay+":delegate", object{"user": "nobody@example.com"}).refused(400, "INVALID_FIELDS")
		require.Equal(t, accountant.id, admin.call(t, "POST", "/v1/tasks/"+pay+":delegate", object{"user": accountant.email}).ok()["assignee"])
		manager.call(t, "POST", "/v1/tasks/"+pay+":answer", object{"answer": true}).refused(400, "TASK_NOT_YOURS")
		accountant.call(t, "POST", "/v1/tasks/"+pay+":release", object{}).ok()
		answer(manager, pay, true)
		answer(accountant, correct, true)
		require.Equal(t, object{"paid": true}, admin.reaches(t, run, "RUN_STATE_SUCCEEDED")["output"])
		require.EqualValues(t, 3, state(entry))

		entry, run = begin("P-3", "5000")
		correct, pay = asked(accountant, run, "Is invoice P-3 correct?"), asked(manager, run, "Pay invoice P-3?")
		answer(accountant, correct, false)
		done = admin.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.Equal(t, object{"paid": false, "why": "seen"}, done["output"])
		require.EqualValues(t, 2, state(entry), "rejected, by what undoes the acceptance")
		rename(entry).ok() // who fails gives back what it kept
		told := admin.get(t, "/v1/notices?unread=true")
		require.EqualValues(t, 1, told["unreadCount"])
		notice := items(t, told, "notices")[0]
		require.Equal(t, "Invoice P-3 was rejected", at(t, notice, "title"))
		require.Equal(t, "seen", at(t, notice, "text"))
		require.Equal(t, []any{"invoice", "add_view_invoice", entry, run}, []any{at(t, notice, "component"), at(t, notice, "page"), at(t, notice, "entry"), at(t, notice, "run")})
		require.Empty(t, manager.get(t, "/v1/notices")["notices"])
		manager.call(t, "POST", "/v1/notices:read", object{"notices": []any{at(t, notice, "id")}}).ok()
		require.EqualValues(t, 1, admin.get(t, "/v1/notices")["unreadCount"], "nobody reads it for somebody else")
		admin.call(t, "POST", "/v1/notices:read", object{"all": true}).ok()
		require.Empty(t, admin.get(t, "/v1/notices?unread=true")["notices"])
		admin.call(t, "POST", "/v1/notices:read", object{}).refused(400, "INVALID_FIELDS")
		manager.call(t, "POST", "/v1/tasks/"+pay+":answer", object{"answer": true}).refused(400, "TASK_ANSWERED")
	})
}
