package e2e_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/metadata"

	storagev1 "github.com/aqtra/aqtra/proto/gen/aqtra/storage/v1"
)

// in is the same user in a preview.
func (u *user) in(preview string) *user {
	v := *u
	v.headers = []string{"Aqtra-Preview", preview}
	return &v
}

// Drafts are tried on copies: what is done there is not done to what is live, in entries, dataflows and workflows.
func TestPreview(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		u.build(t, u.sample(t, "dealership"))
		u.build(t, u.sample(t, "invoice"))
		u.publish(t)
		manager := text(t, u.create(t, "transaction_specialists", object{"manager_name": "Mara"}), "id")
		car := text(t, u.create(t, fleet, object{"car_vin": "VIN000001", "brand": "Ford", "price": "10", "choosen_manager": manager}), "id")
		bill := text(t, u.create(t, "invoice", invoice("INV-1", "5000", 0)), "id")
		u.patch(t, fleet, func(t *testing.T, c object) {
			m := c["model"].(object)
			m["fields"] = append(items(t, m, "fields"), object{"name": "seats", "title": "Seats", "type": "FIELD_TYPE_INTEGER", "query": true})
			modelField(t, c, "brand")["name"] = "make"
			page := part(t, c["pages"], "add_car")
			page["title"] = "Add a car with seats"
		})
		refused := u.call(t, "POST", "/v1/previews", object{}).refused(400, "PUBLICATION_HAS_PROBLEMS")
		require.Contains(t, refused.fields(), fleet+"/pages/main/nodes/grid/props/columns/1/field")
		u.patch(t, fleet, func(t *testing.T, c object) { modelField(t, c, "make")["name"] = "brand" })

		made := u.call(t, "POST", "/v1/previews", object{}).ok()
		require.Equal(t, 3, wholeNumber(t, made["entries"]))
		v := u.in(text(t, made, "id"))

		// The copies have the drafts' fields, and their own values and history.
		require.Equal(t, "Add a car with seats", v.get(t, "/v1/published/components/car_fleet/pages/add_car")["page"].(object)["title"])
		path := entriesPath(fleet) + "/" + car
		copied := v.get(t, path)
		require.Equal(t, at(t, u.get(t, path), "fields", "car_vin"), at(t, copied, "fields", "car_vin"))
		v.call(t, "PATCH", path, object{"fields": object{"seats": 5, "brand": "Opel"}}).ok()
		v.create(t, fleet, object{"car_vin": "VIN000002", "brand": "Fiat", "seats": 2, "choosen_manager": manager})
		require.Equal(t, 2, v.count(t, fleet, "seats > 1"))
		require.Equal(t, 1, u.count(t, fleet, ""))
		require.Equal(t, "Ford", at(t, u.get(t, path), "fields", "brand"))
		require.Len(t, items(t, v.get(t, path+"/changes"), "changes"), 1, "of the copy")
		require.Len(t, items(t, u.get(t, path+"/changes"), "changes"), 1, "of the car itself")
		u.call(t, "GET", entriesPath(fleet)+query("filter", "seats > 1"), nil).refused(400, "EXPRESSION_INVALID")
		page, err := storagev1.NewEntriesClient(u.GRPC()).ListEntries(metadata.AppendToOutgoingContext(t.Context(), "aqtra-preview", text(t, made, "id")),
			&storagev1.ListEntriesRequest{Component: fleet})
		require.NoError(t, err)
		require.Len(t, page.GetEntries(), 2)

		// So have dataflows and workflows.
		v.run(t, "invoice", "save", invoice("INV-2", "14890", 0)).ok()
		require.Equal(t, []int{2, 1}, []int{v.count(t, "invoice", ""), u.count(t, "invoice", "")})
		run := text(t, v.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": bill}, "requestId": "same"}).ok(), "id")
		task := text(t, v.task(t, run), "id")
		require.Empty(t, u.get(t, "/v1/tasks")["tasks"])
		require.Len(t, items(t, v.get(t, "/v1/runs"), "runs"), 1)
		require.Empty(t, u.get(t, "/v1/runs")["runs"])
		v.call(t, "POST", "/v1/tasks/"+task+":answer", object{"answer": 1}).ok()
		v.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.Equal(t, 1, wholeNumber(t, at(t, v.get(t, entriesPath("invoice")+"/"+bill), "fields", "InvoiceState")))
		require.Equal(t, 0, wholeNumber(t, at(t, u.get(t, entriesPath("invoice")+"/"+bill), "fields", "InvoiceState")))

		// Who may see drafts may see it, in this tenant.
		clerk := u.invite(t, "fleet_clerk")
		clerk.in(v.headers[1]).call(t, "GET", entriesPath(fleet), nil).refused(403, "PERMISSION_DENIED")
		clerk.call(t, "POST", "/v1/previews", object{}).refused(403, "PERMISSION_DENIED")
		developer := u.invite(t, "developer")
		developer.in(v.headers[1]).call(t, "GET", "/v1/published/components", nil).ok()
		developer.call(t, "DELETE", "/v1/previews/"+v.headers[1], nil).refused(404, "RELEASE_NOT_FOUND")
		s.signUp(t).in(v.headers[1]).call(t, "GET", entriesPath(fleet), nil).refused(404, "RELEASE_NOT_FOUND")
		for _, id := range []string{"prv-0000000000000000", "rel-1", "x'; DROP TABLE y; --"} {
			u.in(id).call(t, "GET", entriesPath(fleet), nil).refused(404, "RELEASE_NOT_FOUND")
		}

		// A newer one takes its place, the drafts go live meanwhile, and nothing is left at the end.
		again := text(t, u.call(t, "POST", "/v1/previews", object{"components": list{fleet}}).ok(), "id")
		v.call(t, "GET", entriesPath(fleet), nil).refused(404, "RELEASE_NOT_FOUND")
		u.publish(t)
		require.Equal(t, 1, u.in(again).count(t, fleet, ""))
		u.call(t, "DELETE", "/v1/previews/"+again, nil).ok()
		u.in(again).call(t, "GET", entriesPath(fleet), nil).refused(404, "RELEASE_NOT_FOUND")

		// What cannot go live as it is stored says so as the plan does.
		u.patch(t, fleet, func(t *testing.T, c object) { modelField(t, c, "color")["required"] = true })
		u.create(t, fleet, object{"car_vin": "VIN000003", "brand": "Ford"})
		stuck := u.call(t, "POST", "/v1/previews", object{}).refused(400, "SCHEMA_CHANGE_REFUSED")
		require.Contains(t, stuck.fields(), fleet+".color")
		var left int
		require.NoError(t, superuser(t, s).QueryRow(t.Context(), "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'p\\_%'").Scan(&left))
		require.Zero(t, left)
	})
}
