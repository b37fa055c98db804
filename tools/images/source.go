package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// address is where the project's source is.
const address = "https://github.com/aqtra/aqtra"

// versionVariable and revisionVariable hold a program's version and the commit it was built from.
const (
	versionVariable  = "github.com/aqtra/aqtra/pkg/service.version"
	revisionVariable = "github.com/aqtra/aqtra/pkg/service.revision"
)

// source is the state of the project that images are built of.
type source struct {
	Root, Version string
	// Revision is the commit, with "-dirty" where files differ from it; empty outside of a repository.
	Revision string
	// Time is that of the commit, so that nothing depends on when images are built.
	Time time.Time
}

func readSource(ctx context.Context, root, version string) (source, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return source{}, fmt.Errorf("find the source: %w", err)
	}
	s := source{Root: root, Version: version, Time: time.Unix(0, 0)}
	commit, err := git(ctx, root, "log", "-1", "--format=%H %ct")
	if err != nil {
		// A released archive of the source is no repository.
		return s, nil
	}
	revision, seconds, _ := strings.Cut(commit, " ")
	unix, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return source{}, fmt.Errorf("read the time of the last commit: %w", err)
	}
	changes, err := git(ctx, root, "status", "--porcelain")
	if err != nil {
		return source{}, fmt.Errorf("compare the source with the last commit: %w", err)
	}
	if changes != "" {
		revision += "-dirty"
	}
	s.Revision, s.Time = revision, time.Unix(unix, 0)
	return s, nil
}

func git(ctx context.Context, root string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, "git", append([]string{"-C", root}, args...)...).Output()
	return strings.TrimSpace(string(out)), err
}

// checkWeb tells whether the web UI that the gateway embeds was built.
func checkWeb(root string) error {
	_, err := os.Stat(filepath.Join(root, "services/gateway/internal/web/dist/index.html"))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("the gateway's image needs the web UI, which is not built: run make web first")
	}
	return err
}
