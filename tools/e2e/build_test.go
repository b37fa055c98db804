package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parts are the lists of a component, and what SavePart and DeletePart call one of each.
var parts = []struct{ list, one, kind string }{
	{"pages", "page", "PART_KIND_PAGE"}, {"dataflows", "dataflow", "PART_KIND_DATAFLOW"},
	{"workflows", "workflow", "PART_KIND_WORKFLOW"}, {"scripts", "script", "PART_KIND_SCRIPT"},
}

// sample reads the definition of a sample.
func (u *user) sample(t *testing.T, id string) object {
	t.Helper()
	return u.get(t, "/v1/samples/"+id)
}

// sampleFile reads a file that belongs to a sample.
func sampleFile(t *testing.T, sample, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "services", "gateway", "internal", "samples", "data", sample, name))
	require.NoError(t, err)
	return content
}

// build makes what a sample consists of by hand, call by call: roles, components, then part after part.
func (u *user) build(t *testing.T, sample object) {
	t.Helper()
	for _, r := range items(t, sample, "roles") {
		u.call(t, "POST", "/v1/roles", object{
			"id": at(t, r, "id"), "displayName": at(t, r, "displayName"), "grants": at(t, r, "grants"),
		}).ok()
	}
	for _, c := range items(t, sample, "components") {
		u.buildComponent(t, c.(object))
	}
}

func (u *user) buildComponent(t *testing.T, c object) {
	t.Helper()
	id := text(t, c, "id")
	bare := object{"id": id}
	for _, name := range []string{"displayName", "description", "model", "settings"} {
		if v := c[name]; v != nil {
			bare[name] = v
		}
	}
	made := u.call(t, "POST", "/v1/components", bare).ok()
	require.NotEmpty(t, text(t, made, "uid"))
	for _, p := range parts {
		for _, part := range items(t, c, p.list) {
			made = u.savePart(t, id, text(t, made, "etag"), p.one, part)
		}
	}
	for _, p := range parts {
		require.Equal(t, column(t, items(t, c, p.list), "id"), column(t, items(t, made, p.list), "id"), p.list)
	}
}

// savePart saves one part and returns the new revision.
func (u *user) savePart(t *testing.T, component, etag, one string, part any) object {
	t.Helper()
	return u.call(t, "PUT", "/v1/components/"+component+"/part", object{"etag": etag, one: part}).ok()
}

// patch saves a component that was edited.
func (u *user) patch(t *testing.T, id string, edit func(*testing.T, object)) {
	t.Helper()
	c := u.get(t, "/v1/components/"+id)
	etag := c["etag"]
	c = clone(t, c)
	edit(t, c)
	c["etag"] = etag
	u.call(t, "PATCH", "/v1/components/"+id+"?updateMask=model,pages,dataflows,workflows,scripts,settings", c).ok()
}

// check returns what is wrong with a component.
func (u *user) check(t *testing.T, component string) list {
	t.Helper()
	return items(t, u.call(t, "POST", "/v1/components/"+component+":check", object{}).ok(), "problems")
}

// publish makes the newest revisions live and returns the publication.
func (u *user) publish(t *testing.T, components ...string) object {
	t.Helper()
	p := u.call(t, "POST", "/v1/publications", object{"components": components, "requestId": random()}).ok()
	return u.succeeded(t, text(t, p, "id"))
}

// succeeded follows a publication to its end, which must be a good one.
func (u *user) succeeded(t *testing.T, publication string) object {
	t.Helper()
	states := u.watch(t, publication)
	last := states[len(states)-1]
	require.Equal(t, "PUBLICATION_STATE_SUCCEEDED", last["state"], "%v", last)
	require.EqualValues(t, 100, last["progress"])
	require.NotEmpty(t, text(t, last, "release"))
	return last
}

// watch follows a publication to its end and returns all that it said.
func (u *user) watch(t *testing.T, publication string) []object {
	t.Helper()
	a := u.call(t, "GET", "/v1/publications/"+publication+":watch", nil)
	require.Equal(t, 200, a.Code, "%s", a.Body)
	var states []object
	for line := range strings.Lines(string(a.Body)) {
		var message struct{ Result object }
		require.NoError(t, json.Unmarshal([]byte(line), &message), line)
		require.Contains(t, message.Result, "state", line)
		states = append(states, message.Result)
	}
	require.NotEmpty(t, states)
	for i := range states[1:] {
		require.GreaterOrEqual(t, wholeNumber(t, states[i+1]["progress"]), wholeNumber(t, states[i]["progress"]), "progress goes forward")
	}
	return states
}

func entriesPath(component string) string { return "/v1/components/" + component + "/entries" }

// create stores an entry.
func (u *user) create(t *testing.T, component string, fields object) object {
	t.Helper()
	return u.call(t, "POST", entriesPath(component), object{"fields": fields}).ok()
}

// count counts the entries that a filter lets through and the user may see.
func (u *user) count(t *testing.T, component, filter string) int {
	t.Helper()
	return wholeNumber(t, u.get(t, entriesPath(component)+query("pageSize", "1", "count", "true", "filter", filter))["totalSize"])
}

// run runs a dataflow.
func (u *user) run(t *testing.T, component, dataflow string, input any, more ...object) answer {
	t.Helper()
	body := object{"input": input}
	for _, m := range more {
		for k, v := range m {
			body[k] = v
		}
	}
	return u.call(t, "POST", "/v1/components/"+component+"/dataflows/"+dataflow+":run", body)
}

// reaches waits until a run is in a state, and returns it.
func (u *user) reaches(t *testing.T, run, state string) object {
	t.Helper()
	var r object
	eventually(t, "run "+run+" reaches "+state, func() bool {
		r = u.get(t, "/v1/runs/"+run)
		require.NotEqual(t, "RUN_STATE_FAILED", r["state"], "%v", r)
		return r["state"] == state
	})
	return r
}

// task waits for the open task of a run and returns it.
func (u *user) task(t *testing.T, run string) object {
	t.Helper()
	var found object
	eventually(t, "an open task of run "+run, func() bool {
		for _, task := range items(t, u.get(t, "/v1/tasks"), "tasks") {
			if at(t, task, "run") == run {
				found = task.(object)
			}
		}
		return found != nil
	})
	return found
}

// clone copies JSON.
func clone(t *testing.T, v any) object {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	out := object{}
	require.NoError(t, json.Unmarshal(text, &out))
	return out
}
