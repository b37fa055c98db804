package program

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/google/licensecheck"
	"golang.org/x/mod/module"
)

// certain is how many per cent of a licence file must be known text for its name to count.
const certain = 75

// Library is the path under which the licence of Go's own library is found.
const Library = "std"

// Licence is what a module's files say.
type Licence struct {
	// IDs are SPDX identifiers, sorted; none when the text is not known.
	IDs []string
	// Text is the module's licence files and notices, which must go with the program.
	Text []byte
}

// Licences reads the licence of each module, and of Go itself under Library, from where Go keeps their source.
func Licences(ctx context.Context, modules []Module) (map[string]Licence, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMODCACHE", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("ask Go for its folders: %w", err)
	}
	cache, goroot, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	found := make(map[string]Licence)
	if found[Library], err = readLicence(goroot); err != nil {
		return nil, err
	}
	for _, m := range modules {
		name, err := module.EscapePath(m.Path)
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", m.Path, err)
		}
		version, err := module.EscapeVersion(m.Version)
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", m.Path, err)
		}
		if found[m.Path], err = readLicence(filepath.Join(cache, name+"@"+version)); err != nil {
			return nil, fmt.Errorf("licence of %s: %w", m.Path, err)
		}
	}
	return found, nil
}

// readLicence reads the licence files at the top of a folder.
func readLicence(dir string) (Licence, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return Licence{}, err
	}
	licence := regexp.MustCompile(`(?i)^(licen[cs]e|copying)([.-].*)?$`)
	notice := regexp.MustCompile(`(?i)^(notice|patents)([.-].*)?$`)
	var l Licence
	var text bytes.Buffer
	for _, e := range entries {
		names := licence.MatchString(e.Name())
		if !e.Type().IsRegular() || !names && !notice.MatchString(e.Name()) {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return Licence{}, err
		}
		fmt.Fprintf(&text, "%s\n", bytes.TrimSpace(data))
		if cover := licensecheck.Scan(data); names && cover.Percent >= certain {
			for _, m := range cover.Match {
				l.IDs = append(l.IDs, m.ID)
			}
		}
	}
	slices.Sort(l.IDs)
	l.IDs, l.Text = slices.Compact(l.IDs), text.Bytes()
	return l, nil
}
