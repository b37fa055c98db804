package backup

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// sums are the SHA-256 of the files of a backup, by their slashed path.
type sums map[string]string

func (s sums) file(dir, name string) error {
	sum, err := digest(filepath.Join(dir, filepath.FromSlash(name)))
	s[name] = sum
	return err
}

// write writes the list as sha256sum does, so that anybody can check a backup without us.
func (s sums) write(dir string) error {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(s)) {
		fmt.Fprintf(&b, "%s  %s\n", s[name], name)
	}
	return os.WriteFile(filepath.Join(dir, sumsName), []byte(b.String()), 0o600)
}

func digest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Verify compares a backup with its list: nothing changed, nothing missing, nothing more.
func Verify(dir string) error {
	list, err := os.Open(filepath.Join(dir, sumsName))
	if err != nil {
		return fmt.Errorf("%s is no complete backup: %w", dir, err)
	}
	defer func() { _ = list.Close() }() // only read
	listed := map[string]bool{sumsName: true}
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		want, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || !filepath.IsLocal(filepath.FromSlash(name)) {
			return fmt.Errorf("%s has a line that is none of a list of sums: %.100q", sumsName, lines.Text())
		}
		got, err := digest(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return fmt.Errorf("the backup is damaged: %w", err)
		}
		if got != want {
			return fmt.Errorf("the backup is damaged: %s is not what it was", name)
		}
		listed[name] = true
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && !listed[filepath.ToSlash(name)] {
			err = fmt.Errorf("the backup has a file that is not its own: %s", name)
		}
		return err
	})
}

// saveFiles copies the files that are not there yet and returns how many.
func (in Installation) saveFiles(ctx context.Context, dir string, s sums) (int, error) {
	n := 0
	objects := in.Files.List(nil)
	for {
		object, err := objects.Next(ctx)
		if errors.Is(err, io.EOF) {
			return n, nil
		}
		if err != nil {
			return n, fmt.Errorf("list files: %w", err)
		}
		name := filesName + "/" + object.Key
		if s[name] != "" {
			continue
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			return n, fmt.Errorf("the file %q has a name that leads out of the backup", object.Key)
		}
		sum, err := in.saveFile(ctx, object.Key, filepath.Join(dir, filepath.FromSlash(name)))
		if gcerrors.Code(err) == gcerrors.NotFound {
			continue // removed since it was listed
		}
		if err != nil {
			return n, fmt.Errorf("copy file %s: %w", object.Key, err)
		}
		s[name] = sum
		n++
	}
}

func (in Installation) saveFile(ctx context.Context, key, path string) (sum string, err error) {
	r, err := in.Files.NewReader(ctx, key, nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // read to its end
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(f, h), r)
	return hex.EncodeToString(h.Sum(nil)), errors.Join(err, f.Close())
}

// restoreFiles copies all files of a backup into the store and returns how many.
func (in Installation) restoreFiles(ctx context.Context, dir string) (n int, err error) {
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil // there were none
		}
		if err != nil || e.IsDir() {
			return err
		}
		key, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		n++
		return in.restoreFile(ctx, path, filepath.ToSlash(key))
	})
	return n, err
}

func (in Installation) restoreFile(ctx context.Context, path, key string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	// A writer whose context ends before Close leaves nothing.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w, err := in.Files.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "application/octet-stream", DisableContentTypeDetection: true})
	if err != nil {
		return fmt.Errorf("copy file %s: %w", key, err)
	}
	if _, err := io.Copy(w, f); err != nil {
		cancel()
		return errors.Join(fmt.Errorf("copy file %s: %w", key, err), w.Close())
	}
	return w.Close()
}
