package ctl

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	libraryv1 "github.com/aqtra/aqtra/proto/gen/aqtra/library/v1"
	"github.com/aqtra/aqtra/services/aqtra/internal/textform"
)

const (
	// maxComponents bounds the folders that are read.
	maxComponents = 1000
	// maxFile bounds a file before it is read; textform bounds them all together.
	maxFile = 4 << 20
	head    = "component.yaml"
)

// own are the paths that export writes within a component's folder, and therefore may remove.
var own = regexp.MustCompile(`^(component\.yaml|settings\.yaml|(pages|dataflows|workflows)/[a-z0-9][a-z0-9_-]{0,59}\.yaml|scripts/[a-z0-9][a-z0-9_-]{0,59}\.py)$`)

// readAll reads every component in a folder: each subfolder with a component.yaml.
func readAll(dir string) ([]*libraryv1.Component, error) {
	root, err := os.OpenRoot(dir) // nothing outside of it is read, wherever links lead
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // nothing is written through it that could fail late
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var out []*libraryv1.Component
	var errs []error
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if _, err := root.Lstat(path.Join(e.Name(), head)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if len(out) == maxComponents {
			return nil, fmt.Errorf("%s has more than %d components", dir, maxComponents)
		}
		c, err := readOne(root, e.Name())
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out = append(out, c)
	}
	return out, errors.Join(errs...)
}

func readOne(root *os.Root, name string) (*libraryv1.Component, error) {
	files := map[string][]byte{}
	err := fs.WalkDir(root.FS(), name, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		inner := strings.TrimPrefix(p, name+"/")
		if strings.HasPrefix(path.Base(inner), ".") {
			return nil
		}
		if !own.MatchString(inner) {
			return nil // a README, say
		}
		info, err := d.Info()
		switch {
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			return fmt.Errorf("%s: is not a plain file", p)
		case info.Size() > maxFile || len(files) > 1000:
			return fmt.Errorf("%s: the component is too large", p)
		}
		files[inner], err = fs.ReadFile(root.FS(), p)
		return err
	})
	if err != nil {
		return nil, err
	}
	c, err := textform.Decode(files)
	if err != nil {
		return nil, fmt.Errorf("%s/%w", name, err)
	}
	if c.GetId() != name {
		return nil, fmt.Errorf("%s/%s: the id is %q, and must be the folder's name", name, head, c.GetId())
	}
	return c, nil
}

// writeOne makes a component's folder hold these files, and none of its own besides. It returns what it wrote and removed.
func writeOne(root *os.Root, name string, files map[string][]byte) (changed []string, err error) {
	there := map[string]bool{}
	if _, err := root.Lstat(name); err == nil {
		err = fs.WalkDir(root.FS(), name, func(p string, d fs.DirEntry, err error) error {
			if inner := strings.TrimPrefix(p, name+"/"); err == nil && !d.IsDir() && own.MatchString(inner) {
				there[inner] = true
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for p := range there {
		if _, stays := files[p]; !stays {
			if err := root.Remove(path.Join(name, p)); err != nil {
				return nil, err
			}
			changed = append(changed, "removed "+path.Join(name, p))
		}
	}
	for p, text := range files {
		full := path.Join(name, p)
		if there[p] {
			if old, err := fs.ReadFile(root.FS(), full); err == nil && bytes.Equal(old, text) {
				continue
			}
		}
		if err := root.MkdirAll(path.Dir(full), 0o755); err != nil {
			return nil, err
		}
		if err := root.WriteFile(full, text, 0o644); err != nil {
			return nil, err
		}
		changed = append(changed, "wrote "+full)
	}
	slices.Sort(changed)
	return changed, nil
}

// openFolder makes a folder and opens it.
func openFolder(dir string) (*os.Root, error) {
	if err := os.MkdirAll(filepath.Clean(dir), 0o755); err != nil {
		return nil, err
	}
	return os.OpenRoot(dir)
}
