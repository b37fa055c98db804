package ctl

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"

	"github.com/aqtra/aqtra/services/aqtra/internal/textform"
)

// Export writes components into a folder, each into one of its own, all of them when none is named. Then folders of components
// that are gone lose their files, too.
func (c *Client) Export(ctx context.Context, dir string, ids []string, out io.Writer) error {
	all := len(ids) == 0
	if all {
		var err error
		if ids, err = c.ids(ctx); err != nil {
			return err
		}
	}
	root, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // nothing is written through it that could fail late
	changes := 0
	write := func(name string, files map[string][]byte) error {
		changed, err := writeOne(root, name, files)
		changes += len(changed)
		for _, line := range changed {
			fmt.Fprintln(out, line)
		}
		return err
	}
	for _, id := range ids {
		component, err := c.get(ctx, id)
		if err != nil {
			return fmt.Errorf("%s: %w", id, err)
		}
		files, err := textform.Encode(component)
		if err != nil {
			return err
		}
		if err := write(id, files); err != nil {
			return err
		}
	}
	if all {
		entries, err := fs.ReadDir(root.FS(), ".")
		if err != nil {
			return err
		}
		for _, e := range entries {
			if _, err := root.Lstat(path.Join(e.Name(), head)); err == nil && e.IsDir() && !slices.Contains(ids, e.Name()) {
				if err := write(e.Name(), nil); err != nil {
					return err
				}
			}
		}
	}
	fmt.Fprintf(out, "%d components, %d files changed\n", len(ids), changes)
	return nil
}
