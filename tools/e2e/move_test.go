package e2e_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// A dataflow goes to another component, and who uses it finds it there: a page, a task, a step.
func TestMoveDataflow(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		admin := s.signUp(t)
		admin.build(t, admin.sample(t, "dealership"))
		admin.publish(t)
		etag := func() any { return admin.get(t, "/v1/components/"+fleet)["etag"] }
		request := object{"kind": "RENAME_KIND_DATAFLOW", "target": "import_cars", "to": "managers_grid", "etag": etag(), "validateOnly": true}
		told := admin.move(t, fleet, request).ok()
		require.Equal(t, request["etag"], etag(), "only told")
		clerk := admin.invite(t, "fleet_clerk")
		clerk.move(t, fleet, request).refused(403, "PERMISSION_DENIED")

		request["validateOnly"] = false
		done := admin.move(t, fleet, request).ok()
		require.Equal(t, told["changes"], done["changes"])
		admin.move(t, fleet, request).refused(409, "ETAG_MISMATCH")
		require.Contains(t, fmt.Sprint(done["changes"]), "import_cars")
		require.Contains(t, fmt.Sprint(items(t, admin.get(t, "/v1/components/managers_grid"), "dataflows")), "import_cars")
		for _, c := range []string{fleet, "managers_grid"} {
			require.Empty(t, admin.check(t, c), c)
		}
		admin.publish(t)
		file := admin.upload(t, "cars.json", "application/json", sampleFile(t, "dealership", "cars.json"))
		admin.run(t, "managers_grid", "import_cars", object{"file": file}).ok()
		require.Equal(t, 406, admin.count(t, fleet, ""), "it does there what it did")
		admin.run(t, fleet, "import_cars", object{"file": file}).refused(404, "DATAFLOW_NOT_FOUND")
	})
}

func TestMoveIsRefused(t *testing.T) {
	s := open(t, stand.One)
	admin := s.signUp(t)
	admin.build(t, admin.sample(t, "dealership"))
	request := func(kind, target, to string) object {
		return object{"kind": "RENAME_KIND_" + kind, "target": target, "to": to, "etag": admin.get(t, "/v1/components/"+fleet)["etag"]}
	}
	for name, one := range map[string]struct {
		request object
		code    int
		reason  string
		words   string
	}{
		"no kind":       {request("UNSPECIFIED", "main", "managers_grid"), 400, "INVALID_FIELDS", "must be a page"},
		"a field":       {request("FIELD", "main", "managers_grid"), 400, "INVALID_FIELDS", "must be a page"},
		"no part":       {request("PAGE", "nothing", "managers_grid"), 404, "PART_NOT_FOUND", "nothing"},
		"no component":  {request("PAGE", "main", "nowhere"), 400, "INVALID_FIELDS", "is no component"},
		"where it is":   {request("PAGE", "main", fleet), 400, "INVALID_FIELDS", "is the component that it is in"},
		"shows its own": {request("PAGE", "add_car", "managers_grid"), 400, "DEFINITION_INVALID", "add_car"},
	} {
		t.Run(name, func(t *testing.T) {
			got := admin.move(t, fleet, one.request).refused(one.code, one.reason)
			require.Contains(t, fmt.Sprint(got), one.words)
		})
	}
}

// Every part of the sample apps that can be in another component can go there and back: then all is as it was.
func TestMoveThereAndBack(t *testing.T) {
	s := open(t, stand.One)
	for _, sample := range []string{"invoice", "dealership"} {
		t.Run(sample, func(t *testing.T) {
			t.Parallel()
			admin := s.signUp(t)
			definition := admin.sample(t, sample)
			other := object{"id": "elsewhere", "name": "Elsewhere"}
			definition["components"] = append(items(t, definition, "components"), other)
			admin.build(t, definition)
			var components []string
			for _, c := range items(t, definition, "components") {
				components = append(components, text(t, c, "id"))
			}
			read := func() (all []object) {
				for _, id := range components {
					c := admin.get(t, "/v1/components/"+id)
					for _, key := range []string{"revision", "etag", "updateTime"} {
						delete(c, key)
					}
					for _, parts := range []string{"pages", "dataflows", "workflows", "scripts"} {
						if list, ok := c[parts].(list); ok {
							slices.SortFunc(list, func(a, b any) int { return strings.Compare(text(t, a, "id"), text(t, b, "id")) })
						}
					}
					all = append(all, c)
				}
				return all
			}
			problems := func() (all list) {
				for _, id := range components {
					all = append(all, admin.check(t, id)...)
				}
				return all
			}
			known, moved := len(problems()), []string{}
			for _, id := range components {
				for _, one := range targets(t, admin.get(t, "/v1/components/"+id)) {
					if one.kind == "RENAME_KIND_FIELD" {
						continue
					}
					want := read()
					there := admin.move(t, id, object{"kind": one.kind, "target": one.id, "to": "elsewhere", "etag": admin.get(t, "/v1/components/"+id)["etag"]})
					if there.Code != 200 {
						there.refused(400, "DEFINITION_INVALID")
						require.Equal(t, want, read())
						continue
					}
					require.Len(t, problems(), known, "%s %s", id, one.name)
					require.NotEqual(t, want, read())
					admin.move(t, "elsewhere", object{"kind": one.kind, "target": one.id, "to": id, "etag": admin.get(t, "/v1/components/elsewhere")["etag"]}).ok()
					require.Equal(t, want, read(), "%s %s", id, one.name)
					moved = append(moved, one.kind+" "+one.name)
				}
			}
			t.Log(moved)
			require.NotEmpty(t, moved)
		})
	}
}

func (u *user) move(t *testing.T, component string, request object) answer {
	t.Helper()
	return u.call(t, "POST", "/v1/components/"+component+":move", request)
}
