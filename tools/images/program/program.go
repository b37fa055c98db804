// Package program builds static Go programs so that the same source gives the same bytes wherever it lies.
package program

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Program is a built program.
type Program struct {
	Name string
	Data []byte
	// Go is the version of Go's compiler and library.
	Go string
	// Modules are what it was built of, without its own module, sorted by path.
	Modules []Module
}

// Module is a version of a Go module.
type Module struct {
	Path, Version, Sum string
}

// Build compiles the main packages (paths such as ./services/x/cmd/x below root) and returns them by their folder's name. The
// linker sets the variables.
func Build(ctx context.Context, root string, variables map[string]string, mains []string) (map[string]Program, error) {
	if len(mains) == 0 {
		return nil, nil
	}
	out, err := os.MkdirTemp("", "aqtra-images-")
	if err != nil {
		return nil, fmt.Errorf("folder for programs: %w", err)
	}
	defer func() { _ = os.RemoveAll(out) }()
	// The first tag brings time zones; the second leaves out pages for debugging gRPC, for which the linker would keep every method
	// of every type: a quarter of a program's size.
	flags := "-ldflags=-s -w"
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		flags += " -X " + name + "=" + variables[name]
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags=timetzdata,grpcnotrace", flags, "-o", out + "/"}
	cmd := exec.CommandContext(ctx, "go", append(args, mains...)...)
	cmd.Dir = root
	// What the caller has set for his own builds must not get into an image.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=", "GOWORK=off", "GOEXPERIMENT=", "GOAMD64=v1", "GOARM64=v8.0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build programs: %w\n%s", err, bytes.TrimSpace(text))
	}
	programs := make(map[string]Program)
	for _, main := range mains {
		p, err := read(filepath.Join(out, path.Base(main)))
		if err != nil {
			return nil, err
		}
		programs[p.Name] = p
	}
	return programs, nil
}

func read(file string) (Program, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Program{}, fmt.Errorf("read a program: %w", err)
	}
	info, err := buildinfo.Read(bytes.NewReader(data))
	if err != nil {
		return Program{}, fmt.Errorf("read what %s was built of: %w", filepath.Base(file), err)
	}
	p := Program{Name: filepath.Base(file), Data: data, Go: strings.TrimPrefix(info.GoVersion, "go")}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		p.Modules = append(p.Modules, Module{Path: m.Path, Version: m.Version, Sum: m.Sum})
	}
	slices.SortFunc(p.Modules, func(a, b Module) int { return strings.Compare(a.Path, b.Path) })
	return p, nil
}
