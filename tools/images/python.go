package main

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/aqtra/aqtra/tools/images/tree"
)

// compilePython returns the byte code of every module in a standard library, compiled by the interpreter that is in files. The
// code does not refer to times, and is not compared with its source when it is loaded.
func compilePython(ctx context.Context, files tree.Tree, library string) (tree.Tree, error) {
	root, err := os.MkdirTemp("", "aqtra-python-")
	if err != nil {
		return nil, fmt.Errorf("compile Python's library: %w", err)
	}
	defer func() { _ = os.RemoveAll(root) }()
	if err := extract(root, files); err != nil {
		return nil, fmt.Errorf("compile Python's library: %w", err)
	}
	name, ok := files.Resolve("usr/bin/python3")
	if !ok {
		return nil, fmt.Errorf("compile Python's library: the image has no usr/bin/python3")
	}
	interpreter := filepath.Join(root, name)
	// It runs from a folder, not as root of a file system: by its own loader, with its own libraries.
	var loader, libraries string
	for _, lib := range tree.Needs(files[name].Data) {
		at, ok := files.Resolve(strings.TrimPrefix(lib, "/"))
		if filepath.IsAbs(lib) && ok {
			loader = filepath.Join(root, at)
			libraries = filepath.Dir(loader)
		}
	}
	cmd := exec.CommandContext(ctx, loader, "--library-path", libraries, interpreter, "-I", "-S", "-B", "-m", "compileall", "-q", "-f",
		"--invalidation-mode", "unchecked-hash", "-s", root, "-p", "/", filepath.Join(root, library))
	// -B, or the interpreter would keep the modules that it loads itself, with their times. -I ignores PYTHONHOME: it finds its
	// library beside itself.
	cmd.Env = []string{"PYTHONHASHSEED=0", "LC_ALL=C.UTF-8"}
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile Python's library: %w: %s", err, bytes.TrimSpace(out))
	}
	compiled := make(tree.Tree)
	err = fs.WalkDir(os.DirFS(root), library, func(at string, d fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(at, ".pyc") {
			return err
		}
		data, err := os.ReadFile(filepath.Join(root, at))
		if err != nil {
			return err
		}
		compiled[at] = tree.Regular(data, false)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("compile Python's library: %w", err)
	}
	return compiled, nil
}

// extract writes files and links below root.
func extract(root string, files tree.Tree) error {
	for name, f := range files {
		at := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		switch {
		case f.Mode.IsDir():
			if err := os.MkdirAll(at, 0o755); err != nil {
				return err
			}
		case filepath.IsAbs(f.Link):
			// It would lead out of the folder, and nothing here needs it.
		case f.Link != "":
			if err := os.Symlink(f.Link, at); err != nil {
				return err
			}
		default:
			if err := os.WriteFile(at, f.Data, f.Mode.Perm()); err != nil {
				return err
			}
		}
	}
	return nil
}
