package debian

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Cache keeps downloaded packages by name and version. It is safe for use by several processes.
type Cache struct {
	dir string

	mu sync.Mutex
	// updated tells that apt's lists were fetched, or could not be.
	updated bool
}

// NewCache returns the cache of the user, made if it is missing.
func NewCache() (*Cache, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return nil, fmt.Errorf("folder for downloads: %w", err)
	}
	dir = filepath.Join(dir, "aqtra-images")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("folder for downloads: %w", err)
	}
	return &Cache{dir: dir}, nil
}

func (c *Cache) path(p Package) string {
	return filepath.Join(c.dir, fmt.Sprintf("%s_%s_%s.deb", p.Name, strings.ReplaceAll(p.Version, ":", "%3a"), p.Architecture))
}

// fetch downloads what is not there yet.
func (c *Cache) fetch(ctx context.Context, packages []Package) error {
	var missing []Package
	for _, p := range packages {
		err := verify(c.path(p), p)
		if errors.Is(err, fs.ErrNotExist) {
			missing = append(missing, p)
		} else if err != nil {
			return err
		}
	}
	if len(missing) == 0 {
		return nil
	}
	tmp, err := os.MkdirTemp(c.dir, "download-")
	if err != nil {
		return fmt.Errorf("folder for downloads: %w", err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	// Without this apt, when run by root, would write as a user who may not enter the folder.
	args := []string{"-q", "-o", "APT::Sandbox::User=root", "download"}
	for _, p := range missing {
		args = append(args, p.Name+"="+p.Version)
	}
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Dir = tmp
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: download Debian's packages: %w\n%s", errOldLists, err, bytes.TrimSpace(out))
	}
	for _, p := range missing {
		file := filepath.Join(tmp, filepath.Base(c.path(p)))
		if err := verify(file, p); err != nil {
			return err
		}
		if err := os.Rename(file, c.path(p)); err != nil {
			return fmt.Errorf("keep %s: %w", p.Name, err)
		}
	}
	return nil
}

// update fetches apt's lists, once.
func (c *Cache) update(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.updated {
		return nil
	}
	c.updated = true
	if out, err := exec.CommandContext(ctx, "apt-get", "-q", "update").CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get update: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

func verify(file string, p Package) error {
	f, err := os.Open(file)
	if err != nil {
		return fmt.Errorf("read the package %s: %w", p.Name, err)
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return fmt.Errorf("read the package %s: %w", p.Name, err)
	}
	if got := hex.EncodeToString(sum.Sum(nil)); got != p.SHA256 {
		return fmt.Errorf("%s has the sum %s, apt's lists say %s: remove the file", file, got, p.SHA256)
	}
	return nil
}
