// Package image makes container images of files: layers, a configuration, an archive, an upload.
package image

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/aqtra/aqtra/tools/images/tree"
)

// Spec is what an image is made of.
type Spec struct {
	// Layers are its files, lowest layer first. Empty ones are left out.
	Layers     []tree.Tree
	Entrypoint []string
	Env        []string
	Labels     map[string]string
	// User is the number of the user and group that it runs as.
	User int
}

// Build returns the image for Linux on this machine's processor.
func Build(spec Spec) (v1.Image, error) {
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	config := &v1.ConfigFile{
		Architecture: runtime.GOARCH, OS: "linux", Created: v1.Time{Time: time.Unix(0, 0).UTC()},
		RootFS: v1.RootFS{Type: "layers"},
		Config: v1.Config{
			User: fmt.Sprintf("%d:%d", spec.User, spec.User), WorkingDir: "/",
			Entrypoint: spec.Entrypoint, Env: spec.Env, Labels: spec.Labels,
		},
	}
	img, err := mutate.ConfigFile(img, config)
	if err != nil {
		return nil, fmt.Errorf("configure the image: %w", err)
	}
	for _, files := range spec.Layers {
		if len(files) == 0 {
			continue
		}
		var packed bytes.Buffer
		if err := files.WriteTar(&packed); err != nil {
			return nil, fmt.Errorf("pack a layer: %w", err)
		}
		layer, err := tarball.LayerFromOpener(
			func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(packed.Bytes())), nil },
			tarball.WithCompressedCaching, tarball.WithCompressionLevel(6), tarball.WithMediaType(types.OCILayer),
		)
		if err != nil {
			return nil, fmt.Errorf("pack a layer: %w", err)
		}
		if img, err = mutate.Append(img, mutate.Addendum{Layer: layer, History: v1.History{Created: config.Created}}); err != nil {
			return nil, fmt.Errorf("add a layer: %w", err)
		}
	}
	return img, nil
}

// CompressedSize returns the bytes that are moved to fetch the image's layers.
func CompressedSize(img v1.Image) (int64, error) {
	manifest, err := img.Manifest()
	if err != nil {
		return 0, fmt.Errorf("size of the image: %w", err)
	}
	n := manifest.Config.Size
	for _, l := range manifest.Layers {
		n += l.Size
	}
	return n, nil
}
