package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// webRoot is where the tests of the web UI are. A row names them by file, and perhaps by a part of the test's name.
const webRoot = "frontend"

// isWeb reports whether a row names a test of the web UI.
func isWeb(test string) bool { return strings.HasPrefix(test, webRoot+"/") }

// testWeb runs the files that rows name, all by one command, and adds what they gave to results.
func testWeb(root string, tests []string, results map[string]string) error {
	var files []string
	for _, test := range tests {
		file, _, _ := strings.Cut(strings.TrimPrefix(test, webRoot+"/"), " ")
		if !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	if len(files) == 0 {
		return nil
	}
	cmd := exec.Command("npx", append([]string{"vitest", "run", "--reporter=json"}, files...)...)
	cmd.Dir = filepath.Join(root, webRoot)
	var said bytes.Buffer // much, also when all is well: tests of errors print them
	cmd.Stderr = &said
	out, err := cmd.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return fmt.Errorf("run the tests of the web UI: %w", err)
	}
	if err := readWeb(out, filepath.Join(root, webRoot), tests, results); err != nil {
		return fmt.Errorf("%w\n%s", err, said.Bytes())
	}
	return nil
}

// readWeb reads what the runner reports. A row passes when a test that it names passed and none failed or was skipped.
func readWeb(out []byte, dir string, tests []string, results map[string]string) error {
	var report struct {
		TestResults []struct {
			Name             string
			AssertionResults []struct{ FullName, Status string }
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return fmt.Errorf("read what the tests of the web UI report: %w", err)
	}
	for _, test := range tests {
		file, name, _ := strings.Cut(strings.TrimPrefix(test, webRoot+"/"), " ")
		for _, ran := range report.TestResults {
			if ran.Name != filepath.Join(dir, file) {
				continue
			}
			for _, one := range ran.AssertionResults {
				if !strings.Contains(one.FullName, name) {
					continue
				}
				switch {
				case one.Status == "failed":
					results[test] = "fail"
				case one.Status != "passed" && results[test] != "fail":
					results[test] = "skip"
				case one.Status == "passed" && results[test] == "":
					results[test] = "pass"
				}
			}
		}
	}
	return nil
}
