package e2e_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// A field that gets another name keeps its column and its values, and all that uses it follows.
func TestRenameField(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin := s.signUp(t)
		admin.build(t, admin.sample(t, "dealership"))
		admin.publish(t)
		admin.create(t, fleet, object{"car_vin": "VIN000007", "brand": "Ford"})

		before := admin.get(t, "/v1/components/"+fleet)
		id := text(t, field(t, before["model"], "car_vin"), "id")
		request := object{"kind": "RENAME_KIND_FIELD", "target": id, "name": "vin", "etag": before["etag"], "validateOnly": true}
		told := admin.rename(t, fleet, request).ok()
		require.Equal(t, before["etag"], admin.get(t, "/v1/components/"+fleet)["etag"], "only told")
		clerk := admin.invite(t, "fleet_clerk")
		clerk.rename(t, fleet, request).refused(403, "PERMISSION_DENIED")

		request["validateOnly"] = false
		done := admin.rename(t, fleet, request).ok()
		require.Equal(t, told["changes"], done["changes"])
		admin.rename(t, fleet, request).refused(409, "ETAG_MISMATCH")
		var paths []string
		for _, c := range items(t, done, "changes") {
			paths = append(paths, text(t, c, "component")+" "+text(t, c, "path"))
		}
		for _, want := range []string{
			"car_fleet model/fields/car_vin",
			"car_fleet pages/main/nodes/grid/props/columns/0/field",
			"car_fleet pages/add_car/nodes/vin/props/field",
			"car_fleet dataflows/import_cars/steps/collect/params/key/0",
			"car_fleet dataflows/import_cars/steps/collect/params/fields/car_vin",
			"car_fleet dataflows/add_car/steps/store/params/fields/car_vin",
			"managers_grid pages/managers/nodes/grid/props/columns/0/field",
		} {
			require.Contains(t, paths, want)
		}
		require.Contains(t, fmt.Sprint(done["mentions"]), "input.car_vin", "what cannot be known is told")

		for _, c := range []string{fleet, "managers_grid", "transaction_specialists"} {
			require.Empty(t, admin.check(t, c), c)
		}
		plan := admin.call(t, "POST", "/v1/publications:plan", object{}).ok()
		require.Empty(t, plan["changes"], "a rename changes no table")
		require.Empty(t, plan["losses"])
		document := func() object {
			return at(t, admin.get(t, "/v1/published/openapi.json"), "components", "schemas", fleet+".Fields", "properties").(object)
		}
		require.Contains(t, document(), "car_vin")
		admin.publish(t)
		require.Contains(t, document(), "vin", "who calls the API reads the new name")
		require.NotContains(t, document(), "car_vin")
		found := items(t, admin.get(t, entriesPath(fleet)+query("filter", "vin == 'VIN000007'")), "entries")
		require.Len(t, found, 1)
		require.Equal(t, "VIN000007", at(t, found[0], "fields", "vin"))
		require.Equal(t, 400, admin.call(t, "GET", entriesPath(fleet)+query("filter", "car_vin == 'VIN000007'"), nil).refusal().Code)
		admin.run(t, fleet, "add_car", object{"vin": "VIN000008", "brand": "Opel"}).ok()
		require.Equal(t, 1, admin.count(t, fleet, "vin == 'VIN000008'"))
	})
}

