// Package pgserver finds Postgres' binaries and runs a server of them as a child process: for `make up` and for tests.
// Linux only.
package pgserver

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// MinMajor is the oldest major version of Postgres that is used.
const MinMajor = 15

// ErrNotFound says that no usable Postgres is on this machine.
var ErrNotFound = errors.New("no postgres " + strconv.Itoa(MinMajor) + " or newer found: install one, or name the folder of its binaries in AQTRA_POSTGRES_BIN")

// Binaries is one installation of Postgres.
type Binaries struct {
	Dir   string // holds postgres and initdb
	Major int
}

func (b Binaries) path(program string) string { return filepath.Join(b.Dir, program) }

// Find lists the installations of this machine, best first: only the one named (a folder of binaries, or of a package
// that has them in bin or native/bin) when named is not empty, otherwise the one on the PATH, then
// /usr/lib/postgresql/<major>/bin, newest first. It returns ErrNotFound when there is none.
func Find(ctx context.Context, named string) ([]Binaries, error) {
	if named != "" {
		for _, sub := range []string{"", "bin", "native/bin"} {
			b, err := inspect(ctx, filepath.Join(named, sub))
			if errors.Is(err, os.ErrNotExist) {
				continue
			}
			if err != nil {
				return nil, err
			}
			if b.Major < MinMajor {
				return nil, fmt.Errorf("postgres in %s is version %d: %d or newer is needed", b.Dir, b.Major, MinMajor)
			}
			return []Binaries{b}, nil
		}
		return nil, fmt.Errorf("no postgres and initdb in %s", named)
	}
	var dirs []string
	if p, err := exec.LookPath("postgres"); err == nil {
		if p, err = filepath.EvalSymlinks(p); err == nil {
			dirs = append(dirs, filepath.Dir(p))
		}
	}
	installed, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return nil, err
	}
	sort.Slice(installed, func(i, j int) bool { return debianMajor(installed[i]) > debianMajor(installed[j]) })
	dirs = append(dirs, installed...)

	var found []Binaries
	seen := map[string]bool{}
	for _, dir := range dirs {
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if b, err := inspect(ctx, dir); err == nil && b.Major >= MinMajor {
			found = append(found, b)
		}
	}
	if len(found) == 0 {
		return nil, ErrNotFound
	}
	return found, nil
}

func debianMajor(bin string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(bin))) // another name sorts last
	return n
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

func inspect(ctx context.Context, dir string) (Binaries, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return Binaries{}, err
	}
	b := Binaries{Dir: dir}
	for _, program := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(b.path(program)); err != nil {
			return Binaries{}, err
		}
	}
	out, err := exec.CommandContext(ctx, b.path("postgres"), "--version").CombinedOutput()
	if err != nil {
		return Binaries{}, fmt.Errorf("ask %s for its version: %w: %s", b.path("postgres"), err, strings.TrimSpace(string(out)))
	}
	m := versionLine.FindSubmatch(out)
	if m == nil {
		return Binaries{}, fmt.Errorf("%s does not say its version", b.path("postgres"))
	}
	b.Major, err = strconv.Atoi(string(m[1]))
	return b, err
}
