package torture_test

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gopkg.in/yaml.v3"

	"github.com/aqtra/aqtra/tools/torture/check"
)

var planted = flag.Bool("torture.planted", false, "run each planted bug, and see that it is found")

// bug is a mistake that is planted into the workflow service.
type bug struct {
	Name    string
	Rules   []check.Rule
	Disturb []string // only these ways; empty for all
	Changes []struct{ File, Old, New string }
}

func bugs(t *testing.T) []bug {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "bugs.yaml"))
	require.NoError(t, err)
	var all []bug
	require.NoError(t, yaml.Unmarshal(text, &all))
	require.Len(t, all, 10)
	return all
}

// changed are the files of a bug, by path, with the bug in them.
func (b bug) changed(t *testing.T) map[string]string {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", "..", "services", "workflow", "internal"))
	require.NoError(t, err)
	files := map[string]string{}
	for _, c := range b.Changes {
		path := filepath.Join(root, filepath.FromSlash(c.File))
		text, read := files[path]
		if !read {
			source, err := os.ReadFile(path)
			require.NoError(t, err)
			text = string(source)
		}
		require.Equal(t, 1, strings.Count(text, c.Old), "%s: the bug %q does not fit any more; adapt testdata/bugs.yaml", c.File, b.Name)
		files[path] = strings.Replace(text, c.Old, c.New, 1)
	}
	return files
}

// plant builds the workflow service with a bug, beside the other programs as they are, and returns their folder.
func (b bug) plant(t *testing.T, binaries string) string {
	t.Helper()
	folder, overlay := t.TempDir(), map[string]string{}
	for i, path := range slices.Sorted(maps.Keys(b.changed(t))) {
		file := filepath.Join(folder, "changed", string(rune('a'+i))+".go")
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte(b.changed(t)[path]), 0o600))
		overlay[path] = file
	}
	text, err := json.Marshal(map[string]any{"Replace": overlay})
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "overlay.json"), text, 0o600))
	programs, err := filepath.Glob(filepath.Join(binaries, "*"))
	require.NoError(t, err)
	bin := filepath.Join(folder, "bin")
	require.NoError(t, os.Mkdir(bin, 0o755))
	for _, p := range programs {
		p, err := filepath.Abs(p)
		require.NoError(t, err)
		if filepath.Base(p) != "workflow" {
			require.NoError(t, os.Symlink(p, filepath.Join(bin, filepath.Base(p))))
		}
	}
	build := exec.Command("go", "build", "-overlay", filepath.Join(folder, "overlay.json"), "-o", filepath.Join(bin, "workflow"), "./services/workflow/cmd/workflow")
	build.Dir = filepath.Join("..", "..")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return bin
}

// The source changes, and the bugs must change with it.
func TestBugsFit(t *testing.T) {
	for _, b := range bugs(t) {
		for path, text := range b.changed(t) {
			require.NotEmpty(t, text, path)
		}
	}
}

// TestPlanted runs the load with each bug: the checker finds it, by one of its rules.
func TestPlanted(t *testing.T) {
	if !*planted {
		t.Skip("run by make torture")
	}
	binaries := binaries(t)
	for _, b := range bugs(t) {
		t.Run(b.Name, func(t *testing.T) {
			h, seed := torture(t, b.plant(t, binaries), b.Disturb, 15*time.Second, 8*time.Second)
			found := map[check.Rule]int{}
			for _, v := range check.Check(h) {
				if found[v.Rule]++; found[v.Rule] == 1 {
					t.Log(v)
				}
			}
			for _, rule := range b.Rules {
				if found[rule] > 0 {
					return
				}
			}
			t.Errorf("nothing of %v was found, only %v (seed %d)", b.Rules, found, seed)
		})
	}
}
