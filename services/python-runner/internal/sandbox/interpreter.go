package sandbox

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// interpreter is what the sandbox has to allow for Python to work.
type interpreter struct {
	// Executable is the program itself, without links.
	Executable string
	// Loader is the dynamic loader, which the kernel executes first; empty for a static interpreter.
	Loader string
	// Read lists the folders of the standard library and the shared objects that it loads.
	Read []string
}

//go:embed interpreter.py
var interpreterProbe string

// findInterpreter asks the interpreter where its parts are. It runs only our own code, outside of a sandbox.
func findInterpreter(ctx context.Context, python string) (interpreter, error) {
	cmd := exec.CommandContext(ctx, python, "-I", "-S", "-B", "-X", "utf8", "-c", interpreterProbe)
	cmd.Env = []string{}
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return interpreter{}, fmt.Errorf("ask %s for its library: %w: %s", python, err, bytes.TrimSpace(stderr.Bytes()))
	}
	var found interpreter
	if err := json.Unmarshal(out, &found); err != nil {
		return interpreter{}, fmt.Errorf("read the answer of %s: %w", python, err)
	}
	return found, nil
}

// findLauncher returns the launcher's path: as configured, or next to the executable.
func findLauncher(configured string) (string, error) {
	path := configured
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return "", fmt.Errorf("find the launcher: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), "aqtra-launcher")
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("find the launcher: %w", err)
	}
	if info.IsDir() || info.Mode()&0o111 == 0 {
		return "", errors.New("find the launcher: not an executable file")
	}
	return path, nil
}
