// Package tree holds the files of an image's layer and writes them so that the same files always give the same bytes.
package tree

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"time"
)

// File is a file, a folder or a symbolic link.
type File struct {
	// Data is the content of a file.
	Data []byte
	// Link is the target of a symbolic link; empty for others.
	Link string
	// Mode is fs.ModeDir for a folder, and the permissions.
	Mode fs.FileMode
	// Owner is the user and the group; 0 is root.
	Owner int
}

// Tree is files by their clean path without a leading slash. Folders above a file exist without being named, as root's with 0755.
type Tree map[string]File

// Regular returns a file of root's that all may read and, if it is a program, execute.
func Regular(data []byte, executable bool) File {
	if executable {
		return File{Data: data, Mode: 0o755}
	}
	return File{Data: data, Mode: 0o644}
}

// Symlink returns a symbolic link.
func Symlink(target string) File { return File{Link: target, Mode: 0o777} }

// Dir returns a folder.
func Dir(mode fs.FileMode, owner int) File { return File{Mode: fs.ModeDir | mode, Owner: owner} }

// Merge returns the files of all trees; those of later trees win.
func Merge(trees ...Tree) Tree {
	all := make(Tree)
	for _, t := range trees {
		maps.Copy(all, t)
	}
	return all
}

// Size returns the bytes of all files.
func (t Tree) Size() int64 {
	var n int64
	for _, f := range t {
		n += int64(len(f.Data))
	}
	return n
}

// WriteTar writes the tree as a tar archive: sorted, each folder before what is in it, without times.
func (t Tree) WriteTar(w io.Writer) error {
	all := maps.Clone(t)
	for name := range t {
		if name == "" || name != path.Clean(name) || path.IsAbs(name) || strings.HasPrefix(name, "..") {
			return fmt.Errorf("%q is not a clean path below the root", name)
		}
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if f, ok := all[dir]; !ok {
				all[dir] = Dir(0o755, 0)
			} else if !f.Mode.IsDir() {
				return fmt.Errorf("%s is in %s, which is not a folder", name, dir)
			}
		}
	}
	tw := tar.NewWriter(w)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		f := all[name]
		if err := tw.WriteHeader(header(name, f)); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if _, err := tw.Write(f.Data); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return tw.Close()
}

func header(name string, f File) *tar.Header {
	h := &tar.Header{Name: name, Mode: int64(f.Mode.Perm()), Uid: f.Owner, Gid: f.Owner, ModTime: time.Unix(0, 0)}
	if f.Mode&fs.ModeSticky != 0 {
		h.Mode |= 0o1000
	}
	switch {
	case f.Mode.IsDir():
		h.Typeflag, h.Name = tar.TypeDir, name+"/"
	case f.Link != "":
		h.Typeflag, h.Linkname = tar.TypeSymlink, f.Link
	default:
		h.Typeflag, h.Size = tar.TypeReg, int64(len(f.Data))
	}
	return h
}
