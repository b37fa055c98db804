package e2e_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// breaking is one change to an app in use, and what the gate must say of it.
type breaking struct {
	name, component string
	edit            func(t *testing.T, c object)
	// remove takes this component offline instead.
	remove string
	// problem is "component path reason", and text a part of its message, in which $0 stands for the id of the first car.
	problem, text string
	// loss is what must be confirmed by name, when there is no problem.
	loss string
}

// part finds a part, a field or another thing of a list by its id or name.
func part(t *testing.T, things any, id string) object {
	t.Helper()
	for _, p := range things.([]any) {
		if at(t, p, "id") == id || at(t, p, "name") == id {
			return p.(object)
		}
	}
	require.Fail(t, "there is no "+id)
	return nil
}

// drop takes one thing out of a list.
func drop(t *testing.T, from object, list, id string) {
	t.Helper()
	gone := part(t, from[list], id)
	from[list] = slices.DeleteFunc(items(t, from, list), func(p any) bool { return at(t, p, "id") == gone["id"] })
}

func modelField(t *testing.T, c object, name string) object {
	return part(t, at(t, c, "model", "fields"), name)
}

func dropField(name string) func(*testing.T, object) {
	return func(t *testing.T, c object) { drop(t, c["model"].(object), "fields", name) }
}

func dropPart(list, id string) func(*testing.T, object) {
	return func(t *testing.T, c object) { drop(t, c, list, id) }
}

func set(path string, name string, v any) func(*testing.T, object) {
	return func(t *testing.T, c object) {
		f := modelField(t, c, path)
		if v == nil {
			delete(f, name)
		} else {
			f[name] = v
		}
	}
}

func retype(name, typ string) func(*testing.T, object) {
	return func(t *testing.T, c object) {
		f := modelField(t, c, name)
		f["type"] = typ
		for _, rules := range []string{"string", "integer", "number", "catalog"} {
			delete(f, rules)
		}
		if typ == "FIELD_TYPE_CATALOG" {
			f["catalog"] = object{"component": "transaction_specialists"}
		}
	}
}

func step(t *testing.T, c object, dataflow, id string) object {
	return part(t, part(t, c["dataflows"], dataflow)["steps"], id)
}

func node(t *testing.T, c object, page, id string) object {
	return at(t, part(t, c["pages"], page), "document", "nodes", id).(object)
}

