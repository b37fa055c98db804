package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/aqtra/aqtra/tools/images/tree"
)

// project writes a project with one tiny program into a new folder.
func project(t *testing.T, version string) source {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, name), []byte(text), 0o600))
	}
	write("go.mod", "module github.com/aqtra/aqtra\n\ngo 1.26.0\n")
	write("pkg/service/service.go", "package service\n\nvar version string\n\nfunc Version() string { return version }\n")
	write("cmd/tiny/main.go", "package main\n\nimport \"github.com/aqtra/aqtra/pkg/service\"\n\nfunc main() { println(service.Version()) }\n")
	src, err := readSource(t.Context(), root, version)
	require.NoError(t, err)
	require.Empty(t, src.Revision, "a folder that is no repository has no revision")
	return src
}

func tiny() recipe { return static("tiny", "A tiny program", "./cmd/tiny") }

// build makes the image of a recipe without a network.
func build(t *testing.T, src source, r recipe) (built, error) {
	t.Helper()
	base, err := baseLayer(tree.Tree{
		"usr/share/ca-certificates/b.crt": tree.Regular([]byte("b\n"), false), "usr/share/ca-certificates/a.crt": tree.Regular([]byte("a"), false),
		"usr/share/doc/ca-certificates/copyright": tree.Regular([]byte("MPL-2.0"), false),
	})
	require.NoError(t, err)
	require.Equal(t, "a\nb\n", string(base["etc/ssl/certs/ca-certificates.crt"].Data))
	p := &parts{Base: base}
	require.NoError(t, p.build(t.Context(), src, r.Programs))
	return p.assemble(t.Context(), src, r)
}

func TestSameSourceSameImage(t *testing.T) {
	t.Parallel()
	one, err := build(t, project(t, "1.0.0"), tiny())
	require.NoError(t, err)
	two, err := build(t, project(t, "1.0.0"), tiny())
	require.NoError(t, err)
	require.Equal(t, one.Digest, two.Digest)
	require.Equal(t, one.SBOM, two.SBOM)
	other, err := build(t, project(t, "1.0.1"), tiny())
	require.NoError(t, err)
	require.NotEqual(t, one.Digest, other.Digest, "the version is in the program and in a label")

	config, err := one.Image.ConfigFile()
	require.NoError(t, err)
	require.Equal(t, "65532:65532", config.Config.User)
	require.Equal(t, []string{"/usr/bin/tiny"}, config.Config.Entrypoint)
	require.Equal(t, map[string]string{
		"org.opencontainers.image.title": "A tiny program", "org.opencontainers.image.version": "1.0.0",
		"org.opencontainers.image.source": address, "org.opencontainers.image.licenses": "Apache-2.0",
	}, config.Config.Labels)
	require.Contains(t, string(one.SBOM), `"pkg:golang/github.com/aqtra/aqtra@1.0.0"`)
	require.Contains(t, string(one.SBOM), `"pkg:golang/stdlib@1.`)
}

func TestTooLarge(t *testing.T) {
	t.Parallel()
	r := tiny()
	r.Limit = 1000
	_, err := build(t, project(t, "1.0.0"), r)
	require.ErrorContains(t, err, "its limit is 0")
}

func TestIncomplete(t *testing.T) {
	t.Parallel()
	r := tiny()
	r.Files = tree.Tree{"usr/bin/python3": tree.Symlink("python3.11")}
	_, err := build(t, project(t, "1.0.0"), r)
	require.ErrorContains(t, err, "usr/bin/python3 is a link to python3.11, which is not in the image")
}

func TestWithoutWebUI(t *testing.T) {
	t.Parallel()
	src := project(t, "1.0.0")
	err := run(t.Context(), []string{"--version", "1.0.0", "--only", "gateway", "--source", src.Root, "--out", t.TempDir()}, io.Discard, io.Discard)
	require.ErrorContains(t, err, "run make web first")
}

func TestArguments(t *testing.T) {
	t.Parallel()
	for want, args := range map[string][]string{
		"--version":            {},
		"a version that can":   {"--version", "1/2"},
		"there is no image":    {"--version", "1", "--only", "gatway"},
		"--to names one image": {"--version", "1", "--to", "x:1"},
		"unexpected argument":  {"--version", "1", "gateway"},
	} {
		_, _, err := parseOptions(args, io.Discard)
		require.ErrorContains(t, err, want)
	}
	var help bytes.Buffer
	_, _, err := parseOptions([]string{"--help"}, &help)
	require.Error(t, err)
	require.Contains(t, help.String(), "-push")
	_, chosen, err := parseOptions([]string{"--version", "0.1.0"}, io.Discard)
	require.NoError(t, err)
	require.Len(t, chosen, 9)
	_, chosen, err = parseOptions([]string{"--version", "0.1.0", "--only", "redis", "--to", "registry.example/x:2"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "redis", chosen[0].Name)
	o, _, err := parseOptions([]string{"--only", "redis", "--to", "registry.example:5000/x:2"}, io.Discard)
	require.NoError(t, err)
	require.Equal(t, "2", o.version)
	_, _, err = parseOptions([]string{"--only", "redis", "--to", "registry.example:5000/x"}, io.Discard)
	require.ErrorContains(t, err, "--version")
}
