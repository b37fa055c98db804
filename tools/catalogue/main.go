// Command catalogue prints, for every row of the catalogue of what users can do, what implements it, and runs the test that
// proves it. A row without an implementation or a test, or whose test fails or is skipped, is open. The counts come last.
//
// With --check it fails when a row that names a test is not closed.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

//go:embed catalogue.yaml
var data []byte

// row is one thing that users can do.
type row struct {
	Name string `yaml:"name"`
	// Implementation is a folder or file of the project.
	Implementation string `yaml:"implementation"`
	// Test is "package TestName", the package relative to the project's root; the name is that of a test or subtest. For the web
	// UI it is the file, and perhaps a part of the test's name.
	Test string `yaml:"test"`
	// Note says what is still missing.
	Note string `yaml:"note"`
}

// section is one kind of row.
type section struct {
	Kind string `yaml:"kind"`
	Want int    `yaml:"want"`
	Rows []row  `yaml:"rows"`
}

func main() {
	check := flag.Bool("check", false, "fail when a row that names a test is not closed")
	flag.Parse()
	if err := run(os.Stdout, *check); err != nil {
		fmt.Fprintln(os.Stderr, "catalogue:", err)
		os.Exit(1)
	}
}

func run(out io.Writer, check bool) error {
	root, err := projectRoot()
	if err != nil {
		return err
	}
	sections, err := load(data)
	if err != nil {
		return err
	}
	results, err := runTests(root, sections)
	if err != nil {
		return err
	}
	var counts []string
	var broken []string
	for _, s := range sections {
		closed := 0
		fmt.Fprintf(out, "\n%s\n", s.Kind)
		for _, r := range s.Rows {
			state := r.state(root, results)
			if state == "closed" {
				closed++
			} else if r.Test != "" {
				broken = append(broken, s.Kind+"/"+r.Name+": "+state)
			}
			fmt.Fprintf(out, "  %-8s %-34s %s%s\n", firstWord(state), r.Name, r.Implementation, detail(state, r))
		}
		counts = append(counts, fmt.Sprintf("%-16s %3d of %3d closed", s.Kind, closed, len(s.Rows)))
	}
	fmt.Fprintf(out, "\n%s\n", strings.Join(counts, "\n"))
	if check && len(broken) > 0 {
		return fmt.Errorf("%d rows name a test that does not close them:\n  %s", len(broken), strings.Join(broken, "\n  "))
	}
	return nil
}

// load reads the catalogue and refuses one that lost rows or has duplicates.
func load(text []byte) ([]section, error) {
	var sections []section
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&sections); err != nil {
		return nil, fmt.Errorf("read catalogue.yaml: %w", err)
	}
	for _, s := range sections {
		if len(s.Rows) != s.Want {
			return nil, fmt.Errorf("%s has %d rows, want %d", s.Kind, len(s.Rows), s.Want)
		}
		seen := map[string]bool{}
		for _, r := range s.Rows {
			if seen[r.Name] {
				return nil, fmt.Errorf("%s has %q twice", s.Kind, r.Name)
			}
			seen[r.Name] = true
		}
	}
	return sections, nil
}

// state is "closed", or "open" with the reason.
func (r row) state(root string, results map[string]string) string {
	switch {
	case r.Implementation == "":
		return "open"
	case !exists(filepath.Join(root, r.Implementation)):
		return "open: " + r.Implementation + " is not there"
	case r.Test == "":
		return "open: no test"
	}
	switch got := results[r.Test]; got {
	case "pass":
		return "closed"
	case "":
		return "open: the test did not run"
	default:
		return "open: the test gave " + got
	}
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, ":")
	return word
}

func detail(state string, r row) string {
	var parts []string
	if _, why, ok := strings.Cut(state, ": "); ok {
		parts = append(parts, why)
	}
	if r.Note != "" {
		parts = append(parts, r.Note)
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, "; ") + ")"
}

// runTests runs the named tests and returns pass, fail or skip by test reference. Packages whose tests have the same names are
// run by one command.
func runTests(root string, sections []section) (map[string]string, error) {
	byPackage := map[string]map[string]bool{}
	var web []string
	for _, s := range sections {
		for _, r := range s.Rows {
			if r.Test == "" {
				continue
			}
			if isWeb(r.Test) {
				web = append(web, r.Test)
				continue
			}
			pkg, name, ok := strings.Cut(r.Test, " ")
			if !ok {
				return nil, fmt.Errorf("%s: test %q is not \"package TestName\"", r.Name, r.Test)
			}
			if byPackage[pkg] == nil {
				byPackage[pkg] = map[string]bool{}
			}
			top, _, _ := strings.Cut(name, "/")
			byPackage[pkg][regexp.QuoteMeta(top)] = true
		}
	}
	byNames := map[string][]string{}
	for _, pkg := range sortedKeys(byPackage) {
		names := "^(" + strings.Join(sortedKeys(byPackage[pkg]), "|") + ")$"
		byNames[names] = append(byNames[names], pkg)
	}
	results := map[string]string{}
	for _, names := range sortedKeys(byNames) {
		if err := test(root, byNames[names], names, results); err != nil {
			return nil, err
		}
	}
	return results, testWeb(root, web, results)
}

// module is what import paths begin with.
const module = "github.com/aqtra/aqtra/"

// test runs the tests of packages that match names, and adds what each test and subtest gave to results.
func test(root string, packages []string, names string, results map[string]string) error {
	args := []string{"test", "-json", "-count=1", "-run", names}
	for _, pkg := range packages {
		args = append(args, "./"+pkg)
	}
	cmd := exec.Command("go", args...)
	cmd.Dir = root
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("run go test: %w", err)
	}
	events := json.NewDecoder(out)
	for {
		var event struct{ Action, Package, Test, Output string }
		if err := events.Decode(&event); err != nil {
			if err == io.EOF {
				break
			}
			return errors.Join(fmt.Errorf("read what go test says: %w", err), cmd.Process.Kill(), cmd.Wait())
		}
		switch event.Action {
		case "pass", "fail", "skip":
			if event.Test != "" {
				results[strings.TrimPrefix(event.Package, module)+" "+event.Test] = event.Action
			}
		case "build-output":
			fmt.Fprint(os.Stderr, event.Output)
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run go test: %w", err)
	}
	return nil // a test that failed leaves its row open
}

func projectRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, "go.work")) {
			return dir, nil
		}
	}
	return "", errors.New("no go.work above the working directory")
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