func breakingChanges() []breaking {
	return []breaking{
		// What uses a field that goes.
		{name: "a field of a column goes", component: fleet, edit: dropField("price"),
			problem: fleet + " pages/main/nodes/grid/props/columns/4/field unknown-field", text: `there is no field "price"`},
		{name: "a field of a page's filter goes", component: fleet, edit: dropField("is_archieved"),
			problem: "managers_grid pages/managers/nodes/grid/props/filter invalid-expression", text: "unknown name `is_archieved`"},
		{name: "a field of a page's order goes", component: fleet, edit: dropField("year_of_manufacture"),
			problem: "managers_grid pages/managers/nodes/grid/props/orderBy unknown-field", text: `there is no field "year_of_manufacture"`},
		{name: "a field of a row rule goes", component: fleet, edit: dropField("is_manager_exists"),
			problem: fleet + " settings/access/1/filter invalid-expression", text: "unknown field `is_manager_exists`"},
		{name: "a field of a trigger's condition goes", component: fleet, edit: dropField("price"),
			problem: fleet + " settings/triggers/expensive/condition invalid-expression", text: "unknown field `price`"},
		{name: "a field of a dataflow's step goes", component: fleet, edit: dropField("brand"),
			problem: fleet + " dataflows/import_cars/steps/collect/params/fields/brand unknown-field", text: `"brand"`},
		{name: "a field that a page computes with goes", component: fleet, edit: dropField("brand"),
			problem: fleet + " pages/enter_contract/nodes/car/props/text invalid-expression", text: "unknown field `brand`"},
		{name: "a field behind a reference gets another name", component: "transaction_specialists", edit: set("manager_name", "name", "full_name"),
			problem: fleet + " pages/appoint_manager/nodes/save/props/action/input/manager_name invalid-expression", text: "unknown field `manager_name`"},
		{name: "a reference that another app's column follows goes", component: fleet, edit: dropField("choosen_manager"),
			problem: "managers_grid pages/managers/nodes/grid/props/columns/4/field unknown-field", text: `"choosen_manager.manager_name"`},
		{name: "a field of a dataflow's input that a page sends goes", component: "transaction_specialists", edit: set("manager_name", "name", "full_name"),
			problem: "transaction_specialists pages/specialists/nodes/add/props/action/input/manager_name unknown-field", text: `there is no field "manager_name"`},
		{name: "a field that a workflow writes goes", component: "invoice", edit: dropField("InvoiceState"),
			problem: "invoice workflows/approval/document/do/4/store/with/fields/InvoiceState unknown-field", text: "InvoiceState"},

		// What is stored does not fit.
		{name: "text becomes a number", component: fleet, edit: retype("color", "FIELD_TYPE_INTEGER"),
			problem: fleet + " model/fields/color schema-conflict", text: "cannot be turned from text into bigint"},
		{name: "text that a page joins becomes a number", component: fleet, edit: retype("brand", "FIELD_TYPE_INTEGER"),
			problem: fleet + " pages/enter_contract/nodes/car/props/text invalid-expression", text: "+ cannot be applied to int and text"},
		{name: "a number with fractions becomes an integer", component: fleet, edit: retype("price", "FIELD_TYPE_INTEGER"),
			problem: fleet + " model/fields/price schema-conflict", text: "cannot be turned from numeric into bigint"},
		{name: "text becomes a reference", component: fleet, edit: retype("color", "FIELD_TYPE_CATALOG"),
			problem: fleet + " model/fields/color schema-conflict", text: "some values are not entries of transaction_specialists (2 rows"},
		{name: "shorter than what is stored", component: fleet, edit: set("color", "string", object{"maxLength": 3}),
			problem: fleet + " model/fields/color schema-conflict", text: "at most 3 characters are allowed, and some entries have more (1 rows"},
		{name: "a pattern that is not kept", component: fleet, edit: set("color", "string", object{"pattern": "b.*"}),
			problem: fleet + " model/fields/color schema-conflict", text: "not of the form b.* (1 rows"},
		{name: "a bound that is not kept", component: fleet, edit: set("year_of_manufacture", "integer", object{"min": "1971"}),
			problem: fleet + " model/fields/year_of_manufacture schema-conflict", text: "at least 1971 is needed, and some entries have less (1 rows"},
		{name: "fewer digits than are stored", component: fleet, edit: set("price", "number", object{"precision": 1}),
			problem: fleet + " model/fields/price schema-conflict", text: "at most 1 digits after the point are allowed, and some entries have more (3 rows"},
		{name: "a choice goes that entries have", component: "invoice", edit: func(t *testing.T, c object) {
			f := modelField(t, c, "InvoiceState")["integer"].(object)
			f["options"] = items(t, f, "options")[:4]
		},
			problem: "invoice model/fields/InvoiceState schema-conflict", text: "not among the options (1 rows"},
		{name: "required, with entries that lack it", component: fleet, edit: set("color", "required", true),
			problem: fleet + " model/fields/color schema-conflict", text: "some entries do not have it (1 rows"},
		{name: "a new required field", component: fleet, edit: func(t *testing.T, c object) {
			m := c["model"].(object)
			m["fields"] = append(items(t, m, "fields"), object{"name": "seats", "title": "Seats", "type": "FIELD_TYPE_INTEGER", "required": true})
		}, problem: fleet + " model/fields/seats schema-conflict", text: "some entries do not have it (3 rows"},
		{name: "a key that entries share", component: fleet, edit: func(t *testing.T, c object) {
			delete(modelField(t, c, "car_vin"), "primaryKey")
			modelField(t, c, "brand")["primaryKey"] = true
		}, problem: fleet + " model/fields/brand schema-conflict", text: "several entries have the same brand (2 rows: $0, $1)"},
		{name: "one car for each manager, who has more", component: fleet, edit: set("choosen_manager", "catalog", object{"component": "transaction_specialists", "unique": true}),
			problem: fleet + " model/fields/choosen_manager schema-conflict", text: "several entries have the same choosen_manager (3 rows: $0, $1, $2)"},
		{name: "a filtered field is encrypted", component: fleet, edit: func(t *testing.T, c object) {
			f := modelField(t, c, "is_archieved")
			delete(f, "query")
			f["sensitive"] = true
		}, problem: fleet + " model schema-conflict", text: "is kept encrypted and cannot be looked into"},

		// References to other apps.
		{name: "a reference to the entries of another app", component: fleet, edit: set("choosen_manager", "catalog", object{"component": "invoice"}),
			problem: fleet + " model/fields/choosen_manager schema-conflict", text: "some values are not entries of invoice (3 rows"},
		{name: "a reference to an app without entries", component: fleet, edit: set("choosen_manager", "catalog", object{"component": "managers_grid"}),
			problem: fleet + " model/fields/choosen_manager/catalog/component no-entries", text: "managers_grid"},
		{name: "a reference to an app that is not there", component: fleet, edit: set("choosen_manager", "catalog", object{"component": "dealers"}),
			problem: fleet + " model/fields/choosen_manager/catalog/component unknown-component", text: `there is no component "dealers"`},
		{name: "entries that need each other first", component: "transaction_specialists", edit: func(t *testing.T, c object) {
			m := c["model"].(object)
			m["fields"] = append(items(t, m, "fields"), object{"name": "first_car", "title": "First car", "type": "FIELD_TYPE_CATALOG", "required": true,
				"catalog": object{"component": "transaction_specialists"}})
		}, problem: "transaction_specialists model/fields/first_car/required circular-reference", text: "no entry could be made"},
		{name: "an app goes that others refer to", remove: "transaction_specialists",
			problem: fleet + " model/fields/choosen_manager/catalog/component unknown-component", text: `there is no component "transaction_specialists"`},

		// Parts that are used.
		{name: "a page that a button opens goes", component: fleet, edit: dropPart("pages", "add_car"),
			problem: fleet + " pages/main/nodes/grid/props/addButton/page unknown-page", text: `there is no page "add_car"`},
		{name: "a page that another app opens goes", component: fleet, edit: dropPart("pages", "enter_contract"),
			problem: "managers_grid pages/managers/nodes/grid/props/rowAction/page unknown-page", text: `there is no page "enter_contract"`},
		{name: "the home page goes", component: "managers_grid", edit: dropPart("pages", "managers"),
			problem: "managers_grid settings/home_page unknown-page", text: `there is no page "managers"`},
		{name: "the page of a task goes", component: "invoice", edit: dropPart("pages", "add_view_invoice"),
			problem: "invoice workflows/approval/document/do/3/ask/with/page unknown-page", text: `there is no page "add_view_invoice"`},
		{name: "a dataflow of a button goes", component: fleet, edit: dropPart("dataflows", "appoint_manager"),
			problem: fleet + " pages/appoint_manager/nodes/save/props/action/dataflow unknown-dataflow", text: `there is no dataflow "appoint_manager"`},
		{name: "a dataflow of a workflow goes", component: fleet, edit: dropPart("dataflows", "enter_contract"),
			problem: fleet + " workflows/contract/document/do/2/sell/with/dataflow unknown-dataflow", text: `there is no dataflow "enter_contract"`},
		{name: "a workflow that changes start goes", component: fleet, edit: dropPart("workflows", "contract"),
			problem: fleet + " settings/triggers/expensive/workflow unknown-workflow", text: `there is no workflow "contract"`},
		{name: "a script of a button goes", component: "invoice", edit: dropPart("scripts", "due_summary"),
			problem: "invoice pages/all_invoices/nodes/due/props/action/script unknown-script", text: `there is no script "due_summary"`},
		{name: "a step that another reads goes", component: fleet, edit: func(t *testing.T, c object) {
			drop(t, part(t, c["dataflows"], "appoint_manager"), "steps", "clean")
		}, problem: fleet + " dataflows/appoint_manager/steps/manager/sources unknown-source", text: `there is no step "clean"`},
		{name: "a script gives less than its successor reads", component: fleet, edit: func(t *testing.T, c object) {
			delete(step(t, c, "import_cars", "split")["params"].(object)["result"].(object), "vin")
		}, problem: fleet + " dataflows/import_cars/steps/collect/params/fields/car_vin invalid-expression", text: "unknown field `vin`"},
		{name: "a script gives another type than its successor computes with", component: fleet, edit: func(t *testing.T, c object) {
			step(t, c, "import_cars", "split")["params"].(object)["result"].(object)["made"] = "text"
		}, problem: fleet + " dataflows/import_cars/steps/collect/params/fields/year_of_manufacture invalid-expression", text: "cannot be applied to"},
		{name: "a script is not Python any more", component: "invoice", edit: func(t *testing.T, c object) {
			part(t, c["scripts"], "due_summary")["source"] = "def main(item:\n    return item\n"
		}, problem: "invoice scripts/due_summary python", text: "was never closed"},

		// Values that would be lost must be confirmed by name.
		{name: "values go that nothing uses", component: fleet, edit: dropField("note"), loss: fleet + ".note"},
		{name: "an app with entries goes offline", remove: "invoice", loss: "invoice"},
	}
}

