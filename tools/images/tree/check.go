package tree

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// maxLinks is how many symbolic links in a row are followed.
const maxLinks = 16

// Check tells what in a whole image cannot work: links that lead nowhere, and programs and libraries that need a library which is
// not there.
func (t Tree) Check() error {
	var errs []error
	sonames := make(map[string]bool)
	for name := range t {
		sonames[path.Base(name)] = true
	}
	for _, name := range slices.Sorted(maps.Keys(t)) {
		f := t[name]
		if f.Link != "" {
			if _, ok := t.Resolve(name); !ok {
				errs = append(errs, fmt.Errorf("%s is a link to %s, which is not in the image", name, f.Link))
			}
			continue
		}
		for _, lib := range Needs(f.Data) {
			found := sonames[lib]
			if path.IsAbs(lib) {
				_, found = t.Resolve(lib[1:])
			}
			if !found {
				errs = append(errs, fmt.Errorf("%s needs %s, which is not in the image", name, lib))
			}
		}
	}
	return errors.Join(errs...)
}

// Resolve follows links and returns the path that name leads to, and whether it exists.
func (t Tree) Resolve(name string) (string, bool) {
	for range maxLinks {
		next, linked := t.step(name)
		if !linked {
			return name, t.exists(name)
		}
		name = next
	}
	return name, false
}

// step follows the first link on the way to name.
func (t Tree) step(name string) (string, bool) {
	parts := strings.Split(name, "/")
	for i := range parts {
		at := strings.Join(parts[:i+1], "/")
		f, ok := t[at]
		if !ok || f.Link == "" {
			continue
		}
		target := f.Link
		if !path.IsAbs(target) {
			target = path.Join("/", path.Dir(at), target)
		}
		return strings.TrimPrefix(path.Join(target, strings.Join(parts[i+1:], "/")), "/"), true
	}
	return name, false
}

func (t Tree) exists(name string) bool {
	if _, ok := t[name]; ok || name == "" {
		return true
	}
	for other := range t {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

// Needs returns the shared libraries and the loader that an ELF file asks for; none for other files.
func Needs(data []byte) []string {
	if !bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return nil
	}
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	// A static program has no such section: the error is no news.
	needs, _ := f.ImportedLibraries()
	for _, p := range f.Progs {
		if p.Type != elf.PT_INTERP {
			continue
		}
		loader := make([]byte, p.Filesz)
		if _, err := p.ReadAt(loader, 0); err == nil {
			needs = append(needs, string(bytes.TrimRight(loader, "\x00")))
		}
	}
	return needs
}