// What a rename would change the meaning of, or cannot write, stands in its way; nothing changes then.
func TestRenameIsRefused(t *testing.T) {
	admin := open(t, stand.One).signUp(t)
	admin.build(t, admin.sample(t, "dealership"))
	step := func(id, kind string, params object, sources ...string) object {
		return object{"id": id, "type": kind, "sources": sources, "params": params}
	}
	for name, tt := range map[string]struct {
		path  string
		steps list
	}{
		"captured by a loop": {"params/filter", list{
			step("read", "get-raw-model", object{}),
			step("find", "query-entity-by-filter", object{"component": fleet, "filter": "['a', 'b'].exists(vin, vin == car_vin)"}, "read"),
		}},
		"taken by its name": {"params/fields", list{
			step("read", "get-raw-model", object{}),
			step("made", "transform-model", object{"fields": object{"car_vin": "'VIN1'"}}, "read"),
			step("store", "update-entry", object{"component": fleet}, "made"),
		}},
		"beside an error": {"params/condition", list{
			step("read", "get-raw-model", object{}),
			step("some", "filter-source", object{"condition": "itm.car_vin == ''"}, "read"),
		}},
	} {
		etag := func() any { return admin.get(t, "/v1/components/"+fleet)["etag"] }
		admin.savePart(t, fleet, etag().(string), "dataflow", object{"id": "draft", "title": "Draft", "steps": tt.steps})
		before := admin.get(t, "/v1/components/"+fleet)
		id := text(t, field(t, before["model"], "car_vin"), "id")
		answer := admin.rename(t, fleet, object{"kind": "RENAME_KIND_FIELD", "target": id, "name": "vin", "etag": etag()}).refusal()
		require.Equal(t, "DEFINITION_INVALID", answer.Reason, name)
		require.Contains(t, fmt.Sprint(answer.fields()), tt.path, name)
		require.Equal(t, before, admin.get(t, "/v1/components/"+fleet), name)
	}
}

// Every field and part of the sample apps can have another name and its own again: then all is as it was.
func TestRenameThereAndBack(t *testing.T) {
	s := open(t, stand.One)
	for _, sample := range []string{"invoice", "dealership"} {
		t.Run(sample, func(t *testing.T) {
			t.Parallel()
			admin := s.signUp(t)
			definition := admin.sample(t, sample)
			admin.build(t, definition)
			var components []string
			for _, c := range items(t, definition, "components") {
				components = append(components, text(t, c, "id"))
			}
			read := func() (string, map[string]object) {
				var all strings.Builder
				newest := map[string]object{}
				for _, id := range components {
					c := admin.get(t, "/v1/components/"+id)
					newest[id] = clone(t, c)
					for _, key := range []string{"revision", "etag", "updateTime"} {
						delete(c, key)
					}
					b, err := json.Marshal(c)
					require.NoError(t, err)
					all.Write(b)
				}
				return all.String(), newest
			}
			problems := func() (all list) {
				for _, id := range components {
					all = append(all, admin.check(t, id)...)
				}
				return all
			}
			want, newest := read()
			known := problems()
			renamed := 0
			for _, id := range components {
				for _, one := range targets(t, newest[id]) {
					there := admin.rename(t, id, object{"kind": one.kind, "target": one.id, "name": "zz_" + strings.ToLower(one.name),
						"etag": admin.get(t, "/v1/components/"+id)["etag"]}).ok()
					require.NotEmpty(t, there["changes"])
					require.Len(t, problems(), len(known), "%s %s", id, one.name)
					changed, _ := read()
					require.NotEqual(t, want, changed)
					back := one.id
					if one.kind != "RENAME_KIND_FIELD" {
						back = "zz_" + one.name
					}
					admin.rename(t, id, object{"kind": one.kind, "target": back, "name": one.name,
						"etag": admin.get(t, "/v1/components/"+id)["etag"]}).ok()
					now, _ := read()
					require.Equal(t, want, now, "%s %s", id, one.name)
					renamed++
				}
			}
			require.Greater(t, renamed, 10)
		})
	}
}

type renamable struct{ kind, id, name string }

func targets(t *testing.T, c object) (all []renamable) {
	t.Helper()
	model, _ := c["model"].(object)
	fields, _ := model["fields"].(list)
	for _, f := range fields {
		all = append(all, renamable{"RENAME_KIND_FIELD", text(t, f, "id"), text(t, f, "name")})
	}
	for key, kind := range map[string]string{
		"pages": "RENAME_KIND_PAGE", "dataflows": "RENAME_KIND_DATAFLOW", "workflows": "RENAME_KIND_WORKFLOW", "scripts": "RENAME_KIND_SCRIPT",
	} {
		parts, _ := c[key].(list)
		for _, p := range parts {
			all = append(all, renamable{kind, text(t, p, "id"), text(t, p, "id")})
		}
	}
	return all
}

func (u *user) rename(t *testing.T, component string, request object) answer {
	t.Helper()
	return u.call(t, "POST", "/v1/components/"+component+":rename", request)
}