// Every one of these changes would break an app that is in use. The gate says which, where and why, before anything happens.
func TestBreakingChanges(t *testing.T) {
	s := open(t, stand.One)
	u, cars := dealership(t, s)
	for _, b := range breakingChanges() {
		t.Run(b.name, func(t *testing.T) {
			choice := object{}
			if b.remove != "" {
				choice["remove"] = list{b.remove}
			} else {
				before := u.get(t, "/v1/components/"+b.component)
				defer u.patch(t, b.component, func(_ *testing.T, c object) { maps.Copy(c, before) })
				u.patch(t, b.component, b.edit)
			}
			plan := u.call(t, "POST", "/v1/publications:plan", choice).ok()
			var losses []any
			for _, l := range items(t, plan, "losses") {
				losses = append(losses, at(t, l, "name"))
			}
			if b.loss != "" {
				require.Equal(t, true, plan["publishable"], "%v", plan["problems"])
				require.Equal(t, []any{b.loss}, losses)
				refused := u.call(t, "POST", "/v1/publications", choice).refused(400, "PUBLICATION_LOSES_DATA")
				require.Contains(t, fmt.Sprint(refused.Violations), b.loss)
				return
			}
			text := strings.NewReplacer("$0", cars[0], "$1", cars[1], "$2", cars[2]).Replace(b.text)
			var problems []string
			found := false
			for _, p := range items(t, plan, "problems") {
				where := fmt.Sprintf("%s %s %s", at(t, p, "component"), at(t, p, "path"), at(t, p, "reason"))
				message := fmt.Sprint(at(t, p, "message"))
				problems = append(problems, where+": "+message)
				found = found || where == b.problem && strings.Contains(message, text) && at(t, p, "severity") == "SEVERITY_ERROR"
			}
			require.True(t, found, "%s: %s\nis not among\n%s", b.problem, text, strings.Join(problems, "\n"))
			require.NotEqual(t, true, plan["publishable"])
			u.call(t, "POST", "/v1/publications", choice).refused(400, "PUBLICATION_HAS_PROBLEMS")
		})
	}
}

