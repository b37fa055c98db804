package debian

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/images/tree"
)

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := parse(strings.NewReader(`Package: libx1
Source: x
Version: 1:2.0-1
Architecture: amd64
Pre-Depends: dpkg (>= 1.15)
Depends: libc6 (>= 2.34), liba:any | libb, libc
 continued: not a field
Section: libs
SHA256: abc

Package: libx1
Version: 1.0

Package: other
Version: 3
`))
	require.NoError(t, err)
	require.Equal(t, map[string]Package{
		"libx1": {
			Name: "libx1", Source: "x", Version: "1:2.0-1", Architecture: "amd64", Section: "libs", SHA256: "abc",
			Depends: []string{"dpkg", "libc6", "liba", "libc"},
		},
		"other": {Name: "other", Version: "3"},
	}, got)
}

// pack makes a real package of files.
func pack(t *testing.T, c *Cache, p Package, files map[string]string) {
	t.Helper()
	dir := t.TempDir()
	control := "Package: " + p.Name + "\nVersion: " + p.Version + "\nArchitecture: " + p.Architecture + "\nMaintainer: x <x@x.example>\nDescription: x\n"
	write := func(name, data string) {
		at := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(at), 0o755))
		if target, ok := strings.CutPrefix(data, "-> "); ok {
			require.NoError(t, os.Symlink(target, at))
			return
		}
		require.NoError(t, os.WriteFile(at, []byte(data), 0o644))
	}
	write("DEBIAN/control", control)
	for name, data := range files {
		write(name, data)
	}
	if special := filepath.Join(dir, "usr/bin/x"); files["usr/bin/x"] != "" {
		require.NoError(t, os.Chmod(special, fs.ModeSetuid|0o711))
		require.NoError(t, os.Link(special, filepath.Join(dir, "usr/bin/y")))
	}
	out, err := exec.CommandContext(t.Context(), "dpkg-deb", "--build", "--root-owner-group", dir, c.path(p)).CombinedOutput()
	require.NoError(t, err, string(out))
}

func TestFilesAndFilter(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("dpkg-deb"); err != nil {
		t.Skip("no dpkg-deb here")
	}
	c := &Cache{dir: t.TempDir()}
	p := Package{Name: "x", Version: "1:2-3", Architecture: "all"}
	pack(t, c, p, map[string]string{
		"usr/bin/x": "program", "lib/arch/libx.so.1": "-> libx.so.1.0", "lib/arch/libx.so.1.0": "library", "etc/x.conf": "setting",
		"usr/share/man/man1/x.1": "manual", "usr/share/doc/x/copyright": "licence", "usr/share/doc/x/README": "text",
		"usr/lib/x/test/a/b": "test", "usr/lib/x/tests": "kept", "usr/lib/arch/gconv/X.so": "charset",
	})
	files, err := c.files(t.Context(), p)
	require.NoError(t, err)
	want := Want{Drop: []string{"usr/lib/x/test/"}}
	require.Equal(t, tree.Tree{
		"usr/bin/x": tree.Regular([]byte("program"), true), "usr/bin/y": tree.Regular([]byte("program"), true),
		"usr/lib/arch/libx.so.1": tree.Symlink("libx.so.1.0"), "usr/lib/arch/libx.so.1.0": tree.Regular([]byte("library"), false),
		"usr/share/doc/x/copyright": tree.Regular([]byte("licence"), false), "usr/lib/x/tests": tree.Regular([]byte("kept"), false),
	}, want.filter("x", files))
	want.Parts = map[string][]string{"x": {"usr/lib/arch/*"}}
	require.Len(t, want.filter("x", files), 3, "the part and the licence")
}

func TestVerify(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "x.deb")
	require.ErrorIs(t, verify(file, Package{}), fs.ErrNotExist)
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	require.NoError(t, verify(file, Package{SHA256: "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"}))
	require.ErrorContains(t, verify(file, Package{SHA256: "00"}), "apt's lists say 00")
}

func TestNeeded(t *testing.T) {
	t.Parallel()
	program, err := os.ReadFile("/bin/ls")
	if err != nil {
		t.Skip("no /bin/ls here")
	}
	trees := map[string]tree.Tree{
		"program": {"usr/bin/ls": tree.Regular(program, true)},
		"libc6":   {"usr/lib/libc.so.6": tree.Regular(nil, false), "usr/share/doc/libc6": tree.Symlink("base")},
		"base":    {"usr/share/doc/base/copyright": tree.Regular(nil, false)},
		"unused":  {"usr/lib/libunused.so.1": tree.Regular(nil, false)},
	}
	require.Equal(t, map[string]bool{"program": true, "libc6": true, "base": true}, needed([]string{"program"}, trees))
}
