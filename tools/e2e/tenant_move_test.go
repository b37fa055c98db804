package e2e_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// A tenant travels with people, definitions, entries, history, files and waiting runs from an installation that serves into another
// one that serves, and once more into the one that it came from, under another name.
func TestTenantTravels(t *testing.T) {
	t.Parallel()
	s, other := open(t, stand.One), alone(t)
	secret := []string{"AQTRA_ARCHIVE_PASSPHRASE=correct horse battery"}
	u, makers := machines(t, s)
	u.invite(t, "member")
	u.build(t, u.sample(t, "invoice"))
	u.publish(t, "invoice")
	content := []byte("a\tb\\n\nc")
	file := u.upload(t, "a.txt", "text/plain", content)
	given := object{
		"code": "AB-1", "label": "Größe \t😀\\ \"\r\n<b>", "amount": "9007199254740993", "level": 5.0, "price": "12345678901234567890.12",
		"active": false, "seen": "2026-01-31T13:05:00.123456Z", "picture": file, "maker": makers[0], "parts": list{makers[2], makers[1]}, "secret": "shh\\N",
	}
	machine := text(t, u.create(t, "machine", given), "id")
	u.call(t, "PATCH", entriesPath("machine")+"/"+machine, object{"fields": object{"secret": "kept", "amount": "1"}}).ok()
	before := u.get(t, entriesPath("machine")+"/"+machine)
	changes := items(t, u.get(t, entriesPath("machine")+"/"+machine+"/changes"), "changes")
	entry := text(t, u.create(t, "invoice", invoice("INV-KEPT", "5000", 0)), "id")
	run := text(t, u.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": entry}}).ok(), "id")
	task := text(t, u.task(t, run), "id")

	archive := filepath.Join(t.TempDir(), "tenant.aqtra")
	said, err := programWith(t, s.Data, secret, "tenant", "export", "nobody has this name", archive)
	require.Error(t, err)
	require.Contains(t, said, `there is no organization with the name or id "nobody has this name"`)
	require.NoFileExists(t, archive)
	said, err = programWith(t, s.Data, secret, "tenant", "export", "Tenant of "+u.email, archive)
	require.NoError(t, err, said)
	require.NotContains(t, said, "at work just then", "the run waits")
	u.create(t, "invoice", invoice("INV-LATER", "1", 0))

	whole, err := os.ReadFile(archive)
	require.NoError(t, err)
	require.NotContains(t, string(whole), "INV-KEPT")
	damaged := filepath.Join(t.TempDir(), "damaged.aqtra")
	for name, bytes := range map[string][]byte{
		"a byte changed": append(append(append([]byte{}, whole[:len(whole)/2]...), whole[len(whole)/2]^1), whole[len(whole)/2+1:]...),
		"it was cut off": whole[:len(whole)-1],
	} {
		require.NoError(t, os.WriteFile(damaged, bytes, 0o600))
		said, err = programWith(t, other.Data, secret, "tenant", "import", damaged)
		require.Error(t, err, name)
		require.Contains(t, said, "the archive is damaged, or was cut off", name)
	}
	said, err = programWith(t, other.Data, []string{"AQTRA_ARCHIVE_PASSPHRASE=another one, which is wrong"}, "tenant", "import", archive)
	require.Error(t, err)
	require.Contains(t, said, "the passphrase or the key is not the one")

	said, err = programWith(t, other.Data, secret, "tenant", "import", archive)
	require.NoError(t, err, said)
	require.Contains(t, said, "0 were here already and keep their password, 0 came with theirs, 2 need a new one", "the other installation has a pepper of its own")
	link := regexp.MustCompile(regexp.QuoteMeta(u.email) + ` sets a password .*#token=(\S+)`).FindStringSubmatch(said)
	require.NotNil(t, link, said)
	other.nobody(t).call(t, "POST", "/v1/passwords:reset", object{"token": link[1], "password": password}).ok()
	v := other.entered(t, u.email, other.nobody(t).call(t, "POST", "/v1/sessions", object{"email": u.email, "password": password, "returnToken": true}).ok())
	require.Equal(t, u.tenant, v.tenant)
	same(t, v, machine, before, changes)
	require.Equal(t, content, v.call(t, "GET", "/v1/files/"+file+":download", nil).Body)
	require.Equal(t, 1, v.count(t, "invoice", ""), "what came later is not there")
	require.Len(t, items(t, v.get(t, "/v1/users"), "users"), 2)
	goesOn(t, v, run, task, entry)

	said, err = programWith(t, other.Data, secret, "tenant", "import", archive)
	require.Error(t, err)
	require.Contains(t, said, "give this one another name with --as NAME")

	// Where it came from it is another organization, and both are of the same people.
	said, err = programWith(t, s.Data, secret, "tenant", "import", archive, "--as", "Second of "+u.email)
	require.NoError(t, err, said)
	require.Contains(t, said, "2 were here already")
	id := regexp.MustCompile(`is here, with the id (\w+)`).FindStringSubmatch(said)
	require.NotNil(t, id, said)
	w := s.entered(t, u.email, s.nobody(t).call(t, "POST", "/v1/sessions", object{"email": u.email, "password": password, "tenant": id[1], "returnToken": true}).ok())
	require.NotEqual(t, u.tenant, w.tenant)
	same(t, w, machine, before, changes)
	require.Equal(t, content, w.call(t, "GET", "/v1/files/"+file+":download", nil).Body)
	goesOn(t, w, run, task, entry)
	require.Equal(t, 2, u.count(t, "invoice", ""), "the first is as it was")
	require.Equal(t, "RUN_STATE_WAITING", u.get(t, "/v1/runs/"+run)["state"])
}

func same(t *testing.T, u *user, machine string, before object, changes list) {
	t.Helper()
	require.Equal(t, before, u.get(t, entriesPath("machine")+"/"+machine))
	require.Equal(t, changes, items(t, u.get(t, entriesPath("machine")+"/"+machine+"/changes"), "changes"))
}

// goesOn answers a question that came along, and publishes a change.
func goesOn(t *testing.T, u *user, run, task, entry string) {
	t.Helper()
	u.call(t, "POST", "/v1/tasks/"+task+":answer", object{"answer": 1}).ok()
	u.reaches(t, run, "RUN_STATE_SUCCEEDED")
	require.EqualValues(t, 1, wholeNumber(t, at(t, u.get(t, entriesPath("invoice")+"/"+entry), "fields", "InvoiceState")))
	u.patch(t, "invoice", func(t *testing.T, c object) {
		m := c["model"].(object)
		m["fields"] = append(items(t, m, "fields"), object{"name": "note", "title": "Note", "type": "FIELD_TYPE_STRING", "query": true})
	})
	u.publish(t, "invoice")
	u.create(t, "invoice", object{"InvoiceNumber": "INV-" + strings.ToUpper(random()), "InvoiceName": "After", "note": "it works"})
}