// The plan says in words what callers of the API notice, who may do more or less, which parts use what changes, and what row rules let
// roles do with the entries that are there.
func TestBreakingPlan(t *testing.T) {
	s := open(t, stand.One)
	u, _ := dealership(t, s)
	live := text(t, u.get(t, "/v1/published/components"), "release")
	stale := u.get(t, "/v1/components/"+fleet)
	u.patch(t, fleet, func(t *testing.T, c object) {
		settings := c["settings"].(object)
		settings["access"] = list{
			object{"role": "fleet_clerk", "operations": list{"OPERATION_READ", "OPERATION_CREATE", "OPERATION_UPDATE", "OPERATION_DELETE"}},
			object{"role": "fleet_auditor", "operations": list{"OPERATION_READ"}, "filter": "entry.creator_subject == user.id"},
			object{"role": "specialist", "operations": list{"OPERATION_READ"}, "filter": "entry.seats == 5"},
			object{"role": "specialist", "operations": list{"OPERATION_UPDATE"}, "filter": "entry.is_manager_exists == true"},
		}
		m := c["model"].(object)
		drop(t, m, "fields", "note")
		modelField(t, c, "color")["name"] = "paint"
		m["fields"] = append(items(t, m, "fields"), object{"name": "seats", "title": "Seats", "type": "FIELD_TYPE_INTEGER"})
		modelField(t, c, "price")["number"] = object{"min": "1", "precision": 2}
		part(t, c["pages"], "enter_contract")["roles"] = list{"admin", "specialist", "fleet_clerk"}
	})
	u.call(t, "PATCH", "/v1/components/"+fleet+"?updateMask=description", stale).refused(409, "ETAG_MISMATCH")

	plan := u.call(t, "POST", "/v1/publications:plan", object{"components": list{fleet}}).ok()
	words := func(plan object, list string, keys ...string) []string {
		var out []string
		for _, i := range items(t, plan, list) {
			var parts []string
			for _, k := range keys {
				parts = append(parts, fmt.Sprint(at(t, i, k)))
			}
			out = append(out, strings.Join(parts, " "))
		}
		return out
	}
	require.Equal(t, []string{
		"true /v1/components/car_fleet/entries the field color is called paint now",
		"true /v1/components/car_fleet/entries the field price takes other values than before",
		"false /v1/components/car_fleet/entries the field seats is new",
		"true /v1/components/car_fleet/entries the field note is gone",
	}, words(plan, "apiChanges", "breaking", "path", "text"))
	require.Equal(t, []string{
		"false true Role fleet_auditor may now read only entries of Car Fleet where entry.creator_subject == user.id",
		"true false Role fleet_clerk may now read, create and update all entries of Car Fleet, no longer only where entry.is_archieved != true",
		"true false Role fleet_clerk may now delete entries of Car Fleet",
		"false false Role specialist may now read entries of Car Fleet where entry.seats == 5, no longer where entry.is_manager_exists == true",
		"true false Role fleet_clerk may now open page Enter into a contract of Car Fleet",
		"false true Role developer may no longer open page Enter into a contract of Car Fleet",
	}, words(plan, "permissionChanges", "more", "less", "text"))
	require.Equal(t, []string{
		"fleet_auditor OPERATION_READ 0 0 0 depends on who asks",
		"fleet_auditor OPERATION_UPDATE 3 0 0 ",
		"fleet_auditor OPERATION_DELETE 3 0 0 ",
		"fleet_clerk OPERATION_READ 3 2 3 ",
		"fleet_clerk OPERATION_UPDATE 3 2 3 ",
		"fleet_clerk OPERATION_DELETE 3 0 3 ",
		"specialist OPERATION_READ 0 0 0 the rule needs a field that is not in the database yet",
		"specialist OPERATION_UPDATE 3 0 0 ",
		"specialist OPERATION_DELETE 3 0 0 ",
	}, words(plan, "ruleTests", "role", "operation", "entries", "now", "next", "note"))
	affected := words(plan, "affected", "broken", "component", "kind", "id", "title", "reasons")
	require.Contains(t, affected, "false car_fleet page main Cars without a manager [uses price of Car Fleet, which has other rules]")
	require.Contains(t, affected, "true car_fleet page add_car Add a car [there is no field \"color\" uses price of Car Fleet, which has other rules]")

	// One at a time; and what was live can be brought back by the same plan in reverse.
	u.patch(t, fleet, func(t *testing.T, c object) { modelField(t, c, "paint")["name"] = "color" })
	first := u.call(t, "POST", "/v1/publications", object{"components": list{fleet}, "confirmLosses": list{fleet + ".note"}}).ok()
	u.call(t, "POST", "/v1/publications", object{"components": list{fleet}}).refused(409, "PUBLICATION_IN_PROGRESS")
	u.succeeded(t, text(t, first, "id"))
	back := u.call(t, "POST", "/v1/publications:plan", object{"restoreRelease": live}).ok()
	require.Equal(t, true, back["publishable"], "%v", back["problems"])
	require.Contains(t, words(back, "apiChanges", "text"), "the field seats is gone")
	require.Contains(t, words(back, "permissionChanges", "text"), "Role fleet_clerk may no longer delete entries of Car Fleet")
	require.Contains(t, words(back, "ruleTests", "role", "operation", "now", "next"), "fleet_clerk OPERATION_READ 3 2")
	for i := range 2 {
		u.create(t, fleet, object{"car_vin": fmt.Sprint("VIN00001", i), "brand": "Fiat", "price": "1"})
	}
	u.call(t, "POST", "/v1/publications:plan", object{"restoreRelease": live, "components": list{fleet}}).refused(400, "INVALID_FIELDS")
	u.call(t, "POST", "/v1/publications:plan", object{"restoreRelease": "rel-none"}).refused(404, "RELEASE_NOT_FOUND")
	u.patch(t, fleet, func(t *testing.T, c object) { modelField(t, c, "price")["number"] = object{"precision": 4} })
	u.publish(t, fleet)
	u.create(t, fleet, object{"car_vin": "VIN000020", "brand": "Fiat", "price": "1.2345"})
	refused := u.call(t, "POST", "/v1/publications:plan", object{"restoreRelease": live}).ok()
	require.Contains(t, fmt.Sprint(words(refused, "problems", "component", "path", "reason", "message")),
		"car_fleet model/fields/price schema-conflict at most 2 digits after the point are allowed, and some entries have more (1 rows")
	u.call(t, "POST", "/v1/publications", object{"restoreRelease": live}).refused(400, "PUBLICATION_HAS_PROBLEMS")
}

