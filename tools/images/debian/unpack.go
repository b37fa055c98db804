package debian

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"path"
	"slices"
	"strings"

	"github.com/aqtra/aqtra/tools/images/tree"
)

// never lists what no image needs: settings of services that do not run in it, logs, documentation and translations. Licences,
// in usr/share/doc, stay.
func never() []string {
	return []string{
		"etc/", "var/", "usr/lib/systemd/", "usr/lib/tmpfiles.d/", "usr/lib/sysusers.d/", "usr/share/bash-completion/",
		"usr/share/bug/", "usr/share/debconf/", "usr/share/doc-base/", "usr/share/info/", "usr/share/lintian/", "usr/share/locale/",
		"usr/share/man/", "usr/share/menu/", "usr/share/applications/", "usr/share/pixmaps/", "usr/share/icons/", "usr/lib/binfmt.d/",
		"usr/share/binfmts/", "usr/share/gcc/", "usr/share/gdb/", "usr/*/*/gconv/", "usr/lib/debug/",
	}
}

// Unpack returns the files of the wanted packages and of the libraries that these need, and those packages. A library that no
// wanted file needs is left out.
func (c *Cache) Unpack(ctx context.Context, want Want) (tree.Tree, []Package, error) {
	candidates, err := c.obtain(ctx, want)
	if errors.Is(err, errOldLists) {
		if failed := c.update(ctx); failed != nil {
			return nil, nil, errors.Join(err, failed)
		}
		candidates, err = c.obtain(ctx, want)
	}
	if err != nil {
		return nil, nil, err
	}
	trees := make(map[string]tree.Tree)
	for _, p := range candidates {
		files, err := c.files(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		trees[p.Name] = want.filter(p.Name, files)
	}
	kept := needed(want.roots(), trees)
	var packages []Package
	all := make(tree.Tree)
	for _, p := range candidates {
		if kept[p.Name] {
			packages = append(packages, p)
			maps.Copy(all, trees[p.Name])
		}
	}
	return all, packages, nil
}

// obtain has every package that may be needed in the cache, and returns them.
func (c *Cache) obtain(ctx context.Context, want Want) ([]Package, error) {
	candidates, err := resolve(ctx, want)
	if err != nil {
		return nil, err
	}
	return candidates, c.fetch(ctx, candidates)
}

// filter returns the files of a package that the image gets.
func (w Want) filter(name string, files tree.Tree) tree.Tree {
	licence := path.Join("usr/share/doc", name)
	kept := make(tree.Tree)
	for at, f := range files {
		switch {
		case at == licence && f.Link != "", at == licence+"/copyright":
		case matches([]string{"usr/share/doc/"}, at), matches(never(), at), matches(w.Drop, at):
			continue
		case w.Parts[name] != nil && !matches(w.Parts[name], at):
			continue
		}
		kept[at] = f
	}
	return kept
}

// matches tells whether a path is named by a pattern, or is in a folder that is.
func matches(patterns []string, at string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		dir, isDir := strings.CutSuffix(pattern, "/")
		name := at
		if isDir {
			parts := strings.SplitN(at, "/", strings.Count(dir, "/")+2)
			name = strings.Join(parts[:min(len(parts), strings.Count(dir, "/")+1)], "/")
		}
		ok, err := path.Match(dir, name)
		return ok && err == nil
	})
}

// needed returns the packages of roots, those whose libraries they need, and those that hold the licence of one of these.
func needed(roots []string, trees map[string]tree.Tree) map[string]bool {
	owners := make(map[string]string)
	for name, files := range trees {
		for at := range files {
			if strings.Contains(path.Base(at), ".so") {
				owners[path.Base(at)] = name
			}
		}
	}
	kept := make(map[string]bool)
	var keep func(string)
	keep = func(name string) {
		if kept[name] || trees[name] == nil {
			return
		}
		kept[name] = true
		for at, f := range trees[name] {
			if path.Dir(at) == "usr/share/doc" && f.Link != "" {
				keep(path.Base(f.Link))
			}
			for _, lib := range tree.Needs(f.Data) {
				keep(owners[path.Base(lib)])
			}
		}
	}
	for _, name := range roots {
		keep(name)
	}
	return kept
}

// files unpacks a package.
func (c *Cache) files(ctx context.Context, p Package) (tree.Tree, error) {
	cmd := exec.CommandContext(ctx, "dpkg-deb", "--fsys-tarfile", c.path(p))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", p.Name, err)
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("unpack %s: %w", p.Name, err)
	}
	files, err := read(out)
	if err != nil {
		// It would wait for its reader.
		_ = cmd.Process.Kill()
	}
	if err := errors.Join(err, cmd.Wait()); err != nil {
		return nil, fmt.Errorf("unpack %s: %w: %s", p.Name, err, bytes.TrimSpace(stderr.Bytes()))
	}
	return files, nil
}

// read takes the files and links of an archive. Owners, times and special bits are not taken, folders only with what is in them.
func read(r io.Reader) (tree.Tree, error) {
	files := make(tree.Tree)
	for tr := tar.NewReader(r); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			// What pads the archive has to be read, or its writer fails.
			_, err := io.Copy(io.Discard, r)
			return files, err
		}
		if err != nil {
			return nil, err
		}
		name := merged(path.Clean(h.Name))
		switch h.Typeflag {
		case tar.TypeDir:
		case tar.TypeSymlink:
			files[name] = tree.Symlink(h.Linkname)
		case tar.TypeLink:
			target, ok := files[merged(path.Clean(h.Linkname))]
			if !ok {
				return nil, fmt.Errorf("%s is a hard link to a file that does not precede it", name)
			}
			files[name] = target
		case tar.TypeReg:
			data, err := io.ReadAll(tr)
			if err != nil {
				return nil, err
			}
			files[name] = tree.Regular(data, h.Mode&0o111 != 0)
		default:
			return nil, fmt.Errorf("%s is neither a file, a folder nor a link", name)
		}
	}
}

// merged moves what Debian 12's packages still put into the folders that are links in every installation.
func merged(name string) string {
	top, rest, ok := strings.Cut(name, "/")
	if ok && slices.Contains(Merged(), top) {
		return path.Join("usr", top, rest)
	}
	return name
}

// Merged returns the folders of the root that are links into usr.
func Merged() []string { return []string{"bin", "lib", "lib64", "sbin"} }
