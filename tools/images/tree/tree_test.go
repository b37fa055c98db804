package tree

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWriteTar(t *testing.T) {
	t.Parallel()
	files := Tree{
		"usr/bin/x": Regular([]byte("program"), true),
		"etc/x":     Regular([]byte("text"), false),
		"bin":       Symlink("usr/bin"),
		"tmp":       Dir(0o777|fs.ModeSticky, 0),
		"var/x":     Dir(0o700, 65532),
	}
	var out bytes.Buffer
	require.NoError(t, files.WriteTar(&out))
	type entry struct {
		name, link string
		mode       int64
		owner      int
	}
	var got []entry
	for tr := tar.NewReader(&out); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		require.Zero(t, h.ModTime.Unix())
		require.Equal(t, h.Uid, h.Gid)
		require.Empty(t, h.Uname)
		got = append(got, entry{h.Name, h.Linkname, h.Mode, h.Uid})
	}
	require.Equal(t, []entry{
		{"bin", "usr/bin", 0o777, 0},
		{"etc/", "", 0o755, 0},
		{"etc/x", "", 0o644, 0},
		{"tmp/", "", 0o1777, 0},
		{"usr/", "", 0o755, 0},
		{"usr/bin/", "", 0o755, 0},
		{"usr/bin/x", "", 0o755, 0},
		{"var/", "", 0o755, 0},
		{"var/x/", "", 0o700, 65532},
	}, got)
}

func TestWriteTarRefuses(t *testing.T) {
	t.Parallel()
	for _, files := range []Tree{
		{"/etc/x": {}}, {"../x": {}}, {"a/../b": {}}, {"": {}},
		{"a": Regular(nil, false), "a/b": Regular(nil, false)},
		{"bin": Symlink("usr/bin"), "bin/x": Regular(nil, true)},
	} {
		require.Error(t, files.WriteTar(io.Discard), "%v", files)
	}
}

func TestCheckLinks(t *testing.T) {
	t.Parallel()
	require.NoError(t, Tree{
		"lib": Symlink("usr/lib"), "usr/lib/x/y": Regular(nil, false), "a": Symlink("/lib/x/y"), "b/c": Symlink("../a"), "run": Dir(0o755, 0), "d": Symlink("/run"),
	}.Check())
	err := Tree{"a": Symlink("/lib/x"), "b": Symlink("c"), "c": Symlink("b")}.Check()
	require.ErrorContains(t, err, "a is a link to /lib/x, which is not in the image")
	require.ErrorContains(t, err, "b is a link to c")
}

func TestCheckLibraries(t *testing.T) {
	t.Parallel()
	// A program that every machine with glibc has.
	data, err := os.ReadFile("/bin/ls")
	if err != nil {
		t.Skip("no /bin/ls here")
	}
	needs := Needs(data)
	require.Contains(t, needs, "libc.so.6")
	files := Tree{"usr/bin/ls": Regular(data, true)}
	require.ErrorContains(t, files.Check(), "usr/bin/ls needs libc.so.6, which is not in the image")
	for _, lib := range needs {
		if lib[0] == '/' {
			files[lib[1:]] = Regular(nil, true)
		} else {
			files["usr/lib/"+lib] = Regular(nil, false)
		}
	}
	require.NoError(t, files.Check())
	require.Empty(t, Needs([]byte("\x7fELF, but nothing more")))
	require.Empty(t, Needs([]byte("#!/bin/sh")))
}