// dealership is a site with two apps that are in use; it returns the ids of its three cars too.
func dealership(t *testing.T, s *site) (*user, []string) {
	t.Helper()
	u := s.signUp(t)
	u.build(t, u.sample(t, "dealership"))
	u.build(t, u.sample(t, "invoice"))
	u.patch(t, fleet, func(t *testing.T, c object) {
		m := c["model"].(object)
		m["fields"] = append(items(t, m, "fields"), object{"name": "note", "title": "Note", "type": "FIELD_TYPE_STRING"})
		c["settings"].(object)["triggers"] = list{object{"id": "expensive", "operation": "OPERATION_UPDATE", "workflow": "contract", "condition": "entry.price > 100000.0"}}
		step(t, c, "import_cars", "collect")["params"].(object)["fields"].(object)["year_of_manufacture"] = "item.made + 0"
	})
	u.patch(t, "managers_grid", func(t *testing.T, c object) {
		props := node(t, c, "managers", "grid")["props"].(object)
		props["orderBy"] = "brand, year_of_manufacture desc"
		props["columns"] = append(items(t, props, "columns"), object{"field": "choosen_manager.manager_name", "header": "Name"})
	})
	button := func(page, root, id string, action object) func(*testing.T, object) {
		return func(t *testing.T, c object) {
			nodes := at(t, part(t, c["pages"], page), "document", "nodes").(object)
			nodes[id] = object{"type": "button", "name": id, "props": object{"label": id, "action": action}, "slots": object{}}
			slots := nodes[root].(object)["slots"].(object)
			slots["children"] = append(items(t, slots, "children"), id)
		}
	}
	u.patch(t, "transaction_specialists", button("specialists", "page", "add", object{"type": "run-dataflow", "dataflow": "save", "input": object{"manager_name": "Nobody"}}))
	u.patch(t, "invoice", button("all_invoices", "page", "due", object{"type": "run-script", "script": "due_summary"}))
	u.publish(t)
	manager := text(t, u.create(t, "transaction_specialists", object{"manager_name": "Mara"}), "id")
	var cars []string
	for i, color := range []any{"red", "blue", nil} {
		cars = append(cars, text(t, u.create(t, fleet, object{"car_vin": fmt.Sprintf("VIN00000%d", i), "brand": []string{"Ford", "Ford", "Fiat"}[i], "color": color,
			"year_of_manufacture": 1970 + i, "price": "1000.25", "choosen_manager": manager, "note": "old", "is_archieved": i == 0}), "id"))
	}
	u.create(t, "invoice", invoice("INV-1", "5", 4))
	return u, cars
}
