package e2e_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const fleet = "car_fleet"

func TestDealership(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin := s.signUp(t)
		admin.build(t, admin.sample(t, "dealership"))
		for _, c := range []string{"transaction_specialists", fleet, "managers_grid"} {
			require.Empty(t, admin.check(t, c), c)
		}
		admin.publish(t)
		clerk, specialist, auditor := admin.invite(t, "fleet_clerk"), admin.invite(t, "specialist"), admin.invite(t, "fleet_auditor")

		for _, name := range []string{"Mara Lindt", "Jonas Becker"} {
			admin.run(t, "transaction_specialists", "save", object{"manager_name": name}).ok()
		}
		file := admin.upload(t, "cars.json", "application/json", sampleFile(t, "dealership", "cars.json"))
		clerk.run(t, fleet, "import_cars", object{"file": file}).refused(404, "DATAFLOW_NOT_FOUND")
		load := func() object { return admin.run(t, fleet, "import_cars", object{"file": file}).ok()["output"].(object) }
		first := load()
		require.EqualValues(t, 406, first["created"])
		require.EqualValues(t, 0, first["failed"])
		require.EqualValues(t, 406, load()["unchanged"], "loading again changes nothing")
		car := items(t, admin.get(t, entriesPath(fleet)+query("filter", "car_vin == 'VIN000001'")), "entries")[0]
		require.Equal(t, "Chevrolet", at(t, car, "fields", "brand"))
		require.Equal(t, "chevelle malibu", at(t, car, "fields", "model"))
		require.EqualValues(t, 1970, at(t, car, "fields", "year_of_manufacture"))
		require.Equal(t, "11388", at(t, car, "fields", "price"))

		sees := func(u *user) int { return u.count(t, fleet, "") }
		require.Equal(t, []int{406, 406, 0, 406}, []int{sees(admin), sees(clerk), sees(specialist), sees(auditor)})

		appoint := func(vin, name string) answer {
			return clerk.run(t, fleet, "appoint_manager", object{"car_vin": vin, "manager_name": name})
		}
		appoint("VIN000001", "  Mara   Lindt ").ok()
		appoint("VIN000002", "Jonas Becker").ok()
		require.Equal(t, []int{406, 406, 2, 406}, []int{sees(admin), sees(clerk), sees(specialist), sees(auditor)})
		require.Equal(t, 1, admin.count(t, fleet, "choosen_manager.manager_name == 'Mara Lindt'"))
		nameless := appoint("VIN000003", "").refusal()
		require.Less(t, nameless.Code, 500)
		require.Contains(t, nameless.Message, "choose a manager")
		unknown := appoint("VIN000003", "Nobody Known").refusal()
		require.Less(t, unknown.Code, 500)
		require.Contains(t, unknown.Message+fmt.Sprint(unknown.Violations), "Nobody Known")
		require.Equal(t, 2, sees(specialist), "nothing was stored")

		specialist.call(t, "POST", entriesPath(fleet), object{"fields": object{"car_vin": "VIN999999", "brand": "X"}}).refused(403, "PERMISSION_DENIED")
		auditor.run(t, fleet, "appoint_manager", object{"car_vin": "VIN000004", "manager_name": "Mara Lindt"}).refused(403, "PERMISSION_DENIED")
		third := text(t, items(t, admin.get(t, entriesPath(fleet)+query("filter", "car_vin == 'VIN000003'")), "entries")[0], "id")
		missing := specialist.call(t, "GET", entriesPath(fleet)+"/"+random(), nil).refused(404, "ENTRY_NOT_FOUND")
		require.Equal(t, missing, specialist.call(t, "GET", entriesPath(fleet)+"/"+third, nil).refused(404, "ENTRY_NOT_FOUND"))

		require.Equal(t, map[string][]any{
			fleet: {"main", "add_car", "appoint_manager"}, "transaction_specialists": {"specialists"},
		}, pages(t, clerk))
		require.Equal(t, map[string][]any{
			fleet: {"enter_contract"}, "transaction_specialists": {"specialists"}, "managers_grid": {"managers"},
		}, pages(t, specialist))
		require.Equal(t, map[string][]any{"transaction_specialists": {"specialists"}}, pages(t, auditor))
		clerk.call(t, "GET", "/v1/published/components/car_fleet/pages/enter_contract", nil).refused(404, "PAGE_NOT_FOUND")
		specialist.call(t, "GET", "/v1/published/components/car_fleet/pages/enter_contract", nil).ok()

		run := text(t, admin.call(t, "POST", "/v1/components/car_fleet/workflows/contract:start",
			object{"input": object{"car_vin": "VIN000001"}, "businessKey": "VIN000001"}).ok(), "id")
		task := admin.task(t, run)
		require.Equal(t, "Sell car VIN000001?", task["title"])
		require.Empty(t, items(t, clerk.get(t, "/v1/tasks"), "tasks"))
		require.Len(t, items(t, specialist.get(t, "/v1/tasks"), "tasks"), 1)
		answer := "/v1/tasks/" + text(t, task, "id") + ":answer"
		clerk.call(t, "POST", answer, object{"answer": "yes"}).refused(404, "TASK_NOT_FOUND")
		specialist.call(t, "POST", answer, object{"answer": "yes"}).ok()
		admin.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.Equal(t, 1, admin.count(t, fleet, "is_archieved == true"))
		require.Equal(t, []int{406, 405, 2, 406}, []int{sees(admin), sees(clerk), sees(specialist), sees(auditor)})

		run = text(t, admin.call(t, "POST", "/v1/components/car_fleet/workflows/contract:start",
			object{"input": object{"car_vin": "VIN000002"}}).ok(), "id")
		specialist.call(t, "POST", "/v1/tasks/"+text(t, specialist.task(t, run), "id")+":answer", object{"answer": "no"}).ok()
		admin.reaches(t, run, "RUN_STATE_SUCCEEDED")
		require.Equal(t, 1, admin.count(t, fleet, "is_archieved == true"))

		sold := specialist.run(t, fleet, "enter_contract", object{"car_vin": "VIN000002"}).ok()
		require.Equal(t, "open-component", at(t, sold, "actions", 0, "type"))
		require.Equal(t, object{"component": "managers_grid", "page": "managers"}, at(t, sold, "actions", 0, "params"))
		require.Equal(t, 2, admin.count(t, fleet, "is_archieved == true"))
	})
}

// pages are the ids of the pages that a user may open, by component; components without one are left out.
func pages(t *testing.T, u *user) map[string][]any {
	t.Helper()
	out := map[string][]any{}
	for _, c := range items(t, u.get(t, "/v1/published/components"), "components") {
		if p := column(t, items(t, c, "pages"), "id"); len(p) > 0 {
			out[text(t, c, "id")] = p
		}
	}
	return out
}
