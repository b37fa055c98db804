package e2e_test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// ctl runs aqtractl as a user and returns what it said and what it ended with.
func (u *user) ctl(t *testing.T, args ...string) (said string, code int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(binaries(t), "aqtractl"), args...)
	cmd.Env = append(os.Environ(), "AQTRA_URL="+u.site.URL, "AQTRA_API_KEY="+u.Token, "AQTRA_CA_FILE="+filepath.Join(u.site.Data, "certs", "ca.crt"))
	out, err := cmd.CombinedOutput()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return string(out), exit.ExitCode()
	}
	require.NoError(t, err)
	return string(out), 0
}

// tree reads all files below a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		files[strings.TrimPrefix(path, dir)] = string(content)
		return err
	}))
	return files
}

func replace(t *testing.T, file, old, with string) {
	t.Helper()
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(content), old)
	require.NoError(t, os.WriteFile(file, []byte(strings.Replace(string(content), old, with, 1)), 0o644))
}

// Apps go out as files and come in again, exactly, also into another tenant; what a file gets wrong is told with its line.
func TestAqtractl(t *testing.T) {
	eachMode(t, func(t *testing.T, s *site) {
		u := s.signUp(t)
		u.build(t, u.sample(t, "dealership"))
		u.build(t, u.sample(t, "invoice"))
		dir := t.TempDir()
		said, code := u.ctl(t, "export", dir)
		require.Zero(t, code, said)
		first := tree(t, dir)
		require.Contains(t, first, "/invoice/scripts/due_summary.py")
		require.NotContains(t, first["/invoice/component.yaml"], "etag")
		said, code = u.ctl(t, "export", dir)
		require.Zero(t, code, said)
		require.Contains(t, said, ", 0 files changed")
		for _, args := range [][]string{{"apply", dir}, {"apply", dir, "--check"}, {"apply", "--check", "--prune", dir}} {
			said, code = u.ctl(t, args...)
			require.Zero(t, code, said)
			require.Contains(t, said, "nothing to change")
		}

		// Into another tenant.
		v := s.signUp(t)
		said, code = v.ctl(t, "apply", dir, "--check")
		require.Equal(t, 2, code, said)
		require.Contains(t, said, "invoice: is new")
		said, code = v.ctl(t, "apply", dir)
		require.Equal(t, 1, code, said)
		require.Contains(t, said, "use --yes")
		require.Empty(t, v.get(t, "/v1/components")["components"])
		said, code = v.ctl(t, "apply", dir, "--yes", "--publish")
		require.Zero(t, code, said)
		require.Contains(t, said, "published")
		said, code = v.ctl(t, "apply", dir, "--check")
		require.Zero(t, code, said)
		again := t.TempDir()
		said, code = v.ctl(t, "export", again)
		require.Zero(t, code, said)
		require.Equal(t, first, tree(t, again), "byte for byte")
		v.create(t, "invoice", invoice("INV-1", "1", 0))

		// A change is told, and made; what is only there stays unless it is pruned.
		replace(t, filepath.Join(dir, "invoice", "pages", "all_invoices.yaml"), "title: ", "title: New ")
		v.patch(t, "invoice", func(t *testing.T, c object) {
			c["scripts"] = append(items(t, c, "scripts"), object{"id": "extra", "source": "def main(item):\n    return {}\n"})
		})
		said, code = v.ctl(t, "apply", dir, "--yes")
		require.Zero(t, code, said)
		require.Contains(t, said, "invoice: page all_invoices changes")
		require.NotContains(t, said, "extra")
		said, code = v.ctl(t, "apply", dir, "--check", "--prune")
		require.Equal(t, 2, code, said)
		require.Equal(t, "invoice: script extra is removed\n", said)
		said, code = v.ctl(t, "apply", dir, "--yes", "--prune", "--publish")
		require.Zero(t, code, said)
		require.Len(t, items(t, v.get(t, "/v1/components/invoice"), "scripts"), 1)

		// What cannot be.
		require.NoError(t, os.RemoveAll(filepath.Join(dir, "transaction_specialists")))
		w := s.signUp(t)
		said, code = w.ctl(t, "apply", dir, "--yes")
		require.Equal(t, 1, code, said)
		require.Contains(t, said, `refers to the component "transaction_specialists"`)
		require.Empty(t, w.get(t, "/v1/components")["components"])
		replace(t, filepath.Join(dir, "invoice", "pages", "all_invoices.yaml"), "title: ", "titel: ")
		said, code = u.ctl(t, "apply", dir, "--yes")
		require.Equal(t, 1, code, said)
		require.Regexp(t, `invoice/pages/all_invoices\.yaml:\d+: titel: unknown field`, said)
		require.NoError(t, os.Symlink("/etc/passwd", filepath.Join(dir, "invoice", "pages", "stolen.yaml")))
		said, code = u.ctl(t, "apply", dir, "--yes")
		require.Equal(t, 1, code, said)
		require.Contains(t, said, "is not a plain file")
		said, code = u.invite(t, "member").ctl(t, "export", t.TempDir())
		require.Equal(t, 1, code, said)
	})
}
