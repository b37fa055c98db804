package image

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
)

// WriteArchive writes the image as an OCI archive that container engines load under the name ref, such as aqtra/storage:1.0.0.
// An archive that exists is replaced at the end only.
func WriteArchive(file string, img v1.Image, ref, version string) error {
	dir, err := os.MkdirTemp(filepath.Dir(file), ".archive-")
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path, err := layout.Write(filepath.Join(dir, "layout"), empty.Index)
	if err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	// The first name is the standard's, the second is what containerd reads.
	names := map[string]string{"org.opencontainers.image.ref.name": version, "io.containerd.image.name": "docker.io/" + ref}
	platform := v1.Platform{OS: "linux", Architecture: runtime.GOARCH}
	if err := path.AppendImage(img, layout.WithAnnotations(names), layout.WithPlatform(platform)); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	packed := filepath.Join(dir, "packed")
	if err := pack(packed, os.DirFS(filepath.Join(dir, "layout"))); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	if err := os.Rename(packed, file); err != nil {
		return fmt.Errorf("write the archive: %w", err)
	}
	return nil
}

// pack writes the files of a folder as a tar archive, sorted and without times.
func pack(file string, dir fs.FS) error {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { _ = out.Close() }()
	w := tar.NewWriter(out)
	err = fs.WalkDir(dir, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: info.Size(), Mode: 0o644, ModTime: time.Unix(0, 0)}
		if err := w.WriteHeader(h); err != nil {
			return err
		}
		in, err := dir.Open(name)
		if err != nil {
			return err
		}
		defer func() { _ = in.Close() }()
		_, err = io.Copy(w, in)
		return err
	})
	if err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return out.Close()
}
