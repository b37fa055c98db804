package e2e_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/e2e/stand"
)

// program runs aqtra on a data folder and returns what it said.
func program(t *testing.T, data string, args ...string) (string, error) {
	t.Helper()
	return programWith(t, data, nil, args...)
}

// programWith runs aqtra with further settings.
func programWith(t *testing.T, data string, settings []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(binaries(t), "aqtra"), args...)
	cmd.Env = append(append(os.Environ(), "AQTRA_DATA="+data), settings...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// An installation that serves is copied, and the copy is one that serves: people sign in, entries, files and runs are there, and
// the next publication works.
func TestBackup(t *testing.T) {
	t.Parallel()
	s := open(t, stand.One)
	u := invoices(t, s)
	entry := text(t, u.create(t, "invoice", invoice("INV-KEPT", "5000", 0)), "id")
	run := text(t, u.call(t, "POST", "/v1/components/invoice/workflows/approval:start", object{"input": object{"entry": entry}}).ok(), "id")
	task := text(t, u.task(t, run), "id")
	content := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 300<<10)...)
	file := u.upload(t, "a.png", "image/png", content)

	dir := filepath.Join(t.TempDir(), "backup")
	said, err := program(t, s.Data, "backup", dir)
	require.NoError(t, err, said)
	u.create(t, "invoice", invoice("INV-LATER", "1", 0))
	said, err = program(t, s.Data, "backup", dir)
	require.Error(t, err, said)
	require.Contains(t, said, "never written over another")
	sums := exec.CommandContext(t.Context(), "sha256sum", "--check", "--quiet", "SHA256SUMS")
	sums.Dir = dir
	list, err := sums.CombinedOutput()
	require.NoError(t, err, "%s", list)

	// Postgres' user must be able to enter the folders above the data.
	folder, err := os.MkdirTemp("", "aqtra-e2e-restored-")
	require.NoError(t, err)
	require.NoError(t, os.Chmod(folder, 0o755))
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	data := filepath.Join(folder, "data")

	// A byte that changed is found before anything is touched.
	dump := filepath.Join(dir, "database.dump")
	whole, err := os.ReadFile(dump)
	require.NoError(t, err)
	whole[len(whole)/2] ^= 1
	require.NoError(t, os.WriteFile(dump, whole, 0o600))
	said, err = program(t, data, "restore", dir)
	require.Error(t, err, said)
	require.Contains(t, said, "database.dump is not what it was")
	whole[len(whole)/2] ^= 1
	require.NoError(t, os.WriteFile(dump, whole, 0o600))

	said, err = program(t, data, "restore", dir)
	require.NoError(t, err, said)
	said, err = program(t, data, "restore", dir)
	require.Error(t, err, said)
	require.Contains(t, said, "has tenants already")

	copied, err := stand.Start(t.Context(), stand.Config{Binaries: binaries(t), Folder: folder, Mode: stand.One})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, copied.Stop()) })
	there := &site{Stand: copied, document: s.document}
	v := there.entered(t, u.email, there.nobody(t).call(t, "POST", "/v1/sessions",
		object{"email": u.email, "password": password, "returnToken": true}).ok())
	require.Equal(t, u.tenant, v.tenant)
	require.Equal(t, 1, v.count(t, "invoice", `InvoiceNumber == "INV-KEPT"`))
	require.Equal(t, 0, v.count(t, "invoice", `InvoiceNumber == "INV-LATER"`), "it came after the backup")
	require.Equal(t, content, v.call(t, "GET", "/v1/files/"+file+":download", nil).Body)

	// What waited goes on.
	v.call(t, "POST", "/v1/tasks/"+task+":answer", object{"answer": 1}).ok()
	v.reaches(t, run, "RUN_STATE_SUCCEEDED")
	require.EqualValues(t, 1, wholeNumber(t, at(t, v.get(t, entriesPath("invoice")+"/"+entry), "fields", "InvoiceState")))
	v.patch(t, "invoice", func(t *testing.T, c object) {
		m := c["model"].(object)
		m["fields"] = append(items(t, m, "fields"), object{"name": "note", "title": "Note", "type": "FIELD_TYPE_STRING", "query": true})
	})
	v.publish(t, "invoice")
	v.create(t, "invoice", object{"InvoiceNumber": "INV-NEW", "InvoiceName": "After", "note": "it works"})
	there.signUp(t)
}
