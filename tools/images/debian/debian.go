// Package debian takes files out of Debian's packages without installing them: packages and libraries are found by apt's lists,
// downloaded once, checked against the lists' sums and unpacked.
package debian

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
)

// Package is one version of a package, as apt's lists describe it.
type Package struct {
	Name, Version, Architecture, Section, Source, SHA256 string
	// Depends is the first alternative of each dependency.
	Depends []string
}

// Want says which packages an image is made of.
type Want struct {
	// Packages are taken whole, but for what Drop names.
	Packages []string
	// Parts are packages of which only the files and folders named are taken.
	Parts map[string][]string
	// Skip are libraries that nothing needs once Drop is gone, and that are too large to download only to see that.
	Skip []string
	// Drop are files, by path.Match patterns, or folders, with a slash at their end.
	Drop []string
}

// errOldLists says that apt has to be told what there is.
var errOldLists = errors.New("apt's lists are old or empty: run apt-get update")

// roots returns the packages that are wanted by name.
func (w Want) roots() []string {
	names := slices.Clone(w.Packages)
	for name := range w.Parts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// resolve returns the wanted packages and all libraries that they depend on, at the versions that this machine would install,
// sorted by name.
func resolve(ctx context.Context, want Want) ([]Package, error) {
	found := make(map[string]Package)
	roots := want.roots()
	for next := roots; len(next) > 0; {
		packages, err := show(ctx, next)
		if err != nil {
			return nil, err
		}
		next = nil
		for _, name := range roots {
			if _, ok := packages[name]; !ok && len(found) == 0 {
				return nil, fmt.Errorf("%w: they have no package %s; images need those of Debian 12", errOldLists, name)
			}
		}
		for name, p := range packages {
			if p.Section != "libs" && !slices.Contains(roots, name) {
				continue
			}
			if p.SHA256 == "" {
				return nil, fmt.Errorf("%w: the package %s %s cannot be downloaded any more", errOldLists, name, p.Version)
			}
			found[name] = p
			for _, dependency := range p.Depends {
				if _, ok := found[dependency]; !ok && !slices.Contains(want.Skip, dependency) {
					next = append(next, dependency)
				}
			}
		}
		slices.Sort(next)
		next = slices.DeleteFunc(slices.Compact(next), func(name string) bool { _, ok := found[name]; return ok })
	}
	all := make([]Package, 0, len(found))
	for _, p := range found {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b Package) int { return strings.Compare(a.Name, b.Name) })
	return all, nil
}

// show asks apt for packages. Virtual packages are left out.
func show(ctx context.Context, names []string) (map[string]Package, error) {
	args := append([]string{"show", "--no-all-versions", "--"}, names...)
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "apt-cache", args...)
	cmd.Stdout, cmd.Stderr, cmd.Env = &stdout, &stderr, append(cmd.Environ(), "LC_ALL=C")
	// It fails when one of the names is virtual, and still shows the others.
	if err := cmd.Run(); err != nil {
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
			return nil, fmt.Errorf("images with Debian's packages need apt: %w", err)
		}
	}
	return parse(&stdout)
}

// parse reads stanzas of package lists. Of several versions the first counts.
func parse(r io.Reader) (map[string]Package, error) {
	packages := make(map[string]Package)
	fields := make(map[string]string)
	add := func() {
		if _, ok := packages[fields["Package"]]; !ok && len(fields) > 0 {
			packages[fields["Package"]] = fromFields(fields)
		}
		clear(fields)
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" {
			add()
		} else if key, value, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(line, " ") {
			fields[key] = strings.TrimSpace(value)
		}
	}
	add()
	return packages, lines.Err()
}

func fromFields(fields map[string]string) Package {
	p := Package{
		Name: fields["Package"], Version: fields["Version"], Architecture: fields["Architecture"], Section: fields["Section"],
		Source: fields["Source"], SHA256: fields["SHA256"],
	}
	for _, list := range []string{fields["Pre-Depends"], fields["Depends"]} {
		for dependency := range strings.SplitSeq(list, ",") {
			name, _, _ := strings.Cut(dependency, "|")
			name, _, _ = strings.Cut(strings.TrimSpace(name), " ")
			name, _, _ = strings.Cut(name, ":")
			if name != "" {
				p.Depends = append(p.Depends, name)
			}
		}
	}
	return p
}
