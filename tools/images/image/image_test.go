package image

import (
	"archive/tar"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/images/tree"
)

func newImage(t *testing.T) v1.Image {
	t.Helper()
	img, err := Build(Spec{
		Layers:     []tree.Tree{{"etc/x": tree.Regular([]byte("below"), false)}, {}, {"etc/x": tree.Regular([]byte("above"), false)}},
		Entrypoint: []string{"/usr/bin/x"}, Labels: map[string]string{"org.opencontainers.image.title": "X"}, User: 65532,
	})
	require.NoError(t, err)
	return img
}

// unpack writes the files of an archive into a folder.
func unpack(t *testing.T, archive, dir string) {
	t.Helper()
	f, err := os.Open(archive)
	require.NoError(t, err)
	defer func() { require.NoError(t, f.Close()) }()
	for tr := tar.NewReader(f); ; {
		h, err := tr.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		require.NoError(t, err)
		require.Zero(t, h.ModTime.Unix())
		require.NoError(t, os.MkdirAll(filepath.Join(dir, filepath.Dir(h.Name)), 0o755))
		data, err := io.ReadAll(tr)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, h.Name), data, 0o600))
	}
}

func TestArchiveIsReadBack(t *testing.T) {
	t.Parallel()
	img := newImage(t)
	file := filepath.Join(t.TempDir(), "x.oci.tar")
	require.NoError(t, WriteArchive(file, img, "aqtra/x:1.0.0", "1.0.0"))
	left, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	require.Len(t, left, 1)
	dir := t.TempDir()
	unpack(t, file, dir)
	index, err := layout.ImageIndexFromPath(dir)
	require.NoError(t, err)
	require.NoError(t, validate.Index(index))
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	require.Equal(t, "docker.io/aqtra/x:1.0.0", manifest.Manifests[0].Annotations["io.containerd.image.name"])
	require.Equal(t, "1.0.0", manifest.Manifests[0].Annotations["org.opencontainers.image.ref.name"])
	back, err := index.Image(manifest.Manifests[0].Digest)
	require.NoError(t, err)
	config, err := back.ConfigFile()
	require.NoError(t, err)
	require.Equal(t, "65532:65532", config.Config.User)
	require.Equal(t, []string{"/usr/bin/x"}, config.Config.Entrypoint)
	require.Equal(t, "X", config.Config.Labels["org.opencontainers.image.title"])
	require.Zero(t, config.Created.Unix())
	layers, err := back.Layers()
	require.NoError(t, err)
	require.Len(t, layers, 2, "an empty layer is left out")
	files := mutate.Extract(back)
	defer func() { require.NoError(t, files.Close()) }()
	for tr := tar.NewReader(files); ; {
		h, err := tr.Next()
		require.NoError(t, err, "the file is missing")
		if h.Name == "etc/x" {
			data, err := io.ReadAll(tr)
			require.NoError(t, err)
			require.Equal(t, "above", string(data))
			break
		}
	}
}

func TestArchivesAreTheSame(t *testing.T) {
	t.Parallel()
	var got [2][]byte
	for i := range got {
		file := filepath.Join(t.TempDir(), "x.oci.tar")
		require.NoError(t, WriteArchive(file, newImage(t), "aqtra/x:1", "1"))
		var err error
		got[i], err = os.ReadFile(file)
		require.NoError(t, err)
	}
	require.Equal(t, got[0], got[1])
}

func TestPush(t *testing.T) {
	t.Parallel()
	for _, referrers := range []bool{true, false} {
		server := httptest.NewServer(registry.New(registry.WithReferrersSupport(referrers)))
		t.Cleanup(server.Close)
		ref := strings.TrimPrefix(server.URL, "http://") + "/team/x:1.0.0"
		img := newImage(t)
		require.NoError(t, Push(t.Context(), ref, img, []byte(`{"spdxVersion":"SPDX-2.3"}`)))
		tag, err := name.ParseReference(ref)
		require.NoError(t, err)
		pulled, err := remote.Image(tag)
		require.NoError(t, err)
		require.NoError(t, validate.Image(pulled))
		want, err := img.Digest()
		require.NoError(t, err)
		got, err := pulled.Digest()
		require.NoError(t, err)
		require.Equal(t, want, got)
		index, err := remote.Referrers(tag.Context().Digest(want.String()))
		require.NoError(t, err)
		manifest, err := index.IndexManifest()
		require.NoError(t, err)
		require.Len(t, manifest.Manifests, 1)
		require.Equal(t, "application/spdx+json", manifest.Manifests[0].ArtifactType)
		artifact, err := remote.Image(tag.Context().Digest(manifest.Manifests[0].Digest.String()))
		require.NoError(t, err)
		layers, err := artifact.Layers()
		require.NoError(t, err)
		require.Len(t, layers, 1)
		kind, err := layers[0].MediaType()
		require.NoError(t, err)
		require.Equal(t, types.MediaType("application/spdx+json"), kind)
	}
}

func TestPushIsRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(registry.New())
	server.Close()
	ref := strings.TrimPrefix(server.URL, "http://") + "/x:1"
	require.ErrorContains(t, Push(t.Context(), ref, newImage(t), nil), "push "+ref)
	require.Error(t, Push(t.Context(), "UPPER CASE", newImage(t), nil))
}
